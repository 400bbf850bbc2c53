"""Conflicts of targets: which cannot hold together, and how far each can be reached, alone and beside the others."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from siting.explain.budgets import Budgeted, budget_answers
from siting.explain.case import Case
from siting.explain.elastic import (
    SLACK,
    Elastic,
    answer_of,
    least_misses,
    most_alone,
    with_misses,
    without_rows,
)
from siting.explain.limits import limit_of
from siting.explain.reach import trace_reach
from siting.explain.wording import excess, name_counted, side_of, value_to_set, write_pair, write_value
from siting.instance import Bools, Instance, Stages, Target
from siting.model.target_rows import miss_units, row_reached
from siting.vocabulary import Measure

MOST_NAMED = 6


class _Case(Case):
    """A case whose missed targets are explained in messages."""

    def least_misses(self, *, is_linear: bool) -> Elastic | None:
        """Solve the elastic model, or its relaxation; None where it is too large or there is no answer in time."""
        if self.is_large and not is_linear:
            return None
        return least_misses(self.model, self.rows, is_linear=is_linear, time_limit_s=self.seconds_left)


def explain_infeasible(instance: Instance, *, time_limit_s: float = 60.0) -> list[str]:
    """List messages: which hard targets cannot hold together, and what can be reached instead.

    The relaxation comes first: where it misses a target, no plan meets them all. The list is
    empty where a plan meets all hard targets. Of several years or cases, each is examined alone.
    """
    if instance.stages is not None:
        return _explain_stages(instance, instance.stages, time_limit_s)
    case = _Case.of(instance, time_limit_s=time_limit_s)
    linear, whole = case.least_misses(is_linear=True), case.least_misses(is_linear=False)
    best = linear if whole is None else whole
    if best is None:
        return _beside_targets(case)
    if best.missed.any():
        return list(_sentences(case, linear, best))
    undecided = (
        "the targets hold together while facilities may be opened in part, yet not for whole facilities, as far as the"
        " time allowed: raise solve.time_limit_s, allow smaller sizes, or relax a count or coverage target"
    )
    return [undecided] if whole is None else []


def _explain_stages(instance: Instance, stages: Stages, time_limit_s: float) -> list[str]:
    """List the messages on each year or case alone; where each has a plan, they do not fit together."""
    messages: list[str] = []
    for number, name in enumerate(stages.name):
        stage = instance.at_stage(number)
        if number and stages.is_nested:  # counts openings in the year, which depend on the year before
            targets = tuple(target for target in stage.targets if target.measure is not Measure.INVESTMENT)
            stage = replace(stage, targets=targets)
        lines = explain_infeasible(stage, time_limit_s=time_limit_s / len(stages.name))
        messages += [f"{name}: {line}" for line in lines]
    if messages or not stages.is_nested:
        return messages or ["each case has a plan of its own, but no one set of facilities meets the targets in all"]
    return ["each year has a plan of its own, but what opens stays open: targets or budgets of a year forbid it"]


def _beside_targets(case: _Case) -> list[str]:
    """List the sites that must be open and the promises that forbid a plan even with every target dropped."""
    model = case.model
    kept, promised = model.rows_of("keep_open"), model.rows_of("serve", "within_offer")
    promised = promised[np.isfinite(model.row_lower[promised]) & (model.row_lower[promised] > 0)]
    elastic = with_misses(without_rows(model, case.rows), np.concatenate([kept, promised]))
    answer = None if case.is_large else answer_of(elastic, is_linear=False, time_limit_s=case.seconds_left)
    if answer is None or answer.values is None:
        return [f"no answer within the time allowed ({model.n_columns:,} columns); relax targets one by one"]
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


def _sentences(case: _Case, linear: Elastic | None, best: Elastic) -> Iterator[str]:
    is_proven = (linear is not None and bool(linear.missed.any())) or best.is_proven
    in_conflict = best.is_in_conflict | _others_in_conflict(case, linear)
    alone = {n: _alone(case, n) for n in np.flatnonzero(in_conflict).tolist()}
    beyond = {n: value for n, value in alone.items() if value is not None and _is_beyond(case.targets[n], value)}
    together = [n for n in alone if n not in beyond]
    if len(together) > 1:
        proof = "" if is_proven else " (not proven in the time allowed)"
        names = "; ".join(_name(case.instance, case.targets[n]) for n in together[:MOST_NAMED])
        more = f"; and {len(together) - MOST_NAMED} more" if len(together) > MOST_NAMED else ""
        yield f"these {len(together)} targets cannot hold together{proof}: {names}{more}"
    answers = list(_budget_answers(case, together))
    for n, value in alone.items():
        if n in beyond:
            yield _beyond_alone(case.instance, case.targets[n], beyond[n])
        elif best.missed[n] > 0 and not answers:
            yield _beside_others(case.instance, case.targets[n], value, float(best.missed[n]))
    yield from answers
    if len(together) > 1 and not answers:
        yield "relax any of them: the figures above are the least change in sum, other ways to share it exist"


def _budget_answers(case: _Case, together: list[int]) -> Iterator[str]:
    """Yield what the budgets among targets that cannot hold together would have to be, and what they buy."""
    budgeted = Budgeted(case.instance, case.model, case.targets, case.rows, lambda: case.seconds_left)
    yield from budget_answers(budgeted, together)


def _others_in_conflict(case: _Case, linear: Elastic | None) -> Bools:
    """Return the targets that the proof needs beside those missed, (n_hard,).

    By its multipliers, else each whose removal ends the conflict, as far as the time goes.
    """
    if linear is not None and linear.missed.any():
        return linear.is_in_conflict
    in_conflict = np.zeros(len(case.rows), dtype=bool)
    for n in range(len(case.rows)):
        if case.is_large or time.monotonic() > case.ends_at:
            break
        dropped = without_rows(case.model, case.rows[[n]])
        others = replace(case, model=dropped, rows=np.delete(case.rows, n)).least_misses(is_linear=False)
        in_conflict[n] = others is not None and not others.missed.any()
    return in_conflict


def _alone(case: _Case, n: int) -> float | None:
    """Return how far target n goes with the others dropped, in its own unit; by arithmetic in a large model."""
    target, instance = case.targets[n], case.instance
    record = target.measure.record
    if not record.is_soft or (case.is_large and not record.is_bounded):
        return None
    if case.is_large:
        return limit_of(instance, trace_reach(instance), target).value
    reached = most_alone(case.model, int(case.rows[n]), case.rows, case.seconds_left)
    if reached is None:
        return None
    value = row_reached(instance, target, reached)
    if record.is_number:
        return float(math.floor(value + SLACK) if target.is_at_least else math.ceil(value - SLACK))
    return value


def _is_beyond(target: Target, alone: float) -> bool:
    """Return whether the target asks for more than it can reach with no other target."""
    return excess(target, alone) > 1e-6 * max(1e-3, abs(target.asked))


def _name(instance: Instance, target: Target) -> str:
    asked = f"{side_of(target).asks} {write_value(target, target.asked)}"
    return f"{target.id} of {target.unit}, {asked} {_counted(instance, target)}"


def _counted(instance: Instance, target: Target) -> str:
    """Return what is counted, to follow a value: `25 sorting centres`, `9 t/yr of paper ...`."""
    name = name_counted(instance, target)
    return name if target.measure.record.is_number else f"of {name}"


def _reached(instance: Instance, target: Target, value: str) -> str:
    """Return the clause on a value that a plan can reach, or needs."""
    needed = "are needed" if target.measure.record.is_number else "is needed"
    return f"{value} {_counted(instance, target)} {'can be reached' if target.is_at_least else needed}"


def _beyond_alone(instance: Instance, target: Target, alone: float) -> str:
    """Return the message on a target that cannot be met even without the others."""
    reached, asked = write_pair(target, alone, target.asked)
    side = side_of(target)
    return (
        f"{target.unit}: {side.reaches} {_reached(instance, target, reached)} even with every other target dropped;"
        f" target {target.id} asks {asked};"
        f" {_cure(target)} or {side.change} the target to {value_to_set(target, alone)}"
    )


def _beside_others(instance: Instance, target: Target, alone: float | None, missed: float) -> str:
    """Return the message on a target that can be met, but not beside the others."""
    side = side_of(target)
    if not target.measure.record.is_soft:
        name = _name(instance, target)
        return f"{name}, cannot be met beside the other targets; {_cure(target)} or {side.change} it"
    together = target.asked + (-1 if target.is_at_least else 1) * missed * miss_units(instance, target)
    reached, asked = write_pair(target, together, target.asked)
    by_itself = "" if alone is None else f", {write_value(target, alone)} on its own"
    return (
        f"{target.unit}: beside the other targets {_reached(instance, target, reached)}{by_itself}; target {target.id}"
        f" asks {side.asks} {asked}; {_cure(target)} or {side.change} it to {value_to_set(target, together)}"
    )


def _cure(target: Target) -> str:
    if not target.is_at_least:
        return "relax what needs them"
    needs_places = target.measure in (Measure.COUNT, Measure.COVERAGE, Measure.SERVED)
    return "add candidates" if needs_places else "add candidates or larger sizes"
