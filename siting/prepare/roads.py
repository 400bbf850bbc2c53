"""The road network of a city folder, as it is drawn, and the metric coordinates of its places."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from siting.inputs.city import City
from siting.instance import Floats
from siting.travel import Barriers, Dropped, Network, barriers_of, network_of_lines, strong_core


def network_of(city: City) -> tuple[Network, Dropped]:
    """Return the city's roads, drivable ones limited to the largest connected part; and what that leaves out."""
    nodes, edges = city.road_nodes.sort_values("node"), city.road_edges
    rank = np.searchsorted(nodes["node"].to_numpy(), edges[["u", "v"]].to_numpy())
    walkable, drivable, oneway = (edges[name].to_numpy(dtype=bool) for name in ("walkable", "drivable", "oneway"))
    length_m, barriers = edges["length_m"].to_numpy(dtype=float), _barriers(city)
    drawn = Network(xy_m(city, nodes), rank.astype(np.int64), length_m, walkable, drivable, oneway, barriers)
    whole, dropped = strong_core(drawn)
    lines = edges.geometry.to_crs(city.crs_metric).to_numpy()
    vertex_xy_m, vertex_edge = shapely.get_coordinates(lines, return_index=True)
    return network_of_lines(whole, vertex_xy_m=vertex_xy_m, vertex_edge=vertex_edge), dropped


def _barriers(city: City) -> Barriers | None:
    """Return the barriers to walking, if the city folder has such a table."""
    if not len(city.barriers):
        return None
    return barriers_of(city.barriers.geometry.to_crs(city.crs_metric).to_numpy())


def xy_m(city: City, frame: gpd.GeoDataFrame) -> Floats:
    """Return the metric coordinates of a frame of points, (n, 2)."""
    points = frame.geometry.to_crs(city.crs_metric)
    return np.column_stack([points.x.to_numpy(dtype=float), points.y.to_numpy(dtype=float)])
