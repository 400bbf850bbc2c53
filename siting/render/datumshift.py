"""Shapes in another datum than WGS-84: for shifted tiles and for files."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from siting.inputs.datums import Datum, from_wgs84


def shapes_in(shapes: Any, datum: Datum) -> Any:
    """Return WGS-84 shapes, (n,), with their coordinates in `datum`; None stays None."""
    return shapely.transform(shapes, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum)))


def layer_in(layer: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """Return a WGS-84 layer in `datum`; its columns `lon` and `lat`, where it has them, follow.

    A shift of web maps (gcj02, bd09) is no coordinate system that software knows: the layer then has none.
    """
    shapes = shapes_in(layer.geometry.to_numpy(), datum)
    columns = layer.drop(columns=layer.geometry.name)
    moved = gpd.GeoDataFrame(columns, geometry=shapes, crs=None if datum.shift else datum.crs)
    if {"lon", "lat"} <= set(moved.columns):
        decimals = 6 if datum.is_degrees else 2
        moved["lon"], moved["lat"] = moved.geometry.x.round(decimals), moved.geometry.y.round(decimals)
    return moved
