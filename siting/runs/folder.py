"""The run folder: everything a run leaves, written whole or not at all, and read back.

docs/reference/run-folder.md says what each file holds.
"""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from siting.config import Change
from siting.config.schema import Config
from siting.errors import ConfigError, FileError
from siting.files import new_folder, require_replaceable, write_csv, write_json
from siting.geography import Geography
from siting.geography.geopackage import load_geography, save_geography
from siting.instance import Floats, Instance
from siting.plan import Solution
from siting.render.gis.planfile import write_plan_file
from siting.render.html.map.page import draw_map
from siting.render.html.report.page import draw_report
from siting.render.xlsx.plan import plan_workbook
from siting.results.assumptions import read_assumptions
from siting.results.record import Claims, GoalFigure, Rollout, RunRecord, Stage
from siting.results.results import Results
from siting.results.summary import SCHEMA_VERSION, plan_summary
from siting.results.tables import DECIMALS, named_by_period, plan_tables
from siting.results.targets import scorecard_table
from siting.runs.arrays import (
    DAMAGE,
    load_arrays,
    load_verifications,
    save_arrays,
    save_verifications,
)
from siting.runs.manifest import LOG, require_kept, write_manifest
from siting.runs.modelfile import save_model
from siting.verify import district_figures, judge_stages
from siting.vocabulary import Measure

MARKER = "plan.json"
CURE = "free space on the disk, check permissions, or set `runs:` to another folder"
LEAST_FREE_MB = 100
PROBE_BYTES = 1_000_000


def require_writable(folder: str | Path, config: Config, *, overwrite: bool = False) -> None:
    """Refuse a run folder that could not be written, before any work is done for it.

    Parameters
    ----------
    folder
        The folder.
    config
        Config of the run that is to be written.
    overwrite
        Whether a run of another config, and files of others beside a run, may be replaced.

    Raises
    ------
    FileError
        If it stands there and is no run folder or one that is kept, if nothing can be written beside it, or if the
        disk is nearly full.
    """
    folder = Path(folder).absolute()
    require_replaceable(folder, MARKER)
    if not overwrite and (folder / MARKER).exists():
        require_kept(folder, config)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder.parent) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
        free_mb = shutil.disk_usage(folder.parent).free / 1e6
    except OSError as error:
        cure = "free space on the disk, check permissions, or choose another folder with --out"
        raise FileError(f"{folder}: the run could not be written there ({error.strerror}); {cure}") from error
    if free_mb < LEAST_FREE_MB:
        cure = f"at least {LEAST_FREE_MB} MB are needed; free some or choose another folder with --out"
        raise FileError(f"{folder}: only {free_mb:.0f} MB are free on its disk; {cure}")


def write_run(
    folder: str | Path,
    run: RunRecord | Results,
    parts: Collection[str] | None = None,
    *,
    overwrite: bool = False,
    last_log: Callable[[], str] | None = None,
) -> None:
    """Write the run folder; a former run of the same config is kept beside it, as `NAME.1`, `NAME.2` and so on.

    Parameters
    ----------
    folder
        The folder.
    run
        The run, or its results.
    parts
        What to write of `PARTS` beside the files that a run is read from; None: all.
    overwrite
        Whether the new run replaces what stands there, be it of another config.
    last_log
        Called when all else is written; returns the log with what it says of that. None: the log is as it is.

    Raises
    ------
    ConfigError
        If a part is not known.
    FileError
        If the folder cannot be written (full disk, no permission), exists and is no run folder, or holds the run of
        another config or files that the program did not write.
    """
    parts = (parts,) if isinstance(parts, str) else parts
    unknown = set(parts or ()) - set(PARTS)
    if unknown:
        raise ConfigError(f"parts: {', '.join(sorted(unknown))} not known; choose from {', '.join(PARTS)}")
    results = run if isinstance(run, Results) else Results(run)
    place = Path(folder)
    if not overwrite and (place / MARKER).exists():
        require_kept(place, results.run.config)
    with new_folder(folder, marker=MARKER, keeps_former=not overwrite, cure=CURE) as partial:
        for write in (_write_figures, _write_origin, _write_arrays):
            write(partial, results)
        for name in PARTS if parts is None else dict.fromkeys(parts):
            PARTS[name](partial, results)
        if last_log is not None:
            (partial / LOG).write_text(last_log(), encoding="utf-8")
        write_manifest(partial)


