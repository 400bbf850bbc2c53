"""From a spec with `sources:` to a city folder, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import yaml

from siting.config.closed import parse_yaml, read_text
from siting.errors import ConfigError, DataError, raise_faults
from siting.files import new_folder
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.districts import make_districts
from siting.inputs.assemble.features import (
    Scene,
    feature_candidates,
    feature_generators,
    ground_of,
    named_features,
    with_areas,
)
from siting.inputs.assemble.gather import Gathered, gather
from siting.inputs.assemble.generators import make_generators
from siting.inputs.assemble.parts import NONE_GIVEN, Made, Tables, column_of, together
from siting.inputs.assemble.people import EXACT, make_demand
from siting.inputs.assemble.readme import readme_text
from siting.inputs.assemble.roads import Roads, connected_roads, without_defaults
from siting.inputs.assemble.sites import make_sites
from siting.inputs.assemble.spec import AS_IS, Assembly, assembly_keys, read_assembly
from siting.inputs.city import read_city
from siting.inputs.datums import is_in_china, outline_suspicions, parse_datum, suspicions
from siting.inputs.features.names import town_places
from siting.inputs.metric import metric_fault
from siting.inputs.osm.tables import plain_text
from siting.inputs.tables import districts_by_name

TOWNS = "A street or town is placed at a stop of its own district that bears its name; others are left out"
SPEC_NAME = "city-source.yaml"
PREVIEW_NAME = "preview.html"
"""File that `siting data check` leaves in a city folder."""
OSM_LINE = (
    "© OpenStreetMap contributors. What derives from OpenStreetMap is under the Open Database License (ODbL) 1.0."
)
CURE = "if you have looked and it is right, build again with --accept-suspicions"


@dataclass(frozen=True)
class Assembled:
    """Facts of the folder that was written: rows by table, metric CRS, notes, and doubts that were accepted."""

    rows: dict[str, int]
    residents: int
    crs_metric: str
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def assemble_city(
    spec_path: Path, out: Path, *, source: Path | None = None, accept_suspicions: bool = False
) -> Assembled:
    """Build the city folder `out` from the sources that the spec names.

    Their paths are relative to the folder `source`, or to that of the spec. The same sources give the same tables.

    Raises
    ------
    FileError, ConfigError, DataError
        If the spec or a source cannot be used, tables do not fit together, or (unless accepted) coordinates look like
        something else than declared: nothing is written then.
    """
    spec = read_assembly(spec_path)
    spec_text, base = _list_beside(out, spec_path), source or spec_path.parent
    gathered = gather(spec, base)
    told = doubts(gathered)
    if told and not accept_suspicions:
        raise_faults([*told, CURE] if len(told) > 1 else [f"{told[0]}; {CURE}"], DataError)
    tables = make_tables(gathered, spec, base)
    accepted = tuple(f"accepted although it looks wrong: {line}" for line in told)
    notes = (*gathered.notes, *tables.notes, *accepted)
    kept = replace(tables, notes=notes)
    residents = int(tables.frames["districts"]["residents"].sum())
    line = attribution(spec, gathered)
    facts = {
        **{"id": spec.id, "name_en": spec.name_en, "name_zh": spec.name_zh, "crs_metric": kept.crs_metric},
        "population": residents,
        **({"attribution": line} if line else {}),
        "tables": {stem: told.model_dump() for stem, told in kept.told.items()},
        "notes": list(notes),
    }

    with new_folder(out, owned=[PREVIEW_NAME], cure="give another --out") as folder:
        for stem, table in kept.frames.items():
            path = folder / f"{stem}.parquet"
            plain_text(table).to_parquet(path, compression="zstd", index=False, compression_level=15)
        (folder / "city.yaml").write_text(
            yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=120), "utf-8"
        )
        (folder / SPEC_NAME).write_text(spec_text, encoding="utf-8")
        (folder / "README.md").write_text(readme_text(spec, kept, line), encoding="utf-8")
        read_city(folder)  # refuse a folder that cannot be read again
    rows = {stem: len(frame) for stem, frame in kept.frames.items()}
    return Assembled(rows, residents, kept.crs_metric, notes, tuple(told))


def _list_beside(out: Path, path: Path) -> str:
    """Return the text of a source list for the folder `out`: whole, where it extends one that lies elsewhere."""
    text = read_text(path, "source list")
    raw, _ = parse_yaml(text, path)
    if "extends" not in raw or path.parent.resolve() == out.resolve():
        return text
    head = f"# {path.name}, with the keys of {raw['extends']} that it extends.\n\n"
    return head + yaml.safe_dump(assembly_keys(path)[0], allow_unicode=True, sort_keys=False, width=120)


def doubts(gathered: Gathered) -> list[str]:
    """Return a sentence for each source whose coordinates look like something else than declared, with the cure."""
    outlines = _doubted_outlines(gathered)
    told = outlines[:1]
    for part in (gathered.demand, *gathered.candidates, *gathered.facilities, *gathered.generators):
        if part is not None and not part.is_osm and not part.frame.empty:
            found = suspicions(
                part.frame.geometry.representative_point().get_coordinates().to_numpy(),
                roads_lonlat=gathered.roads.frame,
                districts=None if outlines else gathered.districts.frame,
                declared=parse_datum(part.datum or "wgs84"),
            )
            told += [f"{part.label}: {line}" for line in found]
    return told


def _doubted_outlines(gathered: Gathered) -> list[str]:
    """Return why the outlines of districts may be in another datum, by the roads and by places that name a district."""
    part = gathered.districts
    if part.is_osm or part.frame.empty:
        return []
    names = column_of(part.frame, "code").fillna(column_of(part.frame, "name_zh"))
    districts = part.frame.assign(code=names.fillna(column_of(part.frame, "name_en")))
    declared = parse_datum(part.datum or "wgs84")
    roads = gathered.roads.frame.geometry.get_coordinates().to_numpy()
    found = outline_suspicions(districts, roads, declared=declared)
    for places in (*gathered.candidates, *gathered.facilities, *gathered.generators):
        named = column_of(places.frame, "district")
        at = places.frame.geometry.representative_point().get_coordinates().to_numpy()
        own = parse_datum(places.datum or "wgs84")
        is_sure = not suspicions(at, roads_lonlat=gathered.roads.frame, districts=None, declared=own)
        if not places.is_osm and is_sure and named.notna().any():
            code = named.map(districts_by_name(districts).code_of, na_action="ignore")
            found += outline_suspicions(
                districts,
                at,
                named=code.astype(object).where(code.notna(), None).to_numpy(),
                declared=declared,
                what=f"rows of {places.label}",
            )
    return [f"{part.label}: {line}" for line in found]


def attribution(spec: Assembly, gathered: Gathered) -> str | None:
    """Return the line that must stand wherever the data are."""
    lines = [spec.attribution] if spec.attribution else []
    if gathered.osm is not None and not any("OpenStreetMap" in line for line in lines):
        lines.append(OSM_LINE)
    return " ".join(lines) or None


def make_tables(gathered: Gathered, spec: Assembly, base: Path) -> Tables:
    """Make districts, demand, generators, candidates, roads, places and water, in that order.

    Raises
    ------
    DataError, ConfigError
        If a table cannot be made of its sources.
    """
    crs_metric = metric_crs(spec.crs_metric, gathered.districts.frame)
    districts = make_districts(gathered.districts, spec.zones, crs_metric)
    roads = connected_roads(Roads(gathered.road_nodes, gathered.roads.frame), spec.rules.walking)
    named = named_features(gathered.features, districts, crs_metric) if gathered.features else None
    scene = Scene(spec, base, gathered, districts, crs_metric, named)
    demand = make_demand(scene)
    living = demand.frame.groupby("district")["residents"].sum()
    districts["residents"] = districts["code"].map(living).fillna(0).astype("int64")
    ground = ground_of(scene, demand.frame)
    sites = make_sites(scene, feature_candidates(scene, ground), roads, demand.frame)
    generators = make_generators(scene, feature_generators(scene, ground))
    people = [gathered.census.told] if gathered.census is not None else []
    outlines = together([gathered.districts.told, *people], method="Outlines as given; residents: sums of demand")
    edges = together([gathered.roads.told], method=gathered.roads.told.method, flaws=roads.notes)
    cells = with_areas(demand.frame, ground, crs_metric).drop(columns=EXACT, errors="ignore")
    made = {
        "districts": Made(districts, outlines),
        "demand": Made(cells, demand.told),
        "generators": Made(with_areas(generators.frame, ground, crs_metric), generators.told),
        "candidates": Made(with_areas(sites.frame, ground, crs_metric), sites.told),
        "road_nodes": Made(roads.nodes, gathered.roads.told),
        "road_edges": Made(without_defaults(roads.edges), edges),
    }
    if gathered.towns is not None and named is not None:
        places = town_places(gathered.towns.frame, named.features, spec.from_features.towns)
        made["places"] = Made(places, together([gathered.towns.told, named.told], method=TOWNS))
    made["water"] = _water(scene)
    if gathered.barriers is not None:
        made["barriers"] = Made(_around(gathered.barriers.frame, districts), gathered.barriers.told)
    told = {stem: one.told for stem, one in made.items()}
    told |= {stem: record for stem, record in spec.tables.items() if stem in made}
    notes = (*roads.notes, *(named.notes if named else ()), *demand.notes, *sites.notes, *generators.notes)
    return Tables({stem: one.frame for stem, one in made.items()}, told, crs_metric, notes)


def metric_crs(asked: str, districts: gpd.GeoDataFrame) -> str:
    """Return the CRS asked for; for `auto` the 3° zone of CGCS2000 in China, elsewhere the UTM zone, by the middle.

    Raises
    ------
    ConfigError
        If what is asked for is not known or not in metres.
    """
    if asked == "auto":
        west, south, east, north = districts.total_bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        if bool(is_in_china(lon, lat)):
            return f"EPSG:{4534 + round((lon - 75) / 3)}"
        return f"EPSG:{(32600 if lat >= 0 else 32700) + int((lon + 180) // 6) + 1}"
    fault = metric_fault(asked, districts.geometry.get_coordinates().to_numpy(float))
    if fault is not None:
        raise ConfigError(f"crs_metric: {fault}; give a projected CRS, or auto")
    return asked


def _around(barriers: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the barriers near the districts: `kind` and geometry."""
    west, south, east, north = districts.total_bounds
    kind = column_of(barriers, "kind").fillna("barrier")
    return barriers.assign(kind=kind).cx[west:east, south:north][["kind", "geometry"]].reset_index(drop=True)


def _water(scene: Scene) -> Made:
    """Return waters around the districts; no rows where no source has any."""
    west, south, east, north = scene.districts.total_bounds
    own, named = scene.gathered.water, scene.named
    frames, told = [], []
    if own is not None:
        frames.append(own.frame.cx[west:east, south:north])
        told.append(own.told)
    if named is not None and len(named.waters):
        at = gpd.points_from_xy(named.waters["lon"], named.waters["lat"])
        frames.append(gpd.GeoDataFrame(named.waters.rename(columns={"osm_class": "kind"}), geometry=at, crs=WGS84))
        told.append(named.told)
    if not frames:
        facts = {"kind": pd.Series(dtype=object), "name": pd.Series(dtype=object)}
        return Made(gpd.GeoDataFrame(facts, geometry=gpd.GeoSeries([], crs=WGS84)), NONE_GIVEN)
    table = pd.concat([frame[["kind", "name", "geometry"]] for frame in frames], ignore_index=True)
    method = own.told.method if own is not None else AS_IS
    return Made(gpd.GeoDataFrame(table, geometry="geometry", crs=WGS84), together(told, method=method))
