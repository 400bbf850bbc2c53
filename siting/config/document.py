"""Reference of the config keys: `python -m siting.config.document > docs/reference/config-keys.md`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from siting.config.json_schema import FILE_KEYS
from siting.config.schema import Config

OPENING = """# All keys of a config

Generated from the schema (do not edit here): `python -m siting.config.document > docs/reference/config-keys.md`.
[Config](config.md) explains how figures are written. Every *number* may be a plain number, a reference to the parameter
table or a figure with its source. A key without a default and not marked as required may be left out.
"""
WORDS = {
    "string": "text",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "array": "list",
    "object": "mapping",
}

Schema = dict[str, Any]


def config_markdown() -> str:
    """Return the page: one table for each section, in the order in which sections are first named."""
    schema = Config.model_json_schema()
    schema["properties"] |= FILE_KEYS
    sections: dict[str, Schema] = schema["$defs"]
    names = list(dict.fromkeys(_referenced(schema, sections)))
    lines = [*_section("Top level", schema, sections)]
    for name in names:
        lines += _section(name, sections[name], sections)
    return OPENING + "".join(lines)


def _referenced(schema: Schema, sections: dict[str, Schema], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the names of sections with keys, depth first, in the order of their keys."""
    for value in schema.get("properties", {}).values():
        for name in re.findall(r"#/\$defs/(\w+)", str(value)):
            if name not in seen and "properties" in sections[name]:
                yield name
                yield from _referenced(sections[name], sections, seen | {name})


def _section(name: str, schema: Schema, sections: dict[str, Schema]) -> Iterator[str]:
    about = schema.get("description", "").split("\n\n")[0].replace("\n", " ")
    yield f"\n## {name}\n\n{about}\n\n| key | type | default | meaning |\n|---|---|---|---|\n"
    for key, value in schema.get("properties", {}).items():
        default = "required" if key in schema.get("required", ()) else _default(value)
        meaning = " ".join(value.get("description", "").split()).replace("|", "\\|")
        yield f"| `{key}` | {_type(value, sections)} | {default} | {meaning} |\n"


def _default(node: Schema) -> str:
    """Return the default as YAML writes it; nothing for a section, whose keys have defaults of their own."""
    value = node.get("default")
    if value in (None, "", [], {}) or isinstance(value, dict):
        return ""
    return f"`{json.dumps(value) if isinstance(value, bool | list) else value}`"


def _type(node: Schema, sections: dict[str, Schema]) -> str:
    """Return the type of a value in words, with its range; a section as a link to its table."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})" if "properties" in sections[name] else _type(sections[name], sections)
    if "anyOf" in node:
        return " or ".join(_type(one, sections) for one in node["anyOf"] if one.get("type") != "null")
    if "enum" in node or "const" in node:
        return ", ".join(f"`{one}`" for one in node.get("enum", [node.get("const")]))
    below = node.get("items", node.get("additionalProperties"))
    if isinstance(below, dict):
        return f"{'list of' if 'items' in node else 'key →'} {_type(below, sections)}"
    kind = str(node.get("type", "any"))
    return " ".join([WORDS.get(kind, kind), *_range(node)])


def _range(node: Schema) -> Iterator[str]:
    signs = {"exclusiveMinimum": "&gt;", "minimum": "≥", "exclusiveMaximum": "&lt;", "maximum": "≤"}
    for key, sign in signs.items():
        if key in node:
            yield f"{sign} {node[key]:g}"


if __name__ == "__main__":
    print(config_markdown(), end="")