def _write_figures(folder: Path, results: Results) -> None:
    """Write the plan in figures, those of districts and standards, and how cost and bound moved."""
    write_json(folder / "plan.json", plan_summary(results))
    for name, table in figure_tables(results).items():
        write_csv(folder / f"{name}.csv", table)


def figure_tables(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables that every run folder has, by the name of their CSV file."""
    districts = results.districts.drop(columns=["name_en", "name_zh", "geometry"])
    history = pd.DataFrame(results.run.solution.history).reindex(columns=["seconds", "cost_cny", "bound_cny", "stage"])
    tables = {
        "districts": named_by_period(results, districts.rename(columns={"code": "district_code"})),
        "history": history.replace([float("inf"), float("-inf")], None).round(DECIMALS),
        "assumptions": results.assumptions,
    }
    return tables if results.standards is None else tables | {"standards": results.standards}


def _write_tables(folder: Path, results: Results) -> None:
    for name, table in csv_tables(results).items():
        write_csv(folder / f"{name}.csv", table)
    write_json(folder / "scorecard.json", scorecard_rows(results))
    write_plan_file(folder / "plan.gpkg", results, plan_tables(results))


def scorecard_rows(results: Results) -> Any:
    """Return the content of scorecard.json."""
    scorecard = named_by_period(results, scorecard_table(results.targets))
    return json.loads(scorecard.to_json(orient="records"))


def csv_tables(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables of a run folder, by the name of their CSV file."""
    tables = {
        "scorecard": named_by_period(results, scorecard_table(results.targets)),
        "actions": results.actions,
        "chains": named_by_period(results, results.chains).round(2),
        "payers": named_by_period(results, results.payers).round(2),
    }
    if results.last.collection is not None:
        tables["tours"] = results.last.collection.table
    if results.has_periods:
        tables[f"{results.period_column}s"] = named_by_period(results, results.periods).round(4)
    return tables | {name: table.drop(columns="geometry") for name, table in plan_tables(results).items()}


def _write_origin(folder: Path, results: Results) -> None:
    run = results.run
    config = run.config.model_dump(mode="json", exclude_none=True)
    text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False, width=120)
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    write_json(folder / "versions.json", dict(run.versions))
    write_json(folder / "inputs.json", dict(run.inputs))
    (folder / LOG).write_text(run.log, encoding="utf-8")


def _write_arrays(folder: Path, results: Results) -> None:
    """Write the files from which the run can be drawn, compared and verified again."""
    run = results.run
    save_arrays(folder / "instance.npz", run.whole_instance)
    save_arrays(folder / "plan.npz", run.solution)
    save_model(folder, run.whole_instance)
    save_geography(folder / "geography.gpkg", run.geography)
    save_verifications(folder, [one.run.verification for one in results.by_period.values()])


PARTS: dict[str, Callable[[Path, Results], object]] = {
    "tables": _write_tables,
    "workbook": lambda folder, results: (folder / "plan.xlsx").write_bytes(plan_workbook(results)),
    "map": lambda folder, results: (folder / "map.html").write_text(draw_map(results), encoding="utf-8"),
    "report": lambda folder, results: (folder / "report.html").write_text(draw_report(results), encoding="utf-8"),
}
"""Parts of a run folder that can be written alone; the others are always written, for a run is read from them."""


