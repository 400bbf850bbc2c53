"""The arithmetic that makes a plan impossible, checked before any solve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.limits import BUDGETS, PLAIN, Limit, least_reached, most_reached
from siting.explain.reach import Reach, trace_reach
from siting.explain.unserved import check_places
from siting.explain.wording import Finding, asks, name_counted, value_to_set, write_pair, write_value
from siting.instance import Bools, Instance, Ints, Target
from siting.model.columns import lay_out
from siting.model.target_rows import row_units, target_terms
from siting.vocabulary import Measure


def check_arithmetic(instance: Instance) -> list[Finding]:
    """Find faults that need no solver: targets beyond reach, contradictions, places that cannot be served.

    Fatal findings come first. A soft target beyond reach is no more than a warning. That nothing is found does not
    mean that a plan exists.
    """
    found: dict[str, Finding] = {}
    stages_of: dict[str, list[str]] = {}
    for number in range(instance.n_stages):
        name = "" if instance.stages is None else str(instance.stages.name[number])
        is_later = instance.stages is not None and number > 0
        for finding in _check_stage(instance.at_stage(number), is_later=is_later):
            found[finding.message] = finding
            stages_of.setdefault(finding.message, []).append(name)
    findings = [_of_stages(finding, stages_of[message], instance.n_stages) for message, finding in found.items()]
    return sorted(findings, key=lambda finding: not finding.is_fatal)


def _of_stages(finding: Finding, names: list[str], n_stages: int) -> Finding:
    """Return the finding with the names of its years or cases, unless it is of all."""
    if len(names) == n_stages:
        return finding
    return replace(finding, message=f"{', '.join(names)}: {finding.message}")


def _check_stage(instance: Instance, *, is_later: bool) -> list[Finding]:
    """Find the faults of one stage; in a later one facilities that are open already are not known."""
    reach = trace_reach(instance)
    limited = (Measure.VEHICLES,) if is_later else BUDGETS
    plain = [
        target
        for target in instance.targets
        if target.measure in PLAIN or (target.measure in limited and not target.is_at_least)
    ]
    return [
        *check_places(instance, reach),
        *(finding for target in plain for finding in _check_target(instance, reach, target)),
        *_check_contradictions(instance),
    ]


def _check_target(instance: Instance, reach: Reach, target: Target) -> Iterator[Finding]:
    limit = (most_reached if target.is_at_least else least_reached)(instance, reach, target)
    excess = target.value - limit.value if target.is_at_least else limit.value - target.value
    if excess > 1e-9 * max(1.0, abs(target.value)):
        yield Finding(_beyond(target, limit), is_fatal=target.is_hard, target_id=target.id)


def _beyond(target: Target, limit: Limit) -> str:
    """Return the message on a target that exceeds `limit`."""
    reached, asked = write_pair(target, limit.value, target.value)
    side, change = ("at most", "lower") if target.is_at_least else ("at least", "raise")
    soft = "" if target.is_hard else " (soft: its penalty is certain)"
    return (
        f"{target.unit}: {side} {reached} {limit.what}; target {target.id} asks {asks(target)} {asked}{soft};"
        f" {limit.cure} or {change} the target to {value_to_set(target, limit.value)}"
    )


def _check_contradictions(instance: Instance) -> Iterator[Finding]:
    """Yield a finding for each hard at-most target that at-least targets on disjoint parts of it exceed in sum."""
    columns = lay_out(instance)
    hard = [
        _Counting(
            target,
            target.value * row_units(instance, target),
            _counted(target_terms(instance, columns, target)[0], columns.n),
        )
        for target in instance.targets
        if target.is_hard and target.measure in PLAIN
    ]
    for most in (one for one in hard if not one.target.is_at_least):
        parts = _disjoint_parts(most, hard)
        asked = sum(part.amount for part in parts)
        if asked > most.amount + 1e-9 * max(1.0, most.amount):
            share = asked / row_units(instance, most.target)
            targets = [part.target for part in parts]
            yield Finding(
                _contradiction(instance, most.target, targets, share), is_fatal=True, target_id=most.target.id
            )


@dataclass(frozen=True)
class _Counting:
    """A target, what it asks in the unit of its row, and the columns of the model that it counts, (n_columns,)."""

    target: Target
    amount: float
    columns: Bools


def _counted(columns: Ints, n: int) -> Bools:
    is_counted = np.zeros(n, dtype=bool)
    is_counted[columns] = True
    return is_counted


def _disjoint_parts(most: _Counting, hard: list[_Counting]) -> list[_Counting]:
    """Return at-least targets that count only what `most` counts, in the same measure, none counting what another does.

    Two choices are tried, the one that asks for more is taken: the wide targets first, or the narrow ones.
    """
    inside = [
        one
        for one in hard
        if one.target.is_at_least
        and one.target.measure is most.target.measure
        and not (one.columns & ~most.columns).any()
    ]
    inside.sort(key=lambda one: int(one.columns.sum()))
    choices = [_first_fit(most.columns, inside[::-1]), _first_fit(most.columns, inside)]
    return max(choices, key=lambda parts: sum(part.amount for part in parts))


def _first_fit(columns: Bools, offered: list[_Counting]) -> list[_Counting]:
    taken: list[_Counting] = []
    free = columns.copy()
    for one in offered:
        if free[one.columns].all():
            taken.append(one)
            free &= ~one.columns
    return taken


def _contradiction(instance: Instance, most: Target, parts: list[Target], asked: float) -> str:
    ids = ", ".join(f"{target.id} of {target.unit} ({write_value(target, target.value)})" for target in parts[:4])
    more = f" and {len(parts) - 4} more" if len(parts) > 4 else ""
    return (
        f"{most.unit}: {name_counted(instance, most)} may be at most {write_value(most, most.value)} ({most.id}), yet"
        f" other targets ask at least {write_value(most, asked)} of it: {ids}{more}; raise the one or lower the others"
    )
