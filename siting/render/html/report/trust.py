"""Reliability of a plan: the end of the solve, key figures beside published ranges, assumptions, origins of data."""

from __future__ import annotations

import math
import re
from collections import Counter

from siting.language import Label, text
from siting.language.catalogue import texts
from siting.language.quantities import quantity
from siting.plan import Solution, Status
from siting.render.changes import change_table
from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.frame import Axis, Frame
from siting.render.html.report.parts import Piece, Section, Sentence, join_labels
from siting.render.palette import BLUE, ORANGE, SKY
from siting.render.table import NOTHING, Cell, Row, Table, columns
from siting.results.assumptions import status_label
from siting.results.keyfigures import KeyFigure
from siting.results.results import Results
from siting.results.sentences import LEAST_PENALTY_CNY, ending_label, word_sentence

STATUS_COLOURS = {"published": BLUE, "recalled": SKY, "assumption": ORANGE}
"""Status of figures, the most trustworthy first, with the colours of their bars."""


def solve_section(results: Results) -> Section:
    """Return how the solve ended and what could still be saved."""
    solution = results.run.solution
    how = text(
        "report.solve.how",
        ending=ending_label(solution.status),
        seconds=quantity(solution.seconds, "s"),
        engine=solution.engine,
        seed=results.seed,
    )
    word = [Sentence(word_sentence(solution))] if math.isfinite(solution.bound) else []
    checked = Sentence(text("report.solve.checked"), "note")
    pieces = [Sentence(saving(results), "key"), *_floor(solution), *word, Sentence(how), checked]
    return Section("solve", text("report.solve.title"), tuple(pieces))


def _floor(solution: Solution) -> list[Sentence]:
    """Return what every plan pays for its tonnes, with both gaps; nothing where no floor is proven."""
    if not (solution.floor_cny > 0 and math.isfinite(solution.bound_cny)):
        return []
    floor, decidable = (quantity(one, "CNY/yr") for one in (solution.floor_cny, solution.decidable_cny))
    shares = {"share": quantity(solution.gap, "share"), "rest": quantity(solution.decidable_gap, "share")}
    return [Sentence(text("report.solve.floor", floor=floor, decidable=decidable, **shares))]


def saving(results: Results) -> Label:
    """Return the gap in money: what no plan can cost less than, and what could still be saved.

    Where the gap of the cost flatters, it is a share of what a plan decides.
    """
    solution = results.run.solution
    if results.run.goals:
        return results.closing_sentence
    cost = quantity(solution.cost_cny, "CNY/yr")
    if not math.isfinite(solution.bound_cny):
        return text("report.solve.nothing_proven", cost=quantity(results.paid_cny, "CNY/yr"))
    counted = text("report.solve.counted") if results.penalty_cny > LEAST_PENALTY_CNY else NOTHING
    above_cny = max(0.0, solution.cost_cny - solution.bound_cny)
    if solution.status is Status.OPTIMAL or not above_cny:
        return text("report.solve.optimal", cost=cost, counted=counted)
    bound, above = quantity(solution.bound_cny, "CNY/yr"), quantity(above_cny, "CNY/yr")
    if solution.gap_flatters:
        decidable, rest = quantity(solution.decidable_cny, "CNY/yr"), quantity(solution.decidable_gap, "share")
        of_rest = {"decidable": decidable, "rest": rest, "counted": counted}
        return text("report.solve.saving_of_decidable", bound=bound, above=above, **of_rest)
    share = quantity(solution.gap, "share")
    return text("report.solve.saving", bound=bound, above=above, share=share, counted=counted)


def figure_section(results: Results) -> Section:
    """Return key figures beside the published ranges that the config gives."""
    rows = [_figure_row(figure) for figure in results.figures if not math.isnan(figure.value)]
    heads = columns("report.figures", figure="text", plan="any", range="any", verdict="text", source="long")
    table = Table(text("report.figures.caption"), heads, tuple(rows), is_wide=True)
    lead = Sentence(text("report.figures.lead"), "note")
    return Section("figures", text("report.figures.title"), (lead, table))


def _figure_row(figure: KeyFigure) -> Row:
    label, unit, published = figure.label, figure.reader_unit, figure.published
    value = Cell(quantity(figure.value, unit), tone="strong")
    if published is None:
        return (label, value, NOTHING, NOTHING, NOTHING)
    between = text("report.range", low=quantity(published.low, unit), high=quantity(published.high, unit))
    verdict = {
        True: Cell(text("report.figures.inside"), tone="holds"),
        False: Cell(text("report.figures.outside"), tone="soft"),
        None: Cell(NOTHING),
    }[figure.is_plausible]
    return (label, value, between, verdict, published.source or "")


