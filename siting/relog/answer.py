"""Solve a case and report its costs by term, its plants and its movements, recomputed from the plans of the years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.errors import InfeasibleError
from siting.instance import Floats, Instance
from siting.plan import Plan, Status, relative_gap, site_inflow_t
from siting.relog.case import Case
from siting.relog.instance import case_instance
from siting.solve.solve import solve

USED_T = 1e-3
"""Flows below this are rounding of the solver, t a year."""


@dataclass(frozen=True)
class Answer:
    """`value` and `bound` in $ over all years; `costs` in $ by term; `plants` and `movements` by year, in tonnes."""

    value: float
    bound: float
    status: Status
    seconds: float
    costs: dict[str, float]
    plants: pd.DataFrame
    movements: pd.DataFrame

    @property
    def gap(self) -> float:
        """|value − bound| / |value|."""
        return relative_gap(self.value, self.bound)


def solve_case(
    case: Case, *, solver: str = "highs", time_limit_s: float = 600.0, gap: float = 1e-6, threads: int = 2
) -> Answer:
    """Compute the cheapest plan of a case, with a proven bound.

    Raises
    ------
    InfeasibleError
        If no plan takes all that must be taken.
    OutOfTimeError
        If the time limit came before any plan.
    """
    instance = case_instance(case)
    try:
        solution = solve(
            instance, engine="exact", solver=solver, time_limit_s=time_limit_s, gap=gap, threads=threads, seed=1
        )
    except InfeasibleError as error:
        raise InfeasibleError(f"{case.name}: no plan takes all that is offered; see capacities and limits") from error
    years = [PlanYear(case, instance, solution.plans, year) for year in range(case.n_years)]
    costs = {term: sum(year.costs()[term] for year in years) for term in years[0].costs()}
    value = sum(costs.values())
    bound = min(solution.bound * case.n_years + case.acquisition + float(case.centre_operation.sum()), value)
    return Answer(
        value=value,
        bound=bound,
        status=Status.of_gap(relative_gap(value, bound), gap),
        seconds=solution.seconds,
        costs=costs,
        plants=pd.concat([year.plants() for year in years], ignore_index=True),
        movements=pd.concat([year.movements() for year in years], ignore_index=True),
    )


class PlanYear:
    """The plan of one year beside that of the year before, in the terms of the case."""

    def __init__(self, case: Case, instance: Instance, plans: tuple[Plan, ...], year: int) -> None:
        n, plants, plan = len(case.plants), case.plants, plans[year]
        self.case, self.instance, self.year, self.plan = case, instance, year, plan
        growing = instance.expansions.option
        before_t, self.expanded_t = np.zeros(n), np.zeros(n)
        self.expanded_t[growing] = plan.expanded_t
        was_open = np.array([plant.initial_t > 0 for plant in plants], dtype=bool)
        if year:
            was_open, before_t[growing] = plans[year - 1].is_open[:n], plans[year - 1].expanded_t
        self.is_open = plan.is_open[:n]
        self.opens, self.extends_t = self.is_open & ~was_open, self.expanded_t - before_t
        self.processed_t = site_inflow_t(instance, plan)[:n].sum(axis=1)
        self.direct_t, self.haul_t = plan.direct_t.sum(axis=1), plan.haul_t.sum(axis=1)
        self.is_sent = instance.direct.head < n

    def costs(self) -> dict[str, float]:
        """Return the costs of the year by term, $."""
        case, year, direct, haul = self.case, self.year, self.instance.direct, self.instance.haul
        fare = np.array([one[year] for one in case.transport.values()])
        acquired = np.array([offer.acquisition_per_t[year] for offer in case.offers])
        left = [case.leaving[head - len(case.plants)].cost_per_t[year] for head in direct.head[~self.is_sent]]
        disposal = [case.plants[p].disposal[product].cost_per_t[year] for p, product in case.plant_disposals]
        existing_t = np.array([plant.extended_t for plant in case.plants])
        tkm = fare[direct.rate] * direct.distance_m @ self.direct_t + fare[haul.rate] * haul.distance_m @ self.haul_t
        terms = {
            "opening": self._by_plant("opening") @ self.opens,
            "extension": self._by_plant("extension_per_t") @ self.extends_t,
            "fixed": self._by_plant("fixed") @ self.is_open
            + self._by_plant("fixed_per_t") @ (existing_t * self.is_open + self.expanded_t),
            "variable": self._by_plant("variable_per_t") @ self.processed_t,
            "transport": tkm / 1000,
            "disposal": np.array(left) @ self.direct_t[~self.is_sent] + np.array(disposal) @ self.plan.disposed_t,
            "acquisition": acquired[direct.tail[self.is_sent]] @ self.direct_t[self.is_sent],
            "centres": case.centre_operation[year],
        }
        return {name: float(figure) for name, figure in terms.items()}

    def _by_plant(self, name: str) -> Floats:
        return np.array([getattr(plant, name)[self.year] for plant in self.case.plants], dtype=float)

    def plants(self) -> pd.DataFrame:
        """Return one row for each open plant."""
        rows = np.flatnonzero(self.is_open)
        open_plants = [self.case.plants[p] for p in rows]
        capacity_t = self.expanded_t[rows] + [max(plant.least_t, plant.initial_t) for plant in open_plants]
        return pd.DataFrame(
            {
                "plant": [plant.type for plant in open_plants],
                "location": [plant.place for plant in open_plants],
                "year": self.year + 1,
                "capacity_t": capacity_t.round(4),
                "processed_t": self.processed_t[rows].round(4),
            }
        )

    def movements(self) -> pd.DataFrame:
        """Return one row for each product that is sent somewhere."""
        case, tables = self.case, []
        centres, places = [offer.centre for offer in case.offers], [plant.place for plant in case.plants]
        flows = (
            (self.instance.direct, self.direct_t * self.is_sent, centres),
            (self.instance.haul, self.haul_t, places),
        )
        for links, tonnes, origins in flows:
            used = np.flatnonzero(tonnes > USED_T)
            tables.append(
                pd.DataFrame(
                    {
                        "product": [case.plants[p].input for p in links.head[used]],
                        "from": [origins[tail] for tail in links.tail[used]],
                        "to": [places[head] for head in links.head[used]],
                        "year": self.year + 1,
                        "amount_t": tonnes[used].round(4),
                        "distance_km": links.distance_m[used] / 1000,
                    }
                )
            )
        return pd.concat(tables, ignore_index=True)
