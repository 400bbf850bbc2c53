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
from siting.instance import Floats, Instance
from siting.vocabulary import Measure
from siting.runs.arrays import load_instance, load_plan, load_verifications
from siting.results.assumptions import read_assumptions
from siting.geography.geopackage import load_geography
from siting.results.record import GoalFigure, Rollout, RunRecord, Stage
from siting.results.summary import SCHEMA_VERSION
from siting.results.wording import STAGE_COLUMNS


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
    whole = load_instance(folder / "instance.npz")
    verifications = load_verifications(folder, whole.n_stages)
    districts = _district_figures(folder, whole)
    return RunRecord(
        config=Config.model_validate(yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))),
        figures=read_assumptions(folder / "assumptions.csv"),
        instance=whole.at_stage(whole.n_stages - 1),
        geography=load_geography(folder / "geography.gpkg"),
        solution=load_plan(folder / "plan.npz"),
        verification=verifications[-1],
        district_figures=districts[-1],
        versions=_json(folder / "versions.json"),
        inputs=_json(folder / "inputs.json"),
        stages=tuple(Stage(**stage) for stage in summary["stages"]),
        goals=tuple(_goal(goal) for goal in summary["goals"]),
        log=(folder / "log.txt").read_text(encoding="utf-8"),
        rollout=None if whole.stages is None else Rollout(whole, verifications, districts),
        standards=read_standards(folder),
    )


def _goal(goal: dict[str, Any]) -> GoalFigure:
    """A goal of `plan.json`; a bound that is not known is written as null."""
    worst = math.inf if goal["is_maximised"] else -math.inf
    known = {"measure": Measure(goal["measure"]), "bound": worst if goal["bound"] is None else goal["bound"]}
    return GoalFigure(**{**goal, **known})


def _district_figures(folder: Path, whole: Instance) -> tuple[dict[str, Floats], ...]:
    """The figures by district of each stage."""
    texts = {"district_code": str, **dict.fromkeys(STAGE_COLUMNS.values(), str)}
    table = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig", dtype=texts)
    first = list(table.columns).index("district_code") + 1
    n = len(whole.districts)
    parts = [table.iloc[number * n : (number + 1) * n] for number in range(whole.n_stages)]
    return tuple({str(name): part[name].to_numpy() for name in table.columns[first:]} for part in parts)


def read_standards(folder: Path) -> pd.DataFrame | None:
    """How the plan of a run folder stood by the standards when it was written; None where it was held to none."""
    path = folder / "standards.csv"
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"unit": str}) if path.exists() else None


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
