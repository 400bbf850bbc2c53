"""Places snapped to the nearest accessible edge of the network, and paths between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from siting.errors import DataError
from siting.travel.barriers import Barriers
from siting.travel.chains import Chains, contract
from siting.travel.network import BoolArray, FloatArray, IntArray, Network, list_rows, shortest

SNAP_LIMIT_M = 500.0
ACCESS_DETOUR = 1.2
AT_END_M = 1e-6
BLOCK_CELLS = 2_000_000  # of 8 bytes; a few such arrays exist at a time


@dataclass(frozen=True)
class Access:
    """Places on the chains of a network.

    Attributes
    ----------
    xy_m
        Shape `(n, 2)`, the places themselves, m.
    chain
        Shape `(n,)`.
    ends
        Shape `(n, 2)`, the nodes at the two ends of the chain; −1 where a node is left out.
    along_m, rest_m
        Shape `(n,)`, length of the chain before and after the access, m.
    straight_m, leg_m
        Shape `(n,)`, from the place to the access, m: the straight line, and with its detour.
    way
        Shape `(n,)`: 0 where the chain is travelled both ways, 1 from its first node to its last only, −1 from its last
        to its first only.
    """

    xy_m: FloatArray
    chain: IntArray
    ends: IntArray
    along_m: FloatArray
    rest_m: FloatArray
    straight_m: FloatArray
    leg_m: FloatArray
    way: IntArray

    def __len__(self) -> int:
        return len(self.chain)

    @property
    def out_m(self) -> FloatArray:
        """Distance from the place to the two ends of its chain, shape `(n, 2)`, m; infinite against one-way.

        A place at the very end of its chain is at the junction and leaves it in any direction.
        """
        is_against = np.column_stack([self.way == 1, self.way == -1])
        end_m = np.column_stack([self.along_m, self.rest_m])
        return np.asarray(self.leg_m[:, None] + np.where(is_against & (end_m > AT_END_M), np.inf, end_m))

    @property
    def in_m(self) -> FloatArray:
        """Distance from the two ends of its chain to the place, shape `(n, 2)`, m; as `out_m`."""
        return self.turned().out_m

    def turned(self) -> Access:
        """Return the same places where every one-way street runs the other way."""
        return replace(self, way=-self.way)

    def take(self, rows: npt.NDArray[np.integer], node_number: IntArray | None = None) -> Access:
        """Return the access of some places; `node_number` renumbers the nodes (−1 leaves one out)."""
        taken = Access(*(getattr(self, field.name)[rows] for field in fields(self)))
        return taken if node_number is None else replace(taken, ends=node_number[taken.ends])


@dataclass(frozen=True)
class Reach:
    """Origins and destinations on the chains of the network they travel on, and the lengths between its nodes."""

    chains: Chains
    links: csr_array
    origins: Access
    destinations: Access


def reach(
    network: Network,
    origin_xy_m: FloatArray,
    destination_xy_m: FloatArray,
    *,
    is_driven: bool,
    access_detour: float,
) -> Reach:
    """Check the places, snap them, and carry them over to the chains of the edges travelled on.

    Driving takes drivable edges in their direction and loads where one can also stand; walking takes walkable edges.

    Raises
    ------
    DataError
        If a coordinate is not finite, or every drivable edge is one where nobody stands.
    """
    origin_xy_m, destination_xy_m = _checked(origin_xy_m, "origin"), _checked(destination_xy_m, "destination")
    is_used = network.edge_is_drivable if is_driven else network.edge_is_walkable
    if not (network.edge_is_walkable & is_used).any():
        raise DataError("road edges: no drivable edge is walkable, so nothing can be loaded; correct `walkable`")
    chains = contract(network, is_used, network.edge_is_oneway & is_driven)
    origins, destinations = (
        _access(network, chains, xy_m, network.edge_is_walkable & is_used, access_detour, is_walked=not is_driven)
        for xy_m in (origin_xy_m, destination_xy_m)
    )
    return Reach(chains, chains.links(), origins, destinations)


def _access(
    network: Network, chains: Chains, xy_m: FloatArray, has_access: BoolArray, detour: float, *, is_walked: bool
) -> Access:
    """Project each place onto the nearest edge with access; of edges between the same two nodes, on the shortest.

    Nobody walks to it across a barrier: then the next edge within `SNAP_LIMIT_M` counts, and without one there is no
    way, and the leg is infinite.
    """
    open_edges = np.flatnonzero(has_access)
    first, second = np.sort(network.edge_nodes[open_edges], axis=1).T
    open_edges = np.sort(open_edges[shortest(first, second, network.edge_length_m[open_edges])])
    ends_m = network.node_xy_m[network.edge_nodes[open_edges]]
    tree = shapely.STRtree(np.asarray(shapely.linestrings(ends_m)))
    nearest = tree.query_nearest(shapely.points(xy_m), all_matches=False)[1].astype(np.int64)
    lost = np.zeros(len(xy_m), dtype=np.bool_)
    if is_walked and network.barriers is not None:
        nearest, lost = _on_this_side(network.barriers, tree, xy_m, ends_m, nearest)
    share, straight_m = _project(xy_m, ends_m[nearest, 0], ends_m[nearest, 1])
    edge = open_edges[nearest]
    chain, from_m = chains.edge_chain[edge], chains.edge_from_m[edge]
    along_m = from_m + share * (chains.edge_to_m[edge] - from_m)
    return Access(
        xy_m=xy_m,
        chain=chain,
        ends=chains.ends[chain],
        along_m=along_m,
        rest_m=np.maximum(chains.length_m[chain] - along_m, 0.0),
        straight_m=straight_m,
        leg_m=np.where(lost, np.inf, straight_m * detour),
        way=chains.is_oneway[chain].astype(np.int64),
    )


def _on_this_side(
    barriers: Barriers, tree: shapely.STRtree, xy_m: FloatArray, ends_m: FloatArray, nearest: IntArray
) -> tuple[IntArray, BoolArray]:
    """Return for each place the nearest segment that it reaches without crossing a barrier, and who reaches none."""
    chosen, lost = nearest.copy(), np.zeros(len(xy_m), dtype=np.bool_)
    blocked = np.flatnonzero(barriers.crossed_by(_legs(xy_m, ends_m[nearest])))
    if not blocked.size:
        return chosen, lost
    lost[blocked] = True
    points = shapely.points(xy_m[blocked])
    place, segment = tree.query(points, predicate="dwithin", distance=SNAP_LIMIT_M)
    place = blocked[place]
    legs_m = _legs(xy_m[place], ends_m[segment])
    free = ~barriers.crossed_by(legs_m)
    place, segment, leg_m = place[free], segment[free], np.hypot(*(legs_m[free, 1] - legs_m[free, 0]).T)
    order = np.lexsort((segment, leg_m, place))
    first, row = np.unique(place[order], return_index=True)
    chosen[first], lost[first] = segment[order][row], False
    return chosen, lost


def _legs(xy_m: FloatArray, ends_m: FloatArray) -> FloatArray:
    """Return the straight lines from places to the nearest point of a segment each, shape `(n, 2, 2)`."""
    share, _ = _project(xy_m, ends_m[:, 0], ends_m[:, 1])
    return np.stack([xy_m, ends_m[:, 0] + share[:, None] * (ends_m[:, 1] - ends_m[:, 0])], axis=1)


def _project(xy_m: FloatArray, start_m: FloatArray, end_m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the share of the segment at its point nearest to `xy_m`, and the distance to it in m."""
    along = end_m - start_m
    squared = (along**2).sum(axis=1)
    dot = ((xy_m - start_m) * along).sum(axis=1)
    share = np.clip(np.divide(dot, squared, out=np.zeros_like(dot), where=squared > 0), 0.0, 1.0)
    gap = xy_m - (start_m + share[:, None] * along)
    return share, np.hypot(gap[:, 0], gap[:, 1])


def _checked(xy_m: FloatArray, role: str) -> FloatArray:
    """Return the coordinates as float64 of shape `(n, 2)`; none at all is allowed."""
    places = np.ascontiguousarray(xy_m, dtype=np.float64)
    if places.size == 0:
        return places.reshape(0, 2)
    if places.ndim != 2 or places.shape[1] != 2:
        raise DataError(f"{role}s: coordinates have the shape {places.shape}; give one row of x and y per place")
    bad = np.flatnonzero(~np.isfinite(places).all(axis=1))
    if bad.size:
        raise DataError(f"{role}s {list_rows(bad)}: x or y is not a finite number; correct or drop these places")
    return places


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
