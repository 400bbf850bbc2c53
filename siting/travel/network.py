"""The road network as plain arrays: nodes joined by straight edges, some of them one-way for driving."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from siting.errors import DataError, raise_faults

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def _left_out() -> BoolArray:
    return np.empty(0, dtype=np.bool_)


def _flags(given: BoolArray, n_edges: int, *, default: bool) -> BoolArray:
    """The flags as given, or `default` for every edge where they are left out."""
    if np.size(given) == 0:
        return np.full(n_edges, default)
    return np.ascontiguousarray(given, dtype=np.bool_)


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
    edge_is_drivable: BoolArray = field(default_factory=_left_out)
    edge_is_oneway: BoolArray = field(default_factory=_left_out)

    def __post_init__(self) -> None:
        node_xy_m = np.ascontiguousarray(self.node_xy_m, dtype=np.float64)
        edge_nodes = np.ascontiguousarray(self.edge_nodes, dtype=np.int64)
        length_m = np.ascontiguousarray(self.edge_length_m, dtype=np.float64)
        flags = {
            "edge_is_walkable": np.ascontiguousarray(self.edge_is_walkable, dtype=np.bool_),
            "edge_is_drivable": _flags(self.edge_is_drivable, len(edge_nodes), default=True),
            "edge_is_oneway": _flags(self.edge_is_oneway, len(edge_nodes), default=False),
        }
        raise_faults(_shape_faults(node_xy_m, edge_nodes, length_m, flags), DataError)
        raise_faults(_value_faults(node_xy_m, edge_nodes, length_m, flags), DataError)
        ends_m = node_xy_m[edge_nodes]
        straight_m = np.hypot(*(ends_m[:, 1] - ends_m[:, 0]).T)
        object.__setattr__(self, "node_xy_m", node_xy_m)
        object.__setattr__(self, "edge_nodes", edge_nodes)
        object.__setattr__(self, "edge_length_m", np.maximum(length_m, straight_m))
        for name, values in flags.items():
            object.__setattr__(self, name, values)

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


def _shape_faults(
    node_xy_m: FloatArray, edge_nodes: IntArray, length_m: FloatArray, flags: dict[str, BoolArray]
) -> list[str]:
    if edge_nodes.size == 0 or node_xy_m.size == 0:
        return ["road network: it has no edges; give road_nodes and road_edges that cover the city"]
    n_edges = len(edge_nodes)
    wanted = {
        "node_xy_m": (node_xy_m.shape, (len(node_xy_m), 2)),
        "edge_nodes": (edge_nodes.shape, (n_edges, 2)),
        "edge_length_m": (length_m.shape, (n_edges,)),
        **{name: (values.shape, (n_edges,)) for name, values in flags.items()},
    }
    return [
        f"road network: {name} has the shape {shape}; give {right}"
        for name, (shape, right) in wanted.items()
        if shape != right
    ]


def _value_faults(
    node_xy_m: FloatArray, edge_nodes: IntArray, length_m: FloatArray, flags: dict[str, BoolArray]
) -> list[str]:
    bad_nodes = np.flatnonzero(~np.isfinite(node_xy_m).all(axis=1))
    bad_lengths = np.flatnonzero(~(np.isfinite(length_m) & (length_m >= 0)))
    bad_ends = np.flatnonzero(((edge_nodes < 0) | (edge_nodes >= len(node_xy_m))).any(axis=1))
    faults = []
    if bad_nodes.size:
        faults.append(f"road nodes {list_rows(bad_nodes)}: x or y is not a finite number; correct or drop them")
    if bad_lengths.size:
        faults.append(f"road edges {list_rows(bad_lengths)}: the length is not a number ≥ 0; measure it in metres")
    if bad_ends.size:
        faults.append(f"road edges {list_rows(bad_ends)}: no such node; nodes are 0 … {len(node_xy_m) - 1}")
    if not flags["edge_is_walkable"].any():
        faults.append("road edges: none is walkable, so no place has access; mark all but motorways as walkable")
    if not flags["edge_is_drivable"].any():
        faults.append("road edges: none is drivable, so nothing can be hauled; mark all but footways as drivable")
    return faults


def network_of_lines(
    node_xy_m: FloatArray,
    edge_nodes: IntArray,
    edge_length_m: FloatArray,
    edge_is_walkable: BoolArray,
    *,
    vertex_xy_m: FloatArray,
    vertex_edge: IntArray,
    edge_is_drivable: BoolArray | None = None,
    edge_is_oneway: BoolArray | None = None,
) -> Network:
    """Make a network of straight edges from bent ones: every inner vertex of a line becomes a node.

    Places are then snapped to the road as it is drawn, and paths cost no more time (see `contract`). The length of an
    edge is shared among its pieces in proportion to how long they are drawn.

    Parameters
    ----------
    node_xy_m, edge_nodes, edge_length_m, edge_is_walkable
        As in `Network`, one row an edge.
    vertex_xy_m, vertex_edge
        Shapes `(n_vertices, 2)` and `(n_vertices,)`: all vertices of the lines in order, ends included, with the row
        number of their edge, ascending; as `shapely.get_coordinates(lines, return_index=True)` returns them. A line may
        run either way; a one-way edge is driven from its first node to its second, however its line runs.
    edge_is_drivable, edge_is_oneway
        As in `Network`.

    Raises
    ------
    DataError
        If an edge has no line of two or more vertices, or for the reasons of `Network`.
    """
    flags = {"edge_is_drivable": edge_is_drivable, "edge_is_oneway": edge_is_oneway}
    given = {name: values for name, values in flags.items() if values is not None}
    whole = Network(node_xy_m, edge_nodes, edge_length_m, edge_is_walkable, **given)
    n_vertices = np.bincount(vertex_edge, minlength=len(whole.edge_nodes))
    short = np.flatnonzero(n_vertices < 2)
    if short.size or len(n_vertices) > len(whole.edge_nodes) or (np.diff(vertex_edge) < 0).any():
        raise DataError(
            f"road edges {list_rows(short)}: no line of two or more vertices; give one line per edge, in order"
        )
    first = np.cumsum(n_vertices) - n_vertices
    last = first + n_vertices - 1
    is_reversed = _is_reversed(whole, vertex_xy_m, first, last)
    number = _vertex_numbers(whole, is_reversed, first, last)
    starts = np.delete(np.arange(len(vertex_edge)), last)
    edge = vertex_edge[starts]
    drawn_m = np.hypot(*(vertex_xy_m[starts + 1] - vertex_xy_m[starts]).T)
    line_m = np.bincount(edge, weights=drawn_m)
    is_first = np.isin(starts, first).astype(np.float64)  # a line drawn as one spot: all of it in its first piece
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
    )


def _is_reversed(whole: Network, vertex_xy_m: FloatArray, first: IntArray, last: IntArray) -> BoolArray:
    """Tell which lines are drawn from the second node of their edge to the first, shape `(n_edges,)`."""
    start_m, end_m = whole.node_xy_m[whole.edge_nodes[:, 0]], whole.node_xy_m[whole.edge_nodes[:, 1]]
    forward_m = _gap_m(vertex_xy_m[first], start_m) + _gap_m(vertex_xy_m[last], end_m)
    return _gap_m(vertex_xy_m[first], end_m) + _gap_m(vertex_xy_m[last], start_m) < forward_m


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


def _gap_m(from_xy_m: FloatArray, to_xy_m: FloatArray) -> FloatArray:
    gap = to_xy_m - from_xy_m
    return np.asarray(np.hypot(gap[:, 0], gap[:, 1]))
