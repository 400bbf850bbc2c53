"""Verify a plan of several years or cases: each stage by itself, and what ties them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siting.errors import VerificationError, raise_faults
from siting.instance import Bools, Floats, Instance
from siting.plan import Plan, weighted
from siting.verify.faults import allow, list_broken
from siting.verify.result import Verification
from siting.verify.verification import claim_faults, verify


def verify_stages(instance: Instance, plans: Sequence[Plan], *, tolerance: float = 1e-6) -> tuple[Verification, ...]:
    """Recompute the plan of each period; violations between periods are reported with the later one."""
    found: list[Verification] = []
    for number, plan in enumerate(plans):
        stages, earlier = instance.stages, plans[number - 1] if number else None
        before = earlier if stages is not None and stages.is_nested else None
        one = verify(instance.at_stage(number), plan, tolerance=tolerance, before=before)
        if stages is not None and earlier is not None:
            names = str(stages.name[number - 1]), str(stages.name[number])
            ties = _check_between(instance, (earlier, plan), names, is_nested=stages.is_nested, tolerance=tolerance)
            one = replace(one, faults=(*one.faults, *ties))
        found.append(one)
    return tuple(found)


def whole_cost_cny(instance: Instance, verifications: Sequence[Verification]) -> float:
    """Return the recomputed cost of all stages, CNY a year: by their weights, or the dearest case."""
    return weighted(instance.stages, [one.cost_cny for one in verifications])


def require_valid_stages(
    instance: Instance,
    verifications: Sequence[Verification],
    *,
    claimed_cost_cny: float,
    tolerance: float = 1e-6,
) -> None:
    """Raise if a plan of one period or several breaks a rule or its cost differs from the solver's.

    Raises
    ------
    VerificationError
        The plan of a stage breaks a rule, or the costs differ; lists all of it, each with its stage.
    """
    wrong = _claim_faults(instance, verifications, claimed_cost_cny=claimed_cost_cny, tolerance=tolerance)
    raise_faults([*faults_of_stages(instance, verifications), *wrong], VerificationError)


def judge_stages(
    instance: Instance, plans: Sequence[Plan], *, claimed_cost_cny: float, tolerance: float = 1e-6
) -> tuple[Verification, ...]:
    """Recompute the plan of each period, as `verify_stages`; a cost that is not as claimed is a fault of the last."""
    found = verify_stages(instance, plans, tolerance=tolerance)
    wrong = _claim_faults(instance, found, claimed_cost_cny=claimed_cost_cny, tolerance=tolerance)
    return (*found[:-1], replace(found[-1], faults=(*found[-1].faults, *wrong)))


def faults_of_stages(instance: Instance, verifications: Sequence[Verification]) -> list[str]:
    """Return the faults of all periods; where there are several, each with the name of its own."""
    if instance.stages is None:
        return list(verifications[0].faults)
    names = [str(name) for name in instance.stages.name]
    return [f"{name}: {fault}" for name, one in zip(names, verifications, strict=True) for fault in one.faults]


def _claim_faults(
    instance: Instance, verifications: Sequence[Verification], *, claimed_cost_cny: float, tolerance: float
) -> list[str]:
    """Return the fault of plans that do not cost what the solver claims for all periods together."""
    if instance.stages is None:
        return claim_faults(verifications[0], claimed_cost_cny=claimed_cost_cny, tolerance=tolerance)
    cost_cny = whole_cost_cny(instance, verifications)
    turnover_cny = [sum(abs(term_cny) for term_cny in one.cost_terms_cny.values()) for one in verifications]
    if abs(cost_cny - claimed_cost_cny) <= tolerance * max(1.0, *turnover_cny):
        return []
    names = [str(name) for name in instance.stages.name]
    by_stage = ", ".join(f"{name} {one.cost_cny:.2f}" for name, one in zip(names, verifications, strict=True))
    return [
        f"the solver claims a cost of {claimed_cost_cny:.2f} CNY/yr for all stages, recomputed it is {cost_cny:.2f}"
        f" CNY/yr ({by_stage})"
    ]


def _check_between(
    instance: Instance, plans: Sequence[Plan], names: tuple[str, str], *, is_nested: bool, tolerance: float
) -> list[str]:
    """List years that undo what an earlier one opened, closed or bought, and cases that differ in these."""
    (before, after), (earlier, later), is_new = plans, names, ~instance.options.is_existing
    lost_t: Floats = before.expanded_t - after.expanded_t
    if is_nested:
        lost, back = is_new & before.is_open & ~after.is_open, ~is_new & after.is_open & ~before.is_open
        faults = [
            *_list_options(instance, lost, f"opens by {earlier} and is no longer open in {later}"),
            *_list_options(instance, back, f"exists, is closed by {earlier} and open again in {later}"),
        ]
    else:
        lost_t = np.abs(lost_t)
        differs = before.is_open != after.is_open
        faults = _list_options(instance, differs, f"is not open alike in {earlier} and {later}")
    site_id = instance.sites.id[instance.options.site[instance.expansions.option]]
    return faults + list_broken(
        lost_t,
        allow(before.expanded_t, tolerance),
        lambda e: (
            f"site {site_id[e]}: its capacity is extended by {before.expanded_t[e]:g}"
            f" t/yr in {earlier}, by {after.expanded_t[e]:g} in {later}; what is bought must stay"
        ),
    )


def _list_options(instance: Instance, broken: Bools, what: str) -> list[str]:
    options = instance.options
    site_id, type_ = instance.sites.id[options.site], instance.facility_types[options.type]
    return list_broken(broken.astype(float), 0.0, lambda o: f"site {site_id[o]}: {type_[o]} {options.size[o]} {what}")
