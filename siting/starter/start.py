"""Write the folder of a new city: spec, config, parameter table, and guesses for what an extract does not hold."""

from __future__ import annotations

import importlib.resources
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import jinja2
import numpy as np
import pandas as pd

from siting.errors import FileError
from siting.files import new_folder
from siting.inputs.osm import OsmTables, read_osm_file, read_osm_place, write_osm
from siting.inputs.population.weights import DEFAULT_WEIGHTS, weigh_layers
from siting.language import Language
from siting.starter.template import write_book
from siting.travel import largest_part
from siting.vocabulary import EchelonName

TAGGED = "Population as tagged in OpenStreetMap"
GUESSED = "Assumption: residents by mapped roads, buildings and stops, where OpenStreetMap gives none; replace them"
LAND_M2: dict[EchelonName, int] = {"transfer": 2500, "sorting": 30_000}
ENOUGH_M2: dict[EchelonName, int] = {"transfer": 500, "sorting": 4500}
"""Land of the smallest station, and of a centre for 30,000 t a year."""
PER_ECHELON = 2
PLACE_COLUMNS = ["id", "name", "echelon", "kind", "area_m2", "lon", "lat"]
YEAR = 2027
SMALL_KM2, LARGE_KM2 = 10.0, 300.0
CNY_PER_RESIDENT_UNCOVERED = 500.0
UNKNOWN_RESIDENTS = 1_000_000
FEW_RESIDENTS = 15_000
"""Below, a station and a centre of one's own would stand empty: the config counts shares of them."""


def guess_residents(osm: OsmTables) -> tuple[pd.DataFrame, str]:
    """Return the residents of each district, and the method: as tagged, else expected by roads, buildings and stops."""
    districts = osm.districts
    tagged = pd.to_numeric(districts["residents"], errors="coerce")
    layers = {"roads": osm.road_edges, "buildings": osm.buildings, "stops": osm.stops, "landuse": osm.landuse}
    points = weigh_layers(layers, DEFAULT_WEIGHTS, crs_metric=str(districts.estimate_utm_crs()))
    found = points.sjoin(districts[["code", "geometry"]], predicate="intersects")
    expected = districts["code"].map(found.groupby("code")["weight"].sum()).fillna(0.0).round()
    table = pd.DataFrame(
        {
            "code": districts["code"],
            "name": districts["name_zh"].fillna(districts["name_en"]),
            "residents": tagged.fillna(expected).astype(np.int64),
        }
    )
    return table, TAGGED if tagged.notna().all() else GUESSED


def placeholders(osm: OsmTables) -> pd.DataFrame:
    """Return places on roads, far from each other, for echelons without land in the extract; may have no rows."""
    sites = osm.candidates
    land_m2 = sites["area_m2"].groupby(sites["echelon"]).max()
    missing = [echelon for echelon in LAND_M2 if not land_m2.get(echelon, 0.0) >= ENOUGH_M2[echelon]]
    if not missing:
        return pd.DataFrame(columns=PLACE_COLUMNS)
    at = _far_apart(_road_places(osm), PER_ECHELON * len(missing))
    rows = []
    for number, (lon, lat) in enumerate(at):
        echelon = missing[number % len(missing)]
        name = f"PLACEHOLDER {echelon} {number // len(missing) + 1}"
        land = (name, echelon, "placeholder", LAND_M2[echelon])
        rows.append((f"PLACEHOLDER-{number + 1}", *land, round(lon, 6), round(lat, 6)))
    return pd.DataFrame(rows, columns=PLACE_COLUMNS)


