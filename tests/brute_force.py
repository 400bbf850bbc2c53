"""The exact optimum of a tiny instance, without the model: every choice of options, and a linear program for each.

The columns of that program are x = (assign, direct, haul, expanded, disposed, missed): shares by walk, tonnes by link
and material, tonnes of capacity bought, tonnes disposed of, and by target what is missed of it. Choices are tried in
the order of their fixed cost; once that and the least that flows can cost are no less than the best plan's value, no
later choice is better. What is bought in one year is there in later ones: then all years are one program.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from siting.instance import Floats, Instance, Ints, Target
from siting.plan import Plan
from siting.vocabulary import LINK_CLASSES, Echelon, Measure

FAIRNESS = (Measure.LEAST_COVERAGE, Measure.COVERAGE_RANGE, Measure.COVERAGE_GINI)
OF_ARISING = (Measure.COLLECTED_SHARE, Measure.RECYCLED_SHARE)
BY_ACCESS = (Measure.COVERAGE, *FAIRNESS)
OF_OPEN = (Measure.COUNT, Measure.CAPACITY, Measure.VEHICLES, Measure.INVESTMENT, Measure.SHARED, Measure.CHANGES)
BY_CHOICE = (*OF_OPEN, *BY_ACCESS)
BOUGHT = (Measure.CAPACITY, Measure.INVESTMENT)
"""Measures that what is bought by the tonne adds to."""
PAID_TO_OPERATE = ("fixed", "unit", "haul", "emptied", "walk", "residue", "extended", "disposal")


@dataclass(frozen=True)
class Columns:
    """What each column brings.

    `inflow` and `outflow` (n_sites, n_materials, n_columns) and `given` (n_demand, n_materials, n_columns) in tonnes;
    `haul_cny`, `haul_kg` and `walk_cny` (n_columns,).
    """

    inflow: Floats
    outflow: Floats
    given: Floats
    haul_cny: Floats
    haul_kg: Floats
    walk_cny: Floats
    n_walks: int
    n_direct: int
    expanded: int
    disposed: int
    missed: int

    @property
    def n(self) -> int:
        return len(self.haul_cny)


def _asked(target):
    """The value with the margin on top, for what is at least or at most."""
    return target.value + (target.margin if target.is_at_least else -target.margin)


def optimum(instance: Instance) -> float | None:
    """Least value of the objective; None where no plan meets the hard rules."""
    best = best_plan(instance)
    return None if best is None else best[0]


def best_plan(instance: Instance) -> tuple[float, Plan] | None:
    """The least value of the objective (the greatest, with a minus, where it is maximised) and a plan that has it."""
    found = [best for used in _ways_to_use(instance) if (best := _best_plan(used)) is not None]
    return min(found, key=lambda one: one[0], default=None)


def _ways_to_use(instance: Instance) -> Iterator[Instance]:
    """The instance with each choice of what may be idle held to its least use; the rest of it counts in no number."""
    options = instance.options
    may = np.flatnonzero(options.least_use_t > options.min_load_t)
    counted = [t for t in instance.targets if t.measure is Measure.COUNT and t.is_at_least]
    for chosen in itertools.product([False, True], repeat=len(may) if counted else 0):
        used = may[np.array(chosen, dtype=bool)]
        least_t = options.min_load_t.copy()
        least_t[used] = options.least_use_t[used]
        yield dataclasses.replace(instance, options=dataclasses.replace(options, min_load_t=least_t))


def _best_plan(instance: Instance) -> tuple[float, Plan] | None:
    columns, best = columns_of(instance), None
    floor = _flow_floor(instance, columns)
    choices = sorted(_choices(instance), key=lambda choice: choice[0])
    for fixed, opened in choices:
        if best is not None and fixed + floor >= best[0]:
            break
        solved = solve_choice(instance, columns, opened)
        if solved is not None and (best is None or fixed + solved[0] < best[0]):
            best = fixed + solved[0], _plan(instance, columns, opened, solved[1])
    return best


def staged_optimum(instance: Instance) -> float | None:
    """Least cost of an instance with stages, CNY a year; None where no plan meets the hard rules of every stage."""
    stages = [list(_ways_to_use(instance.at_stage(number))) for number in range(instance.n_stages)]
    values = [_staged_optimum(instance, list(way)) for way in itertools.product(*stages)]
    return min((value for value in values if value is not None), default=None)


def _staged_optimum(instance: Instance, stages: list[Instance]) -> float | None:
    if len(instance.expansions.option):
        return _joint_optimum(instance, stages)
    by_stage = [{tuple(o): _flow_cost(stage, o) for o in _allowed(stage)} for stage in stages]
    first = [choice for choice, flow in by_stage[0].items() if flow is not None]
    if instance.stages.is_nested:
        ways = [way for way in itertools.product(*by_stage) if all(_follows(instance, *two) for two in pairwise(way))]
    else:
        ways = [(choice,) * len(stages) for choice in first]
    values = [_way_cost(instance, stages, by_stage, way) for way in ways]
    return min((value for value in values if value is not None), default=None)


def _follows(instance: Instance, before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    """Whether what opened stays, and what existed and closed stays closed."""
    is_existing = instance.options.is_existing
    stays = all(o in after for o in before if not is_existing[o])
    return stays and all(o in before for o in after if is_existing[o])


def _flow_cost(stage: Instance, opened: list[int]) -> float | None:
    solved = solve_choice(stage, columns_of(stage), opened)
    return None if solved is None else solved[0]


def _way_cost(instance: Instance, stages, by_stage, way) -> float | None:
    """The cost of one choice a stage, by the weights of the stages; the dearest case where that is asked."""
    costs = []
    for number, (stage, choice) in enumerate(zip(stages, way, strict=True)):
        before = way[number - 1] if number and instance.stages.is_nested else ()
        missed = [(target, _missed_since(stage, target, choice, before)) for target in stage.targets]
        if by_stage[number][choice] is None or any(a > 1e-9 for target, a in missed if target.is_hard):
            return None
        costs.append(by_stage[number][choice] + _fixed_value(stage, list(choice), missed))
    return max(costs) if instance.stages.is_robust else float(np.dot(costs, instance.stages.weight))


def _joint_optimum(instance: Instance, stages: list[Instance]) -> float | None:
    """The same where what is bought in one stage is there in others: one program of all stages for each way."""
    allowed = [[tuple(o) for o in _allowed(stage)] for stage in stages]
    if instance.stages.is_nested:
        ways = [way for way in itertools.product(*allowed) if all(_follows(instance, *two) for two in pairwise(way))]
    else:
        ways = [(choice,) * len(stages) for choice in allowed[0]]
    values = [_joint_cost(instance, stages, way) for way in ways]
    return min((value for value in values if value is not None), default=None)


def _joint_cost(instance: Instance, stages: list[Instance], way: tuple[tuple[int, ...], ...]) -> float | None:
    """Least cost with these options open in each stage; the last column is the cost of the dearest stage."""
    is_nested, weight = instance.stages.is_nested, instance.stages.weight
    columns = [columns_of(stage) for stage in stages]
    start = np.concatenate([[0], np.cumsum([part.n for part in columns])])
    n, rows, fixed_costs = int(start[-1]) + 1, [], []
    cost, most = np.zeros(n), np.full(n, np.inf)
    for s, (stage, part, opened) in enumerate(zip(stages, columns, way, strict=True)):
        own, before = slice(start[s], start[s + 1]), way[s - 1] if s and is_nested else ()
        terms = flow_terms(stage, part, list(opened))
        flow = _flow_objective(stage, part, list(opened), terms)
        most[own] = _most(stage, part, list(opened))
        for row, low, high in [*_given_rows(stage, part), *_site_rows(stage, part, list(opened))]:
            rows.append((_placed(row, own, n), low, high))
        missed = [(target, _missed_since(stage, target, opened, before)) for target in stage.targets]
        if any(amount > 1e-9 for target, amount in missed if target.is_hard):
            return None
        for k, target in enumerate(stage.targets):
            counted = [o for o in opened if o not in before] if target.measure is Measure.INVESTMENT else list(opened)
            for row, low, high in _target_rows(stage, part, k, (counted, terms)):
                whole = _placed(row, own, n)
                if target.measure is Measure.INVESTMENT and before:
                    taken = slice(start[s - 1] + part.expanded, start[s - 1] + part.disposed)
                    whole[taken] -= row[part.expanded : part.disposed]
                rows.append((whole, low, high))
        fixed = _fixed_value(stage, list(opened), missed)
        fixed_costs.append(fixed)
        cost[own] = weight[s] * flow
        dearest = _placed(-flow, own, n)
        dearest[-1] = 1.0
        rows.append((dearest, fixed, np.inf))
        for e in range(part.disposed - part.expanded) if s else ():
            tie = np.zeros(n)
            tie[start[s] + part.expanded + e], tie[start[s - 1] + part.expanded + e] = 1.0, -1.0
            rows.append((tie, 0.0, np.inf if is_nested else 0.0))
    whole = np.zeros(n)
    for part, first in zip(columns, start, strict=False):
        whole[first : first + part.n_walks] = instance.assigns_whole
    if instance.stages.is_robust:
        cost[:] = 0.0
        cost[-1] = 1.0
    least = np.zeros(n)
    least[-1] = -np.inf
    answer = _answer(cost, rows, (least, most), whole)
    if answer is None:
        return None
    return answer[0] if instance.stages.is_robust else answer[0] + float(np.dot(fixed_costs, weight))


def _placed(row: Floats, own: slice, n: int) -> Floats:
    whole = np.zeros(n)
    whole[own] = row
    return whole


def _missed_since(stage: Instance, target: Target, choice: tuple[int, ...], before: tuple[int, ...]) -> float:
    counted = [o for o in choice if o not in before] if target.measure is Measure.INVESTMENT else list(choice)
    return _missed_by_choice(stage, target, counted)


def _choices(instance: Instance) -> Iterator[tuple[float, list[int]]]:
    """Each choice that also meets the targets which it alone decides, with what it adds to the objective by itself."""
    for opened in _allowed(instance):
        missed = [(target, _missed_by_choice(instance, target, opened)) for target in instance.targets]
        if all(amount <= 1e-9 for target, amount in missed if target.is_hard):
            yield _fixed_value(instance, opened, missed), opened


def _allowed(instance: Instance) -> Iterator[list[int]]:
    """Each choice of none or one option a site, by areas, forced sites and groups."""
    options, sites = instance.options, instance.sites
    at_site: list[list[int]] = [[] if sites.must_open[j] else [-1] for j in range(instance.n_sites)]
    for option, site in enumerate(options.site):
        if options.area_m2[option] <= sites.area_m2[site]:
            at_site[site].append(option)
    for choice in itertools.product(*at_site):
        opened = [option for option in choice if option >= 0]
        groups = instance.groups
        in_group = np.bincount(groups.group[np.isin(groups.option, opened)], minlength=len(groups.most))
        if (in_group <= groups.most).all():
            yield opened


def _fixed_value(instance: Instance, opened: list[int], missed: list[tuple[Target, float]]) -> float:
    if instance.objective is None:
        penalty = sum(target.penalty_cny * amount for target, amount in missed if not target.is_hard)
        return sum(fixed_terms(instance, opened).values()) + float(penalty)
    return _signed(instance.objective, _by_choice(instance, instance.objective, opened))


def _signed(goal: Target, value: float) -> float:
    return -value if goal.is_at_least else value


def fixed_terms(instance: Instance, opened: list[int]) -> dict[str, float]:
    options, rates = instance.options, instance.rates
    closed = np.full(instance.n_sites, True)
    closed[options.site[opened]] = False
    return {
        "annuities": float((options.investment_cny + options.land_cny)[opened].sum()),
        "closing": float(instance.sites.closing_cny[closed].sum()),
        "fixed": float(options.fixed_operation_cny[opened].sum()),
        "emptied": _rounds(instance, opened, instance.visits.cny),
        "carbon": _fixed_kg(instance, opened) * rates.carbon_cny_per_t / 1000,
    }


def _rounds(instance: Instance, opened: list[int], of_visit: Floats) -> float:
    """A figure of one visit over all visits that do not depend on what is brought."""
    visits = instance.visits
    return float(sum(visits.per_year[v] * of_visit[v] for v in range(len(visits.at)) if visits.at[v] in opened))


def _fixed_kg(instance: Instance, opened: list[int]) -> float:
    kwh = float(instance.options.fixed_kwh[opened].sum())
    return kwh * instance.rates.grid_kg_co2e_per_kwh + _rounds(instance, opened, instance.visits.kg_co2e)


def _by_choice(instance: Instance, target: Target, opened: list[int]) -> float:
    """The part of a measure that the open options alone make; for a share of facilities the share."""
    if target.measure in BY_ACCESS:
        return _access_by_choice(instance, target, opened)
    options = instance.options
    terms = fixed_terms(instance, opened)
    alone = {
        Measure.COST: sum(terms.values()),
        Measure.OPERATION: terms["fixed"] + terms["emptied"],
        Measure.EMISSIONS: _fixed_kg(instance, opened) / 1000,
        Measure.NET_EMISSIONS: _fixed_kg(instance, opened) / 1000,
        Measure.COLLECTION_VEHICLES: _rounds(instance, opened, _vehicles_of_visit(instance, target)),
    }
    if target.measure in alone:
        return alone[target.measure]
    if target.measure is Measure.CHANGES:
        return _changes(instance, opened)
    counted = [
        o
        for o in opened
        if (target.echelon is None or instance.sites.echelon[options.site[o]] == target.echelon)
        and target.in_unit_site[options.site[o]]
        and target.counts_type[options.type[o]]
    ]
    if target.measure is Measure.SHARED:
        return float(instance.sites.is_shared[options.site[counted]].mean()) if counted else _asked(target)
    is_idle = (options.least_use_t > options.min_load_t) & target.is_at_least
    worth = {
        Measure.COUNT: np.where(is_idle, 0.0, 1.0),
        Measure.CAPACITY: options.capacity_t,
        Measure.VEHICLES: options.vehicles,
        Measure.INVESTMENT: options.capex_cny,
    }
    return float(worth[target.measure][counted].sum()) if target.measure in worth else 0.0


def _changes(instance: Instance, opened: list[int]) -> float:
    """Sites that have another facility than in the earlier plan, one by one, and its facilities at none of them."""
    earlier, site = instance.earlier, instance.options.site
    changed = float(earlier.elsewhere[0])
    for j in range(instance.n_sites):
        stood = {o for o in range(instance.n_options) if site[o] == j and earlier.is_open[0, o]}
        stands = {o for o in opened if site[o] == j}
        changed += earlier.is_gone[0, j] or stood != stands
    return changed


def _access_by_choice(instance: Instance, target: Target, opened: list[int]) -> float:
    """The share of residents with an open point that counts within the distance, or how districts differ in it."""
    walks, within_m = instance.walks, np.inf if target.within_m is None else target.within_m
    sites = {instance.options.site[o] for o in opened if target.counts_type[instance.options.type[o]]}
    pairs = zip(walks.demand, walks.site, walks.distance_m, strict=True)
    near = {node for node, site, distance_m in pairs if site in sites and distance_m <= within_m}
    shares, residents = [], []
    for d in range(len(instance.districts)):
        nodes = [i for i in range(instance.n_demand) if target.in_unit_demand[i] and instance.demand.district[i] == d]
        total = sum(instance.demand.residents[i] for i in nodes)
        if total > 0:
            shares.append(sum(instance.demand.residents[i] for i in nodes if i in near) / total)
            residents.append(total)
    if not shares:
        return _asked(target)
    mean = float(np.average(shares, weights=residents))
    match target.measure:
        case Measure.LEAST_COVERAGE:
            return min(shares)
        case Measure.COVERAGE_RANGE:
            return max(shares) - min(shares)
        case Measure.COVERAGE_GINI:
            parts = list(zip(shares, np.array(residents) / sum(residents), strict=True))
            apart = sum(abs(a - b) * v * w for a, v in parts for b, w in parts)
            return apart / 2 / mean if mean > 0 else 0.0
    return mean


def _is_by_choice(instance: Instance, target: Target) -> bool:
    """Whether the open options alone decide a target."""
    return target.measure in BY_CHOICE and not (target.measure in BOUGHT and len(instance.expansions.option))


def _missed_by_choice(instance: Instance, target: Target, opened: list[int]) -> float:
    """What a choice of options misses of a target that nothing else decides; 0 for the others."""
    if not _is_by_choice(instance, target):
        return 0.0
    reached = _by_choice(instance, target, opened)
    return max(0.0, _asked(target) - reached if target.is_at_least else reached - _asked(target))


def columns_of(instance: Instance) -> Columns:
    """Tonnes and costs of each column, one column at a time."""
    m, rates = instance.n_materials, instance.link_rates
    n_walks, n_direct, n_haul = len(instance.walks.demand), len(instance.direct.tail), len(instance.haul.tail)
    expanded = n_walks + (n_direct + n_haul) * m
    disposed = expanded + len(instance.expansions.option)
    missed = disposed + len(instance.disposals.option)
    n = missed + len(instance.targets)
    inflow, outflow = np.zeros((instance.n_sites, m, n)), np.zeros((instance.n_sites, m, n))
    given, haul_cny, haul_kg, walk_cny = np.zeros((instance.n_demand, m, n)), np.zeros(n), np.zeros(n), np.zeros(n)
    for w in range(n_walks):
        cell, site = instance.walks.demand[w], instance.walks.site[w]
        given[cell, :, w] = inflow[site, :, w] = instance.demand.tonnes[cell] * instance.walks.participation[w]
        walk_cny[w] = instance.walks.cost_cny[w]
    for number, (links, k) in enumerate(
        [(instance.direct, k) for k in range(n_direct)] + [(instance.haul, k) for k in range(n_haul)]
    ):
        for material in range(m):
            column = n_walks + number * m + material
            inflow[links.head[k], material, column] = 1
            if links is instance.direct and number < n_direct:
                given[links.tail[k], material, column] = 1
            else:
                outflow[links.tail[k], material, column] = 1
            km, rate = links.distance_m[k] / 1000, links.rate[k]
            room = rates.haul_factor[rate, material]
            haul_cny[column] = room * (km * rates.cny_per_tkm[rate] + rates.unload_cny_per_t[rate])
            haul_kg[column] = room * km * rates.kg_co2e_per_tkm[rate]
    for d, (option, material) in enumerate(zip(instance.disposals.option, instance.disposals.material, strict=True)):
        outflow[instance.options.site[option], material, disposed + d] = 1
    starts = (n_walks, n_direct * m, expanded, disposed, missed)
    return Columns(inflow, outflow, given, haul_cny, haul_kg, walk_cny, *starts)


def _passed_on(instance: Instance, option: int) -> Floats:
    """t of each product (column) that leaves for a t of each material (row) that enters an open option."""
    m, kind = instance.n_materials, instance.options.type[option]
    echelon = instance.sites.echelon[instance.options.site[option]]
    rows = [r for r in range(len(instance.conversions.type)) if instance.conversions.type[r] == kind]
    passed = np.zeros((m, m))
    for r in rows:
        c = instance.conversions
        passed[c.material[r], c.product[r]] += c.t_per_t[r]
    if not rows and echelon <= Echelon.TRANSFER and echelon < instance.sites.echelon.max():
        passed = np.eye(m)
    return passed


def product_of(instance: Instance, columns: Columns, opened: list[int]) -> Floats:
    """Tonnes of each material (row) that end as product for one unit of each column, with these options open."""
    product = np.zeros((instance.n_materials, columns.n))
    for o in opened:
        site = instance.options.site[o]
        echelon = instance.sites.echelon[site]
        if echelon >= Echelon.SORTING:
            ends = ~(_passed_on(instance, o) > 0).any(axis=1)
            left = ends * (1 - instance.materials.residue_share * (echelon == Echelon.SORTING))
            product += left[:, None] * columns.inflow[site]
    return product


def flow_terms(instance: Instance, columns: Columns, opened: list[int]) -> dict[str, Floats]:
    """What one unit of each column costs with these options open, by term, and kg emitted and avoided."""
    options, materials, rates = instance.options, instance.materials, instance.rates
    unit, kwh, residue, emptied, visit_kg = (np.zeros(columns.n) for _ in range(5))
    product = product_of(instance, columns, opened)
    sales, avoided = materials.sales_cny_per_t @ product, materials.avoided_kg_co2e_per_t @ product
    for v, node in enumerate(instance.door_visits.at):
        made = instance.door_visits.per_t[v] @ columns.given[node]
        emptied += made * instance.door_visits.cny[v]
        visit_kg += made * instance.door_visits.kg_co2e[v]
    bought, extended, disposal = (np.zeros(columns.n) for _ in range(3))
    bought[columns.expanded : columns.disposed] = instance.expansions.investment_cny_per_t
    extended[columns.expanded : columns.disposed] = instance.expansions.operation_cny_per_t
    disposal[columns.disposed : columns.missed] = instance.disposals.cny_per_t
    for o in opened:
        into, site = columns.inflow[options.site[o]], options.site[o]
        echelon = instance.sites.echelon[site]
        unit += options.unit_cny_per_t[o] @ into
        kwh += options.unit_kwh_per_t[o] @ into
        for v in np.flatnonzero(instance.visits.at == o):
            emptied += (instance.visits.per_t[v] @ into) * instance.visits.cny[v]
            visit_kg += (instance.visits.per_t[v] @ into) * instance.visits.kg_co2e[v]
        if echelon == Echelon.SORTING:
            residue += materials.residue_share @ into
    kg = columns.haul_kg + visit_kg + kwh * rates.grid_kg_co2e_per_kwh
    subsidy = np.einsum("im,imn->n", materials.subsidy_cny_per_t[instance.demand.district], columns.given)
    return {
        "unit": unit,
        "bought": bought,
        "extended": extended,
        "disposal": disposal,
        "haul": columns.haul_cny,
        "emptied": emptied,
        "walk": columns.walk_cny,
        "residue": residue * rates.disposal_cny_per_t,
        "carbon": kg * rates.carbon_cny_per_t / 1000,
        "avoided": -avoided * rates.avoided_cny_per_t / 1000,
        "purchase": materials.purchase_cny_per_t @ columns.given.sum(axis=0),
        "sales": -sales,
        "subsidy": -subsidy,
        "kg": kg,
        "avoided kg": avoided,
    }


def solve_choice(instance: Instance, columns: Columns, opened: list[int]) -> tuple[float, Floats] | None:
    """Least that the flows add to the objective with these options open, and x; None where there is none."""
    terms = flow_terms(instance, columns, opened)
    cost = _flow_objective(instance, columns, opened, terms)
    rows = [
        *_given_rows(instance, columns),
        *_site_rows(instance, columns, opened),
        *_nearest_rows(instance, columns, opened),
        *(row for k in range(len(instance.targets)) for row in _target_rows(instance, columns, k, (opened, terms))),
    ]
    whole = np.zeros(columns.n)
    whole[: columns.n_walks] = instance.assigns_whole
    return _answer(cost, rows, (np.zeros(columns.n), _most(instance, columns, opened)), whole)


def _nearest_rows(instance: Instance, columns: Columns, opened: list[int]) -> list[tuple[Floats, float, float]]:
    """Nobody with an open point in reach is turned away, where residents choose for themselves."""
    if not instance.assigns_nearest:
        return []
    option = np.full(instance.n_sites, -1)
    option[instance.options.site[opened]] = opened
    rows = []
    for walk, is_chosen in _nearest_choices(instance, option):
        row = np.zeros(columns.n)
        row[walk[is_chosen]] = 1.0
        rows.append((row, 1.0, 1.0))
    return rows


def _answer(cost: Floats, rows, bounds: tuple[Floats, Floats], whole: Floats) -> tuple[float, Floats] | None:
    """The least cost over rows of (coefficients, lower, upper) and where it is; None where nothing meets them."""
    lower, upper = (np.array([row[n] for row in rows], dtype=float) for n in (1, 2))
    answer = milp(
        cost,
        integrality=whole,
        bounds=Bounds(*bounds),
        constraints=LinearConstraint(np.vstack([row for row, _, _ in rows]), lower, upper),
        options={"mip_rel_gap": 0.0},
    )
    assert answer.status in (0, 2, 4), answer.message
    return (float(answer.fun), answer.x) if answer.x is not None else None


def _flow_objective(instance: Instance, columns: Columns, opened: list[int], terms: dict[str, Floats]) -> Floats:
    if instance.objective is not None:
        goal = instance.objective
        row = _measure_row(instance, columns, goal, (opened, terms))
        return -row if goal.is_at_least else row
    cost = sum((value for name, value in terms.items() if "kg" not in name), start=np.zeros(columns.n))
    cost[columns.missed :] = [target.penalty_cny or 0.0 for target in instance.targets]
    return cost


def _given_rows(instance: Instance, columns: Columns) -> list[tuple[Floats, float, float]]:
    """Shares of a cell sum to at most 1, and a generator gives at most what it offers; all where it must."""
    rows = []
    for i in range(instance.n_demand):
        must = instance.demand.must_serve[i]
        if instance.demand.is_household[i]:
            row = np.zeros(columns.n)
            row[: columns.n_walks] = instance.walks.demand == i
            rows.append((row, 1.0 if must else -np.inf, 1.0))
            continue
        for m in range(instance.n_materials):
            row, offered = columns.given[i, m].copy(), instance.demand.tonnes[i, m]
            row[: columns.n_walks] = 0
            rows.append((row, offered if must else -np.inf, offered))
    return rows


def _site_rows(instance: Instance, columns: Columns, opened: list[int]) -> list[tuple[Floats, float, float]]:
    """What stays within capacity, reaches the least load, and leaves as it must."""
    options, rows = instance.options, []
    for o in opened:
        site = options.site[o]
        load = columns.inflow[site].sum(axis=0)
        rows.append((load, options.min_load_t[o], np.inf))
        bought = np.zeros(columns.n)
        bought[columns.expanded : columns.disposed] = instance.expansions.option == o
        usable = options.max_load_share[o] / options.peak_factor[o]
        rows.append((load - usable * bought, -np.inf, usable * options.capacity_t[o]))
        left = _passed_on(instance, o).T @ columns.inflow[site] - columns.outflow[site]
        rows += [(row, 0.0, 0.0) for row in left]
    return rows


def _most(instance: Instance, columns: Columns, opened: list[int]) -> Floats:
    """Upper bounds: 0 for a column that touches what is closed or refused, 1 for other shares."""
    most = np.full(columns.n, np.inf)
    most[: columns.n_walks] = 1
    option = np.full(instance.n_sites, -1)
    option[instance.options.site[opened]] = opened
    refused = (option < 0)[:, None] | ~instance.options.accepts[option]
    most[(columns.inflow[refused] > 0).any(axis=0)] = 0
    most[(columns.outflow[option < 0] > 0).any(axis=(0, 1))] = 0
    most[columns.expanded : columns.disposed] = instance.expansions.most_t * np.isin(instance.expansions.option, opened)
    most[columns.disposed : columns.missed] = instance.disposals.limit_t * np.isin(instance.disposals.option, opened)
    walks = instance.walks
    most[: columns.n_walks][option[walks.site] < 0] = 0
    if instance.assigns_nearest:
        for walk, is_chosen in _nearest_choices(instance, option):
            most[walk] = most[walk] * is_chosen
    is_soft = np.array([not target.is_hard for target in instance.targets], dtype=bool)
    most[columns.missed :] = np.where(is_soft, np.inf, 0.0)
    return most


def _nearest_choices(instance: Instance, option: Ints) -> list[tuple[Ints, Floats]]:
    """The walks of each cell with an open point that takes all it brings, and which of them its residents choose."""
    walks, found = instance.walks, []
    for i in range(instance.n_demand):
        own = np.flatnonzero(walks.demand == i)
        brings = [instance.demand.tonnes[i] * walks.participation[w] > 0 for w in own]
        is_open = [option[walks.site[w]] >= 0 for w in own]
        takes = [bool(instance.options.accepts[option[walks.site[w]]][brings[n]].all()) for n, w in enumerate(own)]
        usable = np.array([a and b for a, b in zip(is_open, takes, strict=True)], dtype=bool)
        if usable.any():
            limit_m = walks.distance_m[own[usable]].min() + instance.assignment_tolerance_m
            found.append((own, usable & (walks.distance_m[own] <= limit_m)))
    return found


def _target_rows(
    instance: Instance, columns: Columns, k: int, choice: tuple[list[int], dict[str, Floats]]
) -> list[tuple[Floats, float, float]]:
    """Rows and sides of one target; none where the choice of options alone decides it."""
    target = instance.targets[k]
    if _is_by_choice(instance, target) or _is_void(instance, target):
        return []
    row, bound = (
        _measure_row(instance, columns, target, choice),
        _asked(target) - _by_choice(instance, target, choice[0]),
    )
    if target.measure in (Measure.WALK, Measure.WORST_WALK):
        bound = 0.0
    row[columns.missed + k] = 1.0 if target.is_at_least else -1.0
    return [(row, bound, np.inf) if target.is_at_least else (row, -np.inf, bound)]


def _measure_row(
    instance: Instance, columns: Columns, target: Target, choice: tuple[list[int], dict[str, Floats]]
) -> Floats:
    """What one unit of each column adds to a measure."""
    opened, terms = choice
    row = np.zeros(columns.n)
    match target.measure:
        case Measure.SERVED | Measure.WALK:
            walks, residents = instance.walks, instance.demand.residents * target.in_unit_demand
            near = walks.distance_m <= (np.inf if target.within_m is None else target.within_m)
            share = residents[walks.demand] * near / max(residents.sum(), 1e-300)
            is_mean = target.measure is Measure.WALK
            row[: columns.n_walks] = share * (walks.distance_m - _asked(target) if is_mean else 1.0)
        case Measure.WORST_WALK:
            too_far = target.in_unit_demand[instance.walks.demand] & (instance.walks.distance_m > _asked(target))
            row[: columns.n_walks] = too_far
        case Measure.CAPACITY | Measure.INVESTMENT:
            expansions, site = instance.expansions, instance.options.site[instance.expansions.option]
            counted = target.in_unit_site[site] & target.counts_type[instance.options.type[expansions.option]]
            if target.echelon is not None:
                counted = counted & (instance.sites.echelon[site] == target.echelon)
            worth = 1.0 if target.measure is Measure.CAPACITY else expansions.capex_cny_per_t
            row[columns.expanded : columns.disposed] = counted * worth
        case Measure.COLLECTED | Measure.COLLECTED_SHARE:
            row = columns.given[target.in_unit_demand][:, target.counts_material].sum(axis=(0, 1))
        case Measure.RECYCLED_SHARE:
            row = product_of(instance, columns, opened)[target.counts_material].sum(axis=0)
        case Measure.PROCESSED:
            sites = [instance.options.site[o] for o in opened if target.counts_type[instance.options.type[o]]]
            sorts = [j for j in sites if instance.sites.echelon[j] == Echelon.SORTING and target.in_unit_site[j]]
            row = columns.inflow[sorts][:, target.counts_material].sum(axis=(0, 1))
        case Measure.SUBSIDY:
            rates = instance.materials.subsidy_cny_per_t[instance.demand.district]
            rates = rates * target.in_unit_demand[:, None] * target.counts_material
            row = np.einsum("im,imn->n", rates, columns.given)
        case Measure.COLLECTION_VEHICLES:
            row = _tour_row(instance, columns, target, opened)
        case Measure.EMISSIONS | Measure.NET_EMISSIONS:
            row = (terms["kg"] - terms["avoided kg"] * (target.measure is Measure.NET_EMISSIONS)) / 1000
        case Measure.OPERATION:
            row = sum((terms[name] for name in PAID_TO_OPERATE if name in terms), start=row)
        case Measure.COST:
            row = sum((value for name, value in terms.items() if "kg" not in name), start=row)
    return row / _whole(instance, target)


def _whole(instance: Instance, target: Target) -> float:
    """What a share of what arises is a share of, t a year; 1 for other measures."""
    return max(_arising_t(instance, target), 1e-300) if target.measure in OF_ARISING else 1.0


def _vehicles_of_hour(instance: Instance, rate: int) -> float:
    works = instance.link_rates.hours_per_year[rate]
    return 1 / works if works > 0 else 0.0


def _vehicles_of_visit(instance: Instance, target: Target) -> Floats:
    """Vehicles that one visit a year to a point keeps busy, 0 outside the unit."""
    visits, site = instance.visits, instance.options.site[instance.visits.at]
    of_hour = [_vehicles_of_hour(instance, rate) for rate in visits.rate]
    return np.array(of_hour) * visits.h * target.in_unit_site[site]


def _tour_row(instance: Instance, columns: Columns, target: Target, opened: list[int]) -> Floats:
    """Vehicles that what each column brings keeps busy: visits by load, and the way to stations."""
    row, m, rates = np.zeros(columns.n), instance.n_materials, instance.link_rates
    for v, option in enumerate(instance.visits.at):
        site, visits = instance.options.site[option], instance.visits
        if option in opened and target.in_unit_site[site]:
            per_t = visits.per_t[v] * visits.h[v] * _vehicles_of_hour(instance, visits.rate[v])
            row += per_t @ columns.inflow[site]
    for v, node in enumerate(instance.door_visits.at):
        visits = instance.door_visits
        if target.in_unit_demand[node]:
            per_t = visits.per_t[v] * visits.h[v] * _vehicles_of_hour(instance, visits.rate[v])
            row += per_t @ columns.given[node]
    links = [(instance.direct, k, "door_to_transfer", target.in_unit_demand) for k in range(len(instance.direct.tail))]
    links += [(instance.haul, k, "point_to_transfer", target.in_unit_site) for k in range(len(instance.haul.tail))]
    for number, (table, k, name, in_unit) in enumerate(links):
        if LINK_CLASSES[table.link_class[k]] == name and in_unit[table.tail[k]]:
            rate = table.rate[k]
            hours = rates.h_per_tkm[rate] * table.distance_m[k] / 1000 + rates.unload_h_per_t[rate]
            for material in range(m):
                room = rates.haul_factor[rate, material]
                row[columns.n_walks + number * m + material] += room * hours * _vehicles_of_hour(instance, rate)
    return row


def _is_void(instance: Instance, target: Target) -> bool:
    """Whether a target on residents or on what arises has nothing to count, and so holds."""
    if target.measure in OF_ARISING:
        return _arising_t(instance, target) == 0
    by_residents = target.measure in (Measure.SERVED, Measure.WALK, *BY_ACCESS)
    return by_residents and not instance.demand.residents[target.in_unit_demand].any()


def _arising_t(instance: Instance, target: Target) -> float:
    return float(instance.demand.tonnes[np.ix_(target.in_unit_demand, target.counts_material)].sum())


def _flow_floor(instance: Instance, columns: Columns) -> float:
    """A floor on what flows add to the objective: each column at its best option, nothing conserved."""
    n_options = instance.n_options
    worst_first = [flow_terms(instance, columns, [o]) for o in range(n_options)]
    rows = [_flow_objective(instance, columns, [o], terms) for o, terms in enumerate(worst_first)]
    base = _flow_objective(instance, columns, [], flow_terms(instance, columns, []))
    least = base + sum((np.minimum(0.0, row - base) for row in rows), start=np.zeros(columns.n))
    given = _given_rows(instance, columns)
    most = np.full(columns.n, float(instance.demand.tonnes.sum()) * 10)
    most[: columns.n_walks] = 1
    matrix = np.vstack([row for row, _, _ in given])
    answer = milp(
        least, bounds=Bounds(0, most), constraints=LinearConstraint(matrix, -np.inf, np.array([u for _, _, u in given]))
    )
    return float(answer.fun)


def _plan(instance: Instance, columns: Columns, opened: list[int], x: Floats) -> Plan:
    m, n_walks, end_direct = instance.n_materials, columns.n_walks, columns.n_walks + columns.n_direct
    is_open = np.zeros(instance.n_options, dtype=np.bool_)
    is_open[opened] = True
    haul = x[end_direct : columns.expanded].reshape(-1, m)
    bought = x[columns.expanded : columns.disposed], x[columns.disposed : columns.missed]
    return Plan(is_open, x[:n_walks], x[n_walks:end_direct].reshape(-1, m), haul, *bought)
