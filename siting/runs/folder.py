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
from siting.results.actions import action_rows, action_table
from siting.runs.arrays import save_instance, save_plan, save_verifications
from siting.results.assumptions import assumption_table
from siting.geography.geopackage import save_geography
from siting.render.gis.planfile import write_plan_file
from siting.render.html.map.page import draw_map
from siting.results.record import RunRecord, stage_records
from siting.render.html.report import draw_report
from siting.results.rollout import over_stages, stage_column, stage_table
from siting.results.scorecard import scorecard_table
from siting.results.standards import standards_table
from siting.results.summary import plan_summary
from siting.results.tables import DECIMALS, plan_tables
from siting.render.xlsx import plan_workbook

Step = Callable[[Path, RunRecord], None]


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
        for step in steps:
            step(partial, run)
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


def _write_plan(folder: Path, run: RunRecord) -> None:
    write_json(folder / "plan.json", plan_summary(run))
    scorecard = over_stages(run, _scorecard)
    write_csv(folder / "scorecard.csv", scorecard)
    write_json(folder / "scorecard.json", json.loads(scorecard.to_json(orient="records")))
    write_csv(folder / "districts.csv", over_stages(run, _districts))
    write_csv(folder / "actions.csv", action_table(action_rows(run)))
    if run.checks:
        write_csv(folder / "standards.csv", standards_table(run))
    if run.rollout is not None:
        write_csv(folder / f"{stage_column(run)}s.csv", stage_table(run).round(4))


def _scorecard(run: RunRecord) -> pd.DataFrame:
    return scorecard_table(run.instance, run.verification)


def _districts(run: RunRecord) -> pd.DataFrame:
    return pd.DataFrame({"district_code": run.instance.districts, **run.district_figures})


def _write_tables(folder: Path, run: RunRecord) -> None:
    tables = plan_tables(run)
    for name, table in tables.items():
        write_csv(folder / f"{name}.csv", table.drop(columns="geometry"))
    write_plan_file(folder / "plan.gpkg", run, tables)


def _write_origin(folder: Path, run: RunRecord) -> None:
    """What the run was made from and how it went."""
    config = run.config.model_dump(mode="json", exclude_none=True)
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False, width=120)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    write_csv(folder / "assumptions.csv", assumption_table(run.figures))
    write_json(folder / "versions.json", dict(run.versions))
    write_json(folder / "inputs.json", dict(run.inputs))
    (folder / "log.txt").write_text(run.log, encoding="utf-8")
    history = pd.DataFrame(run.solution.history, columns=["seconds", "cost_cny", "bound_cny", "stage"])
    write_csv(folder / "history.csv", history.replace([float("inf"), float("-inf")], None).round(DECIMALS))


def _write_arrays(folder: Path, run: RunRecord) -> None:
    """What is needed to draw, compare and verify the run again."""
    save_instance(folder / "instance.npz", run.whole_instance)
    save_plan(folder / "plan.npz", run.solution)
    save_geography(folder / "geography.gpkg", run.geography)
    save_verifications(folder, [record.verification for record in stage_records(run).values()])


def _write_workbook(folder: Path, run: RunRecord) -> None:
    (folder / "plan.xlsx").write_bytes(plan_workbook(run))


def _write_map(folder: Path, run: RunRecord) -> None:
    (folder / "map.html").write_text(draw_map(run), encoding="utf-8")


def _write_report(folder: Path, run: RunRecord) -> None:
    (folder / "report.html").write_text(draw_report(run), encoding="utf-8")
