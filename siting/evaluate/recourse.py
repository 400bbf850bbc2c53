"""Recourse of a plan in one year of demand: its flows, as near to the plan as capacities allow, by a linear program.

Open facilities are fixed. Each cell brings, and each generator gives, what the plan takes of it, scaled with the demand
of the year, or the difference is turned away; and each goes where it goes in the plan, or the difference is
moved. A facility takes what its capacity holds in the peak; the reserve that `max_load_share` keeps is used:

    sum_w brought[w] assign[w] + turned[i] == planned[i]      take_planned       ∀ cell i              [kt]
    sum_k direct[k,m] + turned[i,m] == planned[i,m]           take_planned       ∀ generator i, m      [kt]
    brought[w] assign[w] + moved[w] >= planned[w]             go_as_planned      ∀ walk w              [kt]
    direct[k,m] + moved[k,m] >= planned[k,m]                  go_as_planned      ∀ direct link k, m    [kt]
    sum_m in[j,m] + idle[j] >= kept[j]                        keep_in_use        ∀ site j to keep      [kt]

A tonne turned away costs more than any way of taking it, that of a household twice that of a generator, since the plan
promises residents a point; a tonne short of what keeps a facility in use costs a tenth, a tonne moved a twentieth. So
no facility that the plan uses is given up, and nobody goes elsewhere, because it is cheaper in that year; a year whose
demand is the planned one is the plan itself. The other rows are those of the model; minimum loads and targets are no
rows, only reported. Cells may be split where a plan would not. Residents who choose their point go to those that they
would choose in the plan; where these overflow, they are turned away.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np
from scipy import sparse

from siting.errors import SolverError
from siting.instance import Bools, Disposals, Expansions, Floats, Groups, Instance, Ints, Links, Options, Visits, Walks
from siting.model import Columns, LinearModel, build_model, plan_of
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_CNY, MODEL_T
from siting.model.nearest_rows import chosen_walks
from siting.plan import Plan, built_capacity_t, site_inflow_t
from siting.solve.highs import Program, run_highs
from siting.vocabulary import Echelon

TURNED_AWAY_CNY_PER_T = 1e5
"""Far above what taking a tonne can cost; in the program only, no cost of the plan."""
PENALTY = TURNED_AWAY_CNY_PER_T * MODEL_T / MODEL_CNY
IDLE_PENALTY = PENALTY / 10
MOVED_PENALTY = PENALTY / 20
HOUSEHOLDS_FIRST = 2.0
"""Penalty of a tonne of households turned away over that of a generator."""
PROGRAM_S = 300.0
LEAST_T = 1e-3
FULL = 1e-6
"""Rounding of a program: tonnes, and share of a capacity."""

Rows = TypeVar("Rows", Options, Walks, Links, Disposals, Visits)


@dataclass(frozen=True)
class Recourse:
    """The plan of one year, what it turns away, t a year by demand node and material, and which facilities are short.

    `turned_away_t` (n_demand, n_materials); `is_overloaded` (n_sites,): full, and in the way of what is turned away.
    """

    plan: Plan
    turned_away_t: Floats
    is_overloaded: Bools


def solve_recourse(
    instance: Instance,
    plan: Plan,
    factors: Floats,
    *,
    kept_t: Floats | None = None,
    walks_stay: bool = False,
    time_limit_s: float = PROGRAM_S,
) -> Recourse:
    """Solve the flows of `plan`, made for `instance` of one stage, where its tonnes are multiplied by `factors`.

    `factors` (n_demand, n_materials). `kept_t` (n_sites,): what each site is brought at least, as far as there is as
    much; None: nothing. `walks_stay`: residents go to the points of the plan and to no others.

    Raises
    ------
    SolverError
        If the program is not solved in time.
    """
    year = with_tonnes(instance, factors)
    allowed = plan.assign > 0 if walks_stay else np.ones(len(plan.assign), dtype=bool)
    opened, walk, direct, haul = _only_open(year, plan, allowed)
    model, columns = build_model(opened)
    planned_t = plan.direct_t[direct] * factors[instance.direct.tail[direct]]
    rows, planned, owner = _planned_rows(opened, columns, plan.assign[walk], planned_t)
    kept, least = _kept_rows(opened, columns, np.zeros(year.n_sites) if kept_t is None else kept_t)
    is_cell = owner % (instance.n_materials + 1) == 0
    turned = Soft(rows, planned, PENALTY * np.where(is_cell, HOUSEHOLDS_FIRST, 1.0), is_exact=True)
    moved = _moved_rows(opened, columns, plan.assign[walk], planned_t)
    idle = Soft(kept, least, np.full(len(least), IDLE_PENALTY))
    program = _with_soft_rows(model, columns, (turned, idle, moved))
    answer = run_highs(program, time_limit_s=time_limit_s)
    if answer.values is None or not answer.is_optimal:
        raise SolverError(f"the flows of a drawn year were not decided within {time_limit_s:.0f} s; draw fewer years")
    part = plan_of(opened, columns, answer.values[: columns.n])
    whole = replace(
        plan,
        assign=_spread(part.assign, walk),
        direct_t=_spread(part.direct_t, direct),
        haul_t=_spread(part.haul_t, haul),
        disposed_t=_spread(part.disposed_t, plan.is_open[year.disposals.option]),
    )
    turned_away_t = _by_node(opened, np.maximum(0.0, answer.values[columns.n :][: len(owner)]) * MODEL_T, owner)
    return Recourse(whole, turned_away_t, overloaded_sites(year, whole, turned_away_t))


def as_planned(instance: Instance, plan: Plan) -> Recourse:
    """Return the planned year, without re-optimisation."""
    nothing_t = np.zeros((instance.n_demand, instance.n_materials))
    return Recourse(plan, nothing_t, np.zeros(instance.n_sites, dtype=bool))


def with_tonnes(instance: Instance, factors: Floats) -> Instance:
    """Return the instance with its tonnes multiplied by `factors`, (n_demand, n_materials)."""
    return replace(instance, demand=replace(instance.demand, tonnes=instance.demand.tonnes * factors))


def _only_open(instance: Instance, plan: Plan, allowed: Bools) -> tuple[Instance, Bools, Bools, Bools]:
    """Return the instance with open facilities and no targets, and which walks, direct and haul links are left.

    Of the walks those that are `allowed`, (n_walks,).
    """
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[plan.is_open]] = True
    nothing = np.zeros(instance.n_sites, dtype=bool)
    walk, direct = is_open[instance.walks.site], is_open[instance.direct.head]
    if instance.assigns_nearest:
        walk = chosen_walks(instance, plan.is_open)
    walk = walk & allowed
    haul = is_open[instance.haul.head] & is_open[instance.haul.tail]
    bought = replace(
        instance.options,
        capacity_t=built_capacity_t(instance, plan),
        max_load_share=np.ones(instance.n_options),  # such a year may use the reserve
    )
    options = _rows(bought, plan.is_open)
    number = np.cumsum(plan.is_open) - 1
    disposals = _rows(instance.disposals, plan.is_open[instance.disposals.option])
    visits = _rows(instance.visits, plan.is_open[instance.visits.at])
    opened = replace(
        instance,
        demand=replace(instance.demand, must_serve=np.zeros(instance.n_demand, dtype=bool)),
        sites=replace(instance.sites, must_open=nothing, closing_cny=np.zeros(instance.n_sites)),
        options=replace(options, min_load_t=np.zeros_like(options.min_load_t)),
        walks=_rows(instance.walks, walk),
        direct=_rows(instance.direct, direct),
        haul=_rows(instance.haul, haul),
        groups=Groups.none(),
        expansions=Expansions.none(),
        disposals=replace(disposals, option=number[disposals.option]),
        visits=replace(visits, at=number[visits.at]),
        targets=(),
        objective=None,
        assigns_nearest=False,
    )
    return opened, walk, direct, haul


def _rows(part: Rows, wanted: Bools) -> Rows:
    """Return a part of an instance with some of its rows."""
    return replace(part, **{field.name: getattr(part, field.name)[wanted] for field in fields(part)})


def _planned_rows(
    instance: Instance, columns: Columns, assign: Floats, direct_t: Floats
) -> tuple[sparse.csr_array, Floats, Ints]:
    """Return the rows `take_planned`, their bounds, and their owners: demand node × (1 + n_materials) + 1 + material.

    A cell has one row, for its materials go together: there material is −1.
    """
    m, walks = instance.n_materials, instance.walks
    brought = (instance.brought_t() / MODEL_T).sum(axis=1)
    tail = instance.direct.tail[columns.direct_link]
    owner = np.concatenate([walks.demand * (m + 1), tail * (m + 1) + 1 + columns.direct_material])
    column = np.concatenate([columns.numbers("assign"), columns.numbers("direct")])
    worth = np.concatenate([brought, np.ones(len(tail))])
    given = np.concatenate([brought * assign, direct_t[columns.direct_link, columns.direct_material] / MODEL_T])
    owners, row = np.unique(owner, return_inverse=True)
    rows = sparse.csr_array((worth, (row, column)), shape=(len(owners), columns.n))
    planned: Floats = np.bincount(row, weights=given, minlength=len(owners)).astype(float)
    return rows, planned, owners.astype(np.int64)


def _moved_rows(instance: Instance, columns: Columns, assign: Floats, direct_t: Floats) -> Soft:
    """Return the rows `go_as_planned` of the walks and direct links that the plan uses."""
    brought = (instance.brought_t() / MODEL_T).sum(axis=1)
    column = np.concatenate([columns.numbers("assign"), columns.numbers("direct")])
    worth = np.concatenate([brought, np.ones(len(columns.direct_link))])
    given = np.concatenate([brought * assign, direct_t[columns.direct_link, columns.direct_material] / MODEL_T])
    used = np.flatnonzero(given > 0)
    rows = sparse.csr_array((worth[used], (np.arange(len(used)), column[used])), shape=(len(used), columns.n))
    return Soft(rows, given[used], np.full(len(used), MOVED_PENALTY))


def _kept_rows(instance: Instance, columns: Columns, kept_t: Floats) -> tuple[sparse.csr_array, Floats]:
    """Return the rows `keep_in_use` of the sites to keep, and their bounds."""
    site, _, column, worth = inflow_terms(instance, columns)
    kept = np.flatnonzero(kept_t > 0)
    row = np.full(instance.n_sites, -1)
    row[kept] = np.arange(len(kept))
    enters = row[site] >= 0
    rows = sparse.csr_array((worth[enters], (row[site][enters], column[enters])), shape=(len(kept), columns.n))
    return rows, kept_t[kept] / MODEL_T


@dataclass(frozen=True)
class Soft:
    """Rows with a lower bound each, and what a unit short of each costs; all in the units of the model.

    `is_exact`: the bound is also the upper one.
    """

    rows: sparse.csr_array
    least: Floats
    penalty: Floats
    is_exact: bool = False


def _with_soft_rows(model: LinearModel, columns: Columns, soft: tuple[Soft, ...]) -> Program:
    """Return the program of one year: the model with all options open, soft rows, and a column for each shortfall."""
    least = np.concatenate([one.least for one in soft])
    n = len(least)
    lower, upper = model.column_lower.copy(), model.column_upper.copy()
    lower[columns["open"]] = upper[columns["open"]] = 1.0
    above = sparse.hstack([model.matrix, sparse.csr_array((model.n_rows, n))])
    below = sparse.hstack([sparse.vstack([one.rows for one in soft]), sparse.eye_array(n)])
    return Program(
        cost=np.concatenate([model.cost, *(one.penalty for one in soft)]),
        lower=np.append(lower, np.zeros(n)),
        upper=np.append(upper, least),
        matrix=sparse.csr_array(sparse.vstack([above, below])),
        row_lower=np.append(model.row_lower, least),
        row_upper=np.concatenate(
            [model.row_upper, *(one.least if one.is_exact else np.full(len(one.least), np.inf) for one in soft)]
        ),
    )


def _by_node(instance: Instance, turned_t: Floats, owner: Ints) -> Floats:
    """Return tonnes turned away, (n_demand, n_materials); a cell's are shared out as its materials arise."""
    node, material = np.divmod(owner, instance.n_materials + 1)
    by_node = np.zeros((instance.n_demand, instance.n_materials))
    given = material > 0
    by_node[node[given], material[given] - 1] = turned_t[given]
    tonnes = instance.demand.tonnes[node[~given]]
    by_node[node[~given]] = turned_t[~given, None] * tonnes / np.maximum(tonnes.sum(axis=1, keepdims=True), 1e-12)
    return by_node


