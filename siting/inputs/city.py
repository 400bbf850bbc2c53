"""Read a city folder (docs/reference/city-folder.md) and check it: every fault of every table in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.config.closed import parse_yaml, read_text
from siting.errors import DataError, FileError, SitingError, raise_faults
from siting.inputs.arrays import WGS84
from siting.inputs.cellshapes import cell_faults
from siting.inputs.metric import metric_fault
from siting.inputs.roads import road_faults, with_defaults
from siting.inputs.tables import read_texts
from siting.vocabulary import ECHELONS

GeneratorKind = Literal["commercial", "industrial"]
REQUIRED: dict[str, tuple[str, ...]] = {
    "districts": ("code", "name_en", "name_zh", "ring", "residents"),
    "demand": ("id", "district", "settlement", "residents", "households", "cell_x_m", "cell_y_m", "cell_size_m"),
    "generators": ("id", "district", "kind", "material", "tonnes"),
    "candidates": ("id", "district", "echelon", "kind", "osm_class", "area_m2", "land_price_cny_per_m2", "role"),
    "road_nodes": ("node",),
    "road_edges": ("u", "v", "road_class", "length_m", "walkable"),
    "water": ("kind", "name"),
}
LABELS: dict[str, tuple[str, ...]] = {"places": ("name",), "barriers": ("kind",)}
"""Tables that a city folder may have: names for the map, and lines and areas that nobody walks across."""
POSITIVE = {
    "demand": ("residents", "households", "cell_size_m"),
    "generators": ("tonnes",),
    "candidates": ("area_m2",),
    "road_edges": ("length_m",),
}
NOT_NEGATIVE = {"districts": ("residents",), "demand": ("generation_factor",), "candidates": ("land_price_cny_per_m2",)}
CHOICES = {
    ("candidates", "echelon"): tuple(ECHELONS),
    ("candidates", "role"): ("candidate", "existing", "required", "forbidden"),
    ("demand", "settlement"): ("urban", "rural"),
    ("generators", "kind"): get_args(GeneratorKind),
}
OPTIONAL_TEXT = {
    "demand": ("area",),
    "generators": ("area",),
    "candidates": ("area", "name", "existing_type", "existing_size"),
    "road_edges": ("name",),
}
TEXTS = {
    *("id", "code", "district", "name", "name_en", "name_zh", "area", "kind", "osm_class", "road_class", "role"),
    *("echelon", "settlement", "material", "ring", "existing_type", "existing_size", "at_most_group", "materials"),
}
"""Columns of a CSV that hold texts, also where they look like numbers: 0101 is no 101."""
MOST_LISTED = 5
SUFFIXES = (".parquet", ".gpkg", ".csv")


@dataclass(frozen=True)
class City:
    """The tables of a city folder, in WGS-84, checked. `meta` is `city.yaml`."""

    folder: Path
    meta: dict[str, Any]
    districts: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    generators: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame
    road_nodes: gpd.GeoDataFrame
    road_edges: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame

    @property
    def crs_metric(self) -> str:
        """The CRS in which lengths and areas are measured."""
        return str(self.meta["crs_metric"])


def read_city(folder: Path) -> City:
    """Read and check the city folder at `folder`.

    Raises
    ------
    FileError
        If the folder or a table is missing, truncated or unreadable.
    DataError
        If columns are missing, values out of range, ids repeated, the CRS is not WGS-84, or tables contradict each
        other: all faults in one list.
    """
    if not folder.is_dir():
        raise FileError(f"{folder}: no such city folder; check `city:` in the config")
    meta = _read_meta(folder / "city.yaml")
    tables = {stem: _read_table(folder, stem) for stem in REQUIRED | LABELS}
    faults = [fault for stem, table in tables.items() for fault in _table_faults(folder, stem, table)]
    raise_faults(faults, DataError)
    for stem, columns in OPTIONAL_TEXT.items():
        for column in columns:
            if column not in tables[stem]:
                tables[stem][column] = None
    tables["road_edges"] = with_defaults(tables["road_edges"])
    wrong_metres = _metric_fault(folder, str(meta["crs_metric"]), tables["districts"])
    raise_faults([*wrong_metres, *_cross_faults(folder, tables)], DataError)
    return City(folder, meta, **tables)


def _read_meta(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise FileError(f"{path}: missing; a city folder needs it")
    meta, _ = parse_yaml(read_text(path, "city"), path)
    missing = [key for key in ("name_en", "name_zh", "crs_metric", "tables") if key not in (meta or {})]
    raise_faults([f"{path}: {key}: missing; add it" for key in missing], DataError)
    return dict(meta)


def _read_table(folder: Path, stem: str) -> gpd.GeoDataFrame:
    """Read a table from GeoParquet, GeoPackage or CSV with lon and lat; without rows if it is optional and absent."""
    paths = [path for suffix in SUFFIXES if (path := folder / f"{stem}{suffix}").exists()]
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        raise DataError(f"{folder}: {names} are the same table; keep the one that holds, move the other away")
    if not paths and stem in LABELS:
        return gpd.GeoDataFrame({column: [] for column in LABELS[stem]}, geometry=[], crs=WGS84)
    if not paths:
        raise FileError(f"{folder / stem}.parquet: missing; a city folder needs it (or .gpkg, or .csv with lon, lat)")
    path = paths[0]
    read = {".parquet": gpd.read_parquet, ".gpkg": _read_gpkg, ".csv": _read_csv}[path.suffix]
    try:
        return read(path)
    except SitingError:
        raise
    except Exception as error:  # pyarrow, GDAL and pandas each raise their own kinds for a damaged file
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileError(f"{path}: cannot be read, it may be truncated ({reason}); copy or build it again") from error


def _read_gpkg(path: Path) -> gpd.GeoDataFrame:
    """Return the layer called like the table, or the only one."""
    layers = [str(name) for name in gpd.list_layers(path)["name"]]
    if len(layers) > 1 and path.stem not in layers:
        raise DataError(f"{path}: several layers, {layers}, none called {path.stem}; rename the one that holds")
    return gpd.read_file(path, layer=path.stem if path.stem in layers else layers[0])


def _read_csv(path: Path) -> gpd.GeoDataFrame:
    rows = read_texts(path)
    frame = pd.DataFrame(rows)
    if not {"lon", "lat"} <= set(frame):
        raise DataError(f"{path}: no lon and lat columns; add them, in degrees WGS-84")
    for column in set(frame) - TEXTS:
        frame[column] = _typed(frame[column])
    frame = frame.replace({"": None})
    points = gpd.points_from_xy(frame["lon"], frame["lat"], crs=WGS84)
    return gpd.GeoDataFrame(frame.drop(columns=["lon", "lat"]), geometry=points)


def _typed(cells: pd.Series) -> pd.Series:
    """Return the cells as numbers where all that are filled are such, else as texts."""
    filled = cells.str.strip() != ""
    numbers = pd.to_numeric(cells.where(filled), errors="coerce")
    return numbers if numbers[filled].notna().all() and filled.any() else cells


def _table_faults(folder: Path, stem: str, table: gpd.GeoDataFrame) -> Iterator[str]:
    where = f"{folder / stem}"
    missing = [column for column in (REQUIRED | LABELS)[stem] if column not in table]
    if missing:
        yield f"{where}: missing columns {missing}; see docs/reference/city-folder.md"
        return
    if table.crs is None or table.crs.to_epsg() != 4326:
        name = "no CRS" if table.crs is None else table.crs.to_string()
        yield f"{where}: its CRS is {name}; convert it to WGS-84 lon/lat (EPSG:4326)"
    elif number := int((table.geometry.isna() | table.geometry.is_empty).sum()):
        yield f"{where}: {number} rows have no geometry; give them one or drop them"
    if not len(table) and stem not in ("generators", "water", *LABELS):
        yield f"{where}: no rows; the plan needs at least one"
    for columns, least, words in ((POSITIVE, 0.0, "above 0"), (NOT_NEGATIVE, -np.finfo(float).tiny, "0 or more")):
        for column in [name for name in columns.get(stem, ()) if name in table]:
            yield from _number_faults(where, table, column, least, words)
    for (owner, column), allowed in CHOICES.items():
        if owner == stem:
            odd = table.loc[~table[column].isin(allowed), column].unique()
            if len(odd):
                yield f"{where}.{column}: {list(odd)[:MOST_LISTED]} not allowed; choose from {list(allowed)}"
    if stem == "road_edges":
        yield from road_faults(where, table)
    if stem == "demand":
        yield from cell_faults(where, table)
    key = {"districts": "code", "road_nodes": "node"}.get(stem, "id" if "id" in REQUIRED.get(stem, ()) else None)
    if key is not None and table[key].duplicated().any():
        repeated = table.loc[table[key].duplicated(), key].unique()
        yield f"{where}.{key}: {len(repeated)} ids given twice, first {repeated[0]!r}; make ids unique"


def _number_faults(where: str, table: gpd.GeoDataFrame, column: str, least: float, words: str) -> Iterator[str]:
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float)
    bad = np.flatnonzero(~(np.isfinite(numbers) & (numbers > least)))
    if len(bad):
        shown = ", ".join(f"row {row}: {table[column].iloc[row]!r}" for row in bad[:MOST_LISTED])
        more = f" and {len(bad) - MOST_LISTED} more" if len(bad) > MOST_LISTED else ""
        yield f"{where}.{column}: must be a number {words}; {shown}{more}"


def _metric_fault(folder: Path, crs_metric: str, districts: gpd.GeoDataFrame) -> Iterator[str]:
    fault = metric_fault(crs_metric, districts.geometry.get_coordinates().to_numpy(float))
    if fault is not None:
        yield f"{folder / 'city.yaml'}: crs_metric: {fault}; give the UTM zone or another projected CRS in metres"


def _cross_faults(folder: Path, tables: dict[str, gpd.GeoDataFrame]) -> Iterator[str]:
    """Yield the faults between tables: unknown or empty districts, census totals, road nodes that do not exist."""
    districts, demand = tables["districts"], tables["demand"]
    for stem in ("demand", "generators", "candidates"):
        unknown = sorted(set(tables[stem]["district"]) - set(districts["code"]))
        if unknown:
            yield f"{folder / stem}.district: {unknown[:MOST_LISTED]} not in districts.code; correct the codes"
    living = demand.groupby("district")["residents"].sum()
    for code, name, residents in zip(districts["code"], districts["name_en"], districts["residents"], strict=True):
        cells = int(living.get(code, 0))
        if cells == 0 and residents > 0:
            yield f"{folder / 'demand'}: district {code} ({name}) has no cells; add its demand or drop the district"
        elif cells != int(residents):
            yield (
                f"{folder / 'demand'}: residents of district {code} ({name}) sum to {cells:,}, districts.residents says"
                f" {int(residents):,}; make them agree"
            )
    ends = tables["road_edges"][["u", "v"]].to_numpy()
    lost = ~np.isin(ends, tables["road_nodes"]["node"].to_numpy()).all(axis=1)
    if lost.any():
        yield f"{folder / 'road_edges'}: {int(lost.sum())} edges end at nodes that road_nodes does not have"
