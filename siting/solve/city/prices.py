"""The relaxation of the whole model by prices between its halves, with the bound that they prove."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Instance, Ints
from siting.model.bound import lagrangian_bound, reduced_costs
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.halves import Halves, part_of
from siting.solve.clock import Record
from siting.solve.highs import WarmProgram
from siting.solve.relaxation import relaxed

ENOUGH = 1e-5
"""Rounds end when bound and fractional cost are this near, or no longer come nearer."""
MOST_ROUNDS = 8


@dataclass(frozen=True)
class Priced:
    """Fractional `values` of all columns that meet every row but deferred ones, and `multipliers` of all rows."""

    values: Floats
    multipliers: Floats
    cost: float


def price(model: LinearModel, halves: Halves, columns: Columns, instance: Instance, record: Record) -> Priced | None:
    """Alternate between the halves: prices make the points, what the points collect makes the prices.

    Each round gives a bound from the multipliers of both halves and a fractional point of the whole relaxation; at the
    optimum they meet. Deferred rows that the haul violates are added as rounds go on. None if a half has no solution.
    """
    y = np.zeros(model.n_rows)
    y[halves.linking] = _first_prices(model, halves, columns, instance)
    points = WarmProgram(relaxed(part_of(model, halves.points, halves.points_rows, cost=priced_cost(model, halves, y))))
    haul_rows = np.concatenate([halves.linking, halves.haul_rows])
    haul = WarmProgram(relaxed(part_of(model, halves.haul, haul_rows, cost=model.cost)))
    best: Priced | None = None
    for number in range(MOST_ROUNDS):
        points.set_cost(priced_cost(model, halves, y)[halves.points])
        first = points.run(time_limit_s=record.seconds_left)
        if first.values is None:
            return best
        y[halves.points_rows] = first.row_dual
        if number:
            record.offer_bound(lagrangian_bound(model, y), f"prices, round {number}", y.copy())
        brought = _activity(model, halves.points, first.values)
        haul.set_rows(model.row_lower[haul_rows] - brought[haul_rows], model.row_upper[haul_rows] - brought[haul_rows])
        second = haul.run(time_limit_s=record.seconds_left)
        if second.values is None:
            return best
        values = np.zeros(model.n_columns)
        values[halves.points], values[halves.haul] = first.values, second.values
        cost = float(model.cost @ values)
        y[haul_rows] = second.row_dual[: len(haul_rows)]
        y[halves.linking] = _tight_prices(model, halves, y)
        if best is None or cost < best.cost:
            best = Priced(values, y.copy(), cost)
        if number and cost - record.best_bound <= ENOUGH * abs(cost):
            break
    return best


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


def _first_prices(model: LinearModel, halves: Halves, columns: Columns, instance: Instance) -> Floats:
    """A tonne's cheapest way to the end, each facility on it filled to capacity: multipliers of the linking rows."""
    y = np.zeros(model.n_rows)
    options = instance.options
    fits = model.column_upper[columns.open : columns.assign] > 0
    per_kt = model.cost[columns.open : columns.assign] / (options.capacity_t / 1000)
    haul, material = columns.haul_link, columns.haul_material
    onward = np.full((instance.n_sites, instance.n_materials), np.inf)
    load = np.zeros((instance.n_options, instance.n_materials))
    load[columns.load_option, columns.load_material] = model.cost[columns.load : columns.shortfall]
    for number in range(instance.n_materials):
        usable = fits & options.accepts[:, number]
        here = np.full(instance.n_sites, np.inf)
        np.minimum.at(here, options.site[usable], (per_kt + load[:, number])[usable])
        beyond = np.where(instance.sites.echelon == 2, 0.0, np.inf)
        for _ in range(2):  # from the centres back to the stations, then to the points
            of_m = material == number
            way = model.cost[columns.haul : columns.load][of_m] + (here + beyond)[instance.haul.head[haul[of_m]]]
            np.minimum.at(beyond, instance.haul.tail[haul[of_m]], way)
        onward[:, number] = beyond
    entries = model.matrix[halves.linking][:, columns.haul : columns.load].tocoo()
    site, m = instance.haul.tail[haul[entries.col]], material[entries.col]
    y[halves.linking[entries.row]] = np.where(np.isfinite(onward[site, m]), -onward[site, m], 0.0)
    return y[halves.linking]
