"""`siting evaluate`: a run's plan in drawn years of demand, printed and left in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from siting.cli.consoles import err
from siting.errors import ConfigError, FileError
from siting.evaluate import Evaluation, Law, evaluate, stage_to_try
from siting.evaluate.report import FIGURES, evaluation_summary, sample_table
from siting.files import write_csv, write_json
from siting.results.record import RunRecord
from siting.runs.folder import read_run

MOST_LISTED = 12


def try_and_report(
    console: Console, folder: Path, *, samples: int, seed: int, cv: float, law: Law, stage: str | None
) -> None:
    """Try the plan of a run folder, leave `evaluation.csv` and `evaluation.json` there, print what they say.

    Raises
    ------
    ConfigError
        If the run has no year or case named `stage`.
    FileError
        If the folder cannot be read or written.
    """
    run = read_run(folder)
    number = _stage(run, stage)
    whole, plans = run.whole_instance, run.solution.plans
    before = plans[number - 1] if number and whole.stages is not None and whole.stages.is_nested else None
    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task("drawn years", total=samples)
        tried = evaluate(
            whole.at_stage(number), plans[number], samples=samples, seed=seed, cv=cv, law=law, before=before,
            told=lambda done: bar.update(task, completed=done),
        )  # fmt: skip
    name = "" if whole.stages is None else str(whole.stages.name[number])
    how = {"run": run.config.name, "stage": name, "samples": samples, "seed": seed, "cv": cv, "law": str(law)}
    summary = evaluation_summary(tried, how)
    try:
        write_csv(folder / "evaluation.csv", sample_table(tried))
        write_json(folder / "evaluation.json", summary)
    except OSError as error:
        raise FileError(f"{folder}: cannot be written ({error.strerror}); free space or check permissions") from error
    _print(console, tried, summary)
    console.print(f"Each year: {folder / 'evaluation.csv'}\nAll of it: {folder / 'evaluation.json'}", soft_wrap=True)


def _stage(run: RunRecord, name: str | None) -> int:
    try:
        return stage_to_try(run.whole_instance, name)
    except KeyError:
        stages = run.whole_instance.stages
        known = "it has one only; leave --stage out" if stages is None else f"there are {', '.join(stages.name)}"
        raise ConfigError(f"--stage {name}: the run has no such year or case; {known}") from None


def _print(console: Console, tried: Evaluation, summary: dict[str, Any]) -> None:
    stage = f", {summary['stage']}" if summary["stage"] else ""
    title = f"The plan in {len(tried.samples):,} drawn years{stage} (factors on demand: {tried.law}, cv {tried.cv:g})"
    table = Table(title=title, title_justify="left")
    for head in ("figure", "mean", "5 %", "median", "95 %", "worst"):
        table.add_column(head, justify="left" if head == "figure" else "right")
    for name, label in FIGURES.items():
        figure = summary["figures"][name]
        worst = figure["min" if name in {"collected_t", "served_share", "targets_held_share"} else "max"]
        values = [figure["mean"], figure["p05"], figure["median"], figure["p95"], worst]
        table.add_row(label.en, *(_text(name, value) for value in values))
    console.print(table)
    missed = [target for target in summary["targets"] if target["holds_in_share"] < 1]
    for target in missed[:MOST_LISTED]:
        within = f" within {target['within_m']:,.0f} m" if target["within_m"] else ""
        line = f"{target['unit']}: {target['measure']}{within} ({target['id']}) holds in"
        console.print(Text(f"{line} {100 * target['holds_in_share']:.0f} % of the years", style="yellow"))
    small = [one for one in summary["facilities"] if one["too_small_in_share"] > 0]
    for one in small[:MOST_LISTED]:
        console.print(
            f"{one['echelon']} {one['id']}: too small in {100 * one['too_small_in_share']:.0f} % of the years"
        )
    for rows in (missed, small):
        if len(rows) > MOST_LISTED:
            console.print(f"… and {len(rows) - MOST_LISTED} more; see evaluation.json")
    if not missed and not small:
        console.print(Text("Every target holds and nothing is turned away in any of the years.", style="green"))


def _text(name: str, value: float) -> str:
    return f"{100 * value:.1f} %" if name.endswith("_share") else f"{value:,.0f}"
