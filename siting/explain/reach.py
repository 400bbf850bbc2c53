"""Limits that the candidates set, at any cost: what fits, what can go on, and what can come to each place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance
from siting.model.columns import site_passes_on
from siting.vocabulary import Echelon


@dataclass(frozen=True)
class Reach:
    """Limits that the candidates set on targets, at any cost.

    `fits` (n_options,): the land suffices. `has_option` (n_sites,): something fits. `takes` (n_sites, n_materials): a
    tonne of the material that enters can go on to a centre. `is_usable` (n_walks,): the point can pass on all that
    the cell brings. `given_t` (n_demand, n_materials): maximum that each demand node can give, t a year.
    `into_t` (n_sites, n_materials): no more can enter.
    """

    fits: Bools
    has_option: Bools
    takes: Bools
    is_usable: Bools
    given_t: Floats
    into_t: Floats


def trace_reach(instance: Instance) -> Reach:
    """Follow every material from the centres back to the cells, and the tonnes from the cells forth."""
    options, walks = instance.options, instance.walks
    fits = np.asarray(options.area_m2 <= instance.sites.area_m2[options.site])
    has_option = np.zeros(instance.n_sites, dtype=bool)
    has_option[options.site[fits]] = True
    takes, brought_t = _takes(instance, fits), instance.brought_t()
    is_usable: Bools = has_option[walks.site] & (takes[walks.site] | (brought_t == 0)).all(axis=1)
    return Reach(
        fits,
        has_option,
        takes,
        is_usable,
        _given_t(instance, takes, is_usable),
        _into_t(instance, takes, brought_t * is_usable[:, None]),
    )


def _takes(instance: Instance, fits: Bools) -> Bools:
    """Return whether a site can take each material and pass on or keep its products, (n_sites, n_materials)."""
    options, passed = instance.options, instance.passed_on() > 0
    takes = np.zeros((instance.n_sites, instance.n_materials), dtype=bool)
    leads_on = np.zeros_like(takes)
    disposes = np.zeros((instance.n_options, instance.n_materials), dtype=bool)
    disposes[instance.disposals.option, instance.disposals.material] = True
    echelon = instance.option_echelon()
    for one in reversed(Echelon):
        usable = np.flatnonzero(fits & (echelon == one))
        leaves = leads_on[options.site[usable]] | disposes[usable]
        stuck = (passed[options.type[usable]] & ~leaves[:, None, :]).any(axis=2)
        np.logical_or.at(takes, options.site[usable], options.accepts[usable] & ~stuck)
        np.logical_or.at(leads_on, instance.haul.tail, takes[instance.haul.head])
    return takes


def _given_t(instance: Instance, takes: Bools, is_usable: Bools) -> Floats:
    """Return the maximum that each demand node can give, t a year, (n_demand, n_materials).

    A cell gives most to the usable point with the highest participation, a generator all that some centre takes.
    """
    walks, direct = instance.walks, instance.direct
    share = np.zeros((instance.n_demand, 1))
    np.maximum.at(share[:, 0], walks.demand[is_usable], walks.participation[is_usable])
    share_of = np.repeat(share, instance.n_materials, axis=1)
    np.maximum.at(share_of, direct.tail, takes[direct.head].astype(float))
    return np.asarray(instance.demand.tonnes * share_of)


def _into_t(instance: Instance, takes: Bools, brought_t: Floats) -> Floats:
    """Return what can enter each site if it has everything upstream to itself, t a year, (n_sites, n_materials)."""
    direct, haul = instance.direct, instance.haul
    into = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(into, instance.walks.site, brought_t)
    np.add.at(into, direct.head, instance.demand.tonnes[direct.tail])
    passes_on = site_passes_on(instance)
    for tail in list(Echelon)[:-1]:
        into *= takes
        out = np.einsum("jm,jmp->jp", into, passes_on)
        of_tail = instance.sites.echelon[haul.tail] == tail
        np.add.at(into, haul.head[of_tail], out[haul.tail[of_tail]])
    return into * takes


def max_at_site(instance: Instance, values: Floats, among: Bools) -> Floats:
    """Return the maximum over the options of each site that are `among`, (n_sites,); 0 where there is none."""
    largest = np.zeros(instance.n_sites)
    np.maximum.at(largest, instance.options.site[among], values[among])
    return largest


def min_at_site(instance: Instance, values: Floats, among: Bools) -> Floats:
    """Return the minimum over the options of each site that are `among`, (n_sites,); inf where there is none."""
    smallest = np.full(instance.n_sites, np.inf)
    np.minimum.at(smallest, instance.options.site[among], values[among])
    return smallest


def is_sorted_nowhere(instance: Instance) -> bool:
    """Return whether some link leads to a base from elsewhere than a sorting centre."""
    echelon = instance.sites.echelon
    past = (echelon[instance.haul.head] == Echelon.BASE) & (echelon[instance.haul.tail] != Echelon.SORTING)
    return bool(past.any() or (echelon[instance.direct.head] == Echelon.BASE).any())
