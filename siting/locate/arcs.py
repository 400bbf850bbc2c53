"""Costs between demand nodes and sites as sparse arcs, from what an analyst has: a matrix or a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from siting.errors import DataError, raise_faults
from siting.instance import Bools, Floats, Ints

TABLE_COLUMNS = ("node", "site", "distance")
SHOWN = 5
TOLERANCE = 1e-6
"""Share by which a distance may exceed a limit: coordinates are rounded, and so are their projections."""


@dataclass(frozen=True)
class Arcs:
    """Pairs of a demand node and a site that may serve it, by node and then by rising cost.

    `start` (n_nodes + 1,): the arcs of node i are `start[i]` to `start[i + 1]`. `site` and `cost` (n_arcs,), cost
    finite and ≥ 0. `beyond` (n_nodes,): every pair that is not listed costs at least this; inf where what is not
    listed cannot be reached. `node_id` and `site_id` are what the caller calls them.
    """

    start: Ints
    site: Ints
    cost: Floats
    beyond: Floats
    node_id: NDArray[Any]
    site_id: NDArray[Any]

    @property
    def n_nodes(self) -> int:
        """Number of demand nodes."""
        return len(self.start) - 1

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.site_id)

    @property
    def node(self) -> Ints:
        """The node of each arc, (n_arcs,)."""
        return np.repeat(np.arange(self.n_nodes), np.diff(self.start))

    def keep(self, wanted: Bools, *, beyond: Floats | None = None) -> Arcs:
        """Return the arcs that are `wanted` (n_arcs,)."""
        start = np.concatenate([[0], np.cumsum(np.bincount(self.node[wanted], minlength=self.n_nodes))])
        left = self.beyond if beyond is None else beyond
        return Arcs(start, self.site[wanted], self.cost[wanted], left, self.node_id, self.site_id)

    def within(self, limit: float) -> Bools:
        """Return which arcs cost at most `limit`, with a tolerance for rounding, (n_arcs,)."""
        return np.asarray(self.cost <= limit * (1 + TOLERANCE))

    def nearest(self, n: int) -> Arcs:
        """Return the `n` cheapest arcs of each node, with the cost of the next one as `beyond`."""
        degree = np.diff(self.start)
        rank = np.arange(len(self.site)) - np.repeat(self.start[:-1], degree)
        following = np.minimum(self.start[:-1] + n, max(len(self.cost) - 1, 0))
        if not (degree > n).any():
            return self
        beyond = np.where(degree > n, np.minimum(self.cost[following], self.beyond), self.beyond)
        return self.keep(rank < n, beyond=beyond)

    def times(self, weights: Floats) -> Arcs:
        """Return the arcs with costs times the weight of their node, (n_nodes,) ≥ 0; infinite costs stay infinite."""
        cost = self.cost * weights[self.node]
        beyond = np.full(self.n_nodes, np.inf)
        np.multiply(self.beyond, weights, out=beyond, where=np.isfinite(self.beyond))
        return Arcs(self.start, self.site, cost, beyond, self.node_id, self.site_id)

    def cost_between(self, node: Ints, site: Ints) -> Floats:
        """Return the costs of the arcs between these nodes and sites, (n,)."""
        number = self.node * self.n_sites + self.site
        order = np.argsort(number, kind="stable")
        return np.asarray(self.cost[order[np.searchsorted(number, node * self.n_sites + site, sorter=order)]])

    def matrix(self) -> sparse.csr_array:
        """Return which site stands at an arc of which node, as ones, (n_nodes, n_sites)."""
        ones = np.ones(len(self.site))
        return sparse.csr_array((ones, self.site, self.start), shape=(self.n_nodes, self.n_sites))


def as_arcs(distance: Any) -> Arcs:
    """Convert `distance` to arcs: dense (n_nodes, n_sites), scipy sparse of that shape, a long table, or arcs.

    In a dense matrix inf says that a site cannot be reached; in a sparse one what is not stored cannot be (a stored 0
    is a distance of 0). A long table has the columns `node`, `site`, `distance`, one row a pair; places are in the
    order in which they first appear.

    Raises
    ------
    DataError
        If a distance is negative or not a number, or a table lacks a column or holds a pair twice.

    >>> arcs = as_arcs([[4.0, 1.0], [np.inf, 2.0]])
    >>> arcs.node.tolist(), arcs.site.tolist(), arcs.cost.tolist()
    ([0, 0, 1], [1, 0, 1], [1.0, 4.0, 2.0])
    """
    if isinstance(distance, Arcs):
        return distance
    if isinstance(distance, pd.DataFrame):
        return _of_table(distance)
    if sparse.issparse(distance):
        entries: Any = sparse.coo_array(distance)  # type: ignore[call-overload, unused-ignore]
        _refuse_bad(np.asarray(entries.data, dtype=float), lambda k: f"[{entries.row[k]}, {entries.col[k]}]")
        return make_arcs(entries.row, entries.col, entries.data, shape=entries.shape)
    dense = np.asarray(distance, dtype=float)
    if dense.ndim != 2:
        raise DataError(f"distance: shape {dense.shape}; give a row for each node, a column for each site")
    flat = dense.ravel()
    _refuse_bad(flat, lambda k: f"[{k // dense.shape[1]}, {k % dense.shape[1]}]")
    n_nodes, n_sites = dense.shape
    order = np.argsort(dense, axis=1, kind="stable")
    cost = np.take_along_axis(dense, order, axis=1).ravel()
    there = np.isfinite(cost)
    start = np.concatenate([[0], np.cumsum(np.isfinite(dense).sum(axis=1))])
    ids = (np.arange(n_nodes), np.arange(n_sites))
    return Arcs(start, order.ravel()[there], cost[there], np.full(n_nodes, np.inf), *ids)


def make_arcs(
    node: ArrayLike,
    site: ArrayLike,
    cost: ArrayLike,
    *,
    shape: tuple[int, ...],
    beyond: ArrayLike = np.inf,
    node_id: NDArray[Any] | None = None,
    site_id: NDArray[Any] | None = None,
) -> Arcs:
    """Return the arcs from triplets in any order; `shape` is (n_nodes, n_sites)."""
    nodes, sites, costs = np.asarray(node, np.int64), np.asarray(site, np.int64), np.asarray(cost, np.float64)
    order = np.lexsort((sites, costs, nodes))
    start = np.concatenate([[0], np.cumsum(np.bincount(nodes, minlength=shape[0]))])
    least = np.broadcast_to(np.asarray(beyond, dtype=float), shape[0])
    node_id = np.arange(shape[0]) if node_id is None else node_id
    site_id = np.arange(shape[1]) if site_id is None else site_id
    return Arcs(start, sites[order], costs[order], least, node_id, site_id)


def _of_table(table: pd.DataFrame) -> Arcs:
    missing = [name for name in TABLE_COLUMNS if name not in table.columns]
    if missing:
        raise DataError(f"distance table: no column {', '.join(missing)}; it has {', '.join(map(str, table.columns))}")
    node, node_id = pd.factorize(table["node"])
    site, site_id = pd.factorize(table["site"])
    cost = pd.to_numeric(table["distance"], errors="coerce").to_numpy(dtype=float)
    _refuse_bad(cost, lambda k: f"row {k}: {table['node'].iloc[k]} to {table['site'].iloc[k]}")
    twice = np.flatnonzero(table.duplicated(["node", "site"]))
    faults = [
        f"distance row {k}: {table['node'].iloc[k]} to {table['site'].iloc[k]} stands twice; keep one" for k in twice
    ]
    raise_faults(faults[:SHOWN], DataError)
    keep = np.isfinite(cost)
    ids = {"node_id": np.asarray(node_id), "site_id": np.asarray(site_id)}
    return make_arcs(node[keep], site[keep], cost[keep], shape=(len(node_id), len(site_id)), **ids)


def _refuse_bad(values: Floats, where: Callable[[int], str]) -> None:
    bad = np.flatnonzero(np.isnan(values) | (values < 0))
    faults = [
        f"distance {where(int(k))}: {values[k]}; give a number ≥ 0, or inf where there is no way" for k in bad[:SHOWN]
    ]
    if len(bad) > SHOWN:
        faults.append(f"distance: … {len(bad)} such entries in all")
    raise_faults(faults, DataError)


def nearest_open(arcs: Arcs, is_open: Bools) -> tuple[Ints, Floats]:
    """Return the cheapest open site (−1 for none) and its cost (inf for none) of each node, (n_nodes,)."""
    return two_nearest(arcs, is_open)[:2]


def two_nearest(arcs: Arcs, is_open: Bools) -> tuple[Ints, Floats, Floats]:
    """Return site (−1: none) and cost (inf) of the nearest open site and cost of the second, (n_nodes,) each."""
    open_arc = np.flatnonzero(is_open[arcs.site])
    first = np.searchsorted(open_arc, arcs.start)
    count, first = np.diff(first), first[:-1]
    site, cost = np.append(arcs.site[open_arc], -1), np.append(arcs.cost[open_arc], np.inf)  # last: no arc
    nearest, second = np.where(count > 0, first, -1), np.where(count > 1, first + 1, -1)
    return site[nearest], cost[nearest], cost[second]
