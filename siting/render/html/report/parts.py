"""Parts of a report: sections of sentences, charts and tables, each in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from siting.language import Label
from siting.render.html.charts.svg import Chart
from siting.render.table import Table


@dataclass(frozen=True)
class Sentence:
    """A paragraph. `tone` is how it looks: empty, `key`, `caution`, `missed`, `note` or `lead`."""

    text: Label
    tone: str = ""


Piece = Sentence | Chart | Table


@dataclass(frozen=True)
class Section:
    """A section of the report; `id` is its anchor."""

    id: str
    title: Label
    pieces: tuple[Piece, ...]


def join_labels(labels: Iterable[Label]) -> Label:
    """Join labels into an enumeration.

    >>> join_labels([Label("a", "甲"), Label("b", "乙"), Label("c", "丙")])
    Label(en='a, b and c', zh='甲、乙、丙')
    """
    all_of = list(labels)
    english = [one.en for one in all_of]
    joined = " and ".join([", ".join(english[:-1]), english[-1]]) if len(english) > 1 else "".join(english)
    return Label(joined, "、".join(one.zh for one in all_of))


def capitalized(label: Label) -> Label:
    """Return a label as the beginning of a sentence."""
    return Label(label.en[:1].upper() + label.en[1:], label.zh)
