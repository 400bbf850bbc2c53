"""Targets of runs side by side: those that count the same for the same unit share a row, whatever they ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from siting.results.comparison.comparison import TargetComparison
from siting.results.results import Results
from siting.results.targets import TargetRow

Key = tuple[object, ...]


def compare_targets(runs: Sequence[Results]) -> tuple[TargetComparison, ...]:
    """Return one row for each target of any run, in the order in which they appear."""
    found = [keyed_targets(run.last.target_rows) for run in runs]
    first: dict[Key, TargetRow] = {}
    for rows in found:
        first |= {key: row for key, row in rows.items() if key not in first}
    return tuple(
        TargetComparison(
            unit=row.unit_label,
            label=row.label,
            measured_in=row.measured_in,
            is_at_least=row.is_at_least,
            year=row.year,
            reached=tuple(rows.get(key) for rows in found),
        )
        for key, row in first.items()
    )


def keyed_targets(rows: Iterable[TargetRow]) -> dict[Key, TargetRow]:
    """Return targets by what they count; the same counted twice is told apart by its turn."""
    turns: Counter[Key] = Counter()
    keyed: dict[Key, TargetRow] = {}
    for row in rows:
        keyed[*row.counted, turns[row.counted]] = row
        turns[row.counted] += 1
    return keyed
