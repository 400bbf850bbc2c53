"""Exports of a run in the format that the ending of a file name names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from siting.errors import ConfigError, FileError
from siting.files import write_file
from siting.inputs.datums import Datum, parse_datum
from siting.language import Language
from siting.render.gis.kml import kml_bytes
from siting.render.gis.planfile import write_plan_file
from siting.render.gis.shapefile import shapefile_bytes
from siting.render.xlsx.plan import plan_workbook
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.tables import plan_tables

WGS84 = parse_datum("wgs84")
IN_A_DATUM: dict[str, Callable[[Results, Datum], bytes]] = {".kml": kml_bytes, ".zip": shapefile_bytes}
ENDINGS = (".xlsx", ".gpkg", *IN_A_DATUM)


def export_run(run: RunRecord, out: Path, *, language: Language | None = None, datum: Datum = WGS84) -> Path:
    """Write a run as a workbook (.xlsx), GeoPackage (.gpkg), KML (.kml) or Shapefiles (.zip), whole or not at all.

    Parameters
    ----------
    run, out
        The run, and the file; its ending says the format.
    language
        Language of a workbook's cells; None: that of the city.
    datum
        Datum of the coordinates of .kml and .zip.

    Returns
    -------
    Path
        The file that was written: `out`, with the name of the datum in its own where that is not WGS-84.

    Raises
    ------
    ConfigError
        If the format has no language, or no other datum than WGS-84.
    FileError
        If the ending is not known, or the file cannot be written.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise FileError(f"{out}: unknown format {out.suffix!r}; end the name in {', '.join(ENDINGS)}")
    if language and ending != ".xlsx":
        raise ConfigError(f"--lang {language}: only a workbook has it; leave it out, or end the name in .xlsx")
    if datum != WGS84 and ending not in IN_A_DATUM:
        raise ConfigError(f"--datum {datum.name}: {ending} holds WGS-84; end the name in .kml or .zip, or leave it out")
    target = named_by_datum(out, datum)
    write_file(target, _content(run, ending, language, datum))
    return target


def named_by_datum(path: Path, datum: Datum) -> Path:
    """Return the path with the name of its datum added, unless that is WGS-84 or is in the name already.

    >>> named_by_datum(Path("plan.kml"), parse_datum("amap")).name
    'plan-gcj02.kml'
    """
    word = datum.name.replace(":", "").lower()
    if datum == WGS84 or word in path.stem.lower():
        return path
    return path.with_stem(f"{path.stem}-{word}")


def _content(run: RunRecord, ending: str, language: Language | None, datum: Datum) -> bytes:
    results = Results(run)
    if ending == ".xlsx":
        return plan_workbook(results, language)
    if ending == ".gpkg":
        with tempfile.TemporaryDirectory(prefix="siting-") as folder:
            write_plan_file(Path(folder) / "plan.gpkg", results, plan_tables(results))
            return (Path(folder) / "plan.gpkg").read_bytes()
    return IN_A_DATUM[ending](results, datum)
