"""`siting import relog`: a case of RELOG solved, its costs as a table, plants and movements as files."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from siting.errors import DataError, FileError
from siting.files import new_folder
from siting.relog import Answer, Case, read_case, solve_case

PLACE_COLUMNS = ("location", "lat", "lon")


def solve_and_report(
    console: Console,
    path: Path,
    *,
    folder: Path | None,
    places: Path | None = None,
    detour: float | None = None,
    solver: str = "highs",
    time_limit_s: float = 600.0,
    as_json: bool = False,
) -> None:
    """Read a case, solve it, write the tables and print the answer."""
    case = read_case(path, detour=detour, places=None if places is None else named_places(places))
    answer = solve_case(case, solver=solver, time_limit_s=time_limit_s)
    text = json.dumps(_summary(case, answer), ensure_ascii=False, indent=2)
    if folder is not None:
        tables = {"plants": answer.plants, "movements": answer.movements}
        texts = {f"{name}.csv": table.to_csv(index=False) for name, table in tables.items()}
        with new_folder(folder, cure="choose another folder with --out") as partial:
            for name, content in (texts | {"summary.json": text + "\n"}).items():
                (partial / name).write_text(content, encoding="utf-8")
    if as_json:
        console.print(text, soft_wrap=True)
        return
    console.print(_table(case, answer))
    if folder is not None:
        console.print(f"Tables: {folder}", soft_wrap=True)


def named_places(path: Path) -> dict[str, tuple[float, float]]:
    """(latitude, longitude) by name.

    Raises
    ------
    FileError
        If the file cannot be read.
    DataError
        If a column is missing or a figure is none.
    """
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read ({error}); give a CSV of location, lat, lon") from error
    missing = [name for name in PLACE_COLUMNS if name not in table.columns]
    if missing:
        raise DataError(f"{path}: no column {', '.join(missing)}; give location, lat, lon")
    numbers = table[["lat", "lon"]].apply(pd.to_numeric, errors="coerce")
    if numbers.isna().any(axis=None):
        raise DataError(f"{path}: lat or lon of some place is no number; give degrees")
    return dict(zip(table["location"].astype(str), zip(numbers["lat"], numbers["lon"], strict=True), strict=True))


def _summary(case: Case, answer: Answer) -> dict[str, object]:
    return {
        "case": case.name,
        "years": case.n_years,
        "detour": case.detour,
        "status": answer.status.value,
        "value": answer.value,
        "bound": answer.bound,
        "gap": answer.gap,
        "seconds": answer.seconds,
        "costs": answer.costs,
    }


def _table(case: Case, answer: Answer) -> Table:
    table = Table(title=f"{case.name}, {case.n_years} years", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("figure", justify="right")
    table.add_row("status", answer.status.value.replace("_", " "))
    for name, figure in (("cost", answer.value), ("bound", answer.bound)):
        table.add_row(name, f"{figure:,.2f} $")
    table.add_row("gap", f"{100 * answer.gap:.3f} %")
    if case.detour != 1:
        table.add_row("driving over straight distance", f"{case.detour:g}")
    table.add_section()
    for name, figure in answer.costs.items():
        table.add_row(name, f"{figure:,.2f} $")
    table.add_section()
    last = answer.plants[answer.plants["year"] == case.n_years]
    for row in last.itertuples():
        table.add_row(f"{row.plant} at {row.location}", f"{row.processed_t:,.1f} of {row.capacity_t:,.1f} t")
    return table
