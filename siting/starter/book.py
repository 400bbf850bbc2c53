"""A workbook as a config: its sheets of the city, targets, costs and scenarios, and the layers that lie beside it."""

from __future__ import annotations

import hashlib
import importlib.resources
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

import pandas as pd
import yaml

from siting.config import Loaded, load_config
from siting.config.overlay import overlaid, parse_value
from siting.errors import ConfigError, DataError
from siting.files import write_file
from siting.inputs.assemble import assemble_city
from siting.inputs.tables import has_city_rows, read_city_facts, read_plan_sheets
from siting.starter.start import CNY_PER_RESIDENT_UNCOVERED, FEW_RESIDENTS, Wishes, bare_facts, rendered

BOOKS = (".xlsx", ".xlsm")
LAYERS = (".gpkg", ".geojson", ".shp", ".zip", ".parquet", ".geoparquet", ".json")
EXTRACTS = ("*.osm.pbf", "*.osm.bz2", "*.osm")
TARGET_KEYS = (
    "unit", "measure", "echelon", "type", "within_m", "material", "at_least", "at_most", "penalty_cny", "year",
    "source", "responsible",
)  # fmt: skip


def is_book(path: object) -> TypeGuard[str | Path]:
    """Return whether a config is given as a workbook."""
    return isinstance(path, str | Path) and Path(path).suffix.lower() in BOOKS


def load_book(path: str | Path) -> Loaded:
    """Read a workbook as a config, and build its city where it has rows of one.

    Below it stands `config.yaml` beside the workbook, or in the folder above; where there is none, the config of a new
    city. Rows of targets replace those of the config; rows of costs whose value is not the one in force replace figures
    of its parameter table; scenarios are added. The city is made of the workbook and what `city-source.yaml` lists, or
    of the layers beside the workbook: `roads.*` and `districts.*`, or an OpenStreetMap extract. It is built again when
    one of them changes.

    Raises
    ------
    FileError, DataError, ConfigError
        If the workbook, a layer or the config cannot be used.
    """
    book = Path(path)
    sheets = read_plan_sheets(book)
    config = _beside(book, "config.yaml")
    city = _built_city(book) if has_city_rows(book) else None
    raw: dict[str, Any] = {"extends": str(config.resolve())} if config is not None else _new_config(book, city)
    raw |= {"name": book.stem, "runs": str((book.parent if config is None else config.parent) / "runs")}
    if city is not None:
        raw["city"] = str(city.resolve())
    if "targets" in sheets:
        raw["targets"] = [_filled(row, TARGET_KEYS) for row in sheets["targets"].to_dict("records")]
    if "scenarios" in sheets:
        raw["scenarios"] = _scenarios(book, sheets["scenarios"])
    loaded = load_config(raw)
    loaded = replace(loaded, path=book, files=(book, *loaded.files))
    if "costs" not in sheets:
        return loaded
    rows = sheets["costs"].to_dict("records")
    own = {row["key"]: row["value"] for row in rows if row["value"] != row.get("in_force")}
    if not own:
        return loaded
    return overlaid(loaded, {"parameters": own}, f"{book.name}, sheet of costs")


def _beside(book: Path, name: str) -> Path | None:
    """Return the file of this name in the folder of the workbook, or in the one above; None where there is none."""
    return next((one for one in (book.parent / name, book.parent.parent / name) if one.is_file()), None)


def _wishes(book: Path) -> Wishes:
    facts = read_city_facts(book)
    name_en, name_zh = facts.name_en or facts.name_zh or book.stem, facts.name_zh or facts.name_en or book.stem
    return Wishes(name_en, name_zh)


def _new_config(book: Path, city: Path | None) -> dict[str, Any]:
    """Return the keys of the config of a new city, which a workbook without one stands on."""
    facts = bare_facts(book.parent, _wishes(book))
    if city is not None:
        residents = int(yaml.safe_load((city / "city.yaml").read_text(encoding="utf-8"))["population"])
        facts["is_small"] = residents < FEW_RESIDENTS
        facts["penalty_cny"] = max(1, int(residents * CNY_PER_RESIDENT_UNCOVERED))
    raw: dict[str, Any] = yaml.safe_load(rendered("config.yaml.j2", facts))
    with importlib.resources.as_file(importlib.resources.files("siting.starter") / "parameters.csv") as table:
        return raw | {"city": str(book.parent / "city"), "parameters": str(table)}


