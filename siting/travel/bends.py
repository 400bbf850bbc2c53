"""Straighten a network whose edges are drawn as bent lines."""

from __future__ import annotations

import numpy as np

from siting.errors import DataError
from siting.travel.network import BoolArray, FloatArray, IntArray, Network, list_rows


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
