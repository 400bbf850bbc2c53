"""Read every source of a spec, with the faults of all in one list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd

from siting.errors import DataError, FileError, SitingError, raise_faults
from siting.inputs.assemble.districts import without_overlaps
from siting.inputs.assemble.parts import NO_LICENCE, OSM_LICENCE, Part, faults_of
from siting.inputs.assemble.roads import Roads, read_roads
from siting.inputs.assemble.spec import Assembly, Nature, OsmSource, Provenance, SourceFile, TableSource, Workbook
from siting.inputs.osm import OsmTables, read_osm_file, read_osm_folder, read_osm_place
from siting.inputs.tables import read_city_facts, read_fields, read_source, read_workbook

Result = TypeVar("Result")
PLACES = ("candidates", "facilities", "generators", "exclusion")
OWN_ROADS = "Road layer as given, cut where lines share a vertex; lengths on the ellipsoid"
OSM_ROADS = "Ways split at junctions; who may use them and in which direction by their tags"


@dataclass(frozen=True)
class Gathered:
    """The sources of a city, read, in WGS-84. `notes` tell what the readers left out or changed."""

    road_nodes: gpd.GeoDataFrame
    roads: Part
    districts: Part
    census: Part | None
    demand: Part | None
    candidates: tuple[Part, ...]
    facilities: tuple[Part, ...]
    generators: tuple[Part, ...]
    exclusion: tuple[Part, ...]
    features: tuple[Part, ...]
    towns: Part | None
    water: Part | None
    barriers: Part | None
    osm: OsmTables | None
    notes: tuple[str, ...]


class Reader:
    """Reads sources relative to the folder of a spec, and keeps the faults of those that cannot be read."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.faults: list[str] = []
        self.notes: list[str] = []

    def attempt(self, read: Callable[[], Result]) -> Result | None:
        """Return the result of `read`; None, with the faults kept, where it fails."""
        try:
            return read()
        except SitingError as error:
            self.faults += faults_of(error)
            return None

    def table(self, source: TableSource | None, kind: str) -> Part | None:
        """Return one table or layer."""
        if source is None:
            return None
        path = self.base / source.file
        more: dict[str, Any] = source.model_dump(include={"sheet", "layer", "columns", "datum"})
        frame = self.attempt(lambda: read_source(path, kind, **more))
        if frame is None:
            return None
        self.notes += list(frame.attrs.get("notes", ()))
        return Part(frame, provenance_of(source, path), source.file, source.datum)

    def sheets(self, book: Workbook | None) -> dict[str, Part]:
        """Return every sheet with rows of a filled-in template."""
        if book is None:
            return {}
        path = self.base / book.file
        facts = self.attempt(lambda: read_city_facts(path))
        datum = book.datum or (facts.datum if facts is not None else None)
        frames = self.attempt(lambda: read_workbook(path, datum=datum)) or {}
        told = provenance_of(book, path, method="As in the workbook")
        for frame in frames.values():
            self.notes += list(frame.attrs.get("notes", ()))
        return {kind: Part(frame, told, f"{book.file} ({kind})", datum) for kind, frame in frames.items() if len(frame)}


def gather(spec: Assembly, base: Path) -> Gathered:
    """Read the sources of `spec`; paths are relative to `base`.

    Raises
    ------
    DataError, FileError, ConfigError
        If one of them cannot be read or used: all faults of all sources in one list.
    """
    reader, told = Reader(base), spec.sources
    asked = told.osm
    osm = None if asked is None else reader.attempt(lambda: read_osm(asked, base))
    sheets = reader.sheets(told.workbook)
    own = {kind: [reader.table(one, kind) for one in getattr(told, kind)] for kind in PLACES}
    single = {kind: reader.table(getattr(told, kind), kind) or sheets.get(kind) for kind in ("census", "demand")}
    districts, towns = reader.table(told.districts, "districts"), reader.table(told.towns, "towns")
    features = [reader.table(one, "features") for one in told.features]
    source, not_walkable = told.roads, spec.rules.not_walkable_classes
    roads = None if source is None else reader.attempt(lambda: read_roads(base, source, not_walkable))
    raise_faults(reader.faults, DataError)
    places = {
        kind: tuple(part for part in (*own[kind], sheets.get(kind), _of_osm(spec, osm, kind)) if part is not None)
        for kind in PLACES
    }
    nodes, edges = _roads(spec, osm, roads, base)
    outlines = districts or _of_osm(spec, osm, "districts")
    if outlines is None:
        raise DataError("sources.osm: holds no districts; give `districts:`, a layer of outlines with code or name")
    outlines, overlaps = without_overlaps(outlines)
    return Gathered(
        road_nodes=nodes,
        roads=edges,
        districts=outlines,
        water=_of_osm(spec, osm, "water"),
        barriers=_barriers(told.barriers, osm, base),
        osm=osm,
        notes=(*(osm.notes if osm else ()), *(roads.notes if roads else ()), *overlaps, *reader.notes),
        census=single["census"],
        demand=single["demand"],
        features=tuple(part for part in features if part is not None),
        towns=towns,
        **places,
    )


