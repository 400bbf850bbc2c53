"""Targets of runs side by side: those that count the same for the same unit share a row, whatever they ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from siting.instance import Instance, Target
from siting.results.actions.bodies import unit_label
from siting.results.comparison.comparison import Reached, TargetRow
from siting.results.record import RunRecord, TargetOutcome
from siting.results.scorecard import counted_materials, counted_types
from siting.results.targets import outcome_label

Key = tuple[object, ...]


def compare_targets(runs: Sequence[RunRecord]) -> tuple[TargetRow, ...]:
    """One row for each target of any run, in the order in which they appear."""
    found = [keyed_outcomes(run) for run in runs]
    first: dict[Key, tuple[RunRecord, TargetOutcome]] = {}
    for run, outcomes in zip(runs, found, strict=True):
        for key, outcome in outcomes.items():
            first.setdefault(key, (run, outcome))
    return tuple(
        TargetRow(
            unit=unit_label(run, outcome.target.unit),
            label=outcome_label(run, outcome.target),
            measured_in=outcome.target.measure.unit,
            is_at_least=outcome.target.is_at_least,
            year=outcome.target.year,
            reached=tuple(_reached(outcomes.get(key)) for outcomes in found),
        )
        for key, (run, outcome) in first.items()
    )


def keyed_outcomes(run: RunRecord) -> dict[Key, TargetOutcome]:
    """The outcomes of a run by what their targets count; the same counted twice is told apart by its turn."""
    turns: Counter[Key] = Counter()
    keyed: dict[Key, TargetOutcome] = {}
    for outcome in run.verification.targets:
        key = _key(run.instance, outcome.target)
        keyed[*key, turns[key]] = outcome
        turns[key] += 1
    return keyed


def _key(instance: Instance, target: Target) -> Key:
    """What a target counts, for whom and when; not how much it asks, nor how strictly."""
    kinds = counted_types(instance, target), counted_materials(instance, target)
    when = target.is_at_least, target.year
    return (target.unit, target.measure, target.echelon, target.within_m, *kinds, *when)


def _reached(outcome: TargetOutcome | None) -> Reached | None:
    if outcome is None:
        return None
    target = outcome.target
    return Reached(target.value, outcome.reached, outcome.margin, bool(outcome.holds), target.is_hard)
