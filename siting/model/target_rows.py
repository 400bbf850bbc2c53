"""One row for each target, and what one unit of each column adds to a measure."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Target
from siting.model.columns import Columns
from siting.model.costs import avoided_kg, cost_terms, emitted_kg, spread
from siting.model.fairness_rows import add_fairness_rows, fairness_terms
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_CNY, MODEL_T, LinearModel, RowAssembler
from siting.vocabulary import OPERATION_TERMS, Echelon, Measure

IN_TONNES = ("t/yr", "t CO2e/yr")


def add_target_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add one row a target, in the order of the instance, after those that tell the coverage of districts."""
    add_fairness_rows(rows, instance, columns)
    shortfall_column = dict(zip(columns.soft_target.tolist(), columns.numbers("shortfall").tolist(), strict=True))
    for number, target in enumerate(instance.targets):
        column, value = target_terms(instance, columns, target)
        scale = row_units(instance, target)
        if number in shortfall_column:
            sign = 1.0 if target.is_at_least else -1.0
            column = np.append(column, shortfall_column[number])
            value = np.append(value, sign * scale)
        bound = 0.0 if target.measure.record.is_ratio or target.measure is Measure.WORST_WALK else target.value * scale
        side = {"lower": bound} if target.is_at_least else {"upper": bound}
        rows.add(target.measure.record.row_family, [(np.zeros_like(column), column, value)], n_rows=1, **side)


def rows_of_targets(instance: Instance, model: LinearModel) -> Ints:
    """Return the row of each target in the model of a stage, (n_targets,)."""
    families = {target.measure.record.row_family for target in instance.targets}
    rows = {name: iter(model.rows_of(name).tolist()) for name in families}
    return np.array([next(rows[target.measure.record.row_family]) for target in instance.targets], dtype=np.int64)


def row_units(instance: Instance, target: Target) -> float:
    """Units of the target's row for one unit of its value: kt, 10^4 CNY, thousand residents."""
    if target.measure is Measure.COVERAGE:
        return float(instance.demand.residents[target.in_unit_demand].sum()) / 1000
    if target.measure.unit.startswith("CNY"):
        return 1 / MODEL_CNY
    return 1 / MODEL_T if target.measure.unit in IN_TONNES else 1.0


def objective_scale(instance: Instance) -> float:
    """What one unit of the model's objective is in the unit of what is optimised: CNY, or that of its measure.

    Of several stages the mean by their weights; shares and walks are a mean over the residents of all of them.
    """
    goal = instance.objective
    if goal is None:
        return MODEL_CNY
    weight = np.ones(1) if instance.stages is None else instance.stages.weight
    stages = [instance.at_stage(number) for number in range(instance.n_stages)]
    sign = -1.0 if goal.is_at_least else 1.0
    if goal.measure is Measure.WALK:  # thousand residents × km to m a resident
        residents = float(weight @ [stage.demand.residents[goal.in_unit_demand].sum() for stage in stages])
        return sign * 1e6 / max(1.0, residents)
    return sign / float(weight @ [row_units(stage, goal) for stage in stages])


def most_shortfall(instance: Instance, columns: Columns, upper: Floats) -> Floats:
    """The most by which each soft target can be missed, in the unit of its value, (n_soft,).

    `upper` (n_columns,) are the upper bounds of the other columns.
    """
    most = []
    for number in columns.soft_target:
        target = instance.targets[number]
        column, value = target_terms(instance, columns, target)
        against = np.where(value < 0, -value, 0.0) if target.is_at_least else np.where(value > 0, value, 0.0)
        units = row_units(instance, target)  # 0 for the coverage of a unit without residents: nothing can be missed
        extent = float((against * upper[column]).sum()) / units if units else 0.0
        most.append(max(0.0, extent + (target.value if target.is_at_least else -min(0.0, target.value))))
    return np.array(most, dtype=float)


def target_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    """The columns that count towards a target, with what one unit of each adds to its row."""
    match target.measure:
        case Measure.COUNT | Measure.CAPACITY | Measure.INVESTMENT | Measure.VEHICLES | Measure.SHARED:
            return _option_terms(instance, columns, target)
        case Measure.COVERAGE | Measure.WALK | Measure.WORST_WALK:
            return _walk_terms(instance, columns, target)
        case Measure.COLLECTED:
            return _collected_terms(instance, columns, target)
        case Measure.PROCESSED:
            return _processed_terms(instance, columns, target)
    if target.measure.record.counted == "districts":
        return fairness_terms(instance, columns, target)
    rates = column_rates(instance, columns, target) * row_units(instance, target)
    used = np.flatnonzero(rates)
    return used, rates[used]


