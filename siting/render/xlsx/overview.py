"""The first sheet: what the plan is, how good it is known to be, and what its figures rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from siting.config.parameters import STATUSES
from siting.language import Label, text
from siting.language.units import UNITS
from siting.render.table import (
    Cell,
    Row,
    Section,
    Table,
    Total,
    column,
    missed_if,
)
from siting.render.xlsx.units import MONEY_A_YEAR, PERSONS, SITES, TARGETS, TONNES_A_YEAR, plain_unit
from siting.results.assumptions import status_label
from siting.results.facilities import inside
from siting.results.keyfigures import KeyFigure
from siting.results.publication import publication_note
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.summary import plan_summary
from siting.vocabulary import Echelon


def overview_page(results: Results, others: Sequence[Table]) -> Table:
    """Return the plan in figures, its faults if it has any, and what the other sheets hold."""
    run = results.run
    rows = [
        *_fault_rows(run),
        *_plan_rows(results),
        *_facility_rows(results),
        *_tonne_rows(results),
        *_figure_rows(results),
        *_sheet_rows(run, others),
    ]
    return Table(
        name=text("workbook.sheet.overview"),
        title=text("workbook.title.overview", title=results.title),
        columns=(
            replace(column("workbook.column.item"), width=46),
            replace(column("workbook.column.number_of_item", "any"), width=22),
            replace(column("workbook.column.unit"), width=26),
            replace(column("workbook.column.note"), width=90),
        ),
        rows=tuple(rows),
        notes=_opening_notes(results),
        is_list=False,
    )


def _opening_notes(results: Results) -> tuple[Label, ...]:
    """Return how the solve ended, what is synthetic or assumed, and what is kept back."""
    run = results.run
    return (
        results.closing_sentence,
        *_stage_notes(results),
        text("workbook.note.synthetic"),
        _status_note(run),
        *_publication_notes(run),
    )


def _stage_notes(results: Results) -> list[Label]:
    sentence = results.period_sentence
    return [] if sentence is None else [sentence, text(f"workbook.note.last_{results.period_column}")]


def _status_note(run: RunRecord) -> Label:
    """Return how many figures of the config are published, recalled or assumed."""
    counts = Counter(figure.parameter.status for figure in run.figures)
    parts = [(status_label(name), counts[name]) for name in STATUSES if counts[name]]
    if not parts:
        return text("workbook.note.no_status")
    counted = [text("workbook.note.status_count", status=label, number=number) for label, number in parts]
    return text("workbook.note.statuses", counts=listed(counted))


def _publication_notes(run: RunRecord) -> list[Label]:
    """Return what a run for the public keeps back, and its approval number."""
    return [] if run.publication is None else [publication_note(), run.publication.approval]


def _fault_rows(run: RunRecord) -> list[Row]:
    faults = run.verification.faults
    if not faults:
        return []
    heading = Section(text("workbook.overview.faults", faults=len(faults)))
    return [heading, *((missed_if(True, fault), None, None, None) for fault in faults)]


def _plan_rows(results: Results) -> list[Row]:
    run = results.run
    solution, outcomes = run.solution, run.verification.targets
    held, missed = (sum(o.holds == wanted for o in outcomes) for wanted in (True, False))
    return [
        Section(text("workbook.overview.plan")),
        (text("workbook.overview.city"), results.city, None, None),
        (text("workbook.overview.year"), Cell(run.instance.year, "year"), None, None),
        (text("workbook.overview.residents"), Cell(round(run.instance.residents), "whole"),
         PERSONS, None),
        (text("workbook.overview.cost"), Cell(solution.cost_cny, "money"), MONEY_A_YEAR, None),
        (text("workbook.overview.bound"), Cell(solution.bound_cny, "money"), MONEY_A_YEAR,
         text("workbook.note.bound_after_goals" if run.goals else "workbook.note.bound")),
        (text("workbook.overview.gap"), Cell(round(solution.gap, 6), "fine share"), None,
         text("workbook.note.gap")),
        (text("workbook.overview.targets"), Cell(len(outcomes), "whole"), TARGETS, None),
        (text("workbook.overview.held"), Cell(held, "whole"), TARGETS, None),
        (text("workbook.overview.missed"), missed_if(missed > 0, missed, "whole"),
         TARGETS, None),
    ]  # fmt: skip


def listed(labels: Sequence[Label]) -> Label:
    """Return labels one after the other."""
    return Label("; ".join(one.en for one in labels), "；".join(one.zh for one in labels))


def inside_label(label: Label) -> Label:
    """Return a name as it is written inside a sentence."""
    return Label(inside(label.en), label.zh)


def _facility_rows(results: Results) -> list[Row]:
    """Return open facilities by echelon, and of each type and size."""
    rows: list[Row] = [Section(text("workbook.overview.facilities"))]
    for echelon, counts in results.facility_counts.items():
        rows.append((Echelon.named(echelon).label, Cell(counts["open"], "whole"), SITES, None))
        for name, number in counts["by_type_and_size"].items():
            type_id, _, size = name.rpartition("/")
            own = text("workbook.overview.of_type", type=inside_label(results.type_labels[type_id]), size=size)
            rows.append((own, Cell(number, "whole"), SITES, None))
    return rows


def _tonne_rows(results: Results) -> list[Row]:
    """Return tonnes a year by material, offered, collected and sorted."""
    rows: list[Row] = [Section(text("workbook.overview.tonnes"))]
    for what, tonnes in plan_summary(results)["tonnes"].items():
        label = text(f"workbook.tonnes.{what}")
        rows.append((label, Cell(tonnes["total"], "tenth"), TONNES_A_YEAR, None))
        if len(tonnes) > 2:
            for material, value in tonnes.items():
                if material != "total":
                    name = inside_label(results.material_labels[material])
                    own = text("workbook.overview.of_material", tonnes=label, material=name)
                    rows.append((own, Cell(value, "tenth"), TONNES_A_YEAR, None))
    return rows


def _figure_rows(results: Results) -> list[Row]:
    heading = Section(text("workbook.overview.key_figures"))
    return [heading, *(_figure(figure) for figure in results.figures if figure.value == figure.value)]


def _figure(figure: KeyFigure) -> Row:
    is_share = figure.unit.startswith("share")
    form = "share" if is_share else "whole" if figure.unit == "facilities" else "hundredth"
    published = figure.published
    unit = plain_unit(figure.unit) if figure.unit in UNITS and not is_share else None
    note = None
    if published is not None:
        low, high = (f"{100 * v:,.4g} %" if is_share else f"{v:,.6g}" for v in (published.low, published.high))
        key = "workbook.note.in_range" if figure.is_plausible else "workbook.note.outside"
        note = text(key, low=low, high=high, source=published.source)
    value = missed_if(figure.is_plausible is False, figure.value, form)
    return figure.label, value, unit, note


def _sheet_rows(run: RunRecord, others: Sequence[Table]) -> list[Row]:
    """Return what the other sheets hold, and what is not in the workbook."""
    rows: list[Row] = [Section(text("workbook.overview.sheets"))]
    for page in others:
        n_rows = sum(not isinstance(row, Section | Total) for row in page.rows)
        rows.append((page.name, Cell(n_rows, "whole"), text("workbook.unit.rows"), page.title))
    if run.publication is not None:
        return rows
    n_walks = int((run.solution.plan.assign > 0).sum())
    rows.append(
        (
            text("workbook.overview.left_out"), Cell(n_walks, "whole"), text("workbook.unit.rows"),
            text("workbook.note.left_out"),
        )
    )  # fmt: skip
    return rows
