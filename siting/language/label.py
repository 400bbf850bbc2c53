"""A text in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

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
