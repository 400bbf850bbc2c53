"""The run folder: everything a run leaves, written whole or not at all, and read back.

docs/run-folder.md says what each file holds.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from siting.errors import FileError
from siting.files import write_csv, write_json
from siting.geography.geopackage import save_geography
from siting.render.gis.planfile import write_plan_file
from siting.render.html.map.page import draw_map
from siting.render.html.report import draw_report
from siting.render.xlsx import plan_workbook
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.summary import plan_summary
from siting.results.tables import DECIMALS, plan_tables
from siting.results.targets import scorecard_table
from siting.runs.arrays import save_instance, save_plan, save_verifications

Step = Callable[[Path, Results], None]


def write_run(folder: Path, run: RunRecord) -> None:
    """Write the run folder; a former run of that name stays until the new one is complete.

    Raises
    ------
    FileError
        If the folder cannot be written (full disk, no permission), or stands there and is no run folder.
    """
    folder = folder.absolute()
    if folder.exists() and not (folder / "plan.json").exists() and (folder.is_file() or any(folder.iterdir())):
        raise FileError(f"{folder}: stands there and is no run folder; choose another name or remove it yourself")
    partial = folder.parent / f".{folder.name}.writing-{os.getpid()}"
    try:
        partial.mkdir(parents=True)
        steps = (_write_plan, _write_tables, _write_origin, _write_arrays, _write_workbook, _write_map, _write_report)
        results = Results(run)
        for step in steps:
            step(partial, results)
        _swap_in(partial, folder)
    except OSError as error:
        reason = getattr(error, "strerror", None) or error
        cure = "free space on the disk, check permissions, or set `runs:` to another folder"
        raise FileError(f"{folder}: cannot be written ({reason}); {cure}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _swap_in(partial: Path, folder: Path) -> None:
    """Put the complete folder in the place of a former one, which is kept if that fails."""
    former = folder.parent / f".{folder.name}.former-{os.getpid()}"
    had_former = folder.exists()
    if had_former:
        folder.rename(former)
    try:
        partial.rename(folder)
    except OSError:
        if had_former:
            former.rename(folder)
        raise
    shutil.rmtree(former, ignore_errors=True)


def _write_plan(folder: Path, results: Results) -> None:
    write_json(folder / "plan.json", plan_summary(results.run))
    scorecard = _by_period(results, scorecard_table(results.targets))
    write_csv(folder / "scorecard.csv", scorecard)
    write_json(folder / "scorecard.json", json.loads(scorecard.to_json(orient="records")))
    districts = results.districts.drop(columns=["name_en", "name_zh", "geometry"])
    write_csv(folder / "districts.csv", _by_period(results, districts.rename(columns={"code": "district_code"})))
    write_csv(folder / "actions.csv", results.actions)
    if results.standards is not None:
        write_csv(folder / "standards.csv", results.standards)
    if results.has_periods:
        write_csv(folder / f"{results.period_column}s.csv", _by_period(results, results.periods).round(4))


def _by_period(results: Results, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as files have it: the period under the name of `period_column`, nothing where there is one."""
    column = results.period_column
    if not column:
        return table.drop(columns="period")
    if column in table:
        return table.assign(**{column: table["period"]}).drop(columns="period")
    return table.rename(columns={"period": column})


def _write_tables(folder: Path, results: Results) -> None:
    tables = plan_tables(results.run)
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table.drop(columns="geometry"))
    write_plan_file(folder / "plan.gpkg", results, tables)


def _write_origin(folder: Path, results: Results) -> None:
    """What the run was made from and how it went."""
    run = results.run
    config = run.config.model_dump(mode="json", exclude_none=True)
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False, width=120)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    write_csv(folder / "assumptions.csv", results.assumptions)
    write_json(folder / "versions.json", dict(run.versions))
    write_json(folder / "inputs.json", dict(run.inputs))
    (folder / "log.txt").write_text(run.log, encoding="utf-8")
    history = pd.DataFrame(run.solution.history, columns=["seconds", "cost_cny", "bound_cny", "stage"])
    write_csv(folder / "history.csv", history.replace([float("inf"), float("-inf")], None).round(DECIMALS))


def _write_arrays(folder: Path, results: Results) -> None:
    """What is needed to draw, compare and verify the run again."""
    run = results.run
    save_instance(folder / "instance.npz", run.whole_instance)
    save_plan(folder / "plan.npz", run.solution)
    save_geography(folder / "geography.gpkg", run.geography)
    save_verifications(folder, [one.run.verification for one in results.by_period.values()])


def _write_workbook(folder: Path, results: Results) -> None:
    (folder / "plan.xlsx").write_bytes(plan_workbook(results))


def _write_map(folder: Path, results: Results) -> None:
    (folder / "map.html").write_text(draw_map(results.run), encoding="utf-8")


def _write_report(folder: Path, results: Results) -> None:
    (folder / "report.html").write_text(draw_report(results.run), encoding="utf-8")
