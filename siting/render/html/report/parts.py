"""What a report is made of: sections of sentences, charts and tables, each in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from siting.language import Label

NOTHING = Label(en="", zh="")
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Sentence:
    """A paragraph. `tone` is how it looks: empty, `key`, `caution`, `missed`, `note` or `lead`."""

    text: Label
    tone: str = ""


@dataclass(frozen=True)
class Chart:
    """A picture as SVG, drawn once in each language."""

    en: Markup
    zh: Markup


@dataclass(frozen=True)
class Cell:
    """A cell of a table. `tone`: empty, `holds`, `missed`, `soft` or `strong`."""

    text: Label
    tone: str = ""


@dataclass(frozen=True)
class Column:
    """The head of a column; `unit` stands below it. Numbers are set to the right; long texts may break anywhere."""

    head: Label
    unit: Label = NOTHING
    is_number: bool = False
    is_long: bool = False


@dataclass(frozen=True)
class Table:
    """A table with a caption; `is_wide`: text columns may be long, letters are smaller."""

    caption: Label
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_wide: bool = False


Piece = Sentence | Chart | Table


@dataclass(frozen=True)
class Section:
    """A section of the report; `id` is its anchor."""

    id: str
    title: Label
    pieces: tuple[Piece, ...]


def draw(picture: Callable[[str], Markup]) -> Chart:
    """A chart in both languages from what draws it in one."""
    return Chart(*(picture(language) for language in LANGUAGES))


def told(label: Label, language: str) -> str:
    """A label in one language."""
    return label.en if language == "en" else label.zh


def same(text: object) -> Label:
    """A name or a code, which is the same in both languages."""
    return Label(en=str(text), zh=str(text))


def cells(texts: Iterable[Label | Cell]) -> tuple[Cell, ...]:
    """A row of a table."""
    return tuple(one if isinstance(one, Cell) else Cell(one) for one in texts)


def listed(labels: Iterable[Label]) -> Label:
    """Labels one after the other.

    >>> listed([same("a"), same("b"), same("c")])
    Label(en='a, b and c', zh='a、b、c')
    """
    all_of = list(labels)
    english = [one.en for one in all_of]
    joined = " and ".join([", ".join(english[:-1]), english[-1]]) if len(english) > 1 else "".join(english)
    return Label(en=joined, zh="、".join(one.zh for one in all_of))
