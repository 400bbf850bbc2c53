"""Verify a plan: recompute its figures, list what does not hold, refuse what does not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from siting.errors import VerificationError, raise_faults
from siting.instance import Instance
from siting.plan import Plan, plan_shapes
from siting.verify.costs import emit, price_terms
from siting.verify.movements import (
    check_acceptance,
    check_amounts,
    check_bought,
    check_conservation,
    check_link_ends,
    check_load,
)
from siting.verify.places import check_assignment, check_openings, check_walk_ends
from siting.verify.reach import measure_targets
from siting.verify.result import TargetResult, Verification
from siting.verify.tonnage import Tonnage, by_giver, is_sorting, link_tonne_km, trace_tonnage
from siting.vocabulary import LINK_CLASSES


def verify(instance: Instance, plan: Plan, *, tolerance: float = 1e-6, before: Plan | None = None) -> Verification:
    """Recompute everything about a plan of one stage from the instance.

    Parameters
    ----------
    instance
        The planning problem.
    plan
        Its decisions, in the row order of the instance.
    tolerance
        Rounding allowed on every rule: relative on figures above 1, absolute below.
    before
        The plan of the year before; what is open in it is not invested in again.

    Returns
    -------
    Verification
        The figures, and in `faults` every rule that is broken.
    """
    unreadable = _list_unreadable(instance, plan)
    if unreadable:
        plan, before = _without_figures(instance), None
    tonnage = trace_tonnage(instance, plan)
    targets = measure_targets(instance, plan, tonnage=tonnage, tolerance=tolerance, before=before)
    terms_cny = price_terms(instance, plan, tonnage=tonnage, targets=targets)
    faults = unreadable or _list_faults(instance, plan, tonnage=tonnage, targets=targets, tolerance=tolerance)
    household_t, generator_t = by_giver(instance, tonnage)
    used = set(instance.direct.link_class) | set(instance.haul.link_class)
    by_class = enumerate(link_tonne_km(instance, plan).tolist())
    return Verification(
        cost_terms_cny=terms_cny,
        cost_cny=sum(terms_cny.values()),
        emissions_kg_co2e=emit(instance, plan, tonnage=tonnage),
        collected_t=tonnage.collected_t.sum(axis=0),
        collected_household_t=household_t.sum(axis=0),
        collected_generator_t=generator_t.sum(axis=0),
        processed_t=tonnage.inflow_t[is_sorting(instance)].sum(axis=0),
        tonne_km={LINK_CLASSES[number]: tkm for number, tkm in by_class if number in used},
        site_inflow_t=tonnage.inflow_t,
        targets=targets,
        faults=tuple(faults),
    )


def require_valid(verification: Verification, *, claimed_cost_cny: float, tolerance: float = 1e-6) -> None:
    """Raise if a plan breaks a rule or its cost differs from the solver's.

    Parameters
    ----------
    verification
        What `verify` says of the plan.
    claimed_cost_cny
        The cost that the solver gives.
    tolerance
        Difference allowed between the two costs, relative to the sum of the terms without their signs.

    Raises
    ------
    VerificationError
        The plan breaks a rule, or the two costs differ; lists all of it.
    """
    wrong = claim_faults(verification, claimed_cost_cny=claimed_cost_cny, tolerance=tolerance)
    raise_faults([*verification.faults, *wrong], VerificationError)


def claim_faults(verification: Verification, *, claimed_cost_cny: float, tolerance: float = 1e-6) -> list[str]:
    """Return the fault of a plan that does not cost what the solver claims; parameters as of `require_valid`."""
    terms_cny = verification.cost_terms_cny
    allowed_cny = tolerance * max(1.0, sum(abs(term_cny) for term_cny in terms_cny.values()))
    if abs(verification.cost_cny - claimed_cost_cny) <= allowed_cny:
        return []
    by_term = ", ".join(f"{term} {term_cny:.2f}" for term, term_cny in terms_cny.items())
    return [
        f"the solver claims a cost of {claimed_cost_cny:.2f} CNY/yr, "
        f"recomputed it is {verification.cost_cny:.2f} CNY/yr ({by_term})"
    ]


def _list_faults(
    instance: Instance, plan: Plan, *, tonnage: Tonnage, targets: Sequence[TargetResult], tolerance: float
) -> list[str]:
    return [
        *check_openings(instance, plan, tolerance=tolerance),
        *check_walk_ends(instance),
        *check_link_ends(instance),
        *check_assignment(instance, plan, tonnage=tonnage, tolerance=tolerance),
        *check_amounts(instance, plan, tonnage=tonnage, tolerance=tolerance),
        *check_acceptance(instance, tonnage=tonnage, tolerance=tolerance),
        *check_conservation(instance, tonnage=tonnage, tolerance=tolerance),
        *check_bought(instance, plan, tolerance=tolerance),
        *check_load(instance, plan, tonnage=tonnage, tolerance=tolerance),
        *(_missed(result) for result in targets if result.target.is_hard and not result.holds),
    ]


def _missed(result: TargetResult) -> str:
    target = result.target
    asked = "at least" if target.is_at_least else "at most"
    return (
        f"target {target.id} of {target.unit}: {target.measure} must be {asked} {target.value:g} "
        f"{target.measure.unit}, reached {result.reached:g}"
    )


def _list_unreadable(instance: Instance, plan: Plan) -> list[str]:
    """List faults of arrays that have the wrong shape, or figures that are not finite."""
    faults = []
    for name, expected in plan_shapes(instance).items():
        array = np.asarray(getattr(plan, name))
        if array.shape != expected:
            faults.append(f"plan.{name}: the shape is {array.shape} where {expected} is expected")
        elif not np.isfinite(array).all():
            n_bad = int(np.count_nonzero(~np.isfinite(array)))
            faults.append(f"plan.{name}: {n_bad} of {array.size} figures are not finite")
    if not faults and plan.is_open.dtype != np.bool_:
        faults.append(f"plan.is_open: holds {plan.is_open.dtype} where true or false is expected")
    return faults


def _without_figures(instance: Instance) -> Plan:
    """Return a plan of the right shapes in which nothing is open and every figure is nan."""
    figures = {name: np.full(shape, np.nan) for name, shape in plan_shapes(instance).items()}
    return Plan(**{**figures, "is_open": np.zeros(instance.n_options, dtype=np.bool_)})
