"""One echelon of the model: its sites with their options and possible inflows.

What flows into a site is an inflow column: a walk to a point, a generator's link or a haul. It draws on a supply (a
cell, a generator's offer, what leaves a site of the echelon before) and takes up capacity. A pair is an inflow column
and an option of its site; where options differ in what a tonne costs, pairs do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.certificate.decomposition import AT_ONE_SITE
from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_T, LinearModel
from siting.vocabulary import Echelon

SUPPLIES = ("serve", "within_offer", "conserve_material")


@dataclass(frozen=True)
class Tier:
    """The sites of an echelon. Sites, options, inflow columns and supplies have numbers of their own here.

    `site` (n,), `option` (n_options,), `column` (n_inflows,), `supply_row` (n_supplies,) are what they are in the
    instance and in the model. Options and inflow columns stand in the order of their sites: those of site j are
    `first_option[j]` to `first_option[j + 1]` and so on; the pairs of option o with the inflows of its site begin at
    `first_pair[o]`. An open option takes `least_kt`; `aim_kt` is what it is meant to take while it is placed, its least
    use where a target counts only what is used. `kt` (n_inflows,) is the capacity that a unit of a column takes.
    `pairs` (n_columns, n_pairs) is what a unit of a pair is in the model's columns; `is_taken` (n_pairs,) says whether
    the option accepts it.
    """

    site: Ints
    must_open: Bools
    option: Ints
    option_site: Ints
    first_option: Ints
    capacity_kt: Floats
    least_kt: Floats
    aim_kt: Floats
    column: Ints
    column_site: Ints
    first_column: Ints
    kt: Floats
    upper: Floats
    first_pair: Ints
    is_taken: Bools
    pairs: sparse.csc_array
    supply_row: Ints
    supply: Ints
    is_passed_on: Bools
    closing_cost: Floats


def make_tier(instance: Instance, model: LinearModel, columns: Columns, echelon: Echelon) -> Tier:
    """Return the sites of one echelon that have an option."""
    local = np.full(instance.n_sites, -1)
    fits = model.column_upper[columns["open"]] > 0
    site = np.unique(instance.options.site[fits & (instance.option_echelon() == echelon)])
    local[site] = np.arange(len(site))
    option = _in_order(np.flatnonzero(fits & (local[instance.options.site] >= 0)), local[instance.options.site])
    option_site = local[instance.options.site[option]]
    head, kt_by_material = _inflows(instance, columns)
    column = _in_order(np.flatnonzero((head >= 0) & (local[head] >= 0)), local[head])
    column_site = local[head[column]]
    first_column = np.searchsorted(column_site, np.arange(len(site) + 1)).astype(np.int64)
    width = np.diff(first_column)[option_site]
    first_pair = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
    of_option = np.repeat(np.arange(len(option)), width)
    of_column = np.arange(first_pair[-1]) - first_pair[:-1][of_option] + first_column[option_site[of_option]]
    kt = kt_by_material[column]
    supply_row, supply, is_passed_on = _supplies(model, column)
    ends = option[of_option], column[of_column], kt[of_column]
    return Tier(
        site=site,
        must_open=instance.sites.must_open[site],
        option=option,
        option_site=option_site,
        first_option=np.searchsorted(option_site, np.arange(len(site) + 1)).astype(np.int64),
        capacity_kt=instance.options.usable_t[option] / MODEL_T,
        least_kt=instance.options.min_load_t[option] / MODEL_T,
        aim_kt=_aimed_t(instance, columns)[option] / MODEL_T,
        column=column,
        column_site=column_site,
        first_column=first_column,
        kt=kt.sum(axis=1),
        upper=model.column_upper[column],
        first_pair=first_pair,
        is_taken=~((ends[2] > 0) & ~instance.options.accepts[ends[0]]).any(axis=1),
        pairs=_pairs(instance, columns, ends),
        supply_row=supply_row,
        supply=supply,
        is_passed_on=is_passed_on,
        closing_cost=_closing_cost(instance, model, columns)[site],
    )


def coupling_rows(model: LinearModel, tier: Tier, *, also: Ints) -> Ints:
    """Return the rows that couple the tier's sites or the columns `also`: targets, budgets, groups; no supplies."""
    kept = np.ones(model.n_rows, dtype=bool)
    kept[model.rows_of(*AT_ONE_SITE, *SUPPLIES)] = False
    rows = np.flatnonzero(kept)
    mark = np.zeros(model.n_columns)
    mark[columns_of(tier)] = 1.0
    mark[also] = 1.0
    return rows[abs(model.matrix[rows]) @ mark > 0]


def columns_of(tier: Tier) -> Ints:
    """Return the columns of the model that stand for what opens at, and flows into, the sites of a tier."""
    return np.unique(np.concatenate([tier.option, tier.column, tier.pairs.indices]))


def _aimed_t(instance: Instance, columns: Columns) -> Floats:
    aimed_t = instance.options.min_load_t.copy()
    aimed_t[columns.used_option] = instance.options.least_use_t[columns.used_option]
    return aimed_t


def _in_order(numbers: Ints, site: Ints) -> Ints:
    return numbers[np.argsort(site[numbers], kind="stable")]


def _inflows(instance: Instance, columns: Columns) -> tuple[Ints, Floats]:
    """Return the site that each column flows into (n_columns,), −1 for none, and kt by material of a unit of it."""
    site, material, column, value = inflow_terms(instance, columns)
    head = np.full(columns.n, -1)
    head[column] = site
    head[columns["assign"]] = instance.walks.site
    kt = np.zeros((columns.n, instance.n_materials))
    np.add.at(kt, (column, material), value)
    return head, kt


def _supplies(model: LinearModel, column: Ints) -> tuple[Ints, Ints, Bools]:
    """Return the supply rows of the columns, the number of each column's row, and whether a site passes it on."""
    is_supply, is_conserved = np.zeros(model.n_rows, dtype=bool), np.zeros(model.n_rows, dtype=bool)
    is_supply[model.rows_of(*SUPPLIES)] = True
    is_conserved[model.rows_of("conserve_material")] = True
    entries = sparse.csc_array(model.matrix)[:, column].tocoo()
    draws = is_supply[entries.row] & (~is_conserved[entries.row] | (entries.data < 0))
    row = np.full(len(column), -1)
    row[entries.col[draws]] = entries.row[draws]
    rows, supply = np.unique(row, return_inverse=True)
    return rows, supply.astype(np.int64), is_conserved[rows]


def _pairs(instance: Instance, columns: Columns, ends: tuple[Ints, Ints, Floats]) -> sparse.csc_array:
    option, column, kt = ends
    number = np.arange(len(option))
    load = np.full((instance.n_options, instance.n_materials), -1)
    load[columns.load_option, columns.load_material] = columns.at("load", np.arange(len(columns.load_option)))
    pair, material = np.nonzero((kt > 0) & (load[option] >= 0))
    rows = np.concatenate([column, load[option[pair], material]])
    values = np.concatenate([np.ones(len(number)), kt[pair, material]])
    return sparse.csc_array((values, (rows, np.concatenate([number, pair]))), shape=(columns.n, len(number)))


def _closing_cost(instance: Instance, model: LinearModel, columns: Columns) -> Floats:
    cost = np.zeros(instance.n_sites)
    cost[columns.close_site] = model.cost[columns["close"]]
    return cost
