"""The catalogue of texts: every sentence that readers see, in English and Chinese, by key.

The files `siting/language/texts/*.yaml` hold the texts. A key is the name of the file and the path in it, joined by
dots: `report.title` is the key `title` of `report.yaml`. A text may have fields in braces, as `str.format` has them.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from siting.language.label import Label


def text(key: str, /, **values: Any) -> Label:
    """Return the text `key` in both languages with its fields filled in.

    Parameters
    ----------
    key
        File and path, joined by dots.
    **values
        One value for each field. A `Label` is written in the language of the text, any other value as
        `str.format` writes it.

    Raises
    ------
    KeyError
        If there is no such text, or a field has no value.

    Examples
    --------
    >>> text("common.share_of", share="12 %", whole=Label("the cost", "成本"))
    Label(en='12 % of the cost', zh='成本的 12 %')
    """
    found = texts(key.partition(".")[0])[key]
    return Label(
        found.en.format_map({name: value.en if isinstance(value, Label) else value for name, value in values.items()}),
        found.zh.format_map({name: value.zh if isinstance(value, Label) else value for name, value in values.items()}),
    )


@cache
def texts(area: str) -> Mapping[str, Label]:
    """Return all texts of one file by key, with their fields not filled in."""
    content = (importlib.resources.files("siting.language") / "texts" / f"{area}.yaml").read_text(encoding="utf-8")
    return dict(_labels(yaml.load(content, Loader=_LOADER), area))


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _labels(node: Mapping[str, Any], at: str) -> list[tuple[str, Label]]:
    """List the keys and texts below a node of a file."""
    if node.keys() == {"en", "zh"}:
        return [(at, Label(**node))]
    return [entry for name, inner in node.items() for entry in _labels(inner, f"{at}.{name}")]