def column_rates(instance: Instance, columns: Columns, target: Target) -> Floats:
    """What one unit of each column adds to a sum of money or emissions of the whole city, (n_columns,).

    In the unit of the measure; a subsidy is counted by the target's unit and material.
    """
    match target.measure:
        case Measure.EMISSIONS:
            return emitted_kg(instance, columns) / 1000
        case Measure.NET_EMISSIONS:
            return (emitted_kg(instance, columns) - avoided_kg(instance, columns)) / 1000
        case Measure.SUBSIDY:
            counted = instance.materials.subsidy_cny_per_t * target.counts_material
            in_unit = np.zeros(len(instance.districts))
            in_unit[instance.demand.district[target.in_unit_demand]] = 1.0
            return spread(instance, columns, given=counted * in_unit[:, None])
    terms = cost_terms(instance, columns)
    names = OPERATION_TERMS if target.measure is Measure.OPERATION else tuple(terms)
    return sum((terms[name] for name in names if name != "shortfall_penalty"), start=np.zeros(columns.n))


def _walk_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    """Thousand residents assigned within the distance; for the mean walk, each with the km above the value.

    For the worst walk the shares of walks that are longer than the value.
    """
    walks = instance.walks
    if target.measure is Measure.WORST_WALK:
        walk = np.flatnonzero(target.in_unit_demand[walks.demand] & (walks.distance_m > target.value))
        return columns.at("assign", walk), np.ones(len(walk))
    within_m = np.inf if target.within_m is None else target.within_m
    walk = np.flatnonzero(target.in_unit_demand[walks.demand] & (walks.distance_m <= within_m))
    residents: Floats = instance.demand.residents[walks.demand[walk]] / 1000
    if target.measure is Measure.WALK:
        return columns.at("assign", walk), residents * (walks.distance_m[walk] - target.value) / 1000
    return columns.at("assign", walk), residents


def counted_options(instance: Instance, target: Target) -> Bools:
    """Options that a target counts: in its unit, echelon and types, (n_options,)."""
    options = instance.options
    counted = target.in_unit_site[options.site] & target.counts_type[options.type]
    if target.echelon is not None:
        counted &= instance.option_echelon() == target.echelon
    return counted


def _option_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    option = np.flatnonzero(counted_options(instance, target))
    options = instance.options
    value: Floats
    match target.measure:
        case Measure.CAPACITY:
            value = options.capacity_t[option] / MODEL_T
        case Measure.INVESTMENT:
            value = options.capex_cny[option] / MODEL_CNY
        case Measure.VEHICLES:
            value = options.vehicles[option]
        case Measure.SHARED:
            value = np.asarray(instance.sites.is_shared[options.site[option]] - target.value, dtype=float)
        case _:
            value = np.ones(len(option))
    if target.measure not in (Measure.CAPACITY, Measure.INVESTMENT):
        return columns.at("open", option), value
    expansion = np.flatnonzero(counted_options(instance, target)[instance.expansions.option])
    bought: Floats = np.ones(len(expansion))
    if target.measure is Measure.INVESTMENT:
        bought = instance.expansions.capex_cny_per_t[expansion] * MODEL_T / MODEL_CNY
    return np.concatenate([columns.at("open", option), columns.at("expand", expansion)]), np.append(value, bought)


def _collected_terms(instance: Instance, columns: Columns, target: Target) -> tuple[Ints, Floats]:
    brought = (instance.brought_t() / MODEL_T)[:, target.counts_material].sum(axis=1)
    walk = np.flatnonzero(target.in_unit_demand[instance.walks.demand] & (brought > 0))
    tail = instance.direct.tail[columns.direct_link]
    direct = np.flatnonzero(target.in_unit_demand[tail] & target.counts_material[columns.direct_material])
    column = np.concatenate([columns.at("assign", walk), columns.at("direct", direct)])
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
    loads = columns.at("load", np.flatnonzero(load))
    return np.concatenate([loads, column[keep]]), np.concatenate([np.ones(len(loads)), value[keep]])
