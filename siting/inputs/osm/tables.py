"""All tables of a place, from the raw form of a file or an Overpass answer, and as a folder of GeoParquet files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import yaml
from pandas.api.types import is_numeric_dtype

from siting.errors import DataError, FileError, raise_faults
from siting.files import new_folder
from siting.inputs.osm.districts import make_districts
from siting.inputs.osm.features import make_features
from siting.inputs.osm.layers import (
    make_buildings,
    make_candidates,
    make_exclusion,
    make_facilities,
    make_landuse,
    make_stops,
    make_water,
)
from siting.inputs.osm.raw import RawOsm
from siting.inputs.osm.roads import make_roads

LAYERS = (
    *("road_nodes", "road_edges", "candidates", "facilities", "districts"),
    *("exclusion", "water", "buildings", "stops", "landuse"),
)
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
    exclusion, water, buildings, stops, landuse
        Areas where nothing may stand; waters; buildings with `floor_area_m2`; stops of public transport; land use.
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
    buildings: gpd.GeoDataFrame
    stops: gpd.GeoDataFrame
    landuse: gpd.GeoDataFrame
    notes: tuple[str, ...]
    origin: str


def make_tables(raw: RawOsm, where: str, *, admin_level: int | None = None) -> OsmTables:
    """Every table of the raw form; `where` names the source in messages.

    Raises
    ------
    DataError
        If there are no roads.
    ConfigError
        If no boundary of `admin_level` is whole.
    """
    roads = make_roads(raw, where)
    features = make_features(raw)
    candidates, candidate_notes = make_candidates(features.frame)
    districts, district_notes = make_districts(raw, roads.nodes, admin_level)
    layers = {
        "road_nodes": roads.nodes,
        "road_edges": roads.edges,
        "candidates": candidates,
        "facilities": make_facilities(features.frame),
        "districts": districts,
        "exclusion": make_exclusion(features.frame),
        "water": make_water(features.frame),
        "buildings": make_buildings(features.frame),
        "stops": make_stops(candidates),
        "landuse": make_landuse(features.frame),
    }
    return OsmTables(
        **{name: plain_text(table) for name, table in layers.items()},
        notes=(*raw.notes, *roads.notes, *features.notes, *candidate_notes, *district_notes),
        origin=where if raw.date is None else f"{where} (OpenStreetMap, data of {raw.date})",
    )


def plain_text(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The table with its text as plain objects, None where it is missing, whatever pandas made of it."""
    for name in table.columns.drop("geometry"):
        if not is_numeric_dtype(table[name]):
            text = table[name].astype(object)
            table[name] = pd.Series(np.where(text.notna(), text, None), index=table.index, dtype=object)
    return table


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
    """Read what `write_osm` wrote.

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
    layers = {name: _read(folder / f"{name}.parquet") for name in LAYERS}
    return OsmTables(**layers, notes=tuple(facts["notes"]), origin=str(facts["origin"]))


def _read(path: Path) -> gpd.GeoDataFrame:
    try:
        return plain_text(gpd.read_parquet(path))
    except (OSError, ValueError) as error:  # pyarrow raises ArrowInvalid, a ValueError, for a damaged file
        reason = str(error).splitlines()[0]
        raise FileError(f"{path}: cannot be read ({reason}); make the folder again with `siting data osm`") from error