def read_osm(source: OsmSource, base: Path) -> OsmTables:
    """Read OpenStreetMap from a file, from its servers, or from a folder made before."""
    if source.file is not None:
        path = base / source.file
        tables = read_osm_file(path, admin_level=source.admin_level)
        return replace(tables, origin=tables.origin.replace(str(path), path.name))
    if source.folder is not None:
        return read_osm_folder(base / source.folder)
    return read_osm_place(str(source.place), admin_level=source.admin_level)


def provenance_of(source: SourceFile, path: Path, **more: Any) -> Provenance:
    """Return the provenance of the rows of a file; `more` replaces what the spec says."""
    facts = source.model_dump(include={"date", "nature", "method", "flaws"}) | more
    return Provenance(origin=source.origin or path.name, licence=source.licence or NO_LICENCE, **facts)


def osm_told(osm: OsmTables, method: str, nature: Nature, flaws: tuple[str, ...] = ()) -> Provenance:
    """Return the provenance of rows that come from OpenStreetMap."""
    return Provenance(
        origin=f"OpenStreetMap: {osm.origin}",
        licence=OSM_LICENCE,
        date="as the extract",
        nature=nature,
        method=method,
        flaws=flaws,
    )


def _barriers(source: TableSource | None, osm: OsmTables | None, base: Path) -> Part | None:
    """Return what nobody walks across: an own layer, else waters, coasts and railways of OpenStreetMap."""
    if source is not None:
        path = base / source.file
        frame = read_fields(path, layer=source.layer, sheet=source.sheet, datum=source.datum)
        return Part(frame, provenance_of(source, path), source.file, source.datum)
    if osm is None or osm.barriers.empty:
        return None
    return Part(
        osm.barriers, osm_told(osm, "Waters, coasts and railways by their tags", "real"), "OpenStreetMap", is_osm=True
    )


OSM_FLAWS = {
    "candidates": ("Real places, but nobody has offered them: land, owner and consent were not looked up.",),
    "facilities": ("Only what volunteers have mapped; capacities and types are not known.",),
    "districts": ("Where the extract cuts a boundary, the district ends at the edge of the extract.",),
}
OSM_METHODS = {
    "candidates": "Shops, schools, offices, public buildings, stops, car parks and homes by their tags",
    "facilities": "Objects tagged as recycling, transfer stations and scrap yards",
    "exclusion": "Waters and protected areas by their tags",
    "water": "Waters by their tags",
    "districts": "Boundary relations of one administrative level",
}


def _of_osm(spec: Assembly, osm: OsmTables | None, kind: str) -> Part | None:
    if osm is None or spec.sources.osm is None or kind not in spec.sources.osm.use or not hasattr(osm, kind):
        return None
    frame = getattr(osm, kind)
    nature: Nature = "derived" if kind == "candidates" else "real"
    told = osm_told(osm, OSM_METHODS[kind], nature, OSM_FLAWS.get(kind, ()))
    return Part(frame, told, "OpenStreetMap", is_osm=True) if len(frame) else None


def _roads(spec: Assembly, osm: OsmTables | None, own: Roads | None, base: Path) -> tuple[gpd.GeoDataFrame, Part]:
    source = spec.sources.roads
    if own is not None and source is not None:
        return own.nodes, Part(own.edges, provenance_of(source, base / source.file, method=OWN_ROADS), source.file)
    if osm is None or spec.sources.osm is None or "roads" not in spec.sources.osm.use:
        raise FileError("sources: no roads; give `roads:`, or `osm:` with roads in `use`")
    told = osm_told(osm, OSM_ROADS, "real", ("Volunteers' work: streets may be missing or closed.",))
    return osm.road_nodes, Part(osm.road_edges, told, "OpenStreetMap", is_osm=True)
