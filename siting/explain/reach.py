"""Reachability with everything open: bounds by arithmetic that hold for every plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance
from siting.model.columns import site_passes_on
from siting.vocabulary import Echelon


@dataclass(frozen=True)
class Reach:
    """What is possible at all, whatever it costs.

    `fits` (n_options,): the land suffices. `has_option` (n_sites,): something fits. `takes` (n_sites, n_materials): a
    tonne of the material that enters can go on to a centre. `is_usable` (n_walks,): the point can pass on all that
    the cell brings. `given_t` (n_demand, n_materials): the most that each demand node can give, t a year.
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
    options, sites = instance.options, instance.sites
    fits = np.asarray(options.area_m2 <= sites.area_m2[options.site])
    has_option = np.zeros(instance.n_sites, dtype=bool)
    has_option[options.site[fits]] = True
    takes = _takes(instance, fits)
    walks = instance.walks
    brought_t = instance.brought_t()
    is_usable: Bools = has_option[walks.site] & (takes[walks.site] | (brought_t == 0)).all(axis=1)
    return Reach(
        fits,
        has_option,
        takes,
        is_usable,
        _given_t(instance, takes, is_usable),
        _into_t(instance, takes, brought_t * is_usable[:, None]),
    )


def most_at_site(instance: Instance, counted: Bools) -> Floats:
    """Return the capacity of the largest counted option of each site, fully extended, (n_sites,), t a year.

    0 where none counts.
    """
    largest_t = np.zeros(instance.n_sites)
    np.maximum.at(largest_t, instance.options.site[counted], instance.most_capacity_t()[counted])
    return largest_t


def least_at_site(instance: Instance, values: Floats, among: Bools) -> Floats:
    """Return the least value among the options of each site that are `among`, (n_sites,); inf where there is none."""
    least = np.full(instance.n_sites, np.inf)
    np.minimum.at(least, instance.options.site[among], values[among])
    return least


def _takes(instance: Instance, fits: Bools) -> Bools:
    """Whether some option of each site takes each material and all that it makes of it can go on, or stay there."""
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
    """Return the most that each demand node can give, t a year, (n_demand, n_materials).

    A cell gives most to the usable point with the highest participation, a generator all that some centre takes.
    """
    walks, direct = instance.walks, instance.direct
    share = np.zeros(instance.n_demand)
    np.maximum.at(share, walks.demand[is_usable], walks.participation[is_usable])
    share_of = np.repeat(share[:, None], instance.n_materials, axis=1)
    np.maximum.at(share_of, direct.tail, takes[direct.head].astype(float))
    given: Floats = instance.demand.tonnes * share_of
    return given


def _into_t(instance: Instance, takes: Bools, brought_t: Floats) -> Floats:
    """Return what can enter each site if it has everything upstream to itself, t a year, (n_sites, n_materials)."""
    direct, haul, echelon = instance.direct, instance.haul, instance.sites.echelon
    into = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(into, instance.walks.site, brought_t)
    np.add.at(into, direct.head, instance.demand.tonnes[direct.tail])
    passes_on = site_passes_on(instance)
    for tail in list(Echelon)[:-1]:
        into *= takes
        out = np.einsum("jm,jmp->jp", into, passes_on)
        of_tail = echelon[haul.tail] == tail
        np.add.at(into, haul.head[of_tail], out[haul.tail[of_tail]])
    return into * takes
