"""Commands for problems without a city: `siting locate` and `siting import relog`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siting.cli.terminal import out, say

if TYPE_CHECKING:
    from rich.table import Table

    from siting.locate.io.request import Answer, Problem
    from siting.relog import Answer as RelogAnswer
    from siting.relog import Case

CHOSEN_SHOWN = 20
PLACE_COLUMNS = ("location", "lat", "lon")


def locate(  # noqa: PLR0913, PLR0917 — a command line has as many options as it has
    problem: Annotated[
        str, typer.Argument(metavar="PROBLEM", help="lscp, mclp, p-median, p-center, uflp, cflp, tscflp.")
    ],
    demand: Annotated[
        Path, typer.Option(metavar="FILE", help="Demand nodes: CSV (lon, lat), GeoPackage, GeoJSON, Parquet.")
    ],
    sites: Annotated[Path, typer.Option(metavar="FILE", help="Candidate sites, likewise.")],
    plants: Annotated[Path | None, typer.Option(metavar="FILE", help="Plants of the upper stage (tscflp).")] = None,
    p: Annotated[int | None, typer.Option("--p", min=1, help="Number of sites to choose. Default: all.")] = None,
    within_m: Annotated[float | None, typer.Option(min=0, help="Service distance, m (lscp, mclp).")] = None,
    weight: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Weight or demand of a node. Default: 1.")
    ] = None,
    capacity: Annotated[str | None, typer.Option(metavar="COLUMN", help="Capacity of a site, or plant.")] = None,
    opening: Annotated[str | None, typer.Option(metavar="COLUMN", help="Cost of opening a site, or plant.")] = None,
    fixed: Annotated[str | None, typer.Option(metavar="COLUMN", help="Marks sites that must be chosen.")] = None,
    forbidden: Annotated[str | None, typer.Option(metavar="COLUMN", help="Marks sites that must not be.")] = None,
    existing: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Marks today's sites, for a comparison (mclp, p-median).")
    ] = None,
    most_new: Annotated[int | None, typer.Option(min=0, help="Maximum number of new sites.")] = None,
    cost_per_km: Annotated[
        float, typer.Option(min=0, help="Cost per km of a unit of weight (uflp, cflp, tscflp).")
    ] = 1.0,
    single_source: Annotated[
        bool, typer.Option("--single-source", help="Assign each node to one site (cflp).")
    ] = False,
    network: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="City folder whose streets give the distances.")
    ] = None,
    datum: Annotated[str | None, typer.Option(help="Datum of files without one: wgs84, gcj02, EPSG:n.")] = None,
    straight: Annotated[
        bool, typer.Option("--straight", help="Use straight-line distances, as without --network.")
    ] = False,
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds that the solve may take.")] = 60.0,
    gap: Annotated[float, typer.Option(min=0, max=1, help="Stop at this proven gap.")] = 1e-6,
    map_file: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="Map to write, .html.")] = None,
    out_path: Annotated[Path | None, typer.Option("--out", metavar="FOLDER|FILE.csv", help="Tables to write.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Solve a classic location problem: covering, median, center, facility location; with a proven bound."""
    from siting.errors import ConfigError
    from siting.files import write_file
    from siting.locate.io.report import draw_page, summary, write_tables
    from siting.locate.io.request import Request, answer

    if straight and network is not None:
        raise ConfigError("--straight and --network: give one of them")
    request = Request(
        _problem(problem), demand, sites, plants=plants, p=p, within_m=within_m, weight=weight, capacity=capacity,
        opening=opening, fixed=fixed, forbidden=forbidden, existing=existing, most_new=most_new,
        cost_per_km=cost_per_km, single_source=single_source, network=network, datum=datum,
        time_limit_s=time_limit, gap=gap,
    )  # fmt: skip
    found = answer(request)
    if out_path is not None:
        write_tables(found, out_path)
    if map_file is not None:
        write_file(map_file, draw_page(found))
    if as_json:
        say(json.dumps(summary(found), ensure_ascii=False, indent=2))
        return
    out().print(_located_table(found))
    for note in found.notes:
        say(f"- {note}")
    for name, path in (("Tables", out_path), ("Map", map_file)):
        if path is not None:
            say(f"{name}: {path}")


