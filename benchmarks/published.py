"""Published instances with known best values, solved by `siting.locate` on the model and engines that plan a city.

Run by hand: `python -m benchmarks.published --instances DIR [--set pmed] [--time-limit 60] --json FILE`. DIR holds a
folder for each set (`pmed`, `cap`, `tscflp`, `mclp`, `pmed_large`) and `bestknown.csv`; every file that lies in a set's
folder is solved, once for each of its rows in that table, or once without a best value where it has none.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

from benchmarks.families import FAMILIES, family_of, parameters_of
from benchmarks.measure import Row, measured
from benchmarks.report import Column, common_arguments, print_rows, write_rows
from siting.cli.terminal import err, out
from siting.errors import FileError

TABLE = "bestknown.csv"
PROVEN_GAP = 1e-6
GRACE_S = 60.0
COLUMNS: tuple[Column, ...] = (
    ("set", "set", ""),
    ("instance", "instance", ""),
    ("problem", "problem", ""),
    ("parameters", "parameters", ""),
    ("value", "value", ",.9g"),
    ("bound", "bound", ",.9g"),
    ("gap_percent", "gap %", ".3f"),
    ("best_known", "best known", ",.9g"),
    ("off_best_percent", "off best %", ".3f"),
    ("seconds", "seconds", ".1f"),
    ("cpu_s", "cpu s", ".1f"),
    ("peak_mb", "MB", ",.0f"),
    ("status", "ended", ""),
)


def solve_one(path: str, folder: str, *, problem: str, parameters: str, time_limit_s: float) -> Row:
    """Solve a file of a set's folder with these parameters."""
    found = family_of(folder).solve(Path(path), problem, parameters_of(parameters), time_limit_s)
    return {
        "value": found.value,
        "bound": found.bound,
        "gap_percent": 100 * found.gap,
        "seconds": found.seconds,
        "proven": found.gap <= PROVEN_GAP,
        "status": str(found.status),
    }


def list_tasks(folder: Path, sets: list[str]) -> Iterator[Row]:
    """One row for each file and its parameters, by set and by name.

    Raises
    ------
    FileError
        If the folder has none of the sets.
    """
    known = _known(folder / TABLE)
    wanted = [family for family in FAMILIES if family.folder in sets and (folder / family.folder).is_dir()]
    if not wanted:
        names = ", ".join(family.folder for family in FAMILIES)
        raise FileError(f"{folder}: none of the folders {names} that are asked for; give the folder that holds them")
    for family in wanted:
        for path in sorted((folder / family.folder).iterdir()):
            if not path.is_file() or path.name.startswith("."):
                continue
            rows = known.get(f"{family.folder}/{path.name}") or [{"instance": path.stem, "problem": family.problem}]
            for row in rows:
                yield _task(row) | {"set": family.folder, "path": str(path), "sense": family.sense}


def _known(path: Path) -> dict[str, list[Row]]:
    """The rows of the table of best values by the file that they are of; none where there is no table."""
    known: dict[str, list[Row]] = {}
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                known.setdefault(row["file"], []).append(dict(row))
    return known


def _task(row: Row) -> Row:
    best = row.get("best_value") or None
    return {
        "instance": row["instance"],
        "problem": row["problem"],
        "parameters": row.get("parameters") or "",
        "best_known": None if best is None else float(best),
        "best_is_proven": (row.get("proven_optimal") or "").startswith("yes"),
    }


def solved(task: Row, *, time_limit_s: float) -> Row:
    """The task with its answer; `off_best_percent` is below 0 where it beats the best value known."""
    lacking = [name for name in family_of(task["set"]).needs if name not in parameters_of(task["parameters"])]
    if lacking:
        row: Row = {"status": f"left out: no {', '.join(lacking)} in {TABLE}"}
    else:
        how = {"path": task["path"], "folder": task["set"], "problem": task["problem"]}
        how |= {"parameters": task["parameters"], "time_limit_s": time_limit_s}
        row = measured("benchmarks.published:solve_one", how, limit_s=1.5 * time_limit_s + GRACE_S)
    best, sign = task["best_known"], 1 if task["sense"] == "min" else -1
    if best and row.get("value") is not None:
        row["off_best_percent"] = 100 * sign * (row["value"] - best) / abs(best)
    return {key: value for key, value in task.items() if key != "path"} | row


def main(arguments: list[str] | None = None) -> None:
    """Solve all that is asked, tell each as it ends, then the table."""
    parser = common_arguments(__doc__ or "", time_limit_s=60.0)
    parser.add_argument("--instances", type=Path, required=True, metavar="DIR")
    names = [family.folder for family in FAMILIES]
    parser.add_argument("--set", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--only", default="", metavar="TEXT", help="instances whose name and parameters hold this text")
    asked = parser.parse_args(arguments)
    rows = []
    for task in _listed(parser, asked):
        rows.append(solved(task, time_limit_s=asked.time_limit))
        err().print(f"{task['instance']} {task['parameters']}: {rows[-1]['status']}")
        write_rows(asked.json, rows)
    print_rows(f"Published instances, {asked.time_limit:.0f} s each", COLUMNS, rows)
    proven = sum(bool(row.get("proven")) for row in rows)
    out().print(f"{proven} of {len(rows)} proven optimal")


def _listed(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> list[Row]:
    try:
        tasks = list(list_tasks(asked.instances, asked.set))
    except FileError as error:
        parser.error(str(error))
    return [task for task in tasks if asked.only in f"{task['instance']} {task['problem']} {task['parameters']}"]


if __name__ == "__main__":
    main()
