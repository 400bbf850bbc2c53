"""The solved case: its costs by year, plants and movements, each taken again from the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats
from siting.model.linear import MODEL_CNY, MODEL_T
from siting.plan import Status, relative_gap
from siting.relog.case import Case, distance_km
from siting.relog.instance import case_instance, case_values, has_storage
from siting.relog.model import Layout, build_case, case_costs, extended_before, lay_out
from siting.solve.clock import Record
from siting.solve.exact import solve_exact
from siting.solve.solve import solve

OPTIMAL_GAP = 1e-6


@dataclass(frozen=True)
class Answer:
    """`value` and `bound` in $ over all years; `costs` in $ by term; `plants` and `movements` by year, in tonnes.

    `model` says which model was solved: the planning model, or that of cases with storage.
    """

    value: float
    bound: float
    status: Status
    seconds: float
    costs: dict[str, float]
    plants: pd.DataFrame
    movements: pd.DataFrame
    model: str

    @property
    def gap(self) -> float:
        """|value − bound| / |value|."""
        return relative_gap(self.value, self.bound)


def solve_case(
    case: Case, *, solver: str = "highs", time_limit_s: float = 600.0, gap: float = 1e-6, threads: int = 2
) -> Answer:
    """The cheapest plan of a case, with a bound that none can beat: by the planning model, where nothing is stored.

    Raises
    ------
    InfeasibleError
        If no plan takes all that must be taken.
    OutOfTimeError
        If the time limit came before any plan.
    """
    how: dict[str, Any] = {"solver": solver, "gap": gap, "threads": threads, "seed": 1}
    try:
        answer = (_by_own if has_storage(case) else _by_instance)(case, time_limit_s, how)
    except InfeasibleError as error:
        told = f"{case.name}: no plan takes all that is offered; see capacities and disposal limits"
        raise InfeasibleError(told) from error
    return answer


def _by_instance(case: Case, time_limit_s: float, how: dict[str, Any]) -> Answer:
    """By the planning model: one stage a year, of equal weight, so that the cost is the mean of the years."""
    layout = lay_out(case)
    instance = case_instance(case, layout)
    solution = solve(instance, engine="exact", time_limit_s=time_limit_s, **how)
    values = case_values(case, layout, instance, solution.plans)
    found = _Found(values, solution.bound * case.n_years, solution.seconds, how["gap"], "planning model")
    return _answer(case, layout, found)


def _by_own(case: Case, time_limit_s: float, how: dict[str, Any]) -> Answer:
    """By the model of `siting.relog.model`, which knows storage."""
    model, layout = build_case(case)
    record = Record(time_limit_s)
    ended = solve_exact(model, record, **how)
    if record.best_values is None:
        if ended.is_infeasible:
            raise InfeasibleError("no plan")
        raise OutOfTimeError(f"{case.name}: no plan within {time_limit_s:.0f} s; raise the time limit")
    bound = record.best_bound * MODEL_CNY
    return _answer(case, layout, _Found(record.best_values, bound, record.seconds, how["gap"], "model with storage"))


@dataclass(frozen=True)
class _Found:
    """The columns of the case's own model, with what is proven of them."""

    values: Floats
    bound: float
    seconds: float
    gap: float
    model: str


def _answer(case: Case, layout: Layout, found: _Found) -> Answer:
    values, gap = found.values, found.gap
    costs = {name: float(rates @ values) for name, rates in case_costs(case, layout).items()}
    value = sum(costs.values())
    bound = min(found.bound, value)
    reached = relative_gap(value, bound)
    status = Status.OPTIMAL if reached <= OPTIMAL_GAP else Status.TIME_LIMIT
    if OPTIMAL_GAP < reached <= gap:
        status = Status.GAP_REACHED
    return Answer(
        value=value,
        bound=bound,
        status=status,
        seconds=found.seconds,
        costs=costs,
        plants=_plants(case, layout, values),
        movements=_movements(case, layout, values),
        model=found.model,
    )


def _plants(case: Case, layout: Layout, values: Floats) -> pd.DataFrame:
    """One row for each plant that is open in a year."""
    columns = layout.columns
    is_open = values[columns["open"]] > 0.5
    extended = values[columns["extend"]].cumsum(axis=1) * MODEL_T + extended_before(case)[:, None]
    processed = values[columns["process"]] * MODEL_T
    plant, year = np.nonzero(is_open)
    least = np.array([one.least_t for one in case.plants])
    table = {
        "plant": [case.plants[p].type for p in plant],
        "location": [case.plants[p].place for p in plant],
        "year": year + 1,
        "capacity_t": (least[plant] + extended[plant, year]).round(4),
        "processed_t": processed[plant, year].round(4),
    }
    return pd.DataFrame(table)


def _movements(case: Case, layout: Layout, values: Floats) -> pd.DataFrame:
    """One row for each product that is sent somewhere in a year."""
    sent = values[layout.columns["send"]] * MODEL_T
    rows = []
    for a, year in zip(*np.nonzero(sent > 1e-6), strict=True):
        offer, start, end, product = layout.arcs[a]
        origin = case.offers[offer] if offer >= 0 else case.plants[start]
        rows.append(
            {
                "product": product,
                "from": case.offers[offer].centre if offer >= 0 else case.plants[start].place,
                "to": case.plants[end].place,
                "year": int(year) + 1,
                "amount_t": round(float(sent[a, year]), 4),
                "distance_km": distance_km(case, origin, case.plants[end]),
            }
        )
    return pd.DataFrame(rows, columns=["product", "from", "to", "year", "amount_t", "distance_km"])
