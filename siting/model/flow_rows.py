"""Rows about who is served and what flows: the ways to open sites, and what leaves a site for what enters it."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import Columns, site_accepts, site_passes_on
from siting.model.joins import option_terms
from siting.model.linear import MODEL_T, RowAssembler
from siting.model.nearest_rows import add_nearest_rows
from siting.vocabulary import Echelon


def add_flow_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add the rows that tie people and material to open sites."""
    _serve(rows, instance, columns)
    _assign_to_open(rows, instance, columns)
    add_nearest_rows(rows, instance, columns)
    _within_offer(rows, instance, columns)
    _links_to_open(rows, instance, columns)
    _conserve_material(rows, instance, columns)


def inflow_terms(instance: Instance, columns: Columns) -> tuple[Ints, Ints, Ints, Floats]:
    """Return every column that brings material into a site, as (site, material, column, kt per unit)."""
    brought = instance.brought_t() / MODEL_T
    walk, material = np.nonzero(brought)
    direct = columns.numbers("direct")
    haul = columns.numbers("haul")
    site = [
        instance.walks.site[walk],
        instance.direct.head[columns.direct_link],
        instance.haul.head[columns.haul_link],
    ]
    return (
        np.concatenate(site),
        np.concatenate([material, columns.direct_material, columns.haul_material]),
        np.concatenate([columns.at("assign", walk), direct, haul]),
        np.concatenate([brought[walk, material], np.ones(len(direct) + len(haul))]),
    )


