"""The classic problems as instances of the planning model, for its engines, export and further constraints.

    LSCP      every node served within the distance; cost of the sites
    MCLP      share of the weight served within the distance, greatest; so many sites
    p-median  weight × distance as the cost of walks; so many sites
    p-center  the longest walk, least; so many sites
    UFLP      weight × cost as the cost of walks; cost of the sites

`siting.locate.lscp` and the others solve the same by ways of their own, which are quicker.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import DataError
from siting.instance import Instance, Target
from siting.locate.arcs import as_arcs
from siting.locate.arguments import by_place, check_count, refuse_unreachable, site_rules
from siting.locate.point_instance import TOTAL_CNY, point_instance
from siting.locate.solution import Located
from siting.solve.goals import solve_goals
from siting.vocabulary import Echelon, Measure

PROBLEMS = ("LSCP", "MCLP", "p-median", "p-center", "UFLP")
USED_SHARE = 1e-6


@dataclass(frozen=True)
class Classic:
    """A classic problem on the planning model.

    `goals` is what `siting.solve.goals.solve_goals` optimises instead of cost; none for cost. One of what is optimised
    is `unit` of the problem's value: costs are scaled, coverage is a share of the weight.
    """

    problem: str
    instance: Instance
    goals: tuple[tuple[Target, float], ...]
    unit: float

    def solve(self, *, time_limit_s: float = 60.0, gap: float = 0.0, engine: str = "auto") -> Located:
        """Return the answer by the engines of the planning model.

        Raises
        ------
        InfeasibleError, OutOfTimeError
            If no choice of sites serves who must be served, or none was found in time.
        """
        started = time.monotonic()
        outcome = solve_goals(self.instance, self.goals, time_limit_s=time_limit_s, gap=gap, engine=engine)
        instance, solution = self.instance, outcome.solution
        used = np.flatnonzero(solution.plan.assign > USED_SHARE)
        return Located(
            problem=self.problem,
            chosen=instance.options.site[solution.plan.is_open],
            node=instance.walks.demand[used],
            site=instance.walks.site[used],
            share=solution.plan.assign[used],
            value=solution.value * self.unit,
            bound=solution.bound * self.unit,
            unit="as asked",
            status=solution.status,
            seconds=time.monotonic() - started,
            node_id=instance.demand.id,
            site_id=instance.sites.id,
        )


def classic_problem(
    problem: str,
    distance: Any,
    *,
    within: float | None = None,
    p: int | None = None,
    weights: Any = None,
    site_cost: Any = None,
    fixed: Any = None,
    forbidden: Any = None,
) -> Classic:
    """Return the problem that is called `problem` (one of `PROBLEMS`) on the planning model.

    Parameters
    ----------
    problem
        Its name.
    distance, weights, fixed, forbidden
        As in `siting.locate.p_median`; in UFLP what serving costs.
    within
        LSCP, MCLP: largest distance that counts as covered.
    p
        MCLP, p-median, p-center: sites to choose.
    site_cost
        LSCP (1 where left out), UFLP: of each site.

    Raises
    ------
    DataError
        If the problem is not known, lacks what it needs, or a figure cannot be used.
    InfeasibleError
        If a node that must be served can reach no site.

    >>> street = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    >>> round(classic_problem("p-center", street, p=2).solve().value, 6)
    1.0
    """
    _refuse_incomplete(problem, within, p)
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    weight = by_place(weights, arcs.node_id, "weights")
    radius = np.inf if within is None else within
    near = arcs.keep((arcs.cost <= radius) & ~rules.is_forbidden[arcs.site])
    must = {"MCLP": np.zeros(arcs.n_nodes, dtype=bool), "p-median": weight > 0, "UFLP": weight > 0}.get(
        problem, np.ones(arcs.n_nodes, dtype=bool)
    )
    refuse_unreachable(near, must, "allow a site near it, or leave it out")
    opening = by_place(site_cost, arcs.site_id, "site cost", default=1.0 if problem == "LSCP" else 0.0)
    walking = near.cost * weight[near.node] if problem in ("p-median", "UFLP") else np.zeros(len(near.cost))
    total = float(walking.mean() if walking.size else 0.0) * arcs.n_nodes + float(opening.mean())
    scale = TOTAL_CNY / total if total > 0 else 1.0
    instance = point_instance(
        near,
        rules,
        opening_cny=opening * scale,
        capacity_t=np.full(arcs.n_sites, float(arcs.n_nodes)),
        cost_cny=walking * scale,
        tonnes=np.zeros(arcs.n_nodes),
    )
    counted = weight if problem == "MCLP" and weight.any() else np.ones_like(weight)
    demand = dataclasses.replace(instance.demand, residents=counted, must_serve=must)
    instance = dataclasses.replace(instance, demand=demand)
    if p is not None:
        number = check_count(p, rules)
        counts = (instance.hard_target(Measure.COUNT, float(number), is_at_least=low) for low in (True, False))
        points = tuple(dataclasses.replace(target, echelon=Echelon.POINT) for target in counts)
        instance = dataclasses.replace(instance, targets=points)
    if problem == "p-center":
        return Classic(problem, instance, ((instance.hard_target(Measure.WORST_WALK, is_at_least=False), 0.0),), 1.0)
    if problem == "MCLP":
        covered = instance.hard_target(Measure.COVERAGE, is_at_least=True)
        return Classic(problem, instance, ((covered, 0.0),), float(weight.sum()))
    return Classic(problem, instance, (), 1 / scale)


def _refuse_incomplete(problem: str, within: float | None, p: int | None) -> None:
    if problem not in PROBLEMS:
        raise DataError(f"problem {problem!r}: not known; there are {', '.join(PROBLEMS)}")
    needs = {"LSCP": ("within",), "MCLP": ("within", "p"), "p-median": ("p",), "p-center": ("p",), "UFLP": ()}
    given = {"within": within, "p": p}
    for name, value in given.items():
        if (value is not None) != (name in needs[problem]):
            raise DataError(f"{problem}: {'needs' if value is None else 'knows no'} `{name}`")
