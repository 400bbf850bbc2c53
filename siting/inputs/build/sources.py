"""Reads the raw sources: outlines, census, OSM points, road network. The only module that knows their files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError, FileError, raise_faults
from siting.inputs.build.spec import Spec

WGS84 = "EPSG:4326"
LAYERS = ("road", "transport", "building")
POINT_COLUMNS = ("osm_type", "name", "lon", "lat")
CENSUS_COLUMNS = ("code", "name", "name_en", "population_2020", "urban_share", "household_size")


@dataclass(frozen=True)
class Sources:
    """The raw sources of one city, checked.

    `districts` has `code` and outlines in WGS-84; `census` is indexed by district code; `features` are the named OSM
    points inside a district (`layer`, `osm_class`, `name`, `district`, `lon`, `lat`, `x_m`, `y_m`), in an order that
    does not depend on the order of the file; `waters` likewise. `towns` are the names of streets and towns (`code`,
    `name`, `district`), none when the source has no such list. `dropped` is how many points lay outside every outline.
    """

    districts: gpd.GeoDataFrame
    census: pd.DataFrame
    features: pd.DataFrame
    waters: pd.DataFrame
    road_nodes: pd.DataFrame
    road_edges: pd.DataFrame
    towns: pd.DataFrame
    dropped: int


def read_sources(folder: Path, spec: Spec) -> Sources:
    """Read every source of `folder`.

    Raises
    ------
    FileError
        If a file is missing or unreadable.
    DataError
        If a column is missing, or census, outlines and spec do not name the same districts.
    """
    districts = _outlines(folder / "districts.geojson")
    shares = (*spec.demand.dense_shares, *spec.demand.isolated_shares)
    census = _table(folder / "census2020.csv", (*CENSUS_COLUMNS, *shares)).set_index("code").sort_index()
    _check_districts(folder, spec, districts, census)
    raise_faults(list(_census_faults(folder / "census2020.csv", census, shares)), DataError)
    layers = [_points(folder / f"osm_{layer}_points.csv").assign(layer=layer) for layer in LAYERS]
    features, dropped = _located(pd.concat(layers, ignore_index=True), districts, spec.crs_metric)
    waters, _ = _located(_points(folder / "osm_water_points.csv").assign(layer="water"), districts, spec.crs_metric)
    nodes = _table(folder / "road_nodes.csv", ("node", "lon", "lat"))
    edges = _table(folder / "road_edges.csv", ("u", "v", "class", "name", "length_m"))
    return Sources(districts, census, features, waters, nodes, edges, _towns(folder / "streets_2023.csv"), dropped)


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, encoding="utf-8-sig", dtype={"code": str, "name": str, "class": str})
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); the source folder needs it") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not a CSV table in UTF-8 ({error}); save it again") from error
    missing = [column for column in columns if column not in frame]
    raise_faults([f"{path}: no column {column!r}; the columns are {list(frame)}" for column in missing], DataError)
    return frame


def _towns(path: Path) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame(columns=["code", "name", "district"])
    towns = _table(path, ("code", "name", "areaCode"))
    return towns.assign(district=towns["areaCode"].astype(str))[["code", "name", "district"]]


def _outlines(path: Path) -> gpd.GeoDataFrame:
    if not path.exists():
        raise FileError(f"{path}: missing; the source folder needs the district outlines")
    districts = gpd.read_file(path).to_crs(WGS84)
    if "code" not in districts:
        raise DataError(f"{path}: no property 'code'; give every outline its district code")
    return districts.assign(code=districts["code"].astype(str)).sort_values("code").reset_index(drop=True)


def _check_districts(folder: Path, spec: Spec, districts: gpd.GeoDataFrame, census: pd.DataFrame) -> None:
    ringed = [code for ring in spec.rings.values() for code in ring.districts]
    named = {
        f"{folder / 'districts.geojson'}": list(districts["code"]),
        f"{folder / 'census2020.csv'}": list(census.index),
        "rings of the build spec": ringed,
    }
    everything = set().union(*named.values())
    faults = [
        f"{where}: lacks district {sorted(everything - set(codes))}"
        for where, codes in named.items()
        if everything - set(codes)
    ]
    faults += [f"{where}: a district is named twice" for where, codes in named.items() if len(set(codes)) < len(codes)]
    raise_faults(faults, DataError)


def _census_faults(path: Path, census: pd.DataFrame, shares: tuple[str, ...]) -> Iterator[str]:
    """Numbers that are missing, no numbers or out of their range."""
    ranges = {"population_2020": (0.0, 1e9), "household_size": (0.5, 20.0)}
    ranges |= dict.fromkeys(("urban_share", *shares), (0.0, 1.0))
    for column, (low, high) in ranges.items():
        numbers = pd.to_numeric(census[column], errors="coerce")
        for code, value in census.loc[~numbers.between(low, high), column].items():
            yield f"{path}: district {code}: {column} is {value}; give a number from {low:g} to {high:g}"


def _points(path: Path) -> pd.DataFrame:
    frame = _table(path, POINT_COLUMNS)
    frame["osm_class"] = frame["osm_type"].fillna("")
    frame["name"] = frame["name"].fillna("").str.strip()
    return frame[["osm_class", "name", "lon", "lat"]]


def _located(points: pd.DataFrame, districts: gpd.GeoDataFrame, crs_metric: str) -> tuple[pd.DataFrame, int]:
    """Rounded to 6 decimals, within a district, once each, sorted; and how many lay outside."""
    points = points.assign(lon=points["lon"].round(6), lat=points["lat"].round(6)).drop_duplicates()
    placed = gpd.GeoDataFrame(points, geometry=gpd.points_from_xy(points["lon"], points["lat"]), crs=WGS84)
    placed = placed.sjoin(districts[["code", "geometry"]], how="left", predicate="within")
    placed = placed[~placed.index.duplicated()].rename(columns={"code": "district"})
    inside = placed[placed["district"].notna()]
    metric = inside.geometry.to_crs(crs_metric)
    frame = pd.DataFrame(inside.drop(columns=["geometry", "index_right"])).assign(x_m=metric.x, y_m=metric.y)
    order = ["layer", "osm_class", "name", "lon", "lat"]
    return frame.sort_values(order).reset_index(drop=True), int(len(placed) - len(inside))


def xy_m(frame: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Shape `(n, 2)`: the metric coordinates of the rows of `frame`."""
    return frame[["x_m", "y_m"]].to_numpy(dtype=np.float64)