def _road_places(osm: OsmTables) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return the nodes of what can be driven in and out, inside a district; shape `(n, 2)`, lon and lat."""
    edges = osm.road_edges
    ends = np.searchsorted(osm.road_nodes["node"].to_numpy(), edges[["u", "v"]].to_numpy())
    used = (edges["drivable"] & edges["walkable"]).to_numpy(dtype=bool)
    oneway, length_m = edges["oneway"].to_numpy(dtype=bool), edges["length_m"].to_numpy(dtype=float)
    kept = largest_part(ends, length_m, is_used=used, is_oneway=oneway, n_nodes=len(osm.road_nodes))
    nodes = osm.road_nodes.iloc[np.unique(ends[kept])]
    if len(osm.districts):
        nodes = gpd.GeoDataFrame(nodes[nodes.intersects(osm.districts.union_all())])
    return np.asarray(nodes.geometry.get_coordinates().to_numpy(), dtype=np.float64)


def _far_apart(places: np.ndarray, number: int) -> list[tuple[float, float]]:
    """Return places chosen by farthest-first traversal among the half nearest to the middle."""
    if not len(places):
        return []
    scale = np.array([np.cos(np.radians(places[:, 1].mean())), 1.0])
    flat = places * scale
    apart = np.hypot(*(flat - flat.mean(axis=0)).T)
    inner = apart <= np.median(apart)  # avoid the corners of the extract
    places, flat, apart = places[inner], flat[inner], apart[inner]
    chosen: list[int] = []
    for _ in range(min(number, len(places))):
        chosen.append(int(np.argmax(apart)))
        distance = np.hypot(*(flat - flat[chosen[-1]]).T)
        apart = distance if len(chosen) == 1 else np.minimum(apart, distance)
    return [(float(places[row, 0]), float(places[row, 1])) for row in chosen]


@dataclass(frozen=True)
class Wishes:
    """Answers of the planner: names, language, and OpenStreetMap as a file or a place, or neither."""

    name_en: str
    name_zh: str
    lang: Language = "en"
    osm: Path | None = None
    place: str | None = None


@dataclass(frozen=True)
class Started:
    """Files that were written, their assumptions, and whether the folder can be built as it is."""

    files: tuple[str, ...]
    notes: tuple[str, ...]
    is_complete: bool


def start_folder(folder: Path, wishes: Wishes) -> Started:
    """Write the folder, whole or not at all.

    Raises
    ------
    FileError
        If the folder holds something already or cannot be written, or OpenStreetMap cannot be read.
    """
    if folder.is_dir() and any(folder.iterdir()):
        raise FileError(f"{folder}: not empty; give a new folder, so that nothing of yours is overwritten")
    osm = read_osm_file(wishes.osm) if wishes.osm else read_osm_place(wishes.place) if wishes.place else None
    facts, notes = bare_facts(folder, wishes), list[str]()
    with new_folder(folder) as fresh:
        (fresh / "sources").mkdir()
        if osm is None:
            write_book(fresh / "sources" / "workbook.xlsx", wishes.lang)
            notes.append("fill in sources/workbook.xlsx, and put roads and districts beside it, or give --osm")
        else:
            notes += _add_osm(facts, osm, wishes, folder=folder, fresh=fresh)
        table = importlib.resources.files("siting.starter") / "parameters.csv"
        (fresh / "parameters.csv").write_bytes(table.read_bytes())
        for source, target in (("spec.yaml.j2", "city-source.yaml"), ("config.yaml.j2", "config.yaml")):
            (fresh / target).write_text(rendered(source, facts), encoding="utf-8")
        written = sorted(str(path.relative_to(fresh)) for path in fresh.rglob("*") if path.is_file())
    return Started(tuple(written), tuple(notes), osm is not None and bool(facts["census"]))


def bare_facts(folder: Path, wishes: Wishes) -> dict[str, Any]:
    """Return the text of the files of a city without data."""
    slug = re.sub(r"[^a-z0-9]+", "-", wishes.name_en.lower()).strip("-") or "city"
    none = dict.fromkeys(("osm", "osm_key", "census", "census_origin", "census_nature", "census_method", "sites"))
    return {
        **none,
        "id": slug,
        "folder": folder.as_posix(),
        "name_en": wishes.name_en,
        "name_zh": wishes.name_zh,
        "lang": wishes.lang,
        "year": YEAR,
        "cell_m": 500,
        "spacing_m": 150,
        "is_small": False,
        "penalty_cny": int(UNKNOWN_RESIDENTS * CNY_PER_RESIDENT_UNCOVERED),
    }


def _add_osm(facts: dict[str, Any], osm: OsmTables, wishes: Wishes, *, folder: Path, fresh: Path) -> list[str]:
    """Add OpenStreetMap, residents of its districts, and placeholders for what it does not hold; return notes."""
    notes = []
    if wishes.osm is not None:
        where = Path(os.path.relpath(wishes.osm.resolve(), folder.resolve())).as_posix()
        facts |= {"osm": where, "osm_key": "file"}
    else:
        write_osm(osm, fresh / "sources" / "osm")
        facts |= {"osm": "sources/osm", "osm_key": "folder"}
    sites = placeholders(osm)
    if len(sites):
        sites.to_csv(fresh / "sources" / "sites.csv", index=False, encoding="utf-8-sig")
        facts["sites"] = "sources/sites.csv"
        kinds = " and ".join(f"{echelon}" for echelon in dict.fromkeys(sites["echelon"]))
        notes.append(f"too little land for {kinds} in the extract: replace the placeholders in sources/sites.csv")
    if osm.districts.empty:
        notes.append("no districts in the extract: add `districts:` and `census:` to city-source.yaml")
        return notes
    residents, method = guess_residents(osm)
    residents.to_csv(fresh / "sources" / "census.csv", index=False, encoding="utf-8-sig")
    total = int(residents["residents"].sum())
    told = "" if method == TAGGED else ", made up by this program"
    notes.append(f"sources/census.csv: {total:,} residents in {len(residents):,} districts{told}. {method}")
    existing = int((osm.facilities["echelon"] == "point").sum())
    if existing:
        notes.append(
            f"{existing:,} recycling places of today are on the map, without type and size: they stand as candidates"
            " and may be built again, unless `rules.existing` in city-source.yaml says what they are"
        )
    origin = osm.origin if wishes.osm is None else osm.origin.replace(str(wishes.osm), wishes.osm.name)
    km2 = float(osm.districts.to_crs(osm.districts.estimate_utm_crs()).area.sum()) / 1e6
    facts |= {
        "census": "sources/census.csv",
        "census_origin": f"OpenStreetMap: {origin}",
        "census_nature": "real" if method == TAGGED else "synthetic",
        "census_method": method,
        "cell_m": 200 if km2 < SMALL_KM2 else 500,
        "spacing_m": 100 if km2 < SMALL_KM2 else 150 if km2 < LARGE_KM2 else 300,
        "is_small": total < FEW_RESIDENTS,
        "penalty_cny": max(1, int(total * CNY_PER_RESIDENT_UNCOVERED)),
    }
    return notes


def rendered(name: str, facts: dict[str, Any]) -> str:
    """Return a file of a new city with its facts filled in."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True, autoescape=False)
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    text = (importlib.resources.files("siting.starter") / name).read_text(encoding="utf-8")
    return environment.from_string(text).render(facts)
