"""Which sites are near each other, told from what they share: no coordinates on this side of the waist."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from siting.instance import Bools, Instance, Ints, Links
from siting.vocabulary import Echelon

NEAREST_LINKS = 2
"""Of the haul links of a point, this many of the shortest count as neighbourhood."""
NEAREST_CENTRES = 4
"""Centres are neighbours where they are among this many nearest of a generator or a station."""


def site_graph(instance: Instance) -> sparse.csr_array:
    """Points and stations, joined where they serve a common cell or by one of a point's shortest haul links."""
    n, walks = instance.n_sites, instance.walks
    serves = sparse.csr_array((np.ones(len(walks.site)), (walks.site, walks.demand)), shape=(n, instance.n_demand))
    kept = _nearest(instance.haul, instance.sites.echelon[instance.haul.head] == Echelon.TRANSFER, NEAREST_LINKS)
    ends = (instance.haul.tail[kept], instance.haul.head[kept])
    hauls = sparse.csr_array((np.ones(len(kept)), ends), shape=(n, n))
    return sparse.csr_array(serves @ serves.T + hauls + hauls.T)


def centre_graph(instance: Instance) -> sparse.csr_array:
    """Sorting centres, joined where they are among the nearest of a common generator or station."""
    n, parts = instance.n_sites, []
    for links, width in ((instance.direct, instance.n_demand), (instance.haul, n)):
        kept = _nearest(links, instance.sites.echelon[links.head] == Echelon.SORTING, NEAREST_CENTRES)
        ends = (links.head[kept], links.tail[kept])
        parts.append(sparse.csr_array((np.ones(len(kept)), ends), shape=(n, width)))
    reached = sparse.csr_array(sparse.hstack(parts))
    return sparse.csr_array(reached @ reached.T)


def _nearest(links: Links, wanted: Bools, most: int) -> Ints:
    """Numbers of the `most` shortest of the wanted links of each tail."""
    order = np.lexsort([links.distance_m, links.tail])
    order = order[wanted[order]]
    tail = links.tail[order]
    rank = np.arange(len(order)) - np.searchsorted(tail, tail, side="left")
    return order[rank < most].astype(np.int64)


def around(graph: sparse.csr_array, seed: int, weight: Ints, most: int) -> Ints:
    """The sites nearest to `seed` in the graph, up to about `most` weight."""
    order = breadth_first_order(graph, seed, directed=False, return_predecessors=False)
    return order[: int(np.searchsorted(np.cumsum(weight[order]), most)) + 1].astype(np.int64)