def _serve(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    must = instance.demand.must_serve & instance.demand.is_household
    cells = np.union1d(instance.walks.demand, np.flatnonzero(must))
    row = np.searchsorted(cells, instance.walks.demand)
    lower = np.where(must[cells], 1.0, -np.inf)
    rows.add("serve", [(row, columns.numbers("assign"), 1.0)], n_rows=len(cells), lower=lower, upper=1.0)


def _assign_to_open(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    walk = np.arange(len(instance.walks.demand))
    row, option = option_terms(instance, walk, instance.walks.site)
    terms = [
        (walk, columns.numbers("assign"), np.ones(len(walk))),
        (row, columns.at("open", option), -np.ones(len(row))),
    ]
    rows.add("assign_to_open", terms, n_rows=len(walk), upper=0.0)


def _within_offer(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    m = instance.n_materials
    offer = instance.direct.tail[columns.direct_link] * m + columns.direct_material
    must = _must_give(instance)
    offers = offer_places(instance, columns)
    offered = instance.demand.tonnes.reshape(-1)[offers] / MODEL_T
    lower = np.where(must.reshape(-1)[offers], offered, -np.inf)
    column = columns.numbers("direct")
    terms = [(np.searchsorted(offers, offer), column, 1.0)]
    rows.add("within_offer", terms, n_rows=len(offers), lower=lower, upper=offered)


def offer_places(instance: Instance, columns: Columns) -> Ints:
    """Return demand node × n_materials + material of each row `within_offer`.

    Those that only omitted links could take have a row too.
    """
    offer = instance.direct.tail[columns.direct_link] * instance.n_materials + columns.direct_material
    omitted = instance.omitted_direct
    could_go = np.zeros(instance.demand.tonnes.shape, dtype=bool)
    for material, takes in enumerate(site_accepts(instance).T):
        could_go[omitted.tail[takes[omitted.head]], material] = True
    could_go &= instance.demand.tonnes > 0
    return np.unique(np.concatenate([offer, np.flatnonzero(could_go | _must_give(instance))]))


def _must_give(instance: Instance) -> Bools:
    """Return whether each demand node must send each material over direct links, (n_demand, n_materials)."""
    must = instance.demand.must_serve & ~instance.demand.is_household
    return np.asarray(must[:, None] & (instance.demand.tonnes > 0))


def most_on_links(instance: Instance, columns: Columns) -> tuple[Floats, Floats]:
    """Return the most that can flow on each direct and each haul column, kt a year."""
    offered, passed_on, capacity = most_at_ends(instance)
    direct, haul = instance.direct, instance.haul
    return (
        np.minimum(
            offered[direct.tail[columns.direct_link], columns.direct_material],
            capacity[direct.head[columns.direct_link]],
        ),
        np.minimum(
            passed_on[haul.tail[columns.haul_link], columns.haul_material], capacity[haul.head[columns.haul_link]]
        ),
    )


def most_at_ends(instance: Instance) -> tuple[Floats, Floats, Floats]:
    """Return the most that can leave each generator and each site, and enter each site, kt a year.

    A generator's offer (n_demand, n_materials); what a site can pass on (n_sites, n_materials): the largest capacity
    of its options and, at a point, what all its cells together could bring; and that largest capacity (n_sites,).
    """
    capacity = np.zeros(instance.n_sites)
    np.maximum.at(capacity, instance.options.site, instance.most_load_t() / MODEL_T)
    could_enter = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(could_enter, instance.walks.site, instance.brought_t() / MODEL_T)
    is_point = instance.sites.echelon == Echelon.POINT
    could_enter[~is_point] = np.inf
    most_in = np.minimum(could_enter, capacity[:, None])
    passed_on = np.einsum("jm,jmp->jp", most_in, site_passes_on(instance))
    return instance.demand.tonnes / MODEL_T, passed_on, capacity


def _links_to_open(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    direct, haul = most_on_links(instance, columns)
    for name, flow, most, head, material in (
        ("direct_to_open", "direct", direct, instance.direct.head[columns.direct_link], columns.direct_material),
        ("haul_to_open", "haul", haul, instance.haul.head[columns.haul_link], columns.haul_material),
    ):
        link = np.arange(len(most))
        row, option = option_terms(instance, link, head)
        takes = instance.options.accepts[option, material[row]]
        row, option = row[takes], option[takes]
        terms = [(link, columns.numbers(flow), np.ones(len(link))), (row, columns.at("open", option), -most[row])]
        rows.add(name, terms, n_rows=len(link), upper=0.0)


def _conserve_material(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    site, product, column, value = outflow_terms(instance, columns)
    into = site * instance.n_materials + product
    hauled = instance.haul.tail[columns.haul_link] * instance.n_materials + columns.haul_material
    disposals = instance.disposals
    disposed = instance.options.site[disposals.option] * instance.n_materials + disposals.material
    places = conserved_places(instance, columns)
    out = np.concatenate([columns.numbers("haul"), columns.numbers("dispose")])
    row = np.searchsorted(places, np.concatenate([into, hauled, disposed]))
    terms = [(row[: len(into)], column, value), (row[len(into) :], out, -np.ones(len(out)))]
    rows.add("conserve_material", terms, n_rows=len(places), lower=0.0, upper=0.0)


def conserved_places(instance: Instance, columns: Columns) -> Ints:
    """Return site × n_materials + product of each row `conserve_material`.

    What only omitted links could take away has a row too.
    """
    m, disposals = instance.n_materials, instance.disposals
    site, product, _, _ = outflow_terms(instance, columns)
    hauled = instance.haul.tail[columns.haul_link] * m + columns.haul_material
    disposed = instance.options.site[disposals.option] * m + disposals.material
    could_leave = omitted_exits(instance, columns)
    return np.unique(np.concatenate([site * m + product, hauled, disposed, np.flatnonzero(could_leave)]))


def omitted_exits(instance: Instance, columns: Columns) -> Bools:
    """Return whether an omitted link could take each material away from each site, (n_sites, n_materials)."""
    omitted, could_leave = instance.omitted_haul, np.zeros((instance.n_sites, instance.n_materials), dtype=bool)
    for material, takes in enumerate(site_accepts(instance).T):
        could_leave[omitted.tail[takes[omitted.head]], material] = True
    return could_leave & columns.leaves


def outflow_terms(instance: Instance, columns: Columns) -> tuple[Ints, Ints, Ints, Floats]:
    """Return the material that must leave a site for each inflow column: (site, product, column, kt per unit).

    Where the options of a site do different things with what enters, their load columns count instead.
    """
    passed = instance.passed_on()
    converts = np.isin(np.arange(len(passed)), instance.conversions.type)
    by_load = columns.is_split & _any_at_site(instance, converts[instance.options.type])
    type_of_site = np.zeros(instance.n_sites, dtype=np.int64)
    type_of_site[instance.options.site] = instance.options.type
    site, material, column, value = inflow_terms(instance, columns)
    keep = ~by_load[site]
    load_site = instance.options.site[columns.load_option]
    loads = np.flatnonzero(by_load[load_site])
    site = np.concatenate([site[keep], load_site[loads]])
    kind = np.concatenate([type_of_site[site[: keep.sum()]], instance.options.type[columns.load_option[loads]]])
    material = np.concatenate([material[keep], columns.load_material[loads]])
    column = np.concatenate([column[keep], columns.at("load", loads)])
    value = np.concatenate([value[keep], np.ones(len(loads))])
    rate = passed[kind, material]
    entry, product = np.nonzero(rate)
    return site[entry], product, column[entry], value[entry] * rate[entry, product]


def _any_at_site(instance: Instance, wanted: Bools) -> Bools:
    """Return the sites with an option that is `wanted` (n_options,)."""
    found = np.zeros(instance.n_sites, dtype=bool)
    found[instance.options.site[wanted]] = True
    return found