def _filled(row: Mapping[Any, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Return the cells of a row that hold something, by key, in the order of the keys."""
    return {key: row[key] for key in keys if key in row and pd.notna(row[key]) and row[key] != ""}


def _scenarios(book: Path, sheet: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the changes of each scenario by its name.

    Raises
    ------
    DataError
        If a scenario changes one key twice.
    """
    found: dict[str, dict[str, Any]] = {}
    for row in sheet.to_dict("records"):
        key, value = str(row["key"]).strip(), parse_value(str(row["value"]).strip().replace("×", "x"))
        changes = found.setdefault(str(row["scenario"]), {})
        if key in changes:
            raise DataError(f"{book}: scenario {row['scenario']}: {key} stands there twice; keep one row")
        changes[key] = value
    return found


def _built_city(book: Path) -> Path:
    """Return the city folder of the workbook, built where it is not there or its sources have changed.

    Raises
    ------
    FileError, DataError, ConfigError
        If the sources cannot be used.
    """
    spec = _spec(book)
    text = yaml.safe_dump(spec, allow_unicode=True, sort_keys=False)
    parts = [text.encode(), *(file.read_bytes() for file in _named_files(spec, book.parent))]
    made = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    city, mark = book.parent / f"{book.stem}-city", book.parent / f"{book.stem}-city.sha256"
    if not (city.is_dir() and mark.is_file() and mark.read_text(encoding="utf-8").strip() == made):
        with tempfile.TemporaryDirectory() as place:
            written = Path(place) / "city-source.yaml"
            written.write_text(text, encoding="utf-8")
            assemble_city(written, city, source=book.parent.resolve())
        write_file(mark, made + "\n")
    return city


def _named_files(spec: Any, folder: Path) -> list[Path]:
    """Return the files that a list of sources names, wherever in it."""
    if isinstance(spec, Mapping):
        return [file for one in spec.values() for file in _named_files(one, folder)]
    if isinstance(spec, list):
        return [file for one in spec for file in _named_files(one, folder)]
    named = folder / spec if isinstance(spec, str) and spec else folder
    return [named] if named.is_file() else []


def _spec(book: Path) -> dict[str, Any]:
    """Return the list of sources with this workbook; paths are absolute."""
    listed = _beside(book, "city-source.yaml")
    if listed is None:
        spec: dict[str, Any] = yaml.safe_load(rendered("spec.yaml.j2", bare_facts(book.parent, _wishes(book))))
        spec["sources"] = _layers_beside(book) | {"population": spec["sources"]["population"]}
    else:
        spec = yaml.safe_load(listed.read_text(encoding="utf-8"))
        spec["sources"] = _absolute(spec.get("sources") or {}, listed.parent.resolve())
    spec["sources"]["workbook"] = {"file": str(book.resolve())}
    return spec


def _absolute(node: Any, folder: Path) -> Any:
    """Return sources with the files that they name under their whole paths."""
    if isinstance(node, Mapping):
        return {
            key: str(folder / value) if key in ("file", "folder", "nodes") and isinstance(value, str)
            else _absolute(value, folder)
            for key, value in node.items()
        }  # fmt: skip
    return [_absolute(one, folder) for one in node] if isinstance(node, list) else node


def _layers_beside(book: Path) -> dict[str, Any]:
    """Return roads and districts, or an extract, that lie beside the workbook.

    Raises
    ------
    ConfigError
        If they are not there.
    """
    folder = book.parent.resolve()
    found = {
        kind: next((file for suffix in LAYERS if (file := folder / f"{kind}{suffix}").is_file()), None)
        for kind in ("roads", "districts")
    }
    extracts = sorted(file for pattern in EXTRACTS for file in folder.glob(pattern))
    sources: dict[str, Any] = {kind: {"file": str(file)} for kind, file in found.items() if file is not None}
    if extracts:
        sources["osm"] = {"file": str(extracts[0])}
    missing = [] if extracts else [kind for kind in found if kind not in sources]
    if missing:
        raise ConfigError(
            f"{book}: needs roads and outlines of districts beside it, which no workbook holds: put"
            f" {' and '.join(f'{kind}.gpkg (or .geojson, .shp)' for kind in missing)} into {folder}, or an"
            " OpenStreetMap extract (.osm.pbf)"
        )
    return sources
