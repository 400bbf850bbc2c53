"""One row for each target, and what one unit of each column adds to a measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from siting.instance import Floats, Instance, Ints, Target
from siting.model.access_rows import access_terms, add_access_rows
from siting.model.change_rows import change_terms, counted_before
from siting.model.columns import Columns, counted_options
from siting.model.costs import avoided_kg, cost_terms, emitted_kg, product_t, spread, spread_visits
from siting.model.fairness_rows import add_fairness_rows, fairness_terms
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_CNY, MODEL_T, LinearModel, RowAssembler
from siting.model.use_rows import counted_terms
from siting.vocabulary import LINK_CLASSES, OF_ARISING, OPERATION_TERMS, Echelon, Measure

IN_TONNES = ("t/yr", "t CO2e/yr")
TOURED = [LINK_CLASSES.index(name) for name in ("point_to_transfer", "door_to_transfer")]
"""Classes of links that tours haul on."""


def add_target_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add one row a target, in the order of the instance, after those about who has a point and about districts."""
    add_access_rows(rows, instance, columns)
    add_fairness_rows(rows, instance, columns)
    shortfall_column = dict(zip(columns.soft_target.tolist(), columns.numbers("shortfall").tolist(), strict=True))
    for number, target in enumerate(instance.targets):
        column, value = target_terms(instance, columns, target)
        scale = row_units(instance, target)
        if number in shortfall_column:
            sign = 1.0 if target.is_at_least else -1.0
            column = np.append(column, shortfall_column[number])
            value = np.append(value, sign * scale)
        bound = 0.0 if ROWS[target.measure].holds_value else (target.asked - counted_before(instance, target)) * scale
        side = {"lower": bound} if target.is_at_least else {"upper": bound}
        rows.add(target.measure.record.row_family, [(np.zeros_like(column), column, value)], n_rows=1, **side)


def rows_of_targets(instance: Instance, model: LinearModel) -> Ints:
    """Return the row of each target in the model of a stage, (n_targets,)."""
    families = {target.measure.record.row_family for target in instance.targets}
    rows = {name: iter(model.rows_of(name).tolist()) for name in families}
    return np.array([next(rows[target.measure.record.row_family]) for target in instance.targets], dtype=np.int64)


def row_units(instance: Instance, target: Target) -> float:
    """Return the units of the target's row for one unit of its value: kt, 10^4 CNY, thousand residents."""
    if target.measure in (Measure.COVERAGE, Measure.SERVED):
        return float(instance.demand.residents[target.in_unit_demand].sum()) / 1000
    if target.measure in OF_ARISING:
        return arising_t(instance, target) / MODEL_T
    if target.measure.unit.startswith("CNY"):
        return 1 / MODEL_CNY
    return 1 / MODEL_T if target.measure.unit in IN_TONNES else 1.0


def row_reached(instance: Instance, target: Target, row: float) -> float:
    """Return the value of a target, in its unit, at which the terms of its row sum to `row`."""
    return row / row_units(instance, target) + counted_before(instance, target)


def miss_units(instance: Instance, target: Target) -> float:
    """Return the largest relevant miss of a target in its unit: its whole value, or one unit if the value is 0."""
    asked = target.asked - counted_before(instance, target)
    return abs(asked) if asked else 1.0 / row_units(instance, target)


def arising_t(instance: Instance, target: Target) -> float:
    """Return the tonnes a year that arise in the unit of a target, of the materials that it counts."""
    return float(instance.demand.tonnes[target.in_unit_demand][:, target.counts_material].sum())


def objective_unit(instance: Instance) -> str:
    """Return the unit of what is optimised, a key of `siting.language.units.UNITS`."""
    return "CNY/yr" if instance.objective is None else instance.objective.measure.unit


def objective_scale(instance: Instance) -> float:
    """Return one unit of the model's objective in the unit of the measure optimised, CNY where that is cost.

    Of several stages the mean by their weights; shares and walks are a mean over the residents of all of them.
    """
    goal = instance.objective
    if goal is None:
        return MODEL_CNY
    weight = np.ones(1) if instance.stages is None else instance.stages.weight
    stages = [instance.at_stage(number) for number in range(instance.n_stages)]
    sign = -1.0 if goal.is_at_least else 1.0
    if goal.measure is Measure.WALK:  # from 10³ residents × km to m per resident
        residents = float(weight @ [stage.demand.residents[goal.in_unit_demand].sum() for stage in stages])
        return sign * 1e6 / max(1.0, residents)
    return sign / float(weight @ [row_units(stage, goal) for stage in stages])