def read_run(folder: str | Path) -> RunRecord:
    """Read the run folder that `write_run` wrote.

    Raises
    ------
    FileError
        If it is no run folder, was written by another version, or a file of it is missing or damaged.
    """
    folder = Path(folder)
    if not (folder / MARKER).is_file():
        raise FileError(f"{folder}: is no run folder (no plan.json in it); give a folder that `siting run` wrote")
    path = folder / MARKER
    with _reading(path):
        summary = _mapping(path)
        if summary.get("schema_version") != SCHEMA_VERSION:
            found = summary.get("schema_version")
            raise FileError(f"{folder}: schema_version is {found}, this program reads {SCHEMA_VERSION}; run again")
        stages = tuple(Stage(**stage) for stage in summary["stages"])
        goals = tuple(_goal(goal) for goal in summary["goals"])
        changes = tuple(Change(**change) for change in summary.get("changes", ()))
    with _reading(folder / "config.yaml"):
        config = Config.model_validate(yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")))
    with _reading(folder / "assumptions.csv"):
        figures = read_assumptions(folder / "assumptions.csv")
    with _reading(folder / "standards.csv"):
        standards = read_standards(folder)
    with _reading(folder / LOG):
        log = (folder / LOG).read_text(encoding="utf-8")
    record = _computed(folder, config, _geography(folder))
    return replace(
        record,
        figures=figures,
        versions=_mapping(folder / "versions.json"),
        inputs=_mapping(folder / "inputs.json"),
        stages=stages,
        goals=goals,
        log=log,
        standards=standards,
        changes=changes,
    )


def _computed(folder: Path, config: Config, geography: Geography) -> RunRecord:
    """Return the record of instance and plan, its figures recomputed, and those that the folder has as its claims."""
    whole = load_arrays(folder / "instance.npz", Instance)
    claimed = load_verifications(folder, whole.n_stages)
    with _reading(folder / "districts.csv"):
        claims = Claims(claimed, _district_figures(folder, whole))
    solution = load_arrays(folder / "plan.npz", Solution)
    if len(solution.plans) != whole.n_stages:
        found = f"{len(solution.plans)} plans for {whole.n_stages} periods"
        raise FileError(f"{folder / 'plan.npz'}: {found}; it is of another run; run again to write it anew")
    with _reading(folder / "plan.npz"):
        verifications = judge_stages(whole, solution.plans, claimed_cost_cny=solution.cost_cny)
        districts = tuple(district_figures(whole.at_stage(n), plan) for n, plan in enumerate(solution.plans))
    return RunRecord(
        config=config,
        figures=(),
        instance=whole.at_stage(whole.n_stages - 1),
        geography=geography,
        solution=solution,
        verification=verifications[-1],
        district_figures=districts[-1],
        versions={},
        inputs={},
        stages=(),
        log="",
        rollout=None if whole.stages is None else Rollout(whole, verifications, districts),
        claims=claims,
    )


def _geography(folder: Path) -> Geography:
    with _reading(folder / "geography.gpkg"):
        return load_geography(folder / "geography.gpkg")


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Name the file whose reading fails inside.

    Raises
    ------
    FileError
        If anything fails that damage can cause.
    """
    try:
        yield
    except FileError:
        raise
    except (OSError, *DAMAGE, yaml.YAMLError) as error:
        raise FileError(f"{path}: cannot be read ({error}); run again to write it anew") from error


def _goal(goal: dict[str, Any]) -> GoalFigure:
    """Return a goal of `plan.json`; a bound that is not known is written as null."""
    worst = math.inf if goal["is_maximised"] else -math.inf
    known = {"measure": Measure(goal["measure"]), "bound": worst if goal["bound"] is None else goal["bound"]}
    return GoalFigure(**{**goal, **known})


def _district_figures(folder: Path, whole: Instance) -> tuple[dict[str, Floats], ...]:
    texts = {"district_code": str, **dict.fromkeys(("year", "case"), str)}
    table = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig", dtype=texts)
    exact = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig", dtype=str)  # pandas 2 rounds the last digit
    floats = table.select_dtypes("float").columns
    table[floats] = exact[floats].astype(float)
    first = list(table.columns).index("district_code") + 1
    n = len(whole.districts)
    if list(table["district_code"]) != [*whole.districts] * whole.n_stages:
        raise FileError(
            f"{folder / 'districts.csv'}: has other districts than the instance; run again to write it anew"
        )
    parts = [table.iloc[number * n : (number + 1) * n] for number in range(whole.n_stages)]
    return tuple({str(name): part[name].to_numpy() for name in table.columns[first:]} for part in parts)


def read_standards(folder: Path) -> pd.DataFrame | None:
    """Read how the plan of a run folder stood by the standards when it was written; None where it was held to none."""
    path = folder / "standards.csv"
    return pd.read_csv(path, encoding="utf-8-sig", dtype={"unit": str}) if path.exists() else None


def _mapping(path: Path) -> dict[str, Any]:
    with _reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise FileError(f"{path}: holds no mapping; run again to write it anew")
    return content
