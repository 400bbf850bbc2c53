"""The road network as plain arrays: nodes joined by straight edges, some one-way; and its strongly connected part."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siting.errors import DataError, raise_faults
from siting.travel.barriers import Barriers

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Network:
    """A road network in metric coordinates, checked when it is made.

    An edge is drawn straight between its two nodes; a bent road is given as its straight pieces. Parallel edges and
    loops are allowed. A length below the straight line between the nodes (rounding) is raised to that line, so no
    distance measured on the network is ever below the straight one.

    Attributes
    ----------
    node_xy_m
        Shape `(n_nodes, 2)`, finite, m.
    edge_nodes
        Shape `(n_edges, 2)`, row numbers of `node_xy_m`.
    edge_length_m
        Shape `(n_edges,)`, m, ≥ 0, at least the straight line between the nodes.
    edge_is_walkable
        Shape `(n_edges,)`; false on motorways and their ramps, where nobody walks and no place has its access. Walking
        knows no direction.
    edge_is_drivable
        Shape `(n_edges,)`; false on footways. All edges when left out.
    edge_is_oneway
        Shape `(n_edges,)`; true where one drives from the first node to the second only. None when left out.
    barriers
        What nobody walks across away from the edges; None where nothing is known.

    Raises
    ------
    DataError
        If a shape does not fit, there is no walkable edge, a number is not finite or negative, or an edge names a
        node that does not exist.
    """

    node_xy_m: FloatArray
    edge_nodes: IntArray
    edge_length_m: FloatArray
    edge_is_walkable: BoolArray
    edge_is_drivable: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    edge_is_oneway: BoolArray = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    barriers: Barriers | None = None

    def __post_init__(self) -> None:
        for name, type_ in (("node_xy_m", np.float64), ("edge_nodes", np.int64), ("edge_length_m", np.float64)):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), dtype=type_))
        for name, default in (("edge_is_walkable", None), ("edge_is_drivable", True), ("edge_is_oneway", False)):
            given = np.ascontiguousarray(getattr(self, name), dtype=np.bool_)
            is_left_out = given.size == 0 and default is not None
            object.__setattr__(self, name, np.full(len(self.edge_nodes), default) if is_left_out else given)
        raise_faults(self._shape_faults(), DataError)
        raise_faults(self._value_faults(), DataError)
        straight_m = gap_m(*self.node_xy_m[self.edge_nodes].swapaxes(0, 1))
        object.__setattr__(self, "edge_length_m", np.maximum(self.edge_length_m, straight_m))

    def _shape_faults(self) -> list[str]:
        if self.edge_nodes.size == 0 or self.node_xy_m.size == 0:
            return ["road network: it has no edges; give road_nodes and road_edges that cover the city"]
        wanted = {
            field.name: (len(self.edge_nodes), 2) if field.name == "edge_nodes" else (len(self.edge_nodes),)
            for field in fields(self)
            if field.name != "barriers"
        } | {"node_xy_m": (len(self.node_xy_m), 2)}
        return [
            f"road network: {name} has the shape {getattr(self, name).shape}; give {right}"
            for name, right in wanted.items()
            if getattr(self, name).shape != right
        ]

    def _value_faults(self) -> list[str]:
        last, ends, length_m = self.n_nodes - 1, self.edge_nodes, self.edge_length_m
        found = (
            (
                "road nodes {}: x or y is not a finite number; correct or drop them",
                ~np.isfinite(self.node_xy_m).all(axis=1),
            ),
            (
                "road edges {}: the length is not a number ≥ 0; measure it in metres",
                ~(np.isfinite(length_m) & (length_m >= 0)),
            ),
            (f"road edges {{}}: no such node; nodes are 0 … {last}", ((ends < 0) | (ends > last)).any(axis=1)),
        )
        faults = [text.format(list_rows(np.flatnonzero(is_bad))) for text, is_bad in found if is_bad.any()]
        if not self.edge_is_walkable.any():
            faults.append("road edges: none is walkable, so no place has access; mark all but motorways as walkable")
        if not self.edge_is_drivable.any():
            faults.append("road edges: none is drivable, so nothing can be hauled; mark all but footways as drivable")
        return faults

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_xy_m)

    def arrays(self) -> list[npt.NDArray[Any]]:
        """List the arrays that make the network what it is, as inputs of `cached`.

        What is drivable and one-way is left out where it is what a network without these columns has.
        """
        arrays: list[npt.NDArray[Any]] = [self.node_xy_m, self.edge_nodes, self.edge_length_m, self.edge_is_walkable]
        if self.edge_is_oneway.any() or not self.edge_is_drivable.all():
            arrays += [self.edge_is_drivable, self.edge_is_oneway]
        if self.barriers is not None:
            arrays += [self.barriers.xy_m, self.barriers.area]
        return arrays


def list_rows(rows: npt.ArrayLike, most: int = 5) -> str:
    """Write the first row numbers of a list, and how many there are when it is longer.

    >>> list_rows([3, 17])
    '3, 17'
    >>> list_rows(range(9), most=2)
    '0, 1, … (9 in all)'
    """
    numbers = np.asarray(rows).tolist()
    text = ", ".join(str(number) for number in numbers[:most])
    return text if len(numbers) <= most else f"{text}, … ({len(numbers)} in all)"


def shortest(first: IntArray, second: IntArray, length_m: FloatArray) -> IntArray:
    """Return the row of each pair `(first, second)`, sorted by it; of equal pairs the shortest, then the first row.

    >>> shortest(np.array([1, 0, 1]), np.array([2, 5, 2]), np.array([9.0, 4.0, 7.0])).tolist()
    [1, 2]
    """
    order = np.lexsort((length_m, second, first))
    is_new = np.ones(len(order), dtype=np.bool_)
    is_new[1:] = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    return order[is_new]


def gap_m(from_xy_m: FloatArray, to_xy_m: FloatArray) -> FloatArray:
    """Return the straight distance between places, row by row, m."""
    return np.asarray(np.hypot(*(to_xy_m - from_xy_m).T))


def network_of_lines(whole: Network, *, vertex_xy_m: FloatArray, vertex_edge: IntArray) -> Network:
    """Make a network of straight edges from bent ones: every inner vertex of a line becomes a node.

    Places are then snapped to the road as it is drawn, and paths cost no more time (see `contract`). The length of an
    edge is shared among its pieces in proportion to how long they are drawn.

    Parameters
    ----------
    whole
        The network, one edge a line.
    vertex_xy_m, vertex_edge
        Shapes `(n_vertices, 2)` and `(n_vertices,)`: all vertices of the lines in order, ends included, with the row
        number of their edge, ascending; as `shapely.get_coordinates(lines, return_index=True)` returns them. A line may
        run either way; a one-way edge is driven from its first node to its second, however its line runs.

    Raises
    ------
    DataError
        If an edge has no line of two or more vertices.
    """
    n_vertices = np.bincount(vertex_edge, minlength=len(whole.edge_nodes))
    short = np.flatnonzero(n_vertices < 2)
    if short.size or len(n_vertices) > len(whole.edge_nodes) or (np.diff(vertex_edge) < 0).any():
        raise DataError(
            f"road edges {list_rows(short)}: no line of two or more vertices; give one line per edge, in order"
        )
    first = np.cumsum(n_vertices) - n_vertices
    last = first + n_vertices - 1
    start_m, end_m = whole.node_xy_m[whole.edge_nodes].swapaxes(0, 1)
    forward_m = gap_m(vertex_xy_m[first], start_m) + gap_m(vertex_xy_m[last], end_m)
    is_reversed = gap_m(vertex_xy_m[first], end_m) + gap_m(vertex_xy_m[last], start_m) < forward_m
    number = _vertex_numbers(whole, is_reversed, first, last)
    starts = np.delete(np.arange(len(vertex_edge)), last)
    edge = vertex_edge[starts]
    drawn_m = gap_m(vertex_xy_m[starts], vertex_xy_m[starts + 1])
    line_m = np.bincount(edge, weights=drawn_m)
    is_first = np.isin(starts, first).astype(np.float64)  # a line of length 0 belongs to its first segment
    share = np.divide(drawn_m, line_m[edge], out=is_first, where=line_m[edge] > 0)
    pieces = np.column_stack([number[starts], number[starts + 1]])
    is_against = (whole.edge_is_oneway & is_reversed)[edge]
    return Network(
        np.vstack([whole.node_xy_m, np.delete(vertex_xy_m, np.concatenate([first, last]), axis=0)]),
        np.where(is_against[:, None], pieces[:, ::-1], pieces),
        whole.edge_length_m[edge] * share,
        whole.edge_is_walkable[edge],
        whole.edge_is_drivable[edge],
        whole.edge_is_oneway[edge],
        whole.barriers,
    )


def _vertex_numbers(whole: Network, is_reversed: BoolArray, first: IntArray, last: IntArray) -> IntArray:
    """Number the vertices as nodes: the ends as the nodes of their edge, the inner ones after all nodes."""
    n_vertices = int(last[-1]) + 1
    is_inner = np.ones(n_vertices, dtype=np.bool_)
    is_inner[first] = is_inner[last] = False
    number = np.empty(n_vertices, dtype=np.int64)
    number[is_inner] = whole.n_nodes + np.arange(is_inner.sum())
    number[first] = np.where(is_reversed, whole.edge_nodes[:, 1], whole.edge_nodes[:, 0])
    number[last] = np.where(is_reversed, whole.edge_nodes[:, 0], whole.edge_nodes[:, 1])
    return number


@dataclass(frozen=True)
class Dropped:
    """Edges of a kind that are left out because they are not connected with the rest.

    Attributes
    ----------
    n_edges, length_km
        Edges left out, and how long they are together, km.
    share
        Their share of the length of all edges of the kind, from 0 to 1.
    """

    n_edges: int
    length_km: float
    share: float


def strong_core(network: Network) -> tuple[Network, Dropped]:
    """Return the network with only those edges drivable that belong to its largest strongly connected part.

    Elsewhere a load could be taken in and never out, or the other way round. Largest means by length. What is walkable
    stays as it is.

    Raises
    ------
    DataError
        If no edge belongs to such a part: every street is one-way and none leads back.
    """
    ends, used = network.edge_nodes, network.edge_is_drivable
    is_core = largest_part(
        ends, network.edge_length_m, is_used=used, is_oneway=network.edge_is_oneway, n_nodes=network.n_nodes
    )
    if not is_core.any():
        raise DataError("road edges: every drivable street is one-way and none leads back; correct `oneway`")
    dropped = dropped_of(network.edge_length_m, is_used=used, is_kept=is_core)
    return (network if dropped.n_edges == 0 else replace(network, edge_is_drivable=is_core)), dropped


def largest_part(
    ends: IntArray, length_m: FloatArray, *, is_used: BoolArray, is_oneway: BoolArray, n_nodes: int
) -> BoolArray:
    """Return which used edges, shape `(n_edges,)`, are in their longest strongly connected component.

    >>> ends = np.array([[0, 1], [1, 0], [1, 2]])
    >>> yes = np.ones(3, dtype=bool)
    >>> largest_part(ends, np.array([5.0, 5.0, 9.0]), is_used=yes, is_oneway=yes, n_nodes=3).tolist()
    [True, True, False]
    """
    back = is_used & ~is_oneway
    tail = np.concatenate([ends[is_used, 0], ends[back, 1]])
    head = np.concatenate([ends[is_used, 1], ends[back, 0]])
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(n_nodes, n_nodes)).tocsr()
    _, label = connected_components(graph, directed=True, connection="strong")
    is_inside = is_used & (label[ends[:, 0]] == label[ends[:, 1]])
    part_m = np.bincount(label[ends[is_inside, 0]], weights=length_m[is_inside] + 1e-6, minlength=1)
    return np.asarray(is_inside & (label[ends[:, 0]] == int(np.argmax(part_m))))


def large_pieces(
    ends: IntArray, length_m: FloatArray, *, is_used: BoolArray, n_nodes: int, least_m: float
) -> BoolArray:
    """Return which used edges, shape `(n_edges,)`, are in a connected piece of `least_m` or more, or the longest.

    >>> ends = np.array([[0, 1], [2, 3], [4, 5]])
    >>> yes = np.ones(3, dtype=bool)
    >>> large_pieces(ends, np.array([900.0, 400.0, 50.0]), is_used=yes, n_nodes=6, least_m=300.0).tolist()
    [True, True, False]
    """
    tail, head = ends[is_used].T
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(n_nodes, n_nodes)).tocsr()
    _, label = connected_components(graph, directed=False)
    piece = label[ends[:, 0]]
    piece_m = np.bincount(piece[is_used], weights=length_m[is_used], minlength=1)
    return np.asarray(is_used & (piece_m[np.minimum(piece, len(piece_m) - 1)] >= min(least_m, piece_m.max())))


def dropped_of(length_m: FloatArray, *, is_used: BoolArray, is_kept: BoolArray) -> Dropped:
    """Count the used edges that are not kept."""
    lost = is_used & ~is_kept
    lost_m, used_m = float(length_m[lost].sum()), float(length_m[is_used].sum())
    return Dropped(int(lost.sum()), lost_m / 1000.0, lost_m / used_m if used_m else 0.0)
