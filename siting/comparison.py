"""Comparison of runs: what their bounds prove about their costs, and what differs."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from siting.errors import ConfigError, FileError
from siting.files import write_file
from siting.page import Page
from siting.render.html.compare.page import draw_comparison
from siting.render.xlsx.comparison import comparison_workbook
from siting.render.xlsx.plan import default_language
from siting.result import Result
from siting.results.comparison.compare import compare_runs
from siting.results.comparison.comparison import Comparison
from siting.results.comparison.document import comparison_summary
from siting.vocabulary import ECHELONS

SUFFIXES = (".html", ".json", ".xlsx")


def compare(*results: Result, names: Sequence[str] | None = None, moved_within_m: float | None = None) -> RunComparison:
    """Compare two results or more.

    Parameters
    ----------
    *results
        The results; differences are to the first.
    names
        A name for each; by default the names of their configs, told apart by numbers.
    moved_within_m
        How far a site may have moved and still be the same, m; by default 500 to 5,000 by echelon.

    Raises
    ------
    ConfigError
        If there are fewer than two results.
    """
    if len(results) < 2:
        raise ConfigError("compare: one run only; give two runs or more")
    within = None if moved_within_m is None else dict.fromkeys(ECHELONS, moved_within_m)
    called = tuple(
        names or (result.name if result.folder is None else result.folder.resolve().name for result in results)
    )
    tables = [result.results for result in results]
    return RunComparison(results, compare_runs(tables, names=called, moved_within_m=within))


class RunComparison:
    """Two runs or more, side by side; differences are to the first.

    Parameters
    ----------
    results
        The results.
    comparison
        What is compared, in full.
    """

    def __init__(self, results: Sequence[Result], comparison: Comparison) -> None:
        self.results, self.comparison = tuple(results), comparison

    @property
    def verdict(self) -> str:
        """Return the conclusion of the proven bounds on the costs of the first two runs, in one sentence.

        Where the costs cannot be compared, the reason.
        """
        return self.comparison.pair(0, 1).conclusion.en

    @property
    def figures(self) -> pd.DataFrame:
        """Figures: `group`, `key`, `label`, `unit`, and a column for each run; nan where a run has none."""
        return pd.DataFrame(
            [
                {
                    "group": one.group,
                    "key": one.key,
                    "label": one.label.en,
                    "unit": one.unit,
                    **self._by_run(one.values),
                }
                for one in self.comparison.figures
            ]
        )

    @property
    def targets(self) -> pd.DataFrame:
        """Targets: `unit`, `target`, `measured_in`, and what each run reaches; nan where a run does not have it."""
        return pd.DataFrame(
            [
                {
                    "unit": row.unit.en,
                    "target": row.label.en,
                    "measured_in": row.measured_in,
                    **self._by_run(row.values),
                }
                for row in self.comparison.targets
            ]
        )

    def page(self) -> Page:
        """Draw the comparison: maps side by side, figures, targets and sites."""
        text = draw_comparison(self.comparison, [result.results for result in self.results])
        return Page(text, "-".join(("compare", *(face.name for face in self.comparison.runs))))

    def write(self, path: str | Path, *, suffix: str | None = None) -> None:
        """Write the comparison as a page (.html), a workbook (.xlsx) or JSON for programs (.json).

        Parameters
        ----------
        path
            The file.
        suffix
            Says the format where the name of the file does not.

        Raises
        ------
        FileError
            If the suffix is another one, or the file cannot be written.
        """
        suffix = suffix or Path(path).suffix.lower()
        if suffix not in SUFFIXES:
            raise FileError(f"{path}: unknown format {suffix!r}; end the name in {', '.join(SUFFIXES)}")
        if suffix == ".html":
            write_file(path, self.page().text)
        elif suffix == ".xlsx":
            write_file(path, comparison_workbook(self.comparison, default_language(self.results[0].record)))
        else:
            text = json.dumps(comparison_summary(self.comparison), ensure_ascii=False, indent=1, allow_nan=False)
            write_file(path, text + "\n")

    def __repr__(self) -> str:
        """Return the names and the verdict."""
        return f"<RunComparison {', '.join(face.name for face in self.comparison.runs)}: {self.verdict}>"

    def _repr_html_(self) -> str:
        costs = self.figures[self.figures["group"] == "cost"].drop(columns=["group", "key"])
        return (
            f"<p>{html.escape(self.verdict)}</p>{costs.to_html(index=False, border=0, float_format='{:,.0f}'.format)}"
        )

    def _by_run(self, values: Sequence[float]) -> Mapping[str, float]:
        return dict(zip((face.name for face in self.comparison.runs), values, strict=True))
