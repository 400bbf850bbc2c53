"""The road network of a city folder, as it is drawn, and the metric coordinates of its places."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from siting.inputs.city import City
from siting.instance import Floats
from siting.travel import Dropped, Network, network_of_lines, strong_core


def network_of(city: City) -> tuple[Network, Dropped]:
    """The city's roads as they are drawn, driving kept to its largest connected part; and what that leaves out."""
    nodes, edges = city.road_nodes.sort_values("node"), city.road_edges
    rank = np.searchsorted(nodes["node"].to_numpy(), edges[["u", "v"]].to_numpy())
    flags = (edges[column].to_numpy(dtype=bool) for column in ("walkable", "drivable", "oneway"))
    whole, dropped = strong_core(
        Network(xy_m(city, nodes), rank.astype(np.int64), edges["length_m"].to_numpy(dtype=float), *flags)
    )
    lines = edges.geometry.to_crs(city.crs_metric).to_numpy()
    vertex_xy_m, vertex_edge = shapely.get_coordinates(lines, return_index=True)
    return network_of_lines(whole, vertex_xy_m=vertex_xy_m, vertex_edge=vertex_edge), dropped


def xy_m(city: City, frame: gpd.GeoDataFrame) -> Floats:
    """Metric coordinates of a frame of points, (n, 2)."""
    points = frame.geometry.to_crs(city.crs_metric)
    return np.column_stack([points.x.to_numpy(dtype=float), points.y.to_numpy(dtype=float)])