def overloaded_sites(instance: Instance, plan: Plan, turned_away_t: Floats) -> Bools:
    """Return sites that are full and keep out what is turned away, (n_sites,).

    What a demand node has left is followed to the open sites that it could go to, and on from those that are not full.
    """
    capacity_t = np.zeros(instance.n_sites)
    most_t = built_capacity_t(instance, plan) / instance.options.peak_factor
    capacity_t[instance.options.site[plan.is_open]] = most_t[plan.is_open]
    is_full = site_inflow_t(instance, plan).sum(axis=1) >= capacity_t * (1 - FULL) - LEAST_T
    is_open, waits = capacity_t > 0, turned_away_t.sum(axis=1) > LEAST_T
    walks, direct, haul = instance.walks, instance.direct, instance.haul
    reached = np.zeros(instance.n_sites, dtype=bool)
    reached[walks.site[waits[walks.demand]]] = True
    reached[direct.head[waits[direct.tail]]] = True
    for _ in Echelon:
        passes = reached & is_open & ~is_full
        reached[haul.head[passes[haul.tail]]] = True
    return np.asarray(reached & is_open & is_full)


def _spread(part: Any, wanted: Bools) -> Any:
    """Return the values of the rows that are `wanted`, 0 for the others."""
    whole = np.zeros((len(wanted), *part.shape[1:]))
    whole[wanted] = part
    return whole
