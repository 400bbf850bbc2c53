"""Weighted points that stand for where people live: roads by length, stops, buildings by floor area, land by use.

Weights are in residents that one would expect, so that layers add up. What counts is their ratio, since each district
is scaled to its census. The default figures are the builder's own (status: assumption), except that a resident takes
about 30 m² of dwelling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import DataError, raise_faults
from siting.inputs.arrays import WGS84, FloatArray, Shapes

WeightTable = Mapping[str, Mapping[str, float]]
UNITS = {"roads": "km", "stops": "stop", "buildings": "m² of floor", "landuse": "km²"}
CLASS_COLUMN = {"roads": "road_class", "stops": "osm_class", "buildings": "osm_class", "landuse": "osm_class"}
DEFAULT_WEIGHTS: WeightTable = {
    "roads": {
        **{"residential": 150.0, "living_street": 150.0, "tertiary": 80.0, "unclassified": 60.0, "secondary": 60.0},
        **{"pedestrian": 60.0, "primary": 40.0, "service": 20.0, "footway": 10.0, "default": 0.0},
    },
    "stops": {"subway_station": 300.0, "bus_station": 150.0, "default": 60.0},
    "buildings": {
        **{"apartments": 0.033, "residential": 0.033, "dormitory": 0.06, "house": 0.025, "detached": 0.02},
        **{"semidetached_house": 0.025, "terrace": 0.025, "bungalow": 0.02, "yes": 0.008, "default": 0.0},
    },
    "landuse": {"residential": 8000.0, "default": 0.0},
}
"""Residents by layer and class, for each km of road, stop, m² of floor and km² of land."""
STEP_M = 100.0
COLUMNS = ["weight", "geometry"]


def weigh_layers(
    layers: Mapping[str, gpd.GeoDataFrame], table: WeightTable = DEFAULT_WEIGHTS, *, crs_metric: str
) -> gpd.GeoDataFrame:
    """Return the features of `layers` as weighted points: `weight` (> 0) and point, WGS-84.

    Parameters
    ----------
    layers
        Of `roads` (lines, `road_class`), `stops`, `buildings` (`floor_area_m2`; missing: the area of its outline) and
        `landuse` (polygons), the last three with `osm_class`. Lines and areas become points about 100 m apart.
    table
        For each layer and class the weight of a km, a stop, a m² of floor or a km²; `default` for other classes (0 when
        missing). A layer without a row in the table weighs nothing.
    crs_metric
        In which lengths and areas are measured.

    Raises
    ------
    DataError
        If a layer is not known, lacks its class column, or a weight is no number of 0 or more: all in one list.
    """
    raise_faults(list(_faults(layers, table)), DataError)
    parts = [_weighed(name, layer, table.get(name, {}), crs_metric) for name, layer in layers.items() if len(layer)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return gpd.GeoDataFrame({"weight": np.zeros(0)}, geometry=gpd.GeoSeries([], crs=WGS84))
    points = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(points, geometry="geometry", crs=crs_metric).to_crs(WGS84)


def _faults(layers: Mapping[str, gpd.GeoDataFrame], table: WeightTable) -> Iterator[str]:
    for name in dict.fromkeys([*layers, *table]):
        if name not in UNITS:
            yield f"weights: unknown layer {name!r}; choose from {list(UNITS)}"
        elif name in layers and len(layers[name]) and CLASS_COLUMN[name] not in layers[name]:
            yield f"weights: layer {name!r} has no column {CLASS_COLUMN[name]!r}; add it"
    for name, classes in table.items():
        for word, weight in classes.items():
            if not (np.isfinite(weight) and weight >= 0):
                yield f"weights.{name}.{word}: {weight}; give a number of 0 or more, in residents a {UNITS.get(name)}"


def _weighed(name: str, layer: gpd.GeoDataFrame, classes: Mapping[str, float], crs_metric: str) -> pd.DataFrame:
    """Return the points of one layer in the metric CRS."""
    default = classes.get("default", 0.0)
    rate = layer[CLASS_COLUMN[name]].map(dict(classes)).fillna(default).to_numpy(dtype=np.float64)
    kept = (rate > 0) & ~(layer.geometry.isna() | layer.geometry.is_empty).to_numpy()
    if not kept.any():
        return pd.DataFrame(columns=COLUMNS)
    layer, rate = layer[kept], rate[kept]
    shapes = np.asarray(layer.geometry.to_crs(crs_metric))
    if name == "roads":
        return _along(shapes, rate)
    if name == "landuse":
        return _within(shapes, rate)
    weight = rate * (_floor_m2(layer, shapes) if name == "buildings" else 1.0)
    return _points(shapely.point_on_surface(shapes), weight)


def _floor_m2(buildings: gpd.GeoDataFrame, shapes: Shapes) -> FloatArray:
    area_m2 = shapely.area(shapes)
    if "floor_area_m2" not in buildings:
        return np.asarray(area_m2, dtype=np.float64)
    floor_m2 = pd.to_numeric(buildings["floor_area_m2"], errors="coerce").to_numpy(dtype=np.float64)
    return np.where(floor_m2 > 0, floor_m2, area_m2)


def _along(lines: Shapes, per_km: FloatArray) -> pd.DataFrame:
    """Return the points in the middle of equal pieces of each line, none longer than the step."""
    length_m = shapely.length(lines)
    n = np.maximum(np.ceil(length_m / STEP_M), 1).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), n)
    place = (np.arange(len(line)) - np.repeat(np.cumsum(n) - n, n) + 0.5) / n[line]
    points = shapely.line_interpolate_point(lines[line], place, normalized=True)
    return _points(points, (per_km * length_m / 1000.0 / n)[line])


def _within(areas: Shapes, per_km2: FloatArray) -> pd.DataFrame:
    """Return a grid of points in each area, or one when it is smaller than a step; the area is shared among them."""
    parts = []
    for area, rate in zip(areas, per_km2, strict=True):
        west, south, east, north = area.bounds
        x, y = np.meshgrid(np.arange(west, east, STEP_M) + STEP_M / 2, np.arange(south, north, STEP_M) + STEP_M / 2)
        is_in = shapely.contains_xy(area, x.ravel(), y.ravel())
        if is_in.any():
            points = np.asarray(shapely.points(x.ravel()[is_in], y.ravel()[is_in]))
        else:
            points = np.array([area.representative_point()])
        parts.append(_points(points, np.full(len(points), rate * area.area / 1e6 / len(points))))
    return pd.concat(parts, ignore_index=True)


def _points(points: Shapes, weight: FloatArray) -> pd.DataFrame:
    frame = pd.DataFrame({"weight": weight, "geometry": points})
    return frame[frame["weight"] > 0]