def most_shortfall(instance: Instance, columns: Columns, upper: Floats) -> Floats:
    """Return the most by which each soft target can be missed, in the unit of its value, (n_soft,).

    `upper` (n_columns,) are the upper bounds of the other columns.
    """
    most = []
    for number in columns.soft_target:
        target = instance.targets[number]
        column, value = target_terms(instance, columns, target)
        against = np.where(value < 0, -value, 0.0) if target.is_at_least else np.where(value > 0, value, 0.0)
        units = row_units(instance, target)  # 0 for the coverage of a unit without residents: nothing can be missed
        extent = float((against * upper[column]).sum()) / units if units else 0.0
        least = target.asked - counted_before(instance, target)
        most.append(max(0.0, extent + (least if target.is_at_least else -min(0.0, least))))
    return np.array(most, dtype=float)


Terms = tuple[Ints, Floats]
"""Columns that count towards a target, and what one unit of each adds to its row."""
MakeTerms = Callable[[Instance, Columns, Target], Terms]


@dataclass(frozen=True)
class TargetRow:
    """The row of a measure's targets; with `holds_value` the terms hold the value asked for, and the bound is 0."""

    terms: MakeTerms
    holds_value: bool = False


def target_terms(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return the columns that count towards a target, with what one unit of each adds to its row."""
    return ROWS[target.measure].terms(instance, columns, target)


def _of_network(rates: Callable[[Instance, Columns, Target], Floats]) -> MakeTerms:
    """Return the terms of a sum of money or emissions, from what one unit of each column adds to it, (n_columns,)."""

    def terms(instance: Instance, columns: Columns, target: Target) -> Terms:
        of_column = rates(instance, columns, target) * row_units(instance, target)
        used = np.flatnonzero(of_column)
        return used, of_column[used]

    return terms


def _cost_cny(instance: Instance, columns: Columns, _: Target) -> Floats:
    terms = cost_terms(instance, columns)
    return sum((terms[name] for name in terms if name != "shortfall_penalty"), start=np.zeros(columns.n))


def _operation_cny(instance: Instance, columns: Columns, _: Target) -> Floats:
    terms = cost_terms(instance, columns)
    return sum((terms[name] for name in OPERATION_TERMS), start=np.zeros(columns.n))


def _emitted_t(instance: Instance, columns: Columns, _: Target) -> Floats:
    return emitted_kg(instance, columns) / 1000


def _net_emitted_t(instance: Instance, columns: Columns, _: Target) -> Floats:
    return (emitted_kg(instance, columns) - avoided_kg(instance, columns)) / 1000


def _subsidy_cny(instance: Instance, columns: Columns, target: Target) -> Floats:
    """Return the subsidies by the target's unit and material."""
    counted = instance.materials.subsidy_cny_per_t * target.counts_material
    in_unit = np.zeros(len(instance.districts))
    in_unit[instance.demand.district[target.in_unit_demand]] = 1.0
    return spread(instance, columns, given=counted * in_unit[:, None])


def _tour_vehicles(instance: Instance, columns: Columns, target: Target) -> Floats:
    """Return the vehicles that empty the points and doors of the unit, by unit of column, (n_columns,)."""
    rates, points, doors = instance.link_rates, instance.visits, instance.door_visits
    of_hour = np.divide(1.0, rates.hours_per_year, out=np.zeros(len(rates.vehicle)), where=rates.hours_per_year > 0)
    at_point = points.h * of_hour[points.rate] * target.in_unit_site[instance.options.site[points.at]]
    added = spread_visits(instance, columns, at_point, doors.h * of_hour[doors.rate] * target.in_unit_demand[doors.at])
    for name, links, link, material, in_unit in (
        ("haul", instance.haul, columns.haul_link, columns.haul_material, target.in_unit_site),
        ("direct", instance.direct, columns.direct_link, columns.direct_material, target.in_unit_demand),
    ):
        hours = rates.h_per_tkm[links.rate] * links.distance_m / 1000 + rates.unload_h_per_t[links.rate]
        counts = in_unit[links.tail] & np.isin(links.link_class, TOURED)
        of_link = (hours * of_hour[links.rate] * counts)[:, None] * rates.haul_factor[links.rate]
        added[columns[name]] += of_link[link, material] * MODEL_T
    return added


def _within(instance: Instance, target: Target) -> tuple[Ints, Floats]:
    """Return the walks of the unit within the distance, with the thousand residents who take them."""
    walks, within_m = instance.walks, np.inf if target.within_m is None else target.within_m
    walk = np.flatnonzero(target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m))
    return walk, instance.demand.residents[walks.demand[walk]] / 1000


