"""The road tables of the folder: read from own layers or tables, and reduced to what hangs together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import DataError, FileError
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.parts import column_of
from siting.inputs.assemble.spec import RoadSource
from siting.inputs.datums import parse_datum, to_wgs84
from siting.inputs.osm.access import DRIVEN, MOTOR_ROADS, PATHS
from siting.inputs.osm.roads import cut_at_junctions
from siting.inputs.roads import with_defaults
from siting.inputs.tables import read_source
from siting.travel import dropped_of, largest_part

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
EDGE_COLUMNS = ["u", "v", "road_class", "length_m", "walkable", "drivable", "oneway", "speed_kmh", "name", "geometry"]
OPTIONAL = ("drivable", "oneway", "speed_kmh")
"""Columns that are written only where they hold anything but the default."""


@dataclass(frozen=True)
class Roads:
    """Tables `road_nodes` and `road_edges` in WGS-84, with notes on what was left out."""

    nodes: gpd.GeoDataFrame
    edges: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()


def read_roads(base: Path, source: RoadSource, not_walkable: Collection[str]) -> Roads:
    """Read the nodes and edges of a source whose paths are relative to `base`.

    Nobody walks on roads of the classes `not_walkable` in a table of edges that does not say so itself.

    Raises
    ------
    FileError
        If the layer or tables cannot be read.
    DataError
        If there are no lines, a mapped column is missing, or nobody says what the coordinates are in.
    """
    path = base / source.file
    if source.nodes is not None:
        return _of_tables(path, base / source.nodes, source, not_walkable)
    if path.is_dir():
        try:
            return Roads(*(gpd.read_parquet(path / f"{stem}.parquet") for stem in ("road_nodes", "road_edges")))
        except (OSError, ValueError) as error:
            raise FileError(f"{path}: needs road_nodes.parquet and road_edges.parquet ({error})") from error
    try:
        lines = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path, layer=source.layer)
    except Exception as error:  # pyarrow and GDAL each raise their own kinds
        reason = str(error).splitlines()[0]
        raise FileError(f"{path}: roads cannot be read ({reason}); give a layer of lines") from error
    lines = _in_degrees(path, lines, source.datum).explode(ignore_index=True)
    lines = lines[lines.geometry.geom_type == "LineString"].reset_index(drop=True)
    if lines.empty:
        raise DataError(f"{path}: no lines; give the layer of road centre lines")
    return noded(_named(path, lines, source.columns))


def _of_tables(path: Path, nodes_path: Path, source: RoadSource, not_walkable: Collection[str]) -> Roads:
    """Straight edges between the nodes of a table."""
    edges = read_source(path, "road_edges", sheet=source.sheet, columns=source.columns)
    nodes = read_source(nodes_path, "road_nodes", datum=source.datum).sort_values("node", ignore_index=True)
    number = nodes["node"].to_numpy()
    if len(np.unique(number)) < len(number):
        raise DataError(f"{nodes_path}: a node is given twice; number each once")
    ends = edges[["u", "v"]].to_numpy(dtype=np.int64)
    is_lost = ~np.isin(ends, number).all(axis=1)
    if is_lost.any():
        raise DataError(f"{path}: {int(is_lost.sum())} edges end at nodes that {nodes_path.name} does not have")
    if not edges["walkable"].notna().any():
        edges["walkable"] = ~edges["road_class"].isin(not_walkable)
    at = shapely.get_coordinates(nodes.geometry.to_numpy())[np.searchsorted(number, ends)]
    edges = edges.assign(u=ends[:, 0], v=ends[:, 1], road_class=edges["road_class"].fillna("unclassified"))
    return Roads(nodes, gpd.GeoDataFrame(edges, geometry=shapely.linestrings(at), crs=WGS84))


def _in_degrees(path: Path, lines: gpd.GeoDataFrame, datum: str | None) -> gpd.GeoDataFrame:
    if datum is not None:
        found = parse_datum(datum)
        moved = lines.geometry.transform(lambda at: np.column_stack(to_wgs84(at[:, 0], at[:, 1], found)))
        return lines.set_geometry(moved.set_crs(WGS84, allow_override=True))
    if lines.crs is None:
        raise DataError(f"{path}: no CRS (a shapefile without .prj?); declare `datum:` for these roads")
    return lines.to_crs(WGS84)


def _named(path: Path, lines: gpd.GeoDataFrame, mapped: dict[str, str]) -> gpd.GeoDataFrame:
    """The lines with the canonical columns that can be found; what may be driven and walked on by class.

    Lines driven against how they are drawn are turned.
    """
    unknown = sorted(set(mapped.values()) - set(lines.columns)) + sorted(set(mapped) - set(HEADERS))
    if unknown:
        raise DataError(f"{path}: columns {unknown} are not there; the headers are {list(lines.columns)}")
    found = {}
    for name, headers in HEADERS.items():
        header = mapped.get(name) or next((one for one in headers if one in lines.columns), None)
        if header is not None:
            found[name] = lines[header].to_numpy()
    frame = gpd.GeoDataFrame(found, geometry=lines.geometry.to_numpy(), crs=WGS84)
    road_class = column_of(frame, "road_class").fillna("unclassified").astype(str)
    usual = {"drivable": ~road_class.isin(set(PATHS) - DRIVEN), "walkable": ~road_class.isin(MOTOR_ROADS)}
    frame = frame.assign(road_class=road_class, **{name: flag for name, flag in usual.items() if name not in frame})
    oneway = column_of(frame, "oneway").fillna("no").astype(str)
    shapes = frame.geometry.to_numpy().copy()
    is_against = oneway.isin(AGAINST).to_numpy()
    shapes[is_against] = shapely.reverse(shapes[is_against])
    flags = oneway.map(lambda word: ONEWAY.get(word, word.lower() == "true")).astype(bool)
    return frame.assign(oneway=flags).set_geometry(gpd.GeoSeries(shapes, crs=WGS84))


def noded(lines: gpd.GeoDataFrame) -> Roads:
    """Cut the lines wherever two of them share a vertex, and number the ends; lengths on the ellipsoid, m."""
    at, line = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    places, vertices = np.unique(at.round(NODE_DECIMALS), axis=0, return_inverse=True)
    cut = cut_at_junctions(places, vertices.reshape(-1), line)
    used, numbered = np.unique(np.column_stack([cut.start, cut.end]), return_inverse=True)
    u, v = numbered.reshape(-1, 2).T
    facts = pd.DataFrame(lines.drop(columns="geometry")).iloc[cut.line].reset_index(drop=True)
    edges = gpd.GeoDataFrame(facts.assign(u=u, v=v, length_m=cut.length_m), geometry=cut.shapes, crs=WGS84)
    nodes = gpd.GeoDataFrame({"node": np.arange(len(used))}, geometry=shapely.points(places[used]), crs=WGS84)
    return Roads(nodes, edges)


def connected_roads(roads: Roads, walking: Literal["largest", "all"]) -> Roads:
    """Keep driving to its largest strongly connected part and walking to its largest piece, and renumber the nodes.

    `walking="all"` keeps every piece on foot.

    Raises
    ------
    DataError
        If nothing can be driven or walked on.
    """
    nodes, edges = roads.nodes, roads.edges
    edges = with_defaults(edges.assign(name=edges.get("name")))
    edges["length_m"] = edges["length_m"].clip(lower=0.1).astype(float)
    rank = nodes["node"].to_numpy()
    ends = np.searchsorted(rank, edges[["u", "v"]].to_numpy())
    notes = []
    for column, words in (("drivable", "do not lead both in and out by car"), ("walkable", "are cut off on foot")):
        used = edges[column].to_numpy(dtype=bool)
        if not used.any():
            raise DataError(f"roads: no {column} edge; give a road layer that covers the city and holds its streets")
        if column == "walkable" and walking == "all":
            break
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


def without_defaults(edges: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the edges without the flags and speeds that a reader of the folder would fill in just so."""
    filled = with_defaults(edges.drop(columns=list(OPTIONAL)))
    return edges.drop(columns=[column for column in OPTIONAL if edges[column].equals(filled[column])])
