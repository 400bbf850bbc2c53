"""The workbook of a plan: its sheets in their order, and the first of them, which is the plan in figures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from siting.config.parameters import STATUSES
from siting.inputs.datums import is_in_china
from siting.language import Label, Language, listed, text
from siting.language.units import UNITS
from siting.plan import Solution
from siting.render.table import Cell, Row, Section, Table, Total, column, missed_if
from siting.render.xlsx.chains import chain_page
from siting.render.xlsx.duties import action_page, scorecard_page, total_page
from siting.render.xlsx.figures import cost_page, district_page, investment_page, stage_page
from siting.render.xlsx.origins import assumption_page, source_page, standard_page
from siting.render.xlsx.places import facility_page, flow_page
from siting.render.xlsx.tours import tour_page
from siting.render.xlsx.units import MONEY_A_YEAR, PERSONS, SITES, TARGETS, TONNES_A_YEAR, plain_unit
from siting.render.xlsx.write import workbook_bytes
from siting.results.assumptions import status_label
from siting.results.facilities import inside
from siting.results.keyfigures import KeyFigure
from siting.results.publication import publication_note
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.sentences import LEAST_PENALTY_CNY
from siting.results.summary import plan_summary
from siting.vocabulary import COST_TERMS, PENALTY, Echelon


def plan_workbook(results: Results, language: Language | None = None) -> bytes:
    """Return the workbook of a plan as the bytes of an .xlsx; the same run gives the same bytes.

    Heads are in both languages; names and notes in `language`, else in that of the city (`default_language`).
    """
    return workbook_bytes(plan_tables(results), language or default_language(results.run))


def default_language(run: RunRecord) -> Language:
    """Return Chinese for a city in China, else English."""
    lon, lat = (run.geography.districts.total_bounds.reshape(2, 2).mean(axis=0)[[axis]] for axis in (0, 1))
    return "zh" if is_in_china(lon, lat).any() else "en"


def plan_tables(results: Results) -> tuple[Table, ...]:
    """Return the sheets: the overview, duties, facilities and flows, figures, and what it all rests on."""
    actions = results.action_rows
    others = (
        chain_page(results),
        total_page(results.unit_totals),
        action_page(actions),
        scorecard_page(actions),
        district_page(results),
        facility_page(results),
        flow_page(results),
        cost_page(results),
        investment_page(actions),
        *(() if results.last.collection is None else (tour_page(results, results.last.collection),)),
        *((stage_page(results),) if results.has_periods else ()),
        *((standard_page(results.run, results.standards),) if results.standards is not None else ()),
        assumption_page(results.assumptions),
        source_page(results.run),
    )
    return overview_page(results, others), *others


def overview_page(results: Results, others: Sequence[Table]) -> Table:
    """Return the plan in figures, its faults if it has any, and what the other sheets hold."""
    run = results.run
    rows: list[Row] = [
        *_fault_rows(run),
        *_plan_rows(results),
        *_facility_rows(results),
        *_tonne_rows(results),
        Section(text("workbook.overview.key_figures")),
        *(_figure(figure) for figure in results.figures if figure.value == figure.value),
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
    """Return notes: status of the solve, synthetic or assumed data, and what the edition for publication omits."""
    run, notes = results.run, [results.closing_sentence]
    if results.period_sentence is not None:
        notes += [results.period_sentence, text(f"workbook.note.last_{results.period_column}")]
    notes += [
        text("workbook.note.made_up" if run.geography.is_made_up else "workbook.note.synthetic"),
        _status_note(run),
    ]
    if run.publication is not None:
        notes += [publication_note(), run.publication.approval]
    return tuple(notes)


def _status_note(run: RunRecord) -> Label:
    """Return the numbers of figures of the config that are published, recalled or assumed."""
    counts = Counter(figure.parameter.status for figure in run.figures)
    parts = [(status_label(name), counts[name]) for name in STATUSES if counts[name]]
    if not parts:
        return text("workbook.note.no_status")
    counted = [text("workbook.note.status_count", status=label, number=number) for label, number in parts]
    return text("workbook.note.statuses", counts=listed(counted))


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
        *_chain_rows(results),
        (text("workbook.overview.cost" if len(results.chain_totals) == 1 else "workbook.overview.cost_of_both"),
         Cell(results.paid_cny, "money"), MONEY_A_YEAR, None),
        *_penalty_rows(results),
        (text("workbook.overview.bound"), Cell(solution.bound_cny, "money"), MONEY_A_YEAR,
         text("workbook.note.bound_after_goals" if run.goals else "workbook.note.bound")),
        (text("workbook.overview.gap"), Cell(round(solution.gap, 6), "fine share"), None,
         text("workbook.note.gap")),
        *_floor_rows(run.solution),
        (text("workbook.overview.targets"), Cell(len(outcomes), "whole"), TARGETS, None),
        (text("workbook.overview.held"), Cell(held, "whole"), TARGETS, None),
        (text("workbook.overview.missed"), missed_if(missed > 0, missed, "whole"),
         TARGETS, None),
    ]  # fmt: skip


def _floor_rows(solution: Solution) -> list[Row]:
    """Return the cost that every plan pays for its tonnes, and the gap of the rest; nothing if no floor is proven."""
    if not solution.floor_cny > 0:
        return []
    gap = Cell(round(solution.decidable_gap, 6), "fine share")
    return [
        (text("workbook.overview.floor"), Cell(solution.floor_cny, "money"), MONEY_A_YEAR, text("workbook.note.floor")),
        (text("workbook.overview.decidable_gap"), gap, None, text("workbook.note.decidable_gap")),
    ]


def _penalty_rows(results: Results) -> list[Row]:
    """Return the penalties of missed soft targets, and the cost with them, of which the bound speaks; if any."""
    if results.penalty_cny <= LEAST_PENALTY_CNY:
        return []
    return [
        (COST_TERMS[PENALTY], Cell(results.penalty_cny, "money"), MONEY_A_YEAR, None),
        (
            text("workbook.overview.cost_with_penalties"),
            Cell(results.run.solution.cost_cny, "money"),
            MONEY_A_YEAR,
            None,
        ),
    ]


def _chain_rows(results: Results) -> list[Row]:
    """Return the cost of each chain by tonne, by resident where it has residents, and a year."""
    rows: list[Row] = []
    for one in results.last.chain_totals:
        amounts = (
            ("per_t", one.cost_cny_per_t, "hundredth", plain_unit("CNY/t")),
            ("per_resident", one.cost_cny_per_resident, "hundredth", plain_unit("CNY per resident")),
            ("net_cost", one.paid_cny, "money", MONEY_A_YEAR),
        )
        rows += [
            (
                text("chains.of_chain", chain=one.chain.label, figure=text(f"chains.{name}")),
                Cell(value, form),
                unit,
                None,
            )
            for name, value, form, unit in amounts
            if math.isfinite(value)
        ]
    return rows


def _facility_rows(results: Results) -> list[Row]:
    rows: list[Row] = [Section(text("workbook.overview.facilities"))]
    for echelon, counts in results.facility_counts.items():
        rows.append((Echelon.named(echelon).label, Cell(counts["open"], "whole"), SITES, None))
        for name, number in counts["by_type_and_size"].items():
            type_id, _, size = name.rpartition("/")
            own = text("workbook.overview.of_type", type=inside(results.type_labels[type_id]), size=size)
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
                    name = inside(results.material_labels[material])
                    own = text("workbook.overview.of_material", tonnes=label, material=name)
                    rows.append((own, Cell(value, "tenth"), TONNES_A_YEAR, None))
    return rows


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
