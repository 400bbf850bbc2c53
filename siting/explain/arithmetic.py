"""The arithmetic that makes a plan impossible, checked before any solve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from siting.explain.contradictions import check_contradictions
from siting.explain.limits import BUDGETS, PLAIN, Limit, least_reached, most_reached
from siting.explain.places import check_places
from siting.explain.reach import Reach, trace_reach
from siting.explain.wording import Finding, asks, value_to_set, write_pair
from siting.instance import Instance, Target
from siting.vocabulary import Measure


def check_arithmetic(instance: Instance) -> list[Finding]:
    """What no solver is needed for: targets beyond reach, contradictions, places that cannot be served.

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
    told = [_of_stages(finding, stages_of[message], instance.n_stages) for message, finding in found.items()]
    return sorted(told, key=lambda finding: not finding.is_fatal)


def _of_stages(finding: Finding, names: list[str], n_stages: int) -> Finding:
    """The finding with the names of its years or cases, unless it is of all."""
    if len(names) == n_stages:
        return finding
    return replace(finding, message=f"{', '.join(names)}: {finding.message}")


def _check_stage(instance: Instance, *, is_later: bool) -> list[Finding]:
    """Findings of one stage; in a later one it is not known what is open already, and so not invested in again."""
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
        *check_contradictions(instance),
    ]


def _check_target(instance: Instance, reach: Reach, target: Target) -> Iterator[Finding]:
    limit = (most_reached if target.is_at_least else least_reached)(instance, reach, target)
    excess = target.value - limit.value if target.is_at_least else limit.value - target.value
    if excess > 1e-9 * max(1.0, abs(target.value)):
        yield Finding(beyond(target, limit), is_fatal=target.is_hard, target_id=target.id)


def beyond(target: Target, limit: Limit) -> str:
    """The sentence on a target that asks for more, or for less, than `limit`."""
    reached, asked = write_pair(target, limit.value, target.value)
    side, change = ("at most", "lower") if target.is_at_least else ("at least", "raise")
    soft = "" if target.is_hard else " (soft: its penalty is certain)"
    return (
        f"{target.unit}: {side} {reached} {limit.what}; target {target.id} asks {asks(target)} {asked}{soft};"
        f" {limit.cure} or {change} the target to {value_to_set(target, limit.value)}"
    )
