"""The terminal's view of an answer: its sentences and tables; charts are left to the page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from siting.language import spoken
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import Table
from siting.render.terminal.table import STYLES, rich_table

MOST_LISTED = 40


def print_answer(console: Console, sections: Iterable[Section]) -> None:
    """Print each section below its title; of a long table the first rows."""
    for section in sections:
        console.print(Text(spoken(section.title), style="bold"))
        for piece in section.pieces:
            if isinstance(piece, Sentence):
                console.print(Text(spoken(piece.text), style=STYLES.get(piece.tone, "")), soft_wrap=True)
            elif isinstance(piece, Table):
                _print_table(console, piece)


def _print_table(console: Console, table: Table) -> None:
    console.print(rich_table(replace(table, rows=table.rows[:MOST_LISTED])))
    for note in table.notes:
        console.print(Text(spoken(note), style="dim"), soft_wrap=True)
    if len(table.rows) > MOST_LISTED:
        console.print(spoken("answers.more", n=len(table.rows) - MOST_LISTED))
