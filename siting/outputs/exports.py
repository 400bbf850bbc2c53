"""A run in the format that the ending of a file name asks for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from siting.errors import ConfigError, FileError
from siting.inputs.datums import Datum, parse_datum
from siting.outputs.gis.kml import kml_bytes
from siting.outputs.gis.planfile import write_plan_file
from siting.outputs.gis.shapefile import shapefile_bytes
from siting.outputs.record import RunRecord
from siting.outputs.tables import plan_tables
from siting.outputs.workbook import plan_workbook
from siting.outputs.workbook.page import Language

WGS84 = parse_datum("wgs84")
IN_A_DATUM: dict[str, Callable[[RunRecord, Datum], bytes]] = {".kml": kml_bytes, ".zip": shapefile_bytes}
ENDINGS = (".xlsx", ".gpkg", *IN_A_DATUM)


def export_run(run: RunRecord, out: Path, *, language: Language | None = None, datum: Datum | None = None) -> Path:
    """Write a run as a workbook (.xlsx), GeoPackage (.gpkg), KML (.kml) or Shapefiles (.zip), whole or not at all.

    Parameters
    ----------
    run
        The run.
    out
        The file; in another datum than WGS-84 its name gets the name of the datum, unless it has it.
    language
        Of the cells of a workbook; None: that of the city.
    datum
        Of the coordinates of .kml and .zip; None: WGS-84.

    Returns
    -------
    Path
        The file that was written.

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
    if datum and datum != WGS84 and ending not in IN_A_DATUM:
        raise ConfigError(f"--datum {datum.name}: {ending} holds WGS-84; end the name in .kml or .zip, or leave it out")
    target = named_by_datum(out, datum or WGS84)
    try:
        _write(target, _content(run, ending, language, datum or WGS84))
    except OSError as error:
        reason = getattr(error, "strerror", None) or error
        raise FileError(f"{target}: cannot be written ({reason}); choose another file with --out") from error
    return target


def named_by_datum(path: Path, datum: Datum) -> Path:
    """The file with the name of its datum in its own, unless that is WGS-84 or stands there.

    >>> named_by_datum(Path("plan.kml"), parse_datum("amap")).name
    'plan-gcj02.kml'
    """
    word = datum.name.replace(":", "").lower()
    if datum == WGS84 or word in path.stem.lower():
        return path
    return path.with_stem(f"{path.stem}-{word}")


def _content(run: RunRecord, ending: str, language: Language | None, datum: Datum) -> bytes:
    if ending == ".xlsx":
        return plan_workbook(run, language)
    if ending == ".gpkg":
        with tempfile.TemporaryDirectory(prefix="siting-") as folder:
            write_plan_file(Path(folder) / "plan.gpkg", run, plan_tables(run))
            return (Path(folder) / "plan.gpkg").read_bytes()
    return IN_A_DATUM[ending](run, datum)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.writing")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
