"""A run folder back to the record that it was written from."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from pydantic import ValidationError

from siting.config.schema import Config
from siting.errors import FileError
from siting.instance import Measure
from siting.outputs.arrays import load_arrays, load_instance, load_plan
from siting.outputs.assumptions import read_assumptions
from siting.outputs.geopackage import load_geography
from siting.outputs.record import GoalFigure, RunRecord, Stage, StoredFigures
from siting.outputs.summary import SCHEMA_VERSION


def read_run(folder: Path) -> RunRecord:
    """Read the run folder that `write_run` wrote.

    Raises
    ------
    FileError
        If it is no run folder, was written by another version, or a file of it is missing or damaged.
    """
    if not (folder / "plan.json").is_file():
        raise FileError(f"{folder}: is no run folder (no plan.json in it); give a folder that `siting run` wrote")
    try:
        summary = _json(folder / "plan.json")
        if summary.get("schema_version") != SCHEMA_VERSION:
            found = summary.get("schema_version")
            raise FileError(f"{folder}: schema_version is {found}, this program reads {SCHEMA_VERSION}; run again")
        return _record(folder, summary)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, yaml.YAMLError, ValidationError, KeyError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"{folder}: cannot be read ({error}); run again to write it anew") from error


def _record(folder: Path, summary: dict[str, Any]) -> RunRecord:
    districts = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig", dtype={"district_code": str})
    return RunRecord(
        config=Config.model_validate(yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))),
        figures=read_assumptions(folder / "assumptions.csv"),
        instance=load_instance(folder / "instance.npz"),
        geography=load_geography(folder / "geography.gpkg"),
        solution=load_plan(folder / "plan.npz"),
        verification=load_arrays(folder / "verification.npz", StoredFigures),
        district_figures={str(name): districts[name].to_numpy() for name in districts.columns[1:]},
        versions=_json(folder / "versions.json"),
        inputs=_json(folder / "inputs.json"),
        stages=tuple(Stage(**stage) for stage in summary["stages"]),
        goals=tuple(_goal(goal) for goal in summary["goals"]),
        log=(folder / "log.txt").read_text(encoding="utf-8"),
    )


def _goal(goal: dict[str, Any]) -> GoalFigure:
    """A goal of `plan.json`; a bound that is not known is written as null."""
    worst = math.inf if goal["is_maximised"] else -math.inf
    known = {"measure": Measure(goal["measure"]), "bound": worst if goal["bound"] is None else goal["bound"]}
    return GoalFigure(**{**goal, **known})


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
