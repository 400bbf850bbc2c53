"""The solved case: its costs by year, plants and movements, each taken again from the values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from siting.errors import InfeasibleError, OutOfTimeError
from siting.instance import Floats
from siting.model.linear import MODEL_CNY, MODEL_T, LinearModel
from siting.plan import Status, relative_gap
from siting.relog.case import Case, distance_km
from siting.relog.model import Layout, build_case, case_costs, extended_before
from siting.solve.clock import Record
from siting.solve.exact import solve_exact

OPTIMAL_GAP = 1e-6


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
    """The cheapest plan of a case, with a bound that none can beat.

    Raises
    ------
    InfeasibleError
        If no plan takes all that must be taken.
    OutOfTimeError
        If the time limit came before any plan.
    """
    model, layout = build_case(case)
    record = Record(time_limit_s)
    ended = solve_exact(model, record, solver=solver, gap=gap, threads=threads, seed=1)
    if record.best_values is None:
        if ended.is_infeasible:
            raise InfeasibleError(f"{case.name}: no plan takes all that is offered; see capacities and disposal limits")
        raise OutOfTimeError(f"{case.name}: no plan within {time_limit_s:.0f} s; raise the time limit")
    return _answer(case, (model, layout), record, gap)


def _answer(case: Case, built: tuple[LinearModel, Layout], record: Record, gap: float) -> Answer:
    model, layout = built
    values = record.best_values if record.best_values is not None else np.zeros(layout.n)
    costs = {name: float(rates @ values) for name, rates in case_costs(case, layout).items()}
    value = sum(costs.values())
    bound = min(record.best_bound, float(model.cost @ values)) * MODEL_CNY
    reached = relative_gap(value, bound)
    status = Status.OPTIMAL if reached <= OPTIMAL_GAP else Status.TIME_LIMIT
    if OPTIMAL_GAP < reached <= gap:
        status = Status.GAP_REACHED
    return Answer(
        value=value,
        bound=bound,
        status=status,
        seconds=record.seconds,
        costs=costs,
        plants=_plants(case, layout, values),
        movements=_movements(case, layout, values),
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
