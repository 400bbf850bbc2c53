"""Neighbourhoods: sites that share links, and the columns freed to re-optimise them."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from siting.instance import Bools, Floats, Instance, Ints, Links
from siting.model.columns import FOLLOWING, Columns
from siting.vocabulary import Echelon

USED = 1e-9
"""A column above this counts as used."""


def free_columns(instance: Instance, columns: Columns, values: Floats, sites: Ints) -> Ints:
    """Return the columns to free so that `sites` can change, all others fixed at `values` (n_columns,).

    These are their options and loads; the walks to them and the access that they give, and all walks of these cells
    where residents choose; the ways on of what enters or leaves them now or could, to open sites or to `sites`; and the
    shortfalls of soft targets.
    """
    is_chosen = np.zeros(instance.n_sites, dtype=bool)
    is_chosen[sites] = True
    can_take = is_chosen | _is_open(instance, columns, values)
    may_change = _may_change(instance, is_chosen)
    walks = is_chosen[instance.walks.site]
    moves = is_chosen.copy()
    if instance.assigns_nearest:  # who may choose another point leaves one that is open now
        walks = may_change[instance.walks.demand] & can_take[instance.walks.site]
        moves[instance.walks.site[walks]] = True
    parts = [
        columns.at("open", np.flatnonzero(is_chosen[instance.options.site])),
        columns.at("assign", np.flatnonzero(walks)),
        columns.at("load", np.flatnonzero(can_take[instance.options.site[columns.load_option]])),
        columns.at("near", np.flatnonzero(may_change[columns.near_node])),
        columns.numbers("close", "expand", "dispose", "in_use", *FOLLOWING),
    ]
    parts += _flows(instance, columns, values, is_chosen=is_chosen, can_take=can_take, changes=moves)
    return np.concatenate(parts)


def _may_change(instance: Instance, is_chosen: Bools) -> Bools:
    """Return whether each demand node may walk to a chosen site, (n_demand,)."""
    may = np.zeros(instance.n_demand, dtype=bool)
    may[instance.walks.demand[is_chosen[instance.walks.site]]] = True
    return may


def _is_open(instance: Instance, columns: Columns, values: Floats) -> Bools:
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[values[columns["open"]] > USED]] = True
    return is_open


def _flows(
    instance: Instance, columns: Columns, values: Floats, *, is_chosen: Bools, can_take: Bools, changes: Bools
) -> list[Ints]:
    """Free direct and haul columns, echelon by echelon: a change at one moves the flows of the next.

    Sites, (n_sites,) each, that are chosen, that can take what moves, and at which what enters changes.
    """
    haul, direct = columns.haul_link, columns.direct_link
    tail, head = instance.haul.tail[haul], instance.haul.head[haul]
    used = values[columns["haul"]] > USED
    moves = changes.copy()
    moves[tail[used & is_chosen[head]]] = True
    from_points = moves[tail] & can_take[head] & (instance.sites.echelon[tail] == Echelon.POINT)
    moves[head[from_points]] = True
    from_stations = moves[tail] & can_take[head] & (instance.sites.echelon[tail] == Echelon.TRANSFER)
    parts = [columns.at("haul", np.flatnonzero(from_points | from_stations))]
    if is_chosen[instance.sites.echelon == Echelon.SORTING].any():
        giving = np.zeros(instance.n_demand, dtype=bool)
        giving[instance.direct.tail[direct][is_chosen[instance.direct.head[direct]]]] = True
        freed = giving[instance.direct.tail[direct]] & can_take[instance.direct.head[direct]]
        parts.append(columns.at("direct", np.flatnonzero(freed)))
    return parts


NEAREST_LINKS = 2
"""Of the haul links of a point, this many of the shortest count as neighbourhood."""
NEAREST_CENTRES = 4
"""Centres are neighbours where they are among this many nearest of a generator or a station."""


def site_graph(instance: Instance) -> sparse.csr_array:
    """Return the graph of points and stations that share a cell or are joined by one of a point's shortest hauls."""
    n, walks = instance.n_sites, instance.walks
    serves = sparse.csr_array((np.ones(len(walks.site)), (walks.site, walks.demand)), shape=(n, instance.n_demand))
    kept = _nearest(instance.haul, instance.sites.echelon[instance.haul.head] == Echelon.TRANSFER, NEAREST_LINKS)
    ends = (instance.haul.tail[kept], instance.haul.head[kept])
    hauls = sparse.csr_array((np.ones(len(kept)), ends), shape=(n, n))
    return sparse.csr_array(serves @ serves.T + hauls + hauls.T)


def centre_graph(instance: Instance) -> sparse.csr_array:
    """Return the sorting centres, joined where they are among the nearest of a common generator or station."""
    n, parts = instance.n_sites, []
    for links, width in ((instance.direct, instance.n_demand), (instance.haul, n)):
        kept = _nearest(links, instance.sites.echelon[links.head] == Echelon.SORTING, NEAREST_CENTRES)
        ends = (links.head[kept], links.tail[kept])
        parts.append(sparse.csr_array((np.ones(len(kept)), ends), shape=(n, width)))
    reached = sparse.csr_array(sparse.hstack(parts))
    return sparse.csr_array(reached @ reached.T)


def _nearest(links: Links, wanted: Bools, most: int) -> Ints:
    """Return the numbers of the `most` shortest of the wanted links of each tail."""
    order = np.lexsort([links.distance_m, links.tail])
    order = order[wanted[order]]
    tail = links.tail[order]
    rank = np.arange(len(order)) - np.searchsorted(tail, tail, side="left")
    return order[rank < most].astype(np.int64)


def around(graph: sparse.csr_array, seed: int, weight: Ints, most: int) -> Ints:
    """Return the sites nearest to `seed` in the graph, up to about `most` weight."""
    order = breadth_first_order(graph, seed, directed=False, return_predecessors=False)
    return order[: int(np.searchsorted(np.cumsum(weight[order]), most)) + 1].astype(np.int64)
