"""The road tables of the folder: read from own layers or tables, and reduced to what hangs together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import DataError, FileError, raise_faults
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.parts import column_of
from siting.inputs.assemble.roadvalues import Unknown, directions, flags, road_classes, speeds
from siting.inputs.assemble.spec import RoadSource
from siting.inputs.osm.access import DRIVEN, MOTOR_ROADS, PATHS
from siting.inputs.osm.roads import cut_at_junctions
from siting.inputs.roads import with_defaults
from siting.inputs.tables import read_fields, read_source
from siting.inputs.tables.wording import plain
from siting.travel import dropped_of, large_pieces, largest_part

HEADERS = {
    "road_class": ("road_class", "highway", "fclass", "class", "road_type", "道路等级", "道路类型", "道路类别", "等级"),
    "name": ("name", "名称", "道路名称", "路名"),
    "oneway": (
        "oneway",
        "one_way",
        "dir_travel",
        "单行",
        "是否单行",
        "单行线",
        "单行道",
        "通行方向",
        "行驶方向",
        "方向",
    ),
    "speed_kmh": ("speed_kmh", "maxspeed", "设计速度", "限速", "车速"),
    "drivable": ("drivable", "可行车", "可通车"),
    "walkable": ("walkable", "可步行"),
}
"""Headers of a layer that mean a column, compared without case and blanks."""
Values = Mapping[str, Mapping[str, str]]
"""By column what a value of the layer means."""
LEAST_PIECE_M = 300.0
NODE_DECIMALS = 7
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
    read = read_fields(path, layer=source.layer, sheet=source.sheet, datum=source.datum)
    lines = read.explode(ignore_index=True)
    lines = lines[lines.geometry.geom_type == "LineString"].reset_index(drop=True)
    if lines.empty:
        raise DataError(f"{path}: no lines; give the layer of road centre lines")
    named, told = _named(path, lines, source.columns, source.values)
    return replace(noded(named), notes=(*read.attrs["notes"], *told))


def _of_tables(path: Path, nodes_path: Path, source: RoadSource, not_walkable: Collection[str]) -> Roads:
    """Draw straight edges between the nodes of a table."""
    edges = read_source(path, "road_edges", sheet=source.sheet, columns=source.columns)
    nodes = read_source(nodes_path, "road_nodes", datum=source.datum).sort_values("node", ignore_index=True)
    number = nodes["node"].to_numpy()
    if len(np.unique(number)) < len(number):
        raise DataError(f"{nodes_path}: a node is given twice; number each once")
    ends = edges[["u", "v"]].to_numpy(dtype=np.int64)
    is_lost = ~np.isin(ends, number).all(axis=1)
    if is_lost.any():
        raise DataError(f"{path}: {int(is_lost.sum())} edges end at nodes that {nodes_path.name} does not have")
    at = shapely.get_coordinates(nodes.geometry.to_numpy())[np.searchsorted(number, ends)]
    lines = gpd.GeoDataFrame(edges.assign(u=ends[:, 0], v=ends[:, 1]), geometry=shapely.linestrings(at), crs=WGS84)
    named, told = _understood(path, lines, source.values, not_walkable)
    return Roads(nodes, named, told)


def _named(
    path: Path, lines: gpd.GeoDataFrame, mapped: Mapping[str, str], values: Values
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the lines with the canonical columns that can be found; what may be driven and walked on by class.

    Lines driven against how they are drawn are turned.
    """
    unknown = sorted(set(mapped.values()) - set(lines.columns)) + sorted(set(mapped) - set(HEADERS))
    if unknown:
        raise DataError(f"{path}: columns {unknown} are not there; the headers are {list(lines.columns)}")
    found, there = {}, {plain(one): one for one in reversed(lines.columns) if one != "geometry"}
    for name, headers in HEADERS.items():
        header = mapped.get(name) or next((there[plain(one)] for one in headers if plain(one) in there), None)
        if header is not None:
            found[name] = lines[header].to_numpy()
    frame = gpd.GeoDataFrame(found, geometry=lines.geometry.to_numpy(), crs=WGS84)
    return _understood(path, frame, values, MOTOR_ROADS)


def _understood(
    path: Path, frame: gpd.GeoDataFrame, values: Values, not_walkable: Collection[str]
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return the lines with values that are understood, and notes on the few that are not."""
    unknown = Unknown(len(frame))
    own = {name: name for name in not_walkable} | dict(values.get("road_class", {}))
    road_class = road_classes(column_of(frame, "road_class"), unknown, own)
    usual = {"drivable": ~road_class.isin(set(PATHS) - DRIVEN), "walkable": ~road_class.isin(not_walkable)}
    read: dict[str, Any] = {
        name: flags(column_of(frame, name).rename(name), by_class, unknown, values.get(name, {}))
        for name, by_class in usual.items()
    }
    way = directions(column_of(frame, "oneway"), unknown, values.get("oneway", {}))
    if "speed_kmh" in frame:
        read["speed_kmh"] = speeds(frame["speed_kmh"], unknown)
    raise_faults([f"{path}: {fault}" for fault in unknown.faults], DataError)
    shapes = frame.geometry.to_numpy().copy()
    shapes[way < 0] = shapely.reverse(shapes[way < 0])
    if "u" in frame:
        turned = frame[["v", "u"]].to_numpy()
        read |= {end: np.where(way < 0, turned[:, k], turned[:, 1 - k]) for k, end in enumerate(("u", "v"))}
    told = tuple(f"{path.name}: {note}" for note in unknown.notes)
    lines = frame.assign(road_class=road_class, oneway=way != 0, **read)
    return lines.set_geometry(gpd.GeoSeries(shapes, crs=WGS84)), told


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


def connected_roads(roads: Roads, walking: Literal["pieces", "largest", "all"]) -> Roads:
    """Keep driving to its largest strongly connected part, and walking to pieces, and renumber the nodes.

    On foot every piece of `LEAST_PIECE_M` or more stays, as on an island; or the `largest`, or `all`.

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
        if column == "walkable" and walking == "pieces":
            kept = large_pieces(ends, length_m, is_used=used, n_nodes=len(nodes), least_m=LEAST_PIECE_M)
        else:
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
