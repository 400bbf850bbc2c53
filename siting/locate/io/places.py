"""Demand nodes and sites from tables of places, and how far apart they are: by street, or in a straight line."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from siting.errors import DataError, FileError, raise_faults
from siting.instance import Bools, Floats
from siting.locate.arcs import SHOWN, Arcs, as_arcs, make_arcs

if TYPE_CHECKING:
    import geopandas as gpd

    from siting.inputs.city import City

WGS84 = "EPSG:4326"
ALL_M = 1e7
"""A distance beyond any city: everything within it is everything."""
FEW_PAIRS = 30_000_000
"""Maximum number of pairs that are all measured if no distance limits them."""
NEAREST = 50
"""Minimum number of nearest sites of a node where not all are measured."""
PAIRS_AT_ONCE = 4_000_000
"""Pairs that are measured over streets at once where only the nearest are kept."""


def read_places(path: Path) -> gpd.GeoDataFrame:
    """Places of a CSV or Excel file with `lon` and `lat`, or of a GeoPackage, GeoJSON, shapefile or GeoParquet.

    Places without `id` are numbered from 1; of areas the inner point counts.

    Raises
    ------
    FileError
        If the file is not there or cannot be read.
    DataError
        If a place has no position, or an id stands twice.
    """
    import geopandas as gpd

    if not path.is_file():
        raise FileError(f"{path}: there is no such file; give a CSV, GeoPackage, GeoJSON or Parquet file")
    try:
        places = _read(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise FileError(f"{path}: cannot be read ({error}); save it again as CSV, GeoPackage or GeoJSON") from error
    if not isinstance(places, gpd.GeoDataFrame):
        places = _with_points(places, path)
    if places.crs is None:
        raise DataError(f"{path}: says no coordinate system; save it with one, or as CSV with lon and lat")
    if len(places) == 0:
        raise DataError(f"{path}: holds no places; give at least one row")
    bad = np.flatnonzero(places.geometry.isna() | places.geometry.is_empty)
    raise_faults([f"{path} row {row + 1}: has no position; give one or drop the row" for row in bad[:SHOWN]], DataError)
    if not (places.geometry.geom_type == "Point").all():
        places = places.set_geometry(places.geometry.representative_point())
    if "id" not in places.columns:
        places = places.assign(id=np.arange(1, len(places) + 1))
    places = places.assign(id=places["id"].astype(str)).reset_index(drop=True)
    twice = places["id"][places["id"].duplicated()].unique()
    raise_faults([f"{path}: id {one} stands twice; give each place its own" for one in twice[:SHOWN]], DataError)
    return places


def _read(path: Path) -> Any:
    import geopandas as gpd

    match path.suffix.lower():
        case ".csv" | ".txt":
            return pd.read_csv(path)
        case ".xlsx" | ".xls":
            return pd.read_excel(path)
        case ".parquet" | ".geoparquet":
            columns = pd.read_parquet(path).columns
            return gpd.read_parquet(path) if "geometry" in columns else pd.read_parquet(path)
        case _:
            return gpd.read_file(path)


def _with_points(table: pd.DataFrame, path: Path) -> gpd.GeoDataFrame:
    import geopandas as gpd

    names = {str(name).strip().lower(): name for name in table.columns}
    if not {"lon", "lat"} <= set(names):
        raise DataError(f"{path}: no columns lon and lat, in degrees; it has {', '.join(map(str, table.columns))}")
    lon, lat = (pd.to_numeric(table[names[name]], errors="coerce").to_numpy(dtype=float) for name in ("lon", "lat"))
    bad = np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))
    faults = [f"{path} row {row + 1}: lon {lon[row]}, lat {lat[row]}; give degrees" for row in bad[:SHOWN]]
    raise_faults(faults, DataError)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs=WGS84)


def number_column(places: gpd.GeoDataFrame, column: str, what: str) -> Floats:
    """A column of figures ≥ 0.

    Raises
    ------
    DataError
        If it is not there, or a figure is missing or negative.
    """
    if column not in places.columns:
        has = ", ".join(str(name) for name in places.columns if name != "geometry")
        raise DataError(f"{what}: no column {column!r}; the file has {has}")
    values: Floats = pd.to_numeric(places[column], errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    faults = [
        f"{what}: {column} of {places['id'].iloc[row]} is {places[column].iloc[row]}; give a number ≥ 0"
        for row in bad[:SHOWN]
    ]
    raise_faults(faults, DataError)
    return values


def flag_column(places: gpd.GeoDataFrame, column: str, what: str) -> Bools:
    """A column of yes and no; empty is no.

    Raises
    ------
    DataError
        If it is not there, or a value is neither.
    """
    if column not in places.columns:
        raise DataError(f"{what}: no column {column!r}; it marks sites with 1 or yes")
    texts = places[column].fillna("").astype(str).str.strip().str.lower().str.removesuffix(".0")
    yes, no = texts.isin(["1", "true", "yes", "y", "是"]), texts.isin(["0", "false", "no", "n", "否", ""])
    bad = np.flatnonzero(~(yes | no))
    faults = [
        f"{what}: {column} of {places['id'].iloc[row]} is {texts.iloc[row]!r}; give yes or no" for row in bad[:SHOWN]
    ]
    raise_faults(faults, DataError)
    return np.asarray(yes, dtype=bool)


def straight_arcs(
    demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, within_m: float | None = None, nearest: int | None = None
) -> Arcs:
    """Measure straight distances in metres between places.

    They are measured in the metric system of the places, or in the UTM zone of the demand if they are in degrees.

    Parameters
    ----------
    demand, sites
        The places.
    within_m
        Longest distance to measure; None for no limit.
    nearest
        Number of nearest sites to list for each node, at least 1; for all others `Arcs.beyond` holds the distance of
        the next one as a lower bound. None for all sites.

    Raises
    ------
    DataError
        If places have no coordinate system, or there are too many pairs to measure all.
    """
    if demand.crs is None or sites.crs is None:
        raise DataError("places: no coordinate system is declared; set their crs")
    crs = demand.estimate_utm_crs() if demand.crs.is_geographic else demand.crs
    from_m, to_m = (places.geometry.to_crs(crs).get_coordinates().to_numpy(float) for places in (demand, sites))
    shape = len(from_m), len(to_m)
    if within_m is not None:
        near = KDTree(from_m).sparse_distance_matrix(KDTree(to_m), within_m, output_type="ndarray")
        return make_arcs(near["i"], near["j"], near["v"], shape=shape, **_ids(demand, sites))
    if nearest is None or nearest >= shape[1]:
        _refuse_many(*shape)
        return dataclasses.replace(as_arcs(cdist(from_m, to_m)), **_ids(demand, sites))
    distance, site = (np.asarray(part) for part in KDTree(to_m).query(from_m, nearest + 1))
    start = np.arange(shape[0] + 1) * nearest
    cost = distance[:, :-1].ravel()
    return Arcs(start, site[:, :-1].ravel().astype(np.int64), cost, distance[:, -1].copy(), **_ids(demand, sites))


def _refuse_many(n_nodes: int, n_sites: int) -> None:
    if n_nodes * n_sites > FEW_PAIRS:
        raise DataError(f"{n_nodes:,} × {n_sites:,} pairs of places are too many to measure; give a distance limit")


def nearest_needed(n_nodes: int, n_sites: int, p: int) -> int | None:
    """Return how many nearest sites of each node a p-median of so many places needs; None if all can be measured.

    The multiplier of a node is rarely above the distance of its second open site, and of so many sites 8 are open on
    average.
    """
    if n_nodes * n_sites <= FEW_PAIRS:
        return None
    return min(max(NEAREST, 8 * n_sites // p), max(1, FEW_PAIRS // n_nodes), n_sites)


def _ids(demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> dict[str, Any]:
    return {"node_id": demand["id"].to_numpy(), "site_id": sites["id"].to_numpy()}


def street_arcs(
    demand: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    city: City,
    *,
    within_m: float | None = None,
    nearest: int | None = None,
) -> Arcs:
    """Measure walking distances in metres over the streets of a city folder.

    Parameters
    ----------
    demand, sites, within_m, nearest
        As in `straight_arcs`.
    city
        The city folder with its streets.

    Raises
    ------
    DataError
        If there are too many pairs to measure all.
    """
    from siting.prepare.roads import network_of, xy_m
    from siting.travel import walk_pairs

    shape = len(demand), len(sites)
    if within_m is None and nearest is None:
        _refuse_many(*shape)
    network, _ = network_of(city)
    from_m, to_m = xy_m(city, demand), xy_m(city, sites)
    rows = shape[0] if nearest is None else max(1, PAIRS_AT_ONCE // shape[1])
    parts = []
    for first in range(0, shape[0], rows):
        pairs, _ = walk_pairs(network, from_m[first : first + rows], to_m, cutoff_m=within_m or ALL_M)
        part = make_arcs(
            pairs.origin, pairs.destination, pairs.distance_m, shape=(len(from_m[first : first + rows]), shape[1])
        )
        parts.append(part if nearest is None else part.nearest(nearest))
    start = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.start) for part in parts]))])
    site, cost, beyond = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("site", "cost", "beyond")
    )
    return Arcs(start, site, cost, beyond, **_ids(demand, sites))
