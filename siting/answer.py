"""An answer to a question about a plan: sentences, tables, a page, and files."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from siting.files import write_csv, write_file, write_json
from siting.language import Label, listed
from siting.page import Page
from siting.render.html.report.evaluation import draw_sections
from siting.render.html.report.parts import Section, Sentence
from siting.results.results import Results
from siting.runs.manifest import note_file


@dataclass(frozen=True)
class Answer:
    """An answer about the plan of a run.

    Attributes
    ----------
    results
        The results of the run.
    name
        Stem of the files that are written, as `prices`.
    title
        Title of the page.
    sections
        What readers see, in both languages; the first holds the conclusion.
    tables
        The figures, by the stem of their CSV file.
    summary
        Content of the JSON file.
    """

    results: Results
    name: str
    title: Label
    sections: tuple[Section, ...]
    tables: Mapping[str, pd.DataFrame]
    summary: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """The conclusion, in a few sentences."""
        return listed([one.text for one in self.sections[0].pieces if isinstance(one, Sentence)], " ", "").en

    @property
    def table(self) -> pd.DataFrame:
        """The figures; of several tables the first."""
        return next(iter(self.tables.values()))

    def page(self) -> Page:
        """Draw the page, in English and Chinese."""
        return Page(draw_sections(self.results, self.title, self.sections), f"{self.results.name}-{self.name}")

    def write(self, folder: str | Path) -> list[Path]:
        """Write the page, the tables as CSV and the figures as JSON; return their paths.

        Raises
        ------
        FileError
            If a file cannot be written.
        """
        folder = Path(folder)
        write_file(folder / f"{self.name}.html", self.page().text)
        write_json(folder / f"{self.name}.json", self.summary)
        for stem, table in self.tables.items():
            write_csv(folder / f"{stem}.csv", table)
        written = [folder / f"{self.name}.{suffix}" for suffix in ("html", "json")]
        written += [folder / f"{stem}.csv" for stem in self.tables]
        for path in written:
            note_file(path)
        return written

    def __repr__(self) -> str:
        """Return the name and the conclusion."""
        return f"<Answer {self.results.name} {self.name}: {self.verdict}>"

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(self.verdict)}</p>{self.table.head(30).to_html(index=False, border=0)}"
