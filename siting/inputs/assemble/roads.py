"""The road tables of the folder: what hangs together is kept, and what is left out is told with its length."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from siting.errors import DataError
from siting.inputs.roads import with_defaults
from siting.travel import dropped_of, largest_part

EDGE_COLUMNS = ["u", "v", "road_class", "length_m", "walkable", "drivable", "oneway", "speed_kmh", "name", "geometry"]


@dataclass(frozen=True)
class Roads:
    """Tables `road_nodes` and `road_edges`, with notes on what was left out."""

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    notes: tuple[str, ...]


def connected_roads(nodes: gpd.GeoDataFrame, edges: gpd.GeoDataFrame) -> Roads:
    """Keep driving to its largest strongly connected part and walking to its largest piece; renumber the nodes.

    Raises
    ------
    DataError
        If nothing can be driven or walked on.
    """
    edges = with_defaults(edges.assign(name=edges.get("name")))
    edges["length_m"] = edges["length_m"].clip(lower=0.1).astype(float)
    rank = nodes["node"].to_numpy()
    ends = np.searchsorted(rank, edges[["u", "v"]].to_numpy())
    notes = []
    for column, words in (("drivable", "do not lead both in and out by car"), ("walkable", "are cut off on foot")):
        used = edges[column].to_numpy(dtype=bool)
        if not used.any():
            raise DataError(f"roads: no {column} edge; give a road layer that covers the city and holds its streets")
        oneway = edges["oneway"].to_numpy(dtype=bool) & (column == "drivable")
        length_m = edges["length_m"].to_numpy()
        kept = largest_part(ends, length_m, is_used=used, is_oneway=oneway, n_nodes=len(nodes))
        lost = dropped_of(length_m, is_used=used, is_kept=kept)
        if lost.n_edges:
            notes.append(f"{lost.n_edges:,} road edges ({lost.length_km:.1f} km, {100 * lost.share:.1f} %) {words}")
        edges[column] = kept
    edges = edges[edges["drivable"] | edges["walkable"]]
    used_nodes, numbered = np.unique(np.searchsorted(rank, edges[["u", "v"]].to_numpy()), return_inverse=True)
    edges[["u", "v"]] = numbered.reshape(-1, 2)
    kept_nodes = gpd.GeoDataFrame(
        {"node": np.arange(len(used_nodes))}, geometry=nodes.geometry.to_numpy()[used_nodes], crs=nodes.crs
    )
    return Roads(kept_nodes, edges[EDGE_COLUMNS].reset_index(drop=True), tuple(notes))