def assumption_section(results: Results) -> Section:
    """Return the figures that the plan rests on, counted by status and listed."""
    figures = results.run.figures
    counts = Counter(figure.parameter.status for figure in figures)
    by_status = {status: counts[status] for status in STATUS_COLOURS}
    pieces: list[Piece] = [Sentence(text("report.assumptions.lead", n=len(figures), **by_status))]
    if figures:
        bars = [Bar(status_label(one), f"{n:,}", (Part(0.0, n, STATUS_COLOURS[one]),)) for one, n in by_status.items()]
        axis = Axis.over([*by_status.values()], text("report.assumptions.axis"), lambda tick: f"{tick:,.0f}", ticks=4)
        pieces += [draw_bars(Frame(text("report.assumptions.chart")), axis, bars), _assumption_table(results)]
    return Section("assumptions", text("report.assumptions.title"), tuple(pieces))


def _assumption_table(results: Results) -> Table:
    """Return the figures with their sources, assumptions first: they are what a reader should doubt."""
    rank = {status: -number for number, status in enumerate(STATUS_COLOURS)}
    ordered = sorted(results.run.figures, key=lambda one: (rank[one.parameter.status], one.path))
    rows = [
        (
            one.path, quantity(one.value, "", digits=6),
            Cell(status_label(one.parameter.status), tone="" if one.parameter.status == "published" else "soft"),
            one.parameter.source, one.parameter.note,
        )
        for one in ordered
    ]  # fmt: skip
    heads = columns("report.assumptions", path="long", value="any", status="text", source="long", note="long")
    return Table(text("report.assumptions.caption"), heads, tuple(rows), is_wide=True)


def change_section(results: Results) -> Section | None:
    """Return what a scenario or the command line changed of the config; None where nothing was."""
    changes = results.run.changes
    if not changes:
        return None
    table = change_table(changes, text("report.changes.caption"))
    return Section("changes", text("report.changes.title"), (Sentence(text("report.changes.lead"), "note"), table))


NATURES = {
    "": Cell(NOTHING),
    "real": Cell(text("report.data.real"), tone="holds"),
    "derived": Cell(text("report.data.derived")),
    "synthetic": Cell(text("report.data.made_up"), tone="missed"),
}


def _origins(results: Results) -> list[tuple[Label, str, str]]:
    """Return table, nature (of `NATURES`) and method of each note of the city; a note of another form is all method."""
    notes = results.run.geography.notes
    found = [re.match(r"(\w+): (real|derived|synthetic)\. ?(.*)", note, re.DOTALL) for note in notes]
    parts = [one.groups() if one else ("", "", note) for one, note in zip(found, notes, strict=True)]
    known = texts("report")
    return [(known.get(f"report.data.of_city.{name}", Label(name, name)), kind, how) for name, kind, how in parts]


def origin_section(results: Results) -> Section:
    """Return data by table, credits, what is synthetic, and the versions that made the run."""
    run, warning = results.run, synthetic_warning(results)
    pieces: list[Piece] = [] if warning is None else [Sentence(warning, "caution")]
    pieces += [_origin_table(results)] if run.geography.notes else []
    credits = tuple((one,) for one in run.geography.attributions)
    pieces.append(Table(text("report.data.sources"), columns("report.data", credit="long"), credits, is_wide=True))
    versions = ", ".join(f"{name} {version}" for name, version in run.versions.items())
    pieces.append(Sentence(text("report.data.versions", versions=versions, n=len(run.inputs)), "note"))
    return Section("data", text("report.data.title"), tuple(pieces))


def synthetic_warning(results: Results) -> Label | None:
    """Return which tables are made up; None where none is."""
    made_up = [label for label, nature, _ in _origins(results) if nature == "synthetic"]
    return text("report.data.synthetic", tables=join_labels(made_up)) if made_up else None


def _origin_table(results: Results) -> Table:
    rows = tuple((label, NATURES[nature], method) for label, nature, method in _origins(results))
    heads = columns("report.data", table="text", nature="text", method="long")
    return Table(text("report.data.caption"), heads, rows, is_wide=True)
