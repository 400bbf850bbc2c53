"""Compare the files of a run folder with new ones made from its instance and plan: tables, figures and pages."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from siting.files import csv_bytes
from siting.render.gis.planfile import write_plan_file
from siting.render.html.map.page import draw_map
from siting.render.html.report.page import draw_report
from siting.render.xlsx.plan import plan_workbook
from siting.results.results import Results
from siting.results.tables import plan_tables
from siting.runs.arrays import verification_arrays, verification_files
from siting.runs.folder import csv_tables, figure_tables, scorecard_rows
from siting.runs.provenance import package_versions

CURE = "run again to write it anew"
TOLERANCE = 1e-9


def changed_tables(folder: Path, results: Results) -> list[str]:
    """Return a fault for each table of a run folder that differs from the one made from instance and plan."""
    tables = {f"{name}.csv": csv_bytes(table) for name, table in (figure_tables(results) | csv_tables(results)).items()}
    odd = [name for name, content in tables.items() if _is_other(folder / name, content)]
    if (folder / "scorecard.json").is_file() and _json(folder / "scorecard.json") != scorecard_rows(results):
        odd.append("scorecard.json")
    if (folder / "plan.gpkg").is_file() and not _has_rows(folder / "plan.gpkg", results):
        odd.append("plan.gpkg")
    return [f"{name}: is not what the plan gives; {CURE}" for name in odd]


PAGES: dict[str, Callable[[Results], str | bytes]] = {
    "map.html": draw_map,
    "report.html": draw_report,
    "plan.xlsx": plan_workbook,
}
"""Pages and the workbook of a run folder, with the functions that draw them."""


def changed_pages(folder: Path, results: Results) -> list[str]:
    """Return a fault for each page, and the workbook, that differs from the one this program draws of the run.

    Pages of a run written by another version of the program or of a package are not compared: they may differ.
    """
    if dict(results.run.versions) != package_versions():
        return []
    drawn = {name: draw(results) for name, draw in PAGES.items() if (folder / name).is_file()}
    pages = {name: page.encode() if isinstance(page, str) else page for name, page in drawn.items()}
    odd = [name for name, content in pages.items() if _is_other(folder / name, content)]
    return [f"{name}: is not what the plan gives; {CURE}" for name in odd]


def changed_figures(folder: Path, results: Results) -> list[str]:
    """Return a fault for each file of figures whose stored values differ from the recomputed ones."""
    claims = results.run.claims
    if claims is None:
        return []
    fresh = [one.run.verification for one in results.by_period.values()]
    faults = []
    for path, stored, own in zip(verification_files(folder, len(fresh)), claims.verifications, fresh, strict=True):
        theirs, ours = verification_arrays(stored), verification_arrays(own)
        odd = [name for name in sorted(theirs.keys() | ours.keys()) if not _same(theirs.get(name), ours.get(name))]
        faults += [f"{path.name}: {', '.join(odd)} not as instance and plan give; {CURE}"] if odd else []
    return faults


def _is_other(path: Path, content: bytes) -> bool:
    """Return whether a file exists and has other content."""
    return path.is_file() and path.read_bytes() != content


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return False
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind != "f":
        return bool(np.array_equal(one, other))
    scale = float(np.nanmax(np.abs(other), initial=0.0))
    return bool(np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE * max(1.0, scale), equal_nan=True))


def _has_rows(path: Path, results: Results) -> bool:
    """Return whether a GeoPackage has the rows that are made from the plan, whatever its date of writing."""
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place) / path.name
        write_plan_file(fresh, results, plan_tables(results))
        try:
            return dict(_rows(path)) == dict(_rows(fresh))
        except sqlite3.Error:
            return False


def _rows(path: Path) -> Iterator[tuple[str, list[Any]]]:
    """Yield the rows of each table of a GeoPackage, by the name of the table."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for name in names:
            if not name.startswith(("gpkg_", "rtree_", "sqlite_")):
                yield name, file.execute(f'SELECT * FROM "{name}"').fetchall()


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
