"""Cut a search with a short limit into tiles, each on the small part of the network it can reach."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from siting.travel.access import Access
from siting.travel.network import BoolArray, FloatArray, IntArray
from siting.travel.paths import distance_blocks

TILE_CUTOFFS = 3.0  # side of a tile in cut-off distances


def pairs_within(
    links: csr_array,
    node_xy_m: FloatArray,
    sources: tuple[Access, FloatArray],
    targets: tuple[Access, FloatArray],
    cutoff_m: float,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Find every source and target whose network distance is at most `cutoff_m`.

    As no distance is below the straight line, the sources of a tile need only the nodes and targets in the box around
    them widened by `cutoff_m`. Sources and targets are given as their access and their coordinates (shape `(n, 2)`, m);
    the sources should be the fewer.

    Returns
    -------
    source, target, distance_m
        One row a pair, in no particular order, shape `(n_pairs,)`.
    """
    found = []
    for rows in _tiles(sources[1], TILE_CUTOFFS * cutoff_m):
        low_m, high_m = sources[1][rows].min(axis=0) - cutoff_m, sources[1][rows].max(axis=0) + cutoff_m
        nodes = np.flatnonzero(_is_inside(node_xy_m, low_m, high_m))
        near = np.flatnonzero(_is_inside(targets[1], low_m, high_m))
        number = np.full(len(node_xy_m), -1, dtype=np.int64)
        number[nodes] = np.arange(len(nodes))
        tile_sources, tile_targets = sources[0].take(rows, number), targets[0].take(near, number)
        tile_links = links[nodes][:, nodes]
        for batch, distance_m in distance_blocks(tile_links, tile_sources, tile_targets, limit_m=cutoff_m):
            source, target = np.nonzero((distance_m <= cutoff_m) & (distance_m < np.inf))
            found.append((rows[batch[source]], near[target], distance_m[source, target]))
    if not found:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    source, target, distance_m = (np.concatenate(column) for column in zip(*found, strict=True))
    return source, target, distance_m


def _tiles(xy_m: FloatArray, side_m: float) -> Iterator[IntArray]:
    """Yield the row numbers of the places of each square tile; one tile if the side is infinite."""
    if len(xy_m) == 0:
        return
    tile = np.floor((xy_m - xy_m.min(axis=0)) / side_m)
    order = np.lexsort((tile[:, 1], tile[:, 0]))
    is_next = (np.diff(tile[order], axis=0) != 0).any(axis=1)
    yield from np.split(order, np.flatnonzero(is_next) + 1)


def _is_inside(xy_m: FloatArray, low_m: FloatArray, high_m: FloatArray) -> BoolArray:
    x_m, y_m = xy_m[:, 0], xy_m[:, 1]
    return np.asarray((x_m >= low_m[0]) & (x_m <= high_m[0]) & (y_m >= low_m[1]) & (y_m <= high_m[1]))
