"""The relaxation of the whole model by prices between its halves, with the bound that they prove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Floats, Instance, Ints
from siting.model.bound import lagrangian_bound, reduced_costs
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.firstprices import first_prices
from siting.solve.city.halves import Halves, part_of
from siting.solve.clock import Record
from siting.solve.highs import WarmProgram, program_of

ENOUGH = 1e-4
"""Rounds end when one raises the bound by less than this, relative to the cost."""
MISSED_KT = 1e-3
"""A deferred row missed by more than this joins the rows of the haul."""
MOST_ADDED = 400
ROUNDS_UNTIL = 0.25
"""Share of the time limit after which no round begins."""


@dataclass(frozen=True)
class Priced:
    """Fractional `values` of all columns that meet every row but deferred ones, and `multipliers` of all rows."""

    values: Floats
    multipliers: Floats
    cost: float


def price(
    model: LinearModel,
    halves: Halves,
    columns: Columns,
    instance: Instance,
    record: Record,
    *,
    rounds_until: float = ROUNDS_UNTIL,
) -> Priced | None:
    """Alternate between the halves: prices make the points, what the points collect makes the prices.

    Each round gives a bound from the multipliers of both halves and a fractional point of the whole relaxation; at the
    optimum they meet. Deferred rows that the haul misses join it as rounds go on. None if a half has no solution. No
    round begins after the share `rounds_until` of the time limit once there is a bound.
    """
    y = np.zeros(model.n_rows)
    y[halves.linking] = first_prices(model, columns, instance)[halves.linking]
    priced = priced_cost(model, halves, y)
    points = WarmProgram(program_of(part_of(model, halves.points, halves.points_rows, cost=priced), is_linear=True))
    rows = np.concatenate([halves.linking, halves.haul_rows])
    haul = WarmProgram(program_of(part_of(model, halves.haul, rows, cost=model.cost), is_linear=True))
    last: Priced | None = None
    while last is None or record.best_multipliers is None or record.seconds < rounds_until * record.time_limit_s:
        points.set_cost(priced_cost(model, halves, y)[halves.points])
        first = points.run(time_limit_s=record.seconds_left, is_stopped=lambda: record.is_stopped)
        if first.values is None:
            return last
        y[halves.points_rows] = first.row_dual
        if last is None:
            record.note("points relaxed")
        else:
            before, bound = record.best_bound, lagrangian_bound(model, y)
            record.offer_bound(bound, "prices", y.copy())
            if bound - before <= ENOUGH * abs(last.cost):
                break
        brought = _activity(model, halves.points, first.values)[rows]
        haul.set_rows(model.row_lower[rows] - brought, model.row_upper[rows] - brought)
        second = haul.run(time_limit_s=record.seconds_left, is_stopped=lambda: record.is_stopped)
        if second.values is None:
            return last
        values = np.zeros(model.n_columns)
        values[halves.points], values[halves.haul] = first.values, second.values
        y[rows] = second.row_dual
        y[halves.linking] = _tight_prices(model, halves, y)
        last = Priced(values, y.copy(), float(model.cost @ values))
        missed = np.setdiff1d(_missed(model, halves, values), rows)
        if len(missed):
            haul.add_rows(
                sparse.csr_array(model.matrix[missed][:, halves.haul]), model.row_lower[missed], model.row_upper[missed]
            )
            rows = np.concatenate([rows, missed])
    return last


def _missed(model: LinearModel, halves: Halves, values: Floats) -> Ints:
    """The deferred rows that `values` miss by most, at most `MOST_ADDED`."""
    by_kt = model.matrix[halves.deferred] @ values - model.row_upper[halves.deferred]
    worst = np.argsort(-by_kt, kind="stable")[:MOST_ADDED]
    return halves.deferred[worst[by_kt[worst] > MISSED_KT]]


def priced_cost(model: LinearModel, halves: Halves, y: Floats) -> Floats:
    """Cost of each column with the linking rows priced."""
    linking = np.zeros(model.n_rows)
    linking[halves.linking] = y[halves.linking]
    return reduced_costs(model, linking)


def _activity(model: LinearModel, columns: Ints, values: Floats) -> Floats:
    whole = np.zeros(model.n_columns)
    whole[columns] = values
    activity: Floats = model.matrix @ whole
    return activity


def _tight_prices(model: LinearModel, halves: Halves, y: Floats) -> Floats:
    """Multipliers of the linking rows that leave no haul column of them with a negative reduced cost.

    Where nothing is collected the solver's multiplier is one of many; the largest cost of hauling on is the one that
    bounds best. Only for equalities, in which haul columns have negative entries (what leaves a point).
    """
    without = y.copy()
    without[halves.linking] = 0.0
    reduced = reduced_costs(model, without)
    entries = model.matrix[halves.linking][:, halves.haul].tocoo()
    leaves = entries.data < 0
    row, column, value = entries.row[leaves], halves.haul[entries.col[leaves]], entries.data[leaves]
    least = np.full(len(halves.linking), np.inf)
    np.minimum.at(least, row, reduced[column] / -value)
    is_equality = model.row_lower[halves.linking] == model.row_upper[halves.linking]
    return np.where(is_equality & np.isfinite(least), -least, y[halves.linking])
