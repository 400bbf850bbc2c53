"""Passes of a solve whose visits are priced by the density of points: solve, take the density opened, price again.

Visits are priced for a density that is assumed, and each bound holds for the prices of its pass. A pass is the last one
when its plan costs nearly the same at the density of the points that it opens. Cost and bound are then recomputed at
that density, if multipliers prove the bound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from siting.certificate import certified_bound, certify, floor_bound
from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Instance
from siting.language.quantities import quantity
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.plan import Plan, Solution
from siting.prepare.tours import Tours
from siting.solve.goals import Outcome, solve_goals
from siting.solve.purse import Purse
from siting.solve.start import Start
from siting.verify import verify_stages, whole_cost_cny
from siting.verify.costs import visits_made
from siting.verify.tonnage import trace_tonnage

MOST_PASSES = 3
SAME_COST, SAME_VISITS = 0.005, 0.05
"""Shares of the cost, and of that of the visits, by which prices of the points opened may move it."""
FIRST_SHARE = 0.9
"""Share of the limits for the first pass; later ones start from its plan and multipliers."""
LEAST_LEFT = 1.0
"""With less left, of seconds or of work, there is no further pass."""
ROUNDING = 1e-9
"""Of a bound: a difference as small is none."""


@dataclass(frozen=True)
class Visited:
    """Cost of the visits of a plan, CNY a year, and the mean detour of those that are no full load, km."""

    cny: float
    detour_km: float


def solve_passes(
    instance: Instance, tours: Tours | None, prepared_goals: Any, *, note: Callable[[str], None], **how: Any
) -> Outcome:
    """Solve as `solve_goals`, once where nothing is visited; the limits of time and work are for all passes.

    Raises
    ------
    InfeasibleError, OutOfTimeError, SolverError
        As `siting.solve.solve.solve`, of the first pass.
    """
    if tours is None or not len(instance.visits.at):
        return solve_goals(instance, prepared_goals, **how)
    purse = Purse(float(how.pop("time_limit_s")), how.pop("work", None))
    outcome = solve_goals(instance, prepared_goals, **purse.share(FIRST_SHARE), **how)
    purse.pay(outcome.solution)
    for number in range(1, MOST_PASSES + 1):
        plans = outcome.solution.plans
        priced = tours.at_open(instance.with_links_of(outcome.instance), plans[-1].is_open)
        now, then = (visited(one, plans) for one in (outcome.instance, priced))
        moved = (then.cny - now.cny) / max(abs(outcome.solution.cost_cny), 1.0)
        note(_sentence(number, outcome, now, then, moved))
        is_same = abs(moved) < SAME_COST and abs(then.cny - now.cny) < SAME_VISITS * now.cny
        if is_same or number == MOST_PASSES or purse.left < LEAST_LEFT:
            break
        certificate = outcome.solution.certificate
        how |= {
            "start": Start(outcome.instance, plans),
            "multipliers": None if certificate is None else certificate.multipliers,
        }
        try:
            outcome = solve_goals(priced, prepared_goals, **purse.share(1.0), **how)
            purse.pay(outcome.solution)
        except (InfeasibleError, OutOfTimeError) as error:
            note(f"tours: no plan at the prices of the points opened ({error}); the plan before stands")
            break
    own = None if outcome.reached else at_prices(priced, outcome.solution)
    if own is not None:
        cost, bound = (quantity(value, "CNY/yr").en for value in (own.cost_cny, own.bound_cny))
        note(f"tours: at the density of the points opened the plan costs {cost}, and none costs less than {bound}")
        outcome = replace(outcome, instance=priced, solution=own)
    return replace(outcome, solution=purse.all_of(outcome.solution))


def at_prices(priced: Instance, solution: Solution) -> Solution | None:
    """Return the solution of an instance as one of `priced`, which differs from it in prices only.

    None where multipliers alone do not prove its bound, so that none is known at other prices; where something other
    than cost was optimised; and where the plan breaks a limit on money or emissions at these prices.
    """
    certificate = solution.certificate
    if certificate is None or certificate.leaves or priced.objective is not None:
        return None
    if solution.bound - solution.proven > ROUNDING * max(1.0, abs(solution.bound)):
        return None
    found = verify_stages(priced, solution.plans)
    if any(one.faults for one in found):
        return None
    whole, cost_cny = build_whole(priced), whole_cost_cny(priced, found)
    multipliers = np.concatenate([certificate.multipliers, certificate.cover_price])
    again = certify(priced, whole, multipliers, certificate.covers, floor=certificate.floor_multipliers)
    proven_cny = min(certified_bound(whole, again) * MODEL_CNY, cost_cny)
    floor_cny = min(floor_bound(whole, again.floor_multipliers) * MODEL_CNY, cost_cny)
    return replace(
        solution,
        certificate=again,
        value=cost_cny,
        cost_cny=cost_cny,
        bound=proven_cny,
        bound_cny=proven_cny,
        proven=proven_cny,
        floor_cny=floor_cny,
    )


def visited(instance: Instance, plans: tuple[Plan, ...]) -> Visited:
    """Return the cost of the visits of a plan for each stage, weighted, and the mean detour of those that have one."""
    stages = instance.stages
    weights = [1.0] if stages is None else stages.weight.tolist()
    cny, km, visits = 0.0, 0.0, 0.0
    for number, (weight, plan) in enumerate(zip(weights, plans, strict=True)):
        stage = instance.at_stage(number)
        made = visits_made(stage, plan, trace_tonnage(stage, plan))
        cny += weight * sum(float(count @ table.cny) for table, count in made)
        table, count = made[0]
        count = count * (table.km > 0)
        km, visits = km + weight * float(count @ table.km), visits + weight * float(count.sum())
    return Visited(cny, km / visits if visits > 0 else float(np.nan))


def _sentence(number: int, outcome: Outcome, now: Visited, then: Visited, moved: float) -> str:
    cost = quantity(outcome.solution.cost_cny, "CNY/yr").en
    if np.isnan(now.detour_km):
        return f"tours, pass {number}: net cost {cost}; every visit fills a vehicle, so none has a detour"
    return (
        f"tours, pass {number}: net cost {cost} at a detour of {now.detour_km:.3f} km a visit, as priced;"
        f" the points opened make it {then.detour_km:.3f} km, which moves the cost by {moved:+.2%}"
    )
