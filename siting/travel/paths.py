"""Shortest paths from a few places to many, as dense blocks of distances."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siting.travel.network import FloatArray, IntArray
from siting.travel.reach import Access

BLOCK_CELLS = 2_000_000  # of 8 bytes; a handful of such arrays live at a time


def distance_blocks(
    links: csr_array, sources: Access, targets: Access, *, limit_m: float
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield batches of sources with their distances to every target.

    Parameters
    ----------
    links
        Matrix of lengths between nodes (from, to), shape `(n_nodes, n_nodes)`, m.
    sources, targets
        Places with access to these nodes; the sources should be the fewer (to search from the destinations, transpose
        `links` and turn both).
    limit_m
        Paths that are longer may be left out (infinite distance).

    Yields
    ------
    rows
        Row numbers of the sources of the batch, shape `(n_batch,)`.
    distance_m
        Access legs included, shape `(n_batch, n_targets)`, m; infinite where there is no path.
    """
    n_batch = max(1, BLOCK_CELLS // (links.shape[0] + len(targets) + 1))
    for first in range(0, len(sources), n_batch):
        rows = np.arange(first, min(first + n_batch, len(sources)))
        yield rows, _block(links, sources.take(rows), targets, limit_m)


def _block(links: csr_array, sources: Access, targets: Access, limit_m: float) -> FloatArray:
    node_m = _to_nodes(links, sources, limit_m)
    in_m = targets.in_m
    distance_m = node_m[:, targets.ends[:, 0]] + in_m[:, 0]
    np.minimum(distance_m, node_m[:, targets.ends[:, 1]] + in_m[:, 1], out=distance_m)
    source, target = np.nonzero(sources.chain[:, None] == targets.chain)
    along_m = along_chain(sources.take(source), targets.take(target))
    distance_m[source, target] = np.minimum(distance_m[source, target], along_m)
    return distance_m


def along_chain(sources: Access, targets: Access) -> FloatArray:
    """Return the distance between places on the same chain without leaving it, row by row, m; infinite against it."""
    step_m = targets.along_m - sources.along_m
    distance_m = sources.leg_m + np.abs(step_m) + targets.leg_m
    return np.where(sources.way * step_m < 0, np.inf, distance_m)


def _to_nodes(links: csr_array, sources: Access, limit_m: float) -> FloatArray:
    """Return the distance of each source to each node, and in a last column to no node (infinite)."""
    n_nodes, n_sources = links.shape[0], len(sources)
    numbers = n_nodes + np.arange(n_sources)
    out_m = sources.out_m
    # An end that is left out, or lies against a one-way street, becomes a loop at the source, which no path uses.
    is_open = (sources.ends >= 0) & np.isfinite(out_m)
    columns = np.where(is_open, sources.ends, numbers[:, None])
    indptr = np.concatenate([links.indptr, links.indptr[-1] + 2 * np.arange(1, n_sources + 1)])
    indices = np.concatenate([links.indices, columns.ravel()])
    lengths_m = np.concatenate([links.data, np.where(is_open, out_m, 1.0).ravel()])
    shape = (n_nodes + n_sources, n_nodes + n_sources)
    joined = csr_array((lengths_m, indices.astype(np.int32), indptr.astype(np.int32)), shape=shape)
    node_m = dijkstra(joined, directed=True, indices=numbers, limit=limit_m)
    node_m[:, n_nodes:] = np.inf
    return np.asarray(node_m[:, : n_nodes + 1])
