"""Keep the part of a network on which one can drive from everywhere to everywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from siting.errors import DataError
from siting.travel.network import BoolArray, FloatArray, IntArray, Network


@dataclass(frozen=True)
class Dropped:
    """What of the edges of a kind is left out because it does not hang together with the rest.

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
    """Tell which of the used edges, shape `(n_edges,)`, lie in the longest part that is strongly connected by them.

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


def dropped_of(length_m: FloatArray, *, is_used: BoolArray, is_kept: BoolArray) -> Dropped:
    """Count the used edges that are not kept."""
    lost = is_used & ~is_kept
    lost_m, used_m = float(length_m[lost].sum()), float(length_m[is_used].sum())
    return Dropped(int(lost.sum()), lost_m / 1000.0, lost_m / used_m if used_m else 0.0)
