"""Small OpenStreetMap files, written as XML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

Tags = Mapping[str, str]
Node = tuple[int, float | str, float | str, Tags]
Way = tuple[int, Sequence[int], Tags]
Relation = tuple[int, Sequence[int], Tags]
STREET = {"highway": "residential"}


def grid(side: int = 3, step: float = 0.001) -> list[Node]:
    """Nodes 1 … side² in rows from the south-west, near 117.2 E, 39.1 N."""
    return [
        (1 + row * side + column, 117.2 + column * step, 39.1 + row * step, {})
        for row in range(side)
        for column in range(side)
    ]


def write_xml(
    path: Path, nodes: Sequence[Node], ways: Sequence[Way] = (), relations: Sequence[Relation] = (), head: str = ""
) -> Path:
    """Write the file; a relation's members are ways."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="test">', head]
    lines += [f'<node id="{n}" version="1" lon="{x}" lat="{y}">{_tags(tags)}</node>' for n, x, y, tags in nodes]
    for number, refs, tags in ways:
        inside = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{inside}{_tags(tags)}</way>')
    for number, refs, tags in relations:
        inside = "".join(f'<member type="way" ref="{ref}" role="outer"/>' for ref in refs)
        lines.append(f'<relation id="{number}" version="1">{inside}{_tags(tags)}</relation>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items())
