"""Rows about residents who choose for themselves: none is turned away, none walks far past an open point."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints
from siting.model.access import near_options
from siting.model.columns import Columns
from siting.model.joins import option_terms, spans
from siting.model.linear import RowAssembler, Term


def add_nearest_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add assign_nearest (closest-assignment rows: Wagner and Falkson 1975) and serve_near, where residents choose."""
    if not instance.assigns_nearest:
        return
    _assign_nearest(rows, instance, columns)
    _serve_near(rows, instance, columns)


def takes_all(instance: Instance, walk: Ints, option: Ints) -> Bools:
    """Return whether each option accepts every material that the cell of the walk beside it brings over that walk."""
    brings = instance.brought_t()[walk] > 0
    return np.asarray(~(brings & ~instance.options.accepts[option]).any(axis=1))


def chosen_walks(instance: Instance, is_open: Bools) -> Bools:
    """Return the walks to open points that residents may choose where `is_open` (n_options,), (n_walks,).

    They lead to points that take all that the cell brings and are at most the tolerance farther than the nearest such.
    """
    walks = instance.walks
    walk, option = _walk_options(instance)
    takes = is_open[option] & takes_all(instance, walk, option)
    to_open = np.zeros(len(walks.demand), dtype=bool)
    to_open[walk[takes]] = True
    nearest_m = np.full(instance.n_demand, np.inf)
    np.minimum.at(nearest_m, walks.demand[to_open], walks.distance_m[to_open])
    return to_open & (walks.distance_m <= nearest_m[walks.demand] + instance.assignment_tolerance_m)


def least_loads_t(instance: Instance) -> Floats:
    """Return what each option must take where it is open, t/yr, (n_options,): of residents without another choice.

    No other candidate is within the tolerance beyond their walk to this one.
    """
    if not instance.assigns_nearest:
        return np.zeros(instance.n_options)
    walks = np.arange(len(instance.walks.site))
    of_walk, _ = _not_much_farther(instance, walks, instance.walks.distance_m)
    is_alone = np.bincount(of_walk, minlength=len(walks)) == 1
    walk, option = _walk_options(instance)
    kept = is_alone[walk] & takes_all(instance, walk, option)
    return np.bincount(option[kept], instance.brought_t().sum(axis=1)[walk[kept]], instance.n_options).astype(float)


def _walk_options(instance: Instance) -> tuple[Ints, Ints]:
    """Return (walk, option) for every option at the end of each walk."""
    return option_terms(instance, np.arange(len(instance.walks.site)), instance.walks.site)


def _assign_nearest(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    walk, option = _walk_options(instance)
    kept = takes_all(instance, walk, option)
    asked, of_open = np.unique(walk[kept], return_inverse=True)
    of_walk, chosen = _not_much_farther(instance, asked, instance.walks.distance_m[asked])
    terms: list[Term] = [
        (of_walk, columns.at("assign", chosen), np.ones(len(chosen))),
        (of_open, columns.at("open", option[kept]), -np.ones(len(of_open))),
    ]
    rows.add("assign_nearest", terms, n_rows=len(asked), lower=0.0)


def _serve_near(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add `serve_near`: covered residents are served within the distance and the tolerance. Valid for integer plans.

    Only where every point that counts takes all that the cell brings.
    """
    for access, first in columns.with_access():
        node, option, walk = near_options(instance, access)
        refused = np.zeros(len(access.node), dtype=bool)
        refused[node[~takes_all(instance, walk, option)]] = True
        kept = np.flatnonzero(~refused)
        least = np.full(instance.n_demand, -1)
        least[instance.walks.demand] = np.arange(len(instance.walks.demand))
        within_m = np.full(len(kept), access.within_m)
        of_cell, chosen = _not_much_farther(instance, least[access.node[kept]], within_m)
        terms: list[Term] = [
            (of_cell, columns.at("assign", chosen), 1.0),
            (np.arange(len(kept)), columns.at("near", first + kept), -1.0),
        ]
        rows.add("serve_near", terms, n_rows=len(kept), lower=0.0)


def _not_much_farther(instance: Instance, walk: Ints, within_m: Floats) -> tuple[Ints, Ints]:
    """Return (number, walk) of the walks of the cell of each `walk` within `within_m` and the tolerance."""
    walks = instance.walks
    order = np.lexsort([walks.distance_m, walks.demand])
    demand, cell = walks.demand[order], walks.demand[walk]
    first, last = (np.searchsorted(demand, cell, side) for side in ("left", "right"))
    number, place = spans(first, last - first)
    member = order[place]
    is_near = walks.distance_m[member] <= within_m[number] + instance.assignment_tolerance_m
    return number[is_near], member[is_near]
