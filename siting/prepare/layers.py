"""Shapes that rules of layout keep away from: layer files, water, dense housing, places of a kind."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from siting.config.layout import Buffer, Exclusion
from siting.errors import ConfigError, DataError, FileError
from siting.inputs.cellshapes import cell_outlines
from siting.inputs.city import City

SUFFIXES = (".parquet", ".gpkg", ".geojson", ".json", ".shp")


def read_layer(path: Path) -> gpd.GeoDataFrame:
    """A layer of shapes, in the CRS that it says.

    Raises
    ------
    FileError
        If it cannot be read.
    DataError
        If it has no shapes, or no CRS.
    """
    try:
        frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    except Exception as error:  # pyarrow and GDAL each raise their own kinds
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileError(f"{path}: cannot be read as a layer ({reason}); check the path, and that it is GeoPackage,"
                        " GeoJSON or GeoParquet") from error  # fmt: skip
    if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.isna().all():
        raise DataError(f"{path}: has no shapes; give a layer of polygons, lines or points")
    if frame.crs is None:
        raise DataError(f"{path}: has no CRS; save it with one, WGS-84 for example")
    return frame[frame.geometry.notna()]


def shapes_of(rule: Exclusion | Buffer, city: City, key: str) -> np.ndarray:
    """The shapes that a rule is about, in the city's metric CRS.

    Raises
    ------
    ConfigError
        If there is no such table, or nothing of the kinds asked.
    """
    frame = _frame(rule, city, key)
    kinds = set(rule.kinds)
    if kinds and "kind" not in frame:
        raise ConfigError(f"{key}.kinds: the layer has no column `kind`; add it, or leave kinds out")
    if kinds:
        odd = sorted(kinds - set(frame["kind"].dropna()))
        if odd:
            raise ConfigError(
                f"{key}.kinds: nothing of kind {odd[0]!r}; there are {sorted(set(frame['kind'].dropna()))}"
            )
        frame = frame[frame["kind"].isin(kinds)]
    return np.asarray(shapely.make_valid(frame.geometry.to_crs(city.crs_metric).to_numpy()))


def _frame(rule: Exclusion | Buffer, city: City, key: str) -> gpd.GeoDataFrame:
    if rule.file is not None:
        return read_layer(rule.file)
    match rule.around if isinstance(rule, Buffer) else "exclusion":
        case "water":
            return city.water
        case "candidates":
            return city.candidates
        case "dense_housing":
            return _dense_cells(city, getattr(rule, "residents_per_km2_above", None) or 0.0)
    for suffix in SUFFIXES:
        path = city.folder / f"exclusion{suffix}"
        if path.exists():
            return read_layer(path)
    raise ConfigError(f"{key}: the city folder has no table `exclusion`; add one, or give `file`")


def _dense_cells(city: City, above_per_km2: float) -> gpd.GeoDataFrame:
    cells = city.demand
    per_km2 = cells["residents"] / (cells["cell_size_m"] / 1000) ** 2
    dense = cells[per_km2 > above_per_km2]
    return gpd.GeoDataFrame(geometry=cell_outlines(dense, city.crs_metric))


def is_near(points: np.ndarray, shapes: np.ndarray, within_m: float) -> np.ndarray:
    """Whether each point lies nearer than `within_m` to a shape, (n_points,); 0 asks for points in or on it."""
    tree = shapely.STRtree(shapes)
    if within_m > 0:
        found = tree.query(points, predicate="dwithin", distance=within_m * (1 - 1e-9))[0]
    else:
        found = tree.query(points, predicate="intersects")[0]
    near = np.zeros(len(points), dtype=bool)
    near[found] = True
    return near
