"""The catalogue of texts: every sentence that readers see, in English and Chinese, by key.

The files `siting/language/texts/*.yaml` hold the texts. A key is the name of the file and the path in it, joined by
dots: `report.title` is the key `title` of `report.yaml`. A text may have fields in braces, as `str.format` has them
(`{cost:,.0f}`); both languages have the same ones. A file is read when its first text is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Label:
    """A text in both languages.

    Examples
    --------
    >>> Label("recycling point", "回收点").zh
    '回收点'
    """

    en: str
    zh: str

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 — read by pydantic where a config holds a label

    def as_dict(self) -> dict[str, str]:
        """Return the texts by language, as JSON files hold them."""
        return asdict(self)

    def in_language(self, language: Language) -> str:
        """Return the text in one language."""
        return self.zh if language == "zh" else self.en


def listed(labels: Iterable[Label], en: str = "; ", zh: str = "；") -> Label:
    """Return labels one after the other, set apart by `en` and `zh`.

    >>> listed([Label("a", "甲"), Label("b", "乙")])
    Label(en='a; b', zh='甲；乙')
    """
    parts = list(labels)
    return Label(en.join(one.en for one in parts), zh.join(one.zh for one in parts))


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
    >>> text("common.capacity_of", facilities=Label("transfer stations", "中转站"))
    Label(en='capacity of transfer stations', zh='中转站能力')
    """
    try:
        raw = texts(key.partition(".")[0])[key]
    except KeyError:
        raise KeyError(_no_text(key)) from None
    try:
        return Label(
            raw.en.format_map({name: one.en if isinstance(one, Label) else one for name, one in values.items()}),
            raw.zh.format_map({name: one.zh if isinstance(one, Label) else one for name, one in values.items()}),
        )
    except KeyError as error:
        given = ", ".join(values) or "none"
        raise KeyError(f"text {key!r}: no value for its field {error}; given: {given}") from None


@cache
def texts(area: str) -> Mapping[str, Label]:
    """Return all texts of one file by key, with their fields not filled in; none where there is no such file."""
    import importlib.resources

    import yaml

    source = importlib.resources.files("siting.language") / "texts" / f"{area}.yaml"
    if not source.is_file():
        return {}
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is text, including `no`
    return dict(_entries(yaml.load(source.read_text(encoding="utf-8"), Loader=loader), area))


def _entries(node: Mapping[str, Any], at: str) -> Iterator[tuple[str, Label]]:
    if node.keys() == {"en", "zh"}:
        yield at, Label(**node)
        return
    for name, inner in node.items():
        yield from _entries(inner, f"{at}.{name}")


def _no_text(key: str) -> str:
    """Return the message for a key without a text, with the nearest key that has one."""
    import difflib

    area = key.partition(".")[0]
    known = texts(area)
    if not known:
        return f"no text {key!r}: siting/language/texts has no {area}.yaml"
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.0)
    return f"no text {key!r} in {area}.yaml; the nearest is {near[0]!r}"