def _covered(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return thousand residents with an open point within the distance."""
    column, node = access_terms(columns, target)
    return column, instance.demand.residents[node] / 1000


def _served(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return thousand residents assigned within the distance."""
    walk, residents = _within(instance, target)
    return columns.at("assign", walk), residents


def _walked(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return thousand residents assigned within the distance, each with the km above the value."""
    walk, residents = _within(instance, target)
    return columns.at("assign", walk), residents * (instance.walks.distance_m[walk] - target.asked) / 1000


def _walked_farther(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return the shares of walks that are longer than the value."""
    walks = instance.walks
    walk = np.flatnonzero(target.in_unit_demand[walks.demand] & (walks.distance_m > target.asked))
    return columns.at("assign", walk), np.ones(len(walk))


def _of_options(
    worth: Callable[[Instance, Target], ArrayLike], bought: Callable[[Instance], ArrayLike] | None = None
) -> MakeTerms:
    """Return the terms of a sum: `worth` (n_options,) of open options, and `bought` for each kt of expansion."""

    def terms(instance: Instance, columns: Columns, target: Target) -> Terms:
        counted = counted_options(instance, target)
        option = np.flatnonzero(counted)
        column, value = columns.at("open", option), np.broadcast_to(worth(instance, target), len(counted))[option]
        if bought is None:
            return column, np.asarray(value, dtype=float)
        expansion = np.flatnonzero(counted[instance.expansions.option])
        rate = np.broadcast_to(bought(instance), len(instance.expansions.option))[expansion]
        return np.concatenate([column, columns.at("expand", expansion)]), np.append(value, rate)

    return terms


def _counted(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return the number of facilities."""
    option = np.flatnonzero(counted_options(instance, target))
    return counted_terms(columns, option, is_at_least=target.is_at_least)


def _collected_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    brought = (instance.brought_t() / MODEL_T)[:, target.counts_material].sum(axis=1)
    walk = np.flatnonzero(target.in_unit_demand[instance.walks.demand] & (brought > 0))
    tail = instance.direct.tail[columns.direct_link]
    direct = np.flatnonzero(target.in_unit_demand[tail] & target.counts_material[columns.direct_material])
    column = np.concatenate([columns.at("assign", walk), columns.at("direct", direct)])
    return column, np.concatenate([brought[walk], np.ones(len(direct))])


def _recycled_terms(instance: Instance, columns: Columns, target: Target) -> Terms:
    """Return the product of the counted materials, wherever it ends."""
    of_column = product_t(instance, columns, target.counts_material) / MODEL_T
    used = np.flatnonzero(of_column)
    return used, of_column[used]


def _processed_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    """Return the inflow of counted centres: loads where options differ, inflow elsewhere."""
    counted = counted_options(instance, target)
    load = counted[columns.load_option] & target.counts_material[columns.load_material]
    load &= instance.option_echelon()[columns.load_option] == Echelon.SORTING
    counted_site = np.zeros(instance.n_sites, dtype=bool)
    counted_site[instance.options.site[counted]] = True
    counted_site &= (instance.sites.echelon == Echelon.SORTING) & ~columns.is_split
    site, material, column, value = inflow_terms(instance, columns)
    keep = counted_site[site] & target.counts_material[material]
    loads = columns.at("load", np.flatnonzero(load))
    return np.concatenate([loads, column[keep]]), np.concatenate([np.ones(len(loads)), value[keep]])


ROWS = {
    Measure.COUNT: TargetRow(_counted),
    Measure.CAPACITY: TargetRow(
        _of_options(lambda instance, _: instance.options.capacity_t / MODEL_T, lambda _: 1.0),
    ),
    Measure.SHARED: TargetRow(
        _of_options(lambda instance, target: instance.sites.is_shared[instance.options.site] - target.asked),
        holds_value=True,
    ),
    Measure.VEHICLES: TargetRow(_of_options(lambda instance, _: instance.options.vehicles)),
    Measure.COLLECTION_VEHICLES: TargetRow(_of_network(_tour_vehicles)),
    Measure.CHANGES: TargetRow(change_terms),
    Measure.INVESTMENT: TargetRow(
        _of_options(
            lambda instance, _: instance.options.capex_cny / MODEL_CNY,
            lambda instance: instance.expansions.capex_cny_per_t * MODEL_T / MODEL_CNY,
        ),
    ),
    Measure.COVERAGE: TargetRow(_covered),
    Measure.SERVED: TargetRow(_served),
    Measure.WALK: TargetRow(_walked, holds_value=True),
    Measure.WORST_WALK: TargetRow(_walked_farther, holds_value=True),
    Measure.LEAST_COVERAGE: TargetRow(fairness_terms),
    Measure.COVERAGE_RANGE: TargetRow(fairness_terms),
    Measure.COVERAGE_GINI: TargetRow(fairness_terms, holds_value=True),
    Measure.COLLECTED: TargetRow(_collected_terms),
    Measure.COLLECTED_SHARE: TargetRow(_collected_terms),
    Measure.RECYCLED_SHARE: TargetRow(_recycled_terms),
    Measure.PROCESSED: TargetRow(_processed_terms),
    Measure.COST: TargetRow(_of_network(_cost_cny)),
    Measure.OPERATION: TargetRow(_of_network(_operation_cny)),
    Measure.SUBSIDY: TargetRow(_of_network(_subsidy_cny)),
    Measure.EMISSIONS: TargetRow(_of_network(_emitted_t)),
    Measure.NET_EMISSIONS: TargetRow(_of_network(_net_emitted_t)),
}
"""The row of each measure."""
