"""Tables of OpenStreetMap as a folder of GeoParquet files with `osm.yaml`, written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import yaml

from siting.errors import DataError, FileError, raise_faults
from siting.files import new_folder
from siting.inputs.osm.tables import LAYERS, OsmTables, plain_text

FACTS = "osm.yaml"
LICENCE = "ODbL 1.0, https://opendatacommons.org/licenses/odbl/1-0/"
ATTRIBUTION = "© OpenStreetMap contributors"


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