def relog(
    case: Annotated[Path, typer.Argument(metavar="FILE", help="A RELOG case, .json.", show_default=False)],
    out_folder: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="Tables to write.")] = None,
    places: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of location, lat, lon for places without coordinates.")
    ] = None,
    detour: Annotated[float | None, typer.Option(min=1, help="Driving distance divided by straight distance.")] = None,
    solver: Annotated[str, typer.Option(help="Solver; see `siting doctor`.")] = "highs",
    time_limit: Annotated[float, typer.Option(min=0.001, help="Seconds that the solve may take.")] = 600.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer for programs.")] = False,
) -> None:
    """Solve a RELOG case: plants of a reverse-logistics network over several years, with a proven bound."""
    from siting.files import csv_bytes, new_folder
    from siting.relog import read_case, solve_case

    read = read_case(case, detour=detour, places=None if places is None else _named_places(places))
    answer = solve_case(read, solver=solver, time_limit_s=time_limit)
    text = json.dumps(_relog_summary(read, answer), ensure_ascii=False, indent=2)
    if out_folder is not None:
        tables = {"plants": answer.plants, "movements": answer.movements}
        texts = {f"{name}.csv": csv_bytes(table) for name, table in tables.items()}
        with new_folder(out_folder, cure="choose another folder with --out") as partial:
            for name, content in (texts | {"summary.json": f"{text}\n".encode()}).items():
                (partial / name).write_bytes(content)
    if as_json:
        say(text)
        return
    out().print(_relog_table(read, answer))
    if out_folder is not None:
        say(f"Tables: {out_folder}")


def _problem(name: str) -> Problem:
    """Return the problem that goes by this name, in any spelling of its dashes.

    Raises
    ------
    ConfigError
        If there is none.
    """
    from siting.errors import ConfigError
    from siting.locate.io.request import Problem

    plain = name.lower().replace("-", "").replace("_", "")
    for one in Problem:
        if one.value.replace("-", "") == plain:
            return one
    raise ConfigError(f"{name}: no such problem; take one of {', '.join(Problem)}")


def _located_table(found: Answer) -> Table:
    """Print value, bound and gap in the problem's unit, the chosen sites, who is served, and changed sites."""
    from rich.table import Table

    located = found.located
    table = Table(title=located.problem, title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("figure", justify="right")
    chosen = [str(one) for one in located.chosen_id]
    more = f", … ({len(chosen)} in all)" if len(chosen) > CHOSEN_SHOWN else ""
    served = len(set(located.node.tolist()))
    rows = [
        ("status", located.status.value.replace("_", " ")),
        ("value", f"{located.value:,.2f} {located.unit}"),
        ("bound", f"{located.bound:,.2f} {located.unit}"),
        ("gap", f"{100 * located.gap:.3f} %"),
        ("sites chosen", ", ".join(chosen[:CHOSEN_SHOWN]) + more),
        ("nodes served", f"{served:,} of {len(located.node_id):,}"),
        ("seconds", f"{located.seconds:,.1f}"),
    ]
    if located.plants.size:
        rows.insert(5, ("plants chosen (row)", ", ".join(str(row) for row in located.plants)))
    if found.is_existing is not None and found.today_value is not None:
        opened, closed = found.changed()
        today = f"{found.today_value:,.2f} {located.unit} with {int(found.is_existing.sum()):,} sites"
        rows[1:1] = [("today", today), ("changes", f"{len(opened):,} sites new, {len(closed):,} given up")]
    for name, figure in rows:
        table.add_row(name, figure)
    return table


def _named_places(path: Path) -> dict[str, tuple[float, float]]:
    """Return (latitude, longitude) by name.

    Raises
    ------
    FileError
        If the file cannot be read.
    DataError
        If a column is missing or a figure is none.
    """
    from siting.errors import DataError, raise_faults
    from siting.inputs.tables import parse_number, read_texts

    rows = read_texts(path)
    missing = [name for name in PLACE_COLUMNS if rows and name not in rows[0]]
    if missing or not rows:
        raise DataError(f"{path}: no column {', '.join(missing) or 'and no row'}; give location, lat, lon")
    places, faults = dict[str, tuple[float, float]](), []
    for number, row in enumerate(rows, start=2):
        try:
            places[row["location"]] = parse_number(row["lat"], "angle"), parse_number(row["lon"], "angle")
        except ValueError as error:
            faults.append(f"{path} row {number}: {error}; give degrees")
    raise_faults(faults, DataError)
    return places


def _relog_summary(case: Case, answer: RelogAnswer) -> dict[str, object]:
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


def _relog_table(case: Case, answer: RelogAnswer) -> Table:
    from rich.table import Table

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
