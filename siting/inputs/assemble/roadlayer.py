"""Roads of a planner's own: a folder with road tables, or a layer of lines that meet where they share a vertex."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from siting.errors import DataError, FileError
from siting.inputs.assemble.parts import WGS84
from siting.inputs.assemble.spec import TableSource
from siting.inputs.datums import parse_datum, to_wgs84
from siting.inputs.osm.access import DRIVEN, MOTOR_ROADS, PATHS

HEADERS = {
    "road_class": ("road_class", "highway", "fclass", "class", "道路等级", "道路类型", "等级"),
    "name": ("name", "名称", "道路名称"),
    "oneway": ("oneway", "单行"),
    "speed_kmh": ("speed_kmh", "maxspeed", "设计速度", "限速"),
    "drivable": ("drivable",),
    "walkable": ("walkable",),
}
NODE_DECIMALS = 7
ONEWAY = {"F": True, "T": True, "B": False, "yes": True, "no": False, "1": True, "0": False, "-1": True}
AGAINST = ("T", "-1")


def read_roads(path: Path, source: TableSource) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Nodes and edges as `OsmTables` has them.

    Raises
    ------
    FileError
        If the layer or tables cannot be read.
    DataError
        If there are no lines, a mapped column is missing, or nobody says what the coordinates are in.
    """
    if path.is_dir():
        return _read_tables(path)
    try:
        lines = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path, layer=source.layer)
    except Exception as error:  # pyarrow and GDAL each raise their own kinds
        raise FileError(
            f"{path}: roads cannot be read ({str(error).splitlines()[0]}); give a layer of lines"
        ) from error
    lines = _in_degrees(path, lines, source.datum).explode(ignore_index=True)
    lines = lines[lines.geometry.geom_type == "LineString"].reset_index(drop=True)
    if lines.empty:
        raise DataError(f"{path}: no lines; give the layer of road centre lines")
    return noded(_named(path, lines, source.columns))


def _read_tables(folder: Path) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    try:
        nodes, edges = (gpd.read_parquet(folder / f"{stem}.parquet") for stem in ("road_nodes", "road_edges"))
    except (OSError, ValueError) as error:
        raise FileError(f"{folder}: needs road_nodes.parquet and road_edges.parquet ({error})") from error
    return nodes, edges


def _in_degrees(path: Path, lines: gpd.GeoDataFrame, datum: str | None) -> gpd.GeoDataFrame:
    if datum is not None:
        found = parse_datum(datum)
        moved = shapely.transform(
            lines.geometry.to_numpy(), lambda at: np.column_stack(to_wgs84(at[:, 0], at[:, 1], found))
        )
        return gpd.GeoDataFrame(lines.drop(columns=lines.geometry.name), geometry=moved, crs=WGS84)
    if lines.crs is None:
        raise DataError(f"{path}: no CRS (a shapefile without .prj?); declare `datum:` for these roads")
    return lines.to_crs(WGS84)


def _named(path: Path, lines: gpd.GeoDataFrame, mapped: dict[str, str]) -> gpd.GeoDataFrame:
    """The lines with the canonical columns that can be found; what may be driven and walked on by class."""
    unknown = sorted(set(mapped.values()) - set(lines.columns)) + sorted(set(mapped) - set(HEADERS))
    if unknown:
        raise DataError(f"{path}: columns {unknown} are not there; the headers are {list(lines.columns)}")
    found = {}
    for name, headers in HEADERS.items():
        header = mapped.get(name) or next((one for one in headers if one in lines.columns), None)
        if header is not None:
            found[name] = lines[header].to_numpy()
    frame = gpd.GeoDataFrame(found, geometry=lines.geometry.to_numpy(), crs=WGS84)
    if "road_class" not in frame:
        frame["road_class"] = "unclassified"
    road_class = frame["road_class"].fillna("unclassified").astype(str)
    frame["road_class"] = road_class
    frame["drivable"] = frame["drivable"] if "drivable" in frame else ~road_class.isin(set(PATHS) - DRIVEN)
    frame["walkable"] = frame["walkable"] if "walkable" in frame else ~road_class.isin(MOTOR_ROADS)
    return _directed(frame)


def _directed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """`oneway` as yes and no; lines driven against how they are drawn are turned."""
    if "oneway" not in frame:
        return frame.assign(oneway=False)
    said = frame["oneway"].astype(str)
    turned = said.isin(AGAINST).to_numpy()
    shapes = frame.geometry.to_numpy().copy()
    shapes[turned] = shapely.reverse(shapes[turned])
    oneway = said.map(ONEWAY).fillna(said.str.lower() == "true").astype(bool)
    return frame.assign(oneway=oneway).set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=WGS84))


def noded(lines: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Cut the lines wherever two of them share a vertex, and number the ends; lengths on the ellipsoid, m."""
    at, line = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    at = at.round(NODE_DECIMALS)
    places, number = np.unique(at, axis=0, return_inverse=True)
    number = number.reshape(-1)
    is_end = np.ones(len(at), dtype=bool)
    is_end[1:-1] = (line[1:-1] != line[:-2]) | (line[1:-1] != line[2:])
    is_node = np.bincount(number, minlength=len(places)) > 1
    is_node[number[is_end]] = True
    pieces, owner, ends = _pieces(number, line, is_node)
    used, numbered = np.unique(ends, return_inverse=True)
    ends = numbered.reshape(-1, 2)
    shapes: Any = shapely.linestrings(
        np.concatenate([places[piece] for piece in pieces]),
        indices=np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces]),
    )
    from pyproj import Geod

    geod = Geod(ellps="WGS84")
    facts = pd.DataFrame(lines.drop(columns="geometry")).iloc[owner].reset_index(drop=True)
    length_m = np.array([geod.geometry_length(shape) for shape in shapes])
    edges = gpd.GeoDataFrame(facts.assign(u=ends[:, 0], v=ends[:, 1], length_m=length_m), geometry=shapes, crs=WGS84)
    nodes = gpd.GeoDataFrame({"node": np.arange(len(used))}, geometry=shapely.points(places[used]), crs=WGS84)
    return nodes, edges[edges["length_m"] > 0].reset_index(drop=True)


Ints = npt.NDArray[np.int64]


def _pieces(number: Ints, line: Ints, is_node: npt.NDArray[np.bool_]) -> tuple[list[Ints], Ints, Ints]:
    """Each stretch from node to node as place numbers, the line it belongs to, and its two ends."""
    pieces, owner = [], []
    for row in np.split(np.arange(len(line)), np.flatnonzero(np.diff(line)) + 1):
        stops = np.flatnonzero(is_node[number[row]])
        for first, last in itertools.pairwise(stops):
            pieces.append(number[row[first : last + 1]])
            owner.append(line[row[0]])
    ends = np.array([(piece[0], piece[-1]) for piece in pieces], dtype=np.int64).reshape(-1, 2)
    return pieces, np.array(owner, dtype=np.int64), ends
