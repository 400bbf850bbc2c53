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
