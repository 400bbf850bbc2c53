"""Rows about facilities: what they take, how many stand at a site or in a group, which must stay."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.flow_rows import inflow_terms
from siting.model.joins import option_terms
from siting.model.linear import MODEL_T, RowAssembler, Term


def add_facility_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add the rows that a site and its options must meet."""
    _split_load(rows, instance, columns)
    _expand_open(rows, instance, columns)
    _dispose_at_open(rows, instance, columns)
    _within_capacity(rows, instance, columns)
    _reach_min_load(rows, instance, columns)
    _one_size(rows, instance, columns)
    _within_group(rows, instance, columns)
    _keep_open(rows, instance, columns)
    _keep_or_close(rows, instance, columns)


def _split_load(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    site, material, column, value = inflow_terms(instance, columns)
    keep = columns.is_split[site]
    into = (site * instance.n_materials + material)[keep]
    taken = instance.options.site[columns.load_option] * instance.n_materials + columns.load_material
    places, row = np.unique(np.concatenate([into, taken]), return_inverse=True)
    load = columns.numbers("load")
    terms = [(row[: len(into)], column[keep], value[keep]), (row[len(into) :], load, -np.ones(len(load)))]
    rows.add("split_load", terms, n_rows=len(places), lower=0.0, upper=0.0)


def _within_capacity(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    usable = instance.options.usable_t / MODEL_T
    alike = alike_sites(instance, columns)
    row_of_site = np.full(instance.n_sites, -1)
    row_of_site[alike] = np.arange(len(alike))
    site, _, column, value = inflow_terms(instance, columns)
    keep = row_of_site[site] >= 0
    row, option = option_terms(instance, np.arange(len(alike)), alike)
    terms = [
        (row_of_site[site[keep]], column[keep], value[keep]),
        (row, columns.at("open", option), -usable[option]),
        _extended(instance, columns, row_of_site[instance.options.site[instance.expansions.option]]),
    ]
    rows.add("within_capacity", terms, n_rows=len(alike), upper=0.0)

    split, row = np.unique(columns.load_option, return_inverse=True)
    load = columns.numbers("load")
    row_of_option = np.full(instance.n_options, -1)
    row_of_option[split] = np.arange(len(split))
    terms = [
        (row, load, np.ones(len(load))),
        (np.arange(len(split)), columns.at("open", split), -usable[split]),
        _extended(instance, columns, row_of_option[instance.expansions.option]),
    ]
    rows.add("within_capacity", terms, n_rows=len(split), upper=0.0)


def alike_sites(instance: Instance, columns: Columns) -> Ints:
    """Return the sites whose options are alike: the first rows `within_capacity` are of these, in their order."""
    return np.setdiff1d(np.unique(instance.options.site), np.flatnonzero(columns.is_split))


def loaded_sites(instance: Instance) -> Ints:
    """Return the sites that the rows `reach_min_load` are about, in their order."""
    return np.unique(instance.options.site[instance.options.min_load_t > 0])


def _extended(instance: Instance, columns: Columns, row: Ints) -> Term:
    """Return the terms of expansions in the rows of capacity; a row of −1 stands for none."""
    own = np.flatnonzero(row >= 0)
    return row[own], columns.at("expand", own), -instance.options.usable_share[instance.expansions.option[own]]


def _expand_open(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    most = instance.expansions.most_t / MODEL_T
    number = np.arange(len(most))
    terms = [
        (number, columns.at("expand", number), np.ones(len(most))),
        (number, columns.at("open", instance.expansions.option), -most),
    ]
    rows.add("expand_open", terms, n_rows=len(most), upper=0.0)


def _dispose_at_open(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    most = most_disposed(instance)
    number = np.arange(len(most))
    terms = [
        (number, columns.at("dispose", number), np.ones(len(most))),
        (number, columns.at("open", instance.disposals.option), -most),
    ]
    rows.add("dispose_at_open", terms, n_rows=len(most), upper=0.0)


def most_disposed(instance: Instance) -> Floats:
    """Return the maximum of each disposal, kt a year, (n_disposals,): its limit, and what can leave its option."""
    disposals = instance.disposals
    most_pass = instance.passed_on().max(axis=1)[instance.options.type[disposals.option], disposals.material]
    leaving_t = instance.most_load_t()[disposals.option] * most_pass
    return np.asarray(np.minimum(disposals.limit_t, leaving_t) / MODEL_T)


def _reach_min_load(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    least = instance.options.min_load_t / MODEL_T
    asked = loaded_sites(instance)
    row_of_site = np.full(instance.n_sites, -1)
    row_of_site[asked] = np.arange(len(asked))
    site, _, column, value = inflow_terms(instance, columns)
    keep = row_of_site[site] >= 0
    row, option = option_terms(instance, np.arange(len(asked)), asked, least > 0)
    terms = [(row_of_site[site[keep]], column[keep], value[keep]), (row, columns.at("open", option), -least[option])]
    rows.add("reach_min_load", terms, n_rows=len(asked), lower=0.0)


def _one_size(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    sites, counts = np.unique(instance.options.site, return_counts=True)
    several = sites[counts > 1]
    row, option = option_terms(instance, np.arange(len(several)), several)
    rows.add("one_size", [(row, columns.at("open", option), 1.0)], n_rows=len(several), upper=1.0)


def _keep_open(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    kept = np.flatnonzero(instance.sites.must_open)
    row, option = option_terms(instance, np.arange(len(kept)), kept)
    rows.add("keep_open", [(row, columns.at("open", option), 1.0)], n_rows=len(kept), lower=1.0)


def _within_group(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    groups = instance.groups
    terms = [(groups.group, columns.at("open", groups.option), 1.0)]
    rows.add("within_group", terms, n_rows=len(groups.most), upper=groups.most)


def _keep_or_close(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    site = columns.close_site
    row, option = option_terms(instance, np.arange(len(site)), site)
    close = columns.numbers("close")
    terms = [(row, columns.at("open", option), np.ones(len(row))), (np.arange(len(site)), close, np.ones(len(site)))]
    rows.add("keep_or_close", terms, n_rows=len(site), lower=1.0)
