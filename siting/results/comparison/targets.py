"""Targets of runs side by side: those that count the same for the same unit share a row, whatever they ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from siting.results import targets
from siting.results.comparison.comparison import Reached, TargetRow
from siting.results.record import RunRecord

Key = tuple[object, ...]


def compare_targets(runs: Sequence[RunRecord]) -> tuple[TargetRow, ...]:
    """One row for each target of any run, in the order in which they appear."""
    found = [keyed_targets(run) for run in runs]
    first: dict[Key, targets.TargetRow] = {}
    for rows in found:
        first = rows | first
    order = dict.fromkeys(key for rows in found for key in rows)
    return tuple(
        TargetRow(
            unit=first[key].unit_label,
            label=first[key].label,
            measured_in=first[key].measured_in,
            is_at_least=first[key].is_at_least,
            year=first[key].year,
            reached=tuple(_reached(rows.get(key)) for rows in found),
        )
        for key in order
    )


def keyed_targets(run: RunRecord) -> dict[Key, targets.TargetRow]:
    """The targets of a run by what they count; the same counted twice is told apart by its turn."""
    turns: Counter[Key] = Counter()
    keyed: dict[Key, targets.TargetRow] = {}
    for row in targets.target_rows(run):
        keyed[*row.counted, turns[row.counted]] = row
        turns[row.counted] += 1
    return keyed


def _reached(row: targets.TargetRow | None) -> Reached | None:
    return None if row is None else Reached(row.asked, row.reached, row.margin, row.holds, row.is_hard)
