"""From a spec with `sources:` to a city folder, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import yaml

from siting.errors import DataError, raise_faults
from siting.files import new_folder
from siting.inputs.assemble.gather import Gathered, gather
from siting.inputs.assemble.parts import Part
from siting.inputs.assemble.readme import readme_text
from siting.inputs.assemble.spec import Assembly, read_assembly
from siting.inputs.assemble.tables import Tables, make_tables
from siting.inputs.city import read_city
from siting.inputs.datums import parse_datum, suspicions

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
    spec_text, base = spec_path.read_text(encoding="utf-8-sig"), source or spec_path.parent
    gathered = gather(spec, base)
    told = doubts(gathered)
    if told and not accept_suspicions:
        raise_faults([*told, CURE] if len(told) > 1 else [f"{told[0]}; {CURE}"], DataError)
    tables = make_tables(gathered, spec, base)
    accepted = tuple(f"accepted although it looks wrong: {line}" for line in told)
    notes = (*gathered.notes, *tables.notes, *accepted)
    kept = Tables(tables.frames, tables.told, tables.crs_metric, notes)
    residents = int(tables.frames["districts"]["residents"].sum())
    line = attribution(spec, gathered)

    with new_folder(out, owned=[PREVIEW_NAME], cure="give another --out") as folder:
        for stem, table in kept.frames.items():
            path = folder / f"{stem}.parquet"
            _plain_texts(table).to_parquet(path, compression="zstd", index=False, compression_level=15)
        _write_city_yaml(folder, spec, kept, line)
        (folder / SPEC_NAME).write_text(spec_text, encoding="utf-8")
        (folder / "README.md").write_text(readme_text(spec, kept, line), encoding="utf-8")
        read_city(folder)  # what cannot be read again is not written
    rows = {stem: len(frame) for stem, frame in kept.frames.items()}
    return Assembled(rows, residents, kept.crs_metric, notes, tuple(told))


def _plain_texts(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with every text as a plain object, so that each version of pandas writes the same type."""
    texts = table.select_dtypes(include=["object", "string"]).columns
    return table.assign(**{name: table[name].astype(object).where(table[name].notna(), None) for name in texts})


def doubts(gathered: Gathered) -> list[str]:
    """Return a sentence for each source whose coordinates look like something else than declared, with the cure."""
    places = [gathered.demand, *gathered.candidates, *gathered.facilities, *gathered.generators]
    return [
        f"{part.label}: {line}"
        for part in places
        if part is not None and not part.is_osm
        for line in _doubts_of(part, gathered)
    ]


def _doubts_of(part: Part, gathered: Gathered) -> list[str]:
    if part.frame.empty:
        return []
    points = part.frame.geometry.representative_point()
    return suspicions(
        points.get_coordinates().to_numpy(),
        roads_lonlat=gathered.roads.frame,
        districts=gathered.districts.frame,
        declared=parse_datum(part.datum or "wgs84"),
    )


def attribution(spec: Assembly, gathered: Gathered) -> str | None:
    """The line that must stand wherever the data are."""
    lines = [spec.attribution] if spec.attribution else []
    if gathered.osm is not None and not any("OpenStreetMap" in line for line in lines):
        lines.append(OSM_LINE)
    return " ".join(lines) or None


def _write_city_yaml(folder: Path, spec: Assembly, tables: Tables, line: str | None) -> None:
    facts = {
        "id": spec.id,
        "name_en": spec.name_en,
        "name_zh": spec.name_zh,
        "crs_metric": tables.crs_metric,
        "population": int(tables.frames["districts"]["residents"].sum()),
        **({"attribution": line} if line else {}),
        "tables": {stem: told.as_yaml() for stem, told in tables.told.items()},
        "notes": list(tables.notes),
    }
    text = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=120)
    (folder / "city.yaml").write_text(text, encoding="utf-8")
