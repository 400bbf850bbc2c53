"""All tables of a place, from the raw form of a file or an Overpass answer, and as a folder of GeoParquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml

from siting.errors import DataError, FileError, raise_faults
from siting.files import new_folder
from siting.inputs.osm.areas import area_m2, relation_areas, way_shapes
from siting.inputs.osm.districts import make_districts
from siting.inputs.osm.layers import (
    make_barriers,
    make_buildings,
    make_candidates,
    make_exclusion,
    make_facilities,
    make_landuse,
    make_stops,
    make_water,
    residential_areas,
)
from siting.inputs.osm.raw import RawOsm
from siting.inputs.osm.roads import make_roads
from siting.inputs.osm.selection import SELECTED, is_selected, name_of

LAYERS = (
    *("road_nodes", "road_edges", "candidates", "facilities", "districts"),
    *("exclusion", "water", "barriers", "buildings", "stops", "landuse"),
)
NEW_LAYERS = ("barriers",)
"""Layers that folders made by earlier versions lack."""
FACTS = "osm.yaml"
LICENCE = "ODbL 1.0, https://opendatacommons.org/licenses/odbl/1-0/"
ATTRIBUTION = "© OpenStreetMap contributors"


@dataclass(frozen=True)
class OsmTables:
    """Tables of a place in OpenStreetMap, in WGS-84 lon/lat; rows are in the order nodes, ways, relations, by id.

    Attributes
    ----------
    road_nodes, road_edges
        Drive and walk network in one; `oneway` concerns driving only, from `u` to `v`.
    candidates
        Places where a facility may stand, by `echelon` and `kind`; `area_m2` is missing where only a point is known.
    facilities
        Recycling places, transfer stations, landfills and incinerators that exist.
    districts
        Areas of one administrative level; no rows where the source holds none whole.
    exclusion, water, barriers, buildings, stops, landuse
        Areas where nothing may stand; waters; what nobody walks across; buildings with `floor_area_m2`; stops of public
        transport; land use.
    notes
        What was dropped and why, with counts.
    origin
        File name or place, and the date of the data where known.
    """

    road_nodes: gpd.GeoDataFrame
    road_edges: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    exclusion: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    stops: gpd.GeoDataFrame
    landuse: gpd.GeoDataFrame
    notes: tuple[str, ...]
    origin: str


def make_tables(raw: RawOsm, where: str, *, admin_level: int | None = None) -> OsmTables:
    """Return every table of the raw form; `where` names the source in messages.

    Raises
    ------
    DataError
        If there are no roads.
    ConfigError
        If no boundary of `admin_level` is whole.
    """
    features, feature_notes = make_features(raw)
    nodes, edges, road_notes = make_roads(raw, where, estates=residential_areas(features))
    candidates, candidate_notes = make_candidates(features)
    districts, district_notes = make_districts(raw, nodes, admin_level)
    layers = {
        "road_nodes": nodes,
        "road_edges": edges,
        "candidates": candidates,
        "facilities": make_facilities(features),
        "districts": districts,
        "exclusion": make_exclusion(features),
        "water": make_water(features),
        "barriers": make_barriers(features),
        "buildings": make_buildings(features),
        "stops": make_stops(candidates),
        "landuse": make_landuse(features),
    }
    return OsmTables(
        **{name: plain_text(table) for name, table in layers.items()},
        notes=(*raw.notes, *road_notes, *feature_notes, *candidate_notes, *district_notes),
        origin=where if raw.date is None else f"{where} (OpenStreetMap, data of {raw.date})",
    )


def make_features(raw: RawOsm) -> tuple[pd.DataFrame, list[str]]:
    """Return all selected objects except mere roads, in the order nodes, ways, relations, each by ascending id.

    Returns
    -------
    features
        `id` (`osm-n1`, `osm-w1`, `osm-r1`), `tags`, `name`, one column for each selected key (missing where the
        tag is), `geometry` (point, line or area, as a shapely object), `point` (inside the area) and `area_m2` (NaN
        where it is no area).
    notes
        What was left out.
    """
    nodes = sorted(raw.node_tags)
    ways = [way for way in raw.ways if is_selected({key: tag for key, tag in way.tags.items() if key != "highway"})]
    relations = [one for one in raw.relations if one.tags.get("boundary") != "administrative"]
    points = shapely.points(raw.node_lonlat[raw.rows_of_nodes(np.array(nodes, dtype=np.int64))])
    way_geometry, n_cut = way_shapes(raw, ways)
    relation_geometry, is_broken = relation_areas(raw, relations)
    geometry = np.concatenate([points, way_geometry, relation_geometry])
    ids = [f"osm-n{node}" for node in nodes] + [f"osm-w{way.id}" for way in ways]
    ids += [f"osm-r{relation.id}" for relation in relations]
    tags = [raw.node_tags[node] for node in nodes] + [way.tags for way in ways] + [one.tags for one in relations]
    columns: dict[str, list[Any]] = {"id": ids, "tags": tags, "name": [name_of(one) for one in tags]}
    columns |= {key: [one.get(key) for one in tags] for key in SELECTED}
    frame = pd.DataFrame({**columns, "geometry": list(geometry)}, dtype=object)
    is_lost = shapely.is_empty(geometry) | shapely.is_missing(geometry)
    counts = {
        "areas were cut by the edge of the source; their part inside was kept": n_cut,
        "relations lack members at the edge of the source; places without area where the rest is open": is_broken.sum(),
        "features have no place, for none of their nodes is held; left out": is_lost.sum(),
    }
    frame, geometry = frame[~is_lost].reset_index(drop=True), geometry[~is_lost]
    is_area = shapely.get_dimensions(geometry) == 2
    measured = np.full(len(frame), np.nan)
    measured[is_area] = area_m2(geometry[is_area])
    frame = frame.assign(point=shapely.point_on_surface(geometry), area_m2=measured)
    return frame, [f"{number:,} {words}" for words, number in counts.items() if number]


def plain_text(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with its text as plain objects, None where it is missing, whatever version of pandas made it."""
    texts = table.select_dtypes(include=["object", "string"]).columns
    return table.assign(**{name: table[name].astype(object).where(table[name].notna(), None) for name in texts})


