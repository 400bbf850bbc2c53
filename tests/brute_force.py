"""The exact optimum of a tiny instance, without the model: every choice of options, and a linear program for each.

The columns of that program are x = (assign, direct, haul, missed): shares by walk, tonnes by link and material, and by
target what is missed of it. Choices are tried in the order of a floor on their cost, found by giving each open site the
best of its options, until that floor is no less than the best cost.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from siting.instance import Bools, Echelon, Floats, Instance, Measure, Target
from siting.plan import Plan


@dataclass(frozen=True)
class Columns:
    """What each column brings.

    `inflow` and `outflow` (n_sites, n_materials, n_columns) and `given` (n_demand, n_materials, n_columns) in tonnes;
    `cost_cny` (n_columns,) whatever is open; `n_walks` columns of assign come first, then `n_direct` of direct.
    """

    inflow: Floats
    outflow: Floats
    given: Floats
    cost_cny: Floats
    n_walks: int
    n_direct: int

    @property
    def n(self) -> int:
        return len(self.cost_cny)


def optimum(instance: Instance) -> float | None:
    """Least cost in CNY a year; None where no plan meets the hard rules."""
    best = best_plan(instance)
    return None if best is None else best[0]


def best_plan(instance: Instance) -> tuple[float, Plan] | None:
    """Least cost in CNY a year and a plan that has it; None where no plan meets the hard rules."""
    columns = _columns(instance)
    best = None
    for floor_cny, fixed_cny, opened in _by_floor(instance, columns):
        if floor_cny >= (np.inf if best is None else best[0]):
            break
        solved = _solve(instance, columns, opened)
        if solved is not None and (best is None or fixed_cny + solved[0] < best[0]):
            best = fixed_cny + solved[0], _plan(instance, columns, opened, solved[1])
    return best


def _by_floor(instance: Instance, columns: Columns) -> list[tuple[float, float, list[int]]]:
    """Each choice after its fixed cost and a floor on its cost, the least floor first."""
    flow_floor_cny, choices = {}, []
    for fixed_cny, opened in _choices(instance):
        at = tuple(instance.options.site[opened])
        if at not in flow_floor_cny:
            flow_floor_cny[at] = _least_flow_cost(instance, columns, at)
        choices.append((fixed_cny + flow_floor_cny[at], fixed_cny, opened))
    return sorted(choices)


def _choices(instance: Instance) -> Iterator[tuple[float, list[int]]]:
    """Each choice of none or one option a site that fits areas, forced sites and hard counts, with its fixed cost."""
    options, sites, rates = instance.options, instance.sites, instance.rates
    carbon_cny = options.fixed_kwh * rates.grid_kg_co2e_per_kwh * rates.carbon_cny_per_t / 1000
    fixed_cny = options.investment_cny + options.land_cny + options.fixed_operation_cny + carbon_cny
    at_site = [[] if sites.must_open[j] else [-1] for j in range(instance.n_sites)]
    for option, site in enumerate(options.site):
        if options.area_m2[option] <= sites.area_m2[site]:
            at_site[site].append(option)
    for choice in itertools.product(*at_site):
        opened = [option for option in choice if option >= 0]
        missed = [(target, _missed_by_choice(instance, target, opened)) for target in instance.targets]
        if all(amount <= 1e-9 for target, amount in missed if target.is_hard):
            penalty_cny = sum(target.penalty_cny * amount for target, amount in missed if not target.is_hard)
            yield float(fixed_cny[opened].sum() + penalty_cny), opened


def _missed_by_choice(instance: Instance, target: Target, opened: list[int]) -> float:
    """What a choice of options misses of a target on number or capacity; 0 for a target on flows."""
    if target.measure not in (Measure.COUNT, Measure.CAPACITY):
        return 0.0
    options, reached = instance.options, 0.0
    for option in opened:
        site = options.site[option]
        fits_echelon = target.echelon is None or instance.sites.echelon[site] == target.echelon
        if fits_echelon and target.in_unit_site[site] and target.counts_type[options.type[option]]:
            reached += 1.0 if target.measure is Measure.COUNT else options.capacity_t[option]
    return max(0.0, target.value - reached if target.is_at_least else reached - target.value)


def _columns(instance: Instance) -> Columns:
    """Tonnes and costs of each column, one column at a time."""
    m, materials = instance.n_materials, instance.materials
    n_walks, n_direct, n_haul = len(instance.walks.demand), len(instance.direct.tail), len(instance.haul.tail)
    n = n_walks + (n_direct + n_haul) * m + len(instance.targets)
    inflow, outflow = np.zeros((instance.n_sites, m, n)), np.zeros((instance.n_sites, m, n))
    given, cost_cny = np.zeros((instance.n_demand, m, n)), np.zeros(n)
    for w in range(n_walks):
        cell, site = instance.walks.demand[w], instance.walks.site[w]
        tonnes = instance.demand.tonnes[cell] * instance.walks.participation[w]
        given[cell, :, w] = inflow[site, :, w] = tonnes
    for k, material in itertools.product(range(n_direct), range(m)):
        column = n_walks + k * m + material
        given[instance.direct.tail[k], material, column] = inflow[instance.direct.head[k], material, column] = 1
        cost_cny[column] = _cny_per_t(instance, instance.direct, k)
    for k, material in itertools.product(range(n_haul), range(m)):
        column = n_walks + (n_direct + k) * m + material
        outflow[instance.haul.tail[k], material, column] = inflow[instance.haul.head[k], material, column] = 1
        cost_cny[column] = _cny_per_t(instance, instance.haul, k)
    for k, target in enumerate(instance.targets):
        cost_cny[n - len(instance.targets) + k] = target.penalty_cny or 0.0
    residue, rates = materials.residue_share, instance.rates
    sorted_t = inflow[instance.sites.echelon == Echelon.SORTING].sum(axis=0)
    cost_cny += (residue * rates.disposal_cny_per_t - (1 - residue) * materials.sales_cny_per_t) @ sorted_t
    cost_cny += (materials.purchase_cny_per_t - materials.subsidy_cny_per_t) @ given.sum(axis=0)
    return Columns(inflow, outflow, given, cost_cny, n_walks, n_direct * m)


def _cny_per_t(instance: Instance, links, k: int) -> float:
    """Transport, handling and carbon of a tonne on a link."""
    rates, c, km = instance.link_rates, links.link_class[k], links.distance_m[k] / 1000
    carbon_cny_per_kg = instance.rates.carbon_cny_per_t / 1000
    return km * (rates.cny_per_tkm[c] + rates.kg_co2e_per_tkm[c] * carbon_cny_per_kg) + rates.handling_cny_per_t[c]


def _solve(instance: Instance, columns: Columns, opened: list[int]) -> tuple[float, Floats] | None:
    """Least cost of flows and misses with these options open, and x; None where there is none."""
    option = np.full(instance.n_sites, -1)
    option[instance.options.site[opened]] = opened
    is_open, type_ = option >= 0, instance.options.type[option]
    load, capacity_t, min_load_t = columns.inflow.sum(axis=1), instance.options.capacity_t, instance.options.min_load_t
    row_groups = [
        _given_rows(instance, columns),
        (load, capacity_t[option] * is_open),
        (-load, -min_load_t[option] * is_open),
        *(_target_row(instance, columns, k, is_open & t.counts_type[type_]) for k, t in enumerate(instance.targets)),
    ]
    refused = ~is_open[:, None] | ~instance.options.accepts[option]
    unit_cny_per_t = _unit_cny_per_t(instance)[option] * is_open[:, None]
    return _least(
        _cost_cny(columns, unit_cny_per_t),
        row_groups,
        _conserved(instance, columns),
        _upper(columns, refused, instance),
    )


def _least_flow_cost(instance: Instance, columns: Columns, open_sites: tuple[int, ...]) -> float:
    """A floor on the cost of flows through these sites: each has the best of its options for every row."""
    site, n_sites, n_materials = instance.options.site, instance.n_sites, instance.n_materials
    unit_cny_per_t, capacity_t = np.full((n_sites, n_materials), np.inf), np.zeros(n_sites)
    np.minimum.at(unit_cny_per_t, site, _unit_cny_per_t(instance))
    np.maximum.at(capacity_t, site, instance.options.capacity_t)
    refused = np.full((n_sites, n_materials), True)
    refused[list(open_sites)] = False
    row_groups = [
        _given_rows(instance, columns),
        (columns.inflow.sum(axis=1), capacity_t),
        *(_target_row(instance, columns, k, _may_count(instance, t)) for k, t in enumerate(instance.targets)),
    ]
    upper = _upper(columns, refused, instance)
    solved = _least(_cost_cny(columns, unit_cny_per_t), row_groups, _conserved(instance, columns), upper)
    return np.inf if solved is None else solved[0]


def _may_count(instance: Instance, target: Target) -> Bools:
    """Sites that count in favour of a target with some option, or against it with every option."""
    n_counting, n_options = np.zeros(instance.n_sites), np.zeros(instance.n_sites)
    np.add.at(n_counting, instance.options.site, target.counts_type[instance.options.type])
    np.add.at(n_options, instance.options.site, 1)
    return n_counting > 0 if target.is_at_least else n_counting == n_options


def _cost_cny(columns: Columns, unit_cny_per_t: Floats) -> Floats:
    """Cost of each column where each tonne that enters a site costs this, (n_sites, n_materials)."""
    return columns.cost_cny + np.tensordot(unit_cny_per_t, columns.inflow, axes=2)


def _given_rows(instance: Instance, columns: Columns) -> tuple[Floats, Floats]:
    """Shares of a cell sum to at most 1, and a generator gives at most what it offers."""
    shares = np.zeros((instance.n_demand, columns.n))
    shares[instance.walks.demand, np.arange(columns.n_walks)] = 1
    on_links = columns.given.copy()
    on_links[:, :, : columns.n_walks] = 0
    limits = np.concatenate([np.ones(instance.n_demand), instance.demand.tonnes.reshape(-1)])
    return np.vstack([shares, on_links.reshape(-1, columns.n)]), limits


def _conserved(instance: Instance, columns: Columns) -> Floats:
    """What stays behind at each point and station, by material."""
    passes_on = instance.sites.echelon != Echelon.SORTING
    return (columns.inflow - columns.outflow)[passes_on].reshape(-1, columns.n)


def _unit_cny_per_t(instance: Instance) -> Floats:
    """Operation and carbon of each tonne that enters an option, (n_options, n_materials)."""
    rates = instance.rates
    kwh_cny = rates.grid_kg_co2e_per_kwh * rates.carbon_cny_per_t / 1000
    return instance.options.unit_cny_per_t + instance.options.unit_kwh_per_t * kwh_cny


def _upper(columns: Columns, refused, instance: Instance) -> Floats:
    """Upper bounds: 0 for a column that brings a site what it refuses, 1 for other shares."""
    upper = np.full(columns.n, np.inf)
    upper[: columns.n_walks] = 1
    n_targets = len(instance.targets)
    is_soft = np.array([not target.is_hard for target in instance.targets], dtype=bool)
    upper[columns.n - n_targets :] = np.where(is_soft, np.inf, 0.0)
    upper[(columns.inflow[refused] > 0).any(axis=0)] = 0
    # A cell that is assigned to a closed point is covered by nothing, even where it has no tonnes to bring.
    closed = refused.all(axis=1)
    upper[: columns.n_walks][closed[instance.walks.site]] = 0
    return upper


def _target_row(instance: Instance, columns: Columns, k: int, counts_site) -> tuple[Floats, Floats]:
    """Row and limit, row @ x <= limit, of one target on flows where these sites count; an empty row for the others."""
    target, row = instance.targets[k], np.zeros(columns.n)
    if target.measure is Measure.COVERAGE:
        walks, residents = instance.walks, instance.demand.residents * target.in_unit_demand
        near = walks.distance_m <= (np.inf if target.within_m is None else target.within_m)
        row[: columns.n_walks] = residents[walks.demand] * near * counts_site[walks.site] / max(residents.sum(), 1e-300)
    elif target.measure is Measure.COLLECTED:
        row = columns.given[target.in_unit_demand][:, target.counts_material].sum(axis=(0, 1))
    elif target.measure is Measure.PROCESSED:
        sorts = (instance.sites.echelon == Echelon.SORTING) & target.in_unit_site & counts_site
        row = columns.inflow[sorts][:, target.counts_material].sum(axis=(0, 1))
    if target.measure in (Measure.COUNT, Measure.CAPACITY) or _is_void(instance, target):
        return row[None], np.zeros(1)
    missed = np.zeros(columns.n)
    missed[columns.n - len(instance.targets) + k] = 1
    sign = -1.0 if target.is_at_least else 1.0
    return (sign * row - missed)[None], np.array([sign * target.value])


def _is_void(instance: Instance, target: Target) -> bool:
    """Whether a coverage target has no residents to cover, and so holds."""
    return target.measure is Measure.COVERAGE and not instance.demand.residents[target.in_unit_demand].any()


def _least(cost_cny, row_groups, conserved, upper) -> tuple[float, Floats] | None:
    """Least cost_cny @ x with rows @ x <= limits in each group, conserved @ x = 0, 0 <= x <= upper."""
    rows = np.vstack([group for group, _ in row_groups])
    limits = np.concatenate([limit for _, limit in row_groups])
    used = upper > 0
    has_row, has_balance = rows[:, used].any(axis=1), conserved[:, used].any(axis=1)
    if (limits[~has_row] < -1e-9).any():
        return None
    if not used.any():
        return 0.0, np.zeros(len(upper))
    answer = linprog(
        cost_cny[used],
        A_ub=rows[np.ix_(has_row, used)],
        b_ub=limits[has_row],
        A_eq=conserved[np.ix_(has_balance, used)],
        b_eq=np.zeros(has_balance.sum()),
        bounds=np.column_stack([np.zeros(used.sum()), upper[used]]),
        method="highs",
    )
    assert answer.status in (0, 2), answer.message
    if answer.status == 2:
        return None
    x = np.zeros(len(upper))
    x[used] = answer.x
    return float(answer.fun), x


def _plan(instance: Instance, columns: Columns, opened: list[int], x: Floats) -> Plan:
    m, n_walks, end_direct = instance.n_materials, columns.n_walks, columns.n_walks + columns.n_direct
    is_open = np.zeros(instance.n_options, dtype=np.bool_)
    is_open[opened] = True
    haul = x[end_direct : columns.n - len(instance.targets)]
    return Plan(is_open, x[:n_walks], x[n_walks:end_direct].reshape(-1, m), haul.reshape(-1, m))
