"""One row for each target: reach_count, reach_capacity, reach_coverage, reach_collected, reach_processed."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Echelon, Floats, Instance, Ints, Measure, Target
from siting.model.columns import Columns
from siting.model.flow_rows import brought_kt, inflow_terms
from siting.model.linear import MODEL_T, RowAssembler

FAMILIES = {
    Measure.COUNT: "reach_count",
    Measure.CAPACITY: "reach_capacity",
    Measure.COVERAGE: "reach_coverage",
    Measure.COLLECTED: "reach_collected",
    Measure.PROCESSED: "reach_processed",
}


def add_target_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add one row a target, in the order of the instance."""
    shortfall_column = {int(t): columns.shortfall + n for n, t in enumerate(columns.soft_target)}
    for number, target in enumerate(instance.targets):
        column, value = target_terms(instance, columns, target)
        scale = row_units(instance, target)
        if number in shortfall_column:
            sign = 1.0 if target.is_at_least else -1.0
            column = np.append(column, shortfall_column[number])
            value = np.append(value, sign * scale)
        bound = target.value * scale
        side = {"lower": bound} if target.is_at_least else {"upper": bound}
        rows.add(FAMILIES[target.measure], [(np.zeros_like(column), column, value)], n_rows=1, **side)


def row_units(instance: Instance, target: Target) -> float:
    """Units of the target's row for one unit of its value: kt for tonnes, thousand residents for a share."""
    if target.measure is Measure.COVERAGE:
        return float(instance.demand.residents[target.in_unit_demand].sum()) / 1000
    return 1.0 if target.measure is Measure.COUNT else 1 / MODEL_T


def most_shortfall(instance: Instance, columns: Columns) -> Floats:
    """The most by which each soft target can be missed, in the unit of its value, (n_soft,)."""
    most = []
    for number in columns.soft_target:
        target = instance.targets[number]
        if target.is_at_least:
            most.append(target.value)
            continue
        column, value = target_terms(instance, columns, target)
        upper = np.where(column < columns.direct, 1.0, instance.demand.tonnes.sum() / MODEL_T)
        most.append(float((value * upper).sum()) / row_units(instance, target))
    return np.array(most, dtype=float)


def target_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    """The columns that count towards a target, with what one unit of each adds to its row."""
    if target.measure in (Measure.COUNT, Measure.CAPACITY):
        return _option_terms(instance, columns, target)
    if target.measure is Measure.COVERAGE:
        walks = instance.walks
        within_m = np.inf if target.within_m is None else target.within_m
        walk = np.flatnonzero(target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m))
        return columns.assign + walk, instance.demand.residents[walks.demand[walk]] / 1000
    if target.measure is Measure.COLLECTED:
        return _collected_terms(instance, columns, target)
    return _processed_terms(instance, columns, target)


def counted_options(instance: Instance, target: Target) -> Bools:
    """Options that a target counts: in its unit, echelon and types, (n_options,)."""
    options = instance.options
    counted = target.in_unit_site[options.site] & target.counts_type[options.type]
    if target.echelon is not None:
        counted &= instance.option_echelon() == target.echelon
    return counted


def _option_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    option = np.flatnonzero(counted_options(instance, target))
    if target.measure is Measure.COUNT:
        return columns.open + option, np.ones(len(option))
    return columns.open + option, instance.options.capacity_t[option] / MODEL_T


def _collected_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    brought = brought_kt(instance)[:, target.counts_material].sum(axis=1)
    walk = np.flatnonzero(target.in_unit_demand[instance.walks.demand] & (brought > 0))
    tail = instance.direct.tail[columns.direct_link]
    direct = np.flatnonzero(target.in_unit_demand[tail] & target.counts_material[columns.direct_material])
    column = np.concatenate([columns.assign + walk, columns.direct + direct])
    return column, np.concatenate([brought[walk], np.ones(len(direct))])


def _processed_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    """What enters counted centres: loads where options differ, inflow elsewhere."""
    counted = counted_options(instance, target)
    load = counted[columns.load_option] & target.counts_material[columns.load_material]
    load &= instance.option_echelon()[columns.load_option] == Echelon.SORTING
    counted_site = np.zeros(instance.n_sites, dtype=bool)
    counted_site[instance.options.site[counted]] = True
    counted_site &= (instance.sites.echelon == Echelon.SORTING) & ~columns.is_split
    site, material, column, value = inflow_terms(instance, columns)
    keep = counted_site[site] & target.counts_material[material]
    loads = columns.load + np.flatnonzero(load)
    return np.concatenate([loads, column[keep]]), np.concatenate([np.ones(len(loads)), value[keep]])