def write_osm(tables: OsmTables, folder: Path) -> None:
    """Write each table as `NAME.parquet`, and origin, licence, counts and notes as `osm.yaml`.

    Raises
    ------
    FileError
        If the folder cannot be written, or holds files of another origin.
    """
    facts: dict[str, Any] = {
        "origin": tables.origin,
        "licence": LICENCE,
        "attribution": ATTRIBUTION,
        "rows": {name: len(getattr(tables, name)) for name in LAYERS},
        "notes": list(tables.notes),
    }
    with new_folder(folder, cure="give another --out") as fresh:
        for name in LAYERS:
            table = getattr(tables, name)
            table.to_parquet(fresh / f"{name}.parquet", compression="zstd", index=False)
        text = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=120)
        (fresh / FACTS).write_text(text, encoding="utf-8")


def read_osm_folder(folder: Path) -> OsmTables:
    """Read the tables that `write_osm` wrote.

    Raises
    ------
    FileError
        If the folder or one of its files is missing or damaged.
    DataError
        If `osm.yaml` lacks what it must say.
    """
    try:
        facts = yaml.safe_load((folder / FACTS).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{folder / FACTS}: cannot be read; make the folder with `siting data osm`") from error
    except yaml.YAMLError as error:
        raise DataError(f"{folder / FACTS}: not valid YAML: {error}") from error
    missing = [key for key in ("origin", "notes") if key not in (facts or {})]
    raise_faults([f"{folder / FACTS}: {key}: missing; make the folder again" for key in missing], DataError)
    there = [name for name in LAYERS if name not in NEW_LAYERS or (folder / f"{name}.parquet").exists()]
    layers = {name: _read(folder / f"{name}.parquet") for name in there}
    layers |= dict.fromkeys(set(LAYERS) - set(there), layers["water"].iloc[:0])
    return OsmTables(**layers, notes=tuple(facts["notes"]), origin=str(facts["origin"]))


def _read(path: Path) -> gpd.GeoDataFrame:
    try:
        return plain_text(gpd.read_parquet(path))
    except (OSError, ValueError) as error:  # pyarrow raises ArrowInvalid, a ValueError, for a damaged file
        reason = str(error).splitlines()[0]
        raise FileError(f"{path}: cannot be read ({reason}); make the folder again with `siting data osm`") from error
