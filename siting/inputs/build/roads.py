"""The road network tables, and what can be said of their connection."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from siting.errors import DataError
from siting.inputs.build.sources import WGS84


def make_nodes(nodes: pd.DataFrame) -> gpd.GeoDataFrame:
    """`node` 0 … n − 1 and its point.

    Raises
    ------
    DataError
        If the node numbers are not 0 … n − 1, each once.
    """
    nodes = nodes.sort_values("node").reset_index(drop=True)
    if not (nodes["node"].to_numpy() == np.arange(len(nodes))).all():
        raise DataError(f"road_nodes.node: must be 0 … {len(nodes) - 1}, each once; number the nodes again")
    points = gpd.points_from_xy(nodes["lon"].round(6), nodes["lat"].round(6))
    return gpd.GeoDataFrame({"node": nodes["node"].astype(np.int64)}, geometry=points, crs=WGS84)


def make_edges(edges: pd.DataFrame, nodes: gpd.GeoDataFrame, not_walkable: Collection[str]) -> gpd.GeoDataFrame:
    """`u`, `v`, `road_class`, `length_m`, `walkable`, `name` and the straight line from node to node.

    Raises
    ------
    DataError
        If an edge ends at no node, or the network falls apart into several pieces.
    """
    ends = edges[["u", "v"]].to_numpy(dtype=np.int64)
    if ends.size and not (ends.min() >= 0 and ends.max() < len(nodes)):
        raise DataError(f"road_edges: nodes {ends.min()} … {ends.max()}, but there are only 0 … {len(nodes) - 1}")
    pieces = component_sizes(ends, len(nodes))
    if len(pieces) > 1:
        raise DataError(
            f"road_edges: the network has {len(pieces)} pieces ({pieces[1:].sum()} nodes beside the largest); join them"
        )
    at = np.column_stack([nodes.geometry.x, nodes.geometry.y])
    return gpd.GeoDataFrame(
        {
            "u": ends[:, 0],
            "v": ends[:, 1],
            "road_class": edges["class"].to_numpy(dtype=object),
            "length_m": edges["length_m"].clip(lower=0.1).round(1).to_numpy(),
            "walkable": ~edges["class"].isin(not_walkable).to_numpy(),
            "name": edges["name"].astype(object).where(edges["name"].notna(), None).to_numpy(),
        },
        geometry=shapely.linestrings(at[ends]),
        crs=WGS84,
    )


def component_sizes(
    ends: np.ndarray[tuple[int, ...], np.dtype[np.int64]], n_nodes: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Nodes of each connected piece, the largest first."""
    graph = coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n_nodes, n_nodes))
    _, label = connected_components(graph, directed=False)
    return np.sort(np.bincount(label))[::-1]


def walkable_pieces(edges: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Nodes of each connected piece of the walkable network, the largest first; nodes only of motorways left out."""
    ends = edges.loc[edges["walkable"], ["u", "v"]].to_numpy(dtype=np.int64)
    used, numbered = np.unique(ends, return_inverse=True)
    return component_sizes(numbered.reshape(ends.shape), len(used))
