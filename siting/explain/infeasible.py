"""Conflicts of targets: which cannot hold together, and how far each can be reached, alone and beside the others."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.elastic import (
    LARGE_COLUMNS,
    SLACK,
    Elastic,
    answer_of,
    least_misses,
    most_alone,
    with_misses,
    without_links,
    without_rows,
)
from siting.explain.limits import PLAIN, least_reached, most_reached
from siting.explain.reach import trace_reach
from siting.explain.wording import NUMBERS, asks, name_counted, value_to_set, write_pair, write_value
from siting.instance import Bools, Floats, Instance, Ints, Stages, Target
from siting.model import build_model
from siting.model.linear import LinearModel
from siting.model.target_rows import row_units, rows_of_targets
from siting.vocabulary import Measure

LEAST_S = 0.5
MOST_NAMED = 6


@dataclass(frozen=True)
class _Case:
    """The model of an instance, its hard targets with their rows, and the moment at which to stop."""

    instance: Instance
    model: LinearModel
    targets: list[Target]
    rows: Ints
    ends_at: float

    @property
    def is_large(self) -> bool:
        return self.model.n_columns > LARGE_COLUMNS

    @property
    def seconds_left(self) -> float:
        return max(LEAST_S, self.ends_at - time.monotonic())


def explain_infeasible(instance: Instance, *, time_limit_s: float = 60.0) -> list[str]:
    """List messages: which hard targets cannot hold together, and what can be reached instead.

    The relaxation comes first: where it misses a target, no plan meets them all. The list is
    empty where a plan meets all hard targets. Of several years or cases, each is examined alone.
    """
    if instance.stages is not None:
        return _explain_stages(instance, instance.stages, time_limit_s)
    model, _ = build_model(instance)
    if model.n_columns > LARGE_COLUMNS:
        model = without_links(model)
    hard = [number for number, target in enumerate(instance.targets) if target.is_hard]
    rows = rows_of_targets(instance, model)[hard]
    case = _Case(instance, model, [instance.targets[n] for n in hard], rows, time.monotonic() + time_limit_s)
    linear = least_misses(model, rows, is_linear=True, time_limit_s=case.seconds_left)
    whole = _in_whole_numbers(case)
    if linear is None and whole is None:
        return _beside_targets(case)
    best = whole if whole is not None else linear
    if best is None or (best.missed == 0).all():
        return [] if whole is not None else [_undecided()]
    return list(_sentences(case, linear, best))


def _explain_stages(instance: Instance, stages: Stages, time_limit_s: float) -> list[str]:
    """List the messages on each year or case alone; where each has a plan, they do not fit together."""
    messages: list[str] = []
    for number, name in enumerate(stages.name):
        stage = instance.at_stage(number)
        if number and stages.is_nested:  # counts what opens in the year, which depends on the year before
            targets = tuple(target for target in stage.targets if target.measure is not Measure.INVESTMENT)
            stage = replace(stage, targets=targets)
        messages += [
            f"{name}: {line}" for line in explain_infeasible(stage, time_limit_s=time_limit_s / len(stages.name))
        ]
    if messages or not stages.is_nested:
        return messages or ["each case has a plan of its own, but no one set of facilities meets the targets in all"]
    return ["each year has a plan of its own, but what opens stays open: targets or budgets of a year forbid it"]


def _in_whole_numbers(case: _Case) -> Elastic | None:
    """Solve the elastic model itself, where it is small enough."""
    if case.is_large:
        return None
    return least_misses(case.model, case.rows, is_linear=False, time_limit_s=case.seconds_left)


def _undecided() -> str:
    return (
        "the targets hold together while facilities may be opened in part, yet not for whole facilities, as far as the"
        " time allowed: raise solve.time_limit_s, allow smaller sizes, or relax a count or coverage target"
    )


def _beside_targets(case: _Case) -> list[str]:
    """List the sites that must be open and the promises that forbid a plan even with every target dropped."""
    free = without_rows(case.model, case.rows)
    kept, promised = case.model.rows_of("keep_open"), _promised_rows(case.model)
    elastic = with_misses(free, np.concatenate([kept, promised]))
    answer = None if case.is_large else answer_of(elastic, is_linear=False, time_limit_s=case.seconds_left)
    if answer is None or answer.values is None:
        return [f"no answer within the time allowed ({case.model.n_columns:,} columns); relax targets one by one"]
    missed = answer.values[elastic.column_families["miss"]]
    closed, broken = missed[: len(kept)] > 0.5, missed[len(kept) :] > SLACK
    ids = case.instance.sites.id[np.flatnonzero(case.instance.sites.must_open)[closed]]
    head = "no plan exists even with every target dropped:"
    found = []
    if len(ids):
        found.append(
            f"{head} {', '.join(ids)} must be open, and cannot be beside the other sites that must; they lack land or"
            " the tonnes for their minimum load: lower min_load_share, or let them close"
        )
    if broken.any():
        found.append(
            f"{head} of {len(broken):,} promises to fetch or to serve in full, {np.count_nonzero(broken):,} cannot be"
            " kept; what is booked at the door reaches too few stations, or these lack capacity or the tonnes for their"
            " minimum load: raise travel.stations_per_generator, lower min_load_share or participation.booked"
        )
    return found


def _promised_rows(model: LinearModel) -> Ints:
    """Return the rows of demand nodes that must be served, or give, in full."""
    rows = model.rows_of("serve", "within_offer")
    return rows[np.isfinite(model.row_lower[rows]) & (model.row_lower[rows] > 0)]


def _sentences(case: _Case, linear: Elastic | None, best: Elastic) -> Iterator[str]:
    is_proven = (linear is not None and bool(linear.missed.any())) or best.is_proven
    in_conflict = best.is_in_conflict | _others_in_conflict(case, linear)
    alone = {n: _alone(case, n) for n in np.flatnonzero(in_conflict).tolist()}
    together = [n for n in alone if not _is_beyond(case.targets[n], alone[n])]
    proof = "" if is_proven else " (not proven in the time allowed)"
    if len(together) > 1:
        names = "; ".join(_name(case, n) for n in together[:MOST_NAMED])
        more = f"; and {len(together) - MOST_NAMED} more" if len(together) > MOST_NAMED else ""
        yield f"these {len(together)} targets cannot hold together{proof}: {names}{more}"
    for n, value in alone.items():
        if value is not None and _is_beyond(case.targets[n], value):
            yield _beyond_alone(case, n, value)
        elif best.missed[n] > 0:
            yield _beside_others(case, n, value, best.missed)
    if len(together) > 1:
        yield "relax any of them: the figures above are the least change in sum, other ways to share it exist"


def _others_in_conflict(case: _Case, linear: Elastic | None) -> Bools:
    """Return the targets that the proof needs beside those missed.

    By its multipliers, else each whose removal ends the conflict, as far as the time goes.
    """
    if linear is not None and linear.missed.any():
        return linear.is_in_conflict
    in_conflict = np.zeros(len(case.rows), dtype=bool)
    for n in range(len(case.rows)):
        if case.is_large or time.monotonic() > case.ends_at:
            break
        others = np.delete(case.rows, n)
        without = least_misses(
            without_rows(case.model, case.rows[[n]]), others, is_linear=False, time_limit_s=case.seconds_left
        )
        in_conflict[n] = without is not None and not without.missed.any()
    return in_conflict


def _alone(case: _Case, n: int) -> float | None:
    """Return how far target n goes with the others dropped, in its own unit; by arithmetic in a large model."""
    if not case.targets[n].measure.record.is_soft or (case.is_large and case.targets[n].measure not in PLAIN):
        return None
    if case.is_large:
        limit = most_reached if case.targets[n].is_at_least else least_reached
        return limit(case.instance, trace_reach(case.instance), case.targets[n]).value
    reached = most_alone(case.model, int(case.rows[n]), case.rows, case.seconds_left)
    if reached is None:
        return None
    target = case.targets[n]
    value = reached / row_units(case.instance, target)
    if target.measure in NUMBERS:
        return float(math.floor(value + SLACK) if target.is_at_least else math.ceil(value - SLACK))
    return value


def _is_beyond(target: Target, alone: float | None) -> bool:
    """Whether the target asks for more than it can reach with no other target."""
    if alone is None:
        return False
    excess = target.value - alone if target.is_at_least else alone - target.value
    return excess > 1e-6 * max(1e-3, abs(target.value))


def _name(case: _Case, n: int) -> str:
    target = case.targets[n]
    return (
        f"{target.id} of {target.unit}, {asks(target)} {write_value(target, target.value)}"
        f" {_counted(case.instance, target)}"
    )


def _counted(instance: Instance, target: Target) -> str:
    """Return what is counted, to follow a value: `25 sorting centres`, `9 t/yr of paper ...`."""
    name = name_counted(instance, target)
    return name if target.measure in NUMBERS else f"of {name}"


def _beyond_alone(case: _Case, n: int, alone: float) -> str:
    """Return the message on a target that cannot be met even without the others."""
    target = case.targets[n]
    reached, asked = write_pair(target, alone, target.value)
    words = _words(target)
    return (
        f"{target.unit}: {words.side} {reached} {_counted(case.instance, target)} {words.verb} even with every other"
        f" target dropped; target {target.id} asks {asked}; {_cure(target)} or {words.change} the target to"
        f" {value_to_set(target, alone)}"
    )


def _beside_others(case: _Case, n: int, alone: float | None, missed: Floats) -> str:
    """Return the message on a target that can be met, but not beside the others."""
    target = case.targets[n]
    if not target.measure.record.is_soft:
        return (
            f"{_name(case, n)}, cannot be met beside the other targets; {_cure(target)} or {_words(target).change} it"
        )
    scale = abs(target.value) if target.value else 1.0 / row_units(case.instance, target)
    together = target.value + (-1 if target.is_at_least else 1) * missed[n] * scale
    reached, asked = write_pair(target, together, target.value)
    words = _words(target)
    by_itself = "" if alone is None else f", {write_value(target, alone)} on its own"
    return (
        f"{target.unit}: beside the other targets {reached} {_counted(case.instance, target)} {words.verb}"
        f"{by_itself}; target {target.id} asks {asks(target)} {asked}; {_cure(target)} or {words.change} it to"
        f" {value_to_set(target, together)}"
    )


@dataclass(frozen=True)
class _Words:
    """Words for a side: which side of a figure is meant, what is said of it, and what to do with the value."""

    side: str
    verb: str
    change: str


def _words(target: Target) -> _Words:
    if target.is_at_least:
        return _Words("at most", "can be reached", "lower")
    return _Words("at least", "are needed" if target.measure in NUMBERS else "is needed", "raise")


def _cure(target: Target) -> str:
    if not target.is_at_least:
        return "relax what needs them"
    return "add candidates" if target.measure in (Measure.COUNT, Measure.COVERAGE) else "add candidates or larger sizes"
