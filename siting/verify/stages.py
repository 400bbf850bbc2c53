"""Verify a plan of several years or cases: each stage by itself, and what ties them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siting.errors import VerificationError, raise_faults
from siting.instance import Bools, Instance
from siting.plan import Plan, weighted
from siting.verify.expansions import check_bought_before
from siting.verify.faults import list_broken
from siting.verify.result import Verification
from siting.verify.verification import require_valid, verify


def verify_stages(instance: Instance, plans: Sequence[Plan], *, tolerance: float = 1e-6) -> tuple[Verification, ...]:
    """Recompute the plan of each stage; what is broken between stages is told with the later one."""
    found: list[Verification] = []
    for number, plan in enumerate(plans):
        before = plans[number - 1] if number and _is_nested(instance) else None
        one = verify(instance.at_stage(number), plan, tolerance=tolerance, before=before)
        if number:
            one = replace(one, faults=(*one.faults, *_between(instance, plans[number - 1], plan, number)))
            bought = check_bought_before(instance, (plans[number - 1], plan), (number, tolerance))
            one = replace(one, faults=(*one.faults, *bought))
        found.append(one)
    return tuple(found)


def whole_cost_cny(instance: Instance, verifications: Sequence[Verification]) -> float:
    """The recomputed cost of all stages, CNY a year: by their weights, or the dearest case."""
    return weighted(instance.stages, [one.cost_cny for one in verifications])


def require_valid_stages(
    instance: Instance,
    verifications: Sequence[Verification],
    *,
    claimed_cost_cny: float,
    tolerance: float = 1e-6,
) -> None:
    """Refuse a plan of one stage or many that does not hold or whose cost is not what its solver says.

    Raises
    ------
    VerificationError
        The plan of a stage breaks a rule, or the costs differ; lists all of it, each with its stage.
    """
    if instance.stages is None:
        require_valid(verifications[0], claimed_cost_cny=claimed_cost_cny, tolerance=tolerance)
        return
    names = [str(name) for name in instance.stages.name]
    faults = [f"{name}: {fault}" for name, one in zip(names, verifications, strict=True) for fault in one.faults]
    cost_cny = whole_cost_cny(instance, verifications)
    turnover_cny = [sum(abs(term_cny) for term_cny in one.cost_terms_cny.values()) for one in verifications]
    if not abs(cost_cny - claimed_cost_cny) <= tolerance * max(1.0, *turnover_cny):
        by_stage = ", ".join(f"{name} {one.cost_cny:.2f}" for name, one in zip(names, verifications, strict=True))
        faults.append(
            f"the solver claims a cost of {claimed_cost_cny:.2f} CNY/yr for all stages, recomputed it is {cost_cny:.2f}"
            f" CNY/yr ({by_stage})"
        )
    raise_faults(faults, VerificationError)


def _is_nested(instance: Instance) -> bool:
    return instance.stages is not None and instance.stages.is_nested


def _between(instance: Instance, before: Plan, after: Plan, number: int) -> list[str]:
    """List facilities that close after opening or reopen after closing; or cases that do not share their facilities."""
    if instance.stages is None:
        return []
    earlier, later = (str(instance.stages.name[n]) for n in (number - 1, number))
    if not _is_nested(instance):
        return _told(instance, before.is_open != after.is_open, f"is not open alike in {earlier} and {later}")
    is_new = ~instance.options.is_existing
    lost = is_new & before.is_open & ~after.is_open
    back = ~is_new & after.is_open & ~before.is_open
    return [
        *_told(instance, lost, f"opens by {earlier} and is no longer open in {later}"),
        *_told(instance, back, f"exists, is closed by {earlier} and open again in {later}"),
    ]


def _told(instance: Instance, broken: Bools, what: str) -> list[str]:
    options = instance.options

    def name(o: int) -> str:
        return f"{instance.facility_types[options.type[o]]} {options.size[o]}"

    return list_broken(
        np.asarray(broken, dtype=float), 0.0, lambda o: f"site {instance.sites.id[options.site[o]]}: {name(o)} {what}"
    )
