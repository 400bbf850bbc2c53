"""`evaluation.html`: a plan if residents choose their point, and in drawn years of demand; the verdict first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from siting.behaviour import WalkTo
from siting.evaluate.evaluate import Evaluation
from siting.evaluate.report import spare_by_echelon, verdict
from siting.language import Label, text
from siting.render.evaluation import chain_spread_table, missed_table, risk_table, spare_table, spread_table
from siting.render.html.report.behaviour import behaviour_pieces
from siting.render.html.report.page import page_environment
from siting.render.html.report.parts import Piece, Section, Sentence
from siting.render.table import NOTHING, Table
from siting.results.results import Results

MOST_LISTED = 30


@dataclass(frozen=True)
class Face:
    """Title of the page, and how its years were drawn."""

    title: Label
    drawn: Label


def draw_evaluation(results: Results, tried: Evaluation, *, risks: pd.DataFrame | None, face: Face) -> str:
    """Return the page; `risks` None: no years were drawn, the behaviour of residents alone is shown."""
    sections = [_verdict_section(results, tried, risks=risks, face=face)]
    if tried.walk_to is WalkTo.NEAREST:
        _, *tables = behaviour_pieces(results, results.behaviour)
        sections += [Section("behaviour", text("behaviour.title"), tuple(tables))] if tables else []
    sections += [] if risks is None else _years(results, tried, risks)
    return draw_sections(results, face.title, sections)


def draw_sections(results: Results, title: Label, sections: Sequence[Section]) -> str:
    """Return a page of sections about a plan, in English and Chinese."""
    environment, style, script = page_environment()
    return environment.get_template("evaluation.html.j2").render(
        languages=("en", "zh"), title=title, plan=results.title, city=results.city, sections=sections,
        style=style, script=script,
    )  # fmt: skip


def _verdict_section(results: Results, tried: Evaluation, *, risks: pd.DataFrame | None, face: Face) -> Section:
    """Return the verdicts, and how the years were drawn and read."""
    pieces: list[Piece] = [behaviour_pieces(results, results.behaviour)[0]] if tried.walk_to is WalkTo.NEAREST else []
    if risks is not None:
        said = Sentence(verdict(tried, risks), "caution" if risks["is_flagged"].any() else "key")
        pieces += [said, Sentence(face.drawn), Sentence(text("evaluate.how"), "note")]
    return Section("verdict", text("evaluate.in_years"), tuple(pieces))


def _years(results: Results, tried: Evaluation, risks: pd.DataFrame) -> list[Section]:
    overflow, by_chain = risk_table(risks, results.facility_labels), chain_spread_table(tried)
    chains = [Section("chains", text("evaluate.chains"), (_untitled(by_chain),))] if by_chain.rows else []
    return [
        *chains,
        Section("spare", text("evaluate.spare"), (_untitled(spare_table(spare_by_echelon(risks))),)),
        Section("facilities", text("evaluate.facilities"), _first(overflow, "evaluate.none_overflows")),
        Section("figures", text("evaluate.figures"), (_untitled(spread_table(tried)),)),
        Section("targets", text("evaluate.targets"), _first(missed_table(tried), "evaluate.all_hold")),
    ]


def _untitled(table: Table) -> Table:
    """Return a table without its title, which its section repeats."""
    return replace(table, title=NOTHING)


def _first(table: Table, nothing: str) -> tuple[Piece, ...]:
    """Return the first rows of a table and how many more there are, or a sentence where there is none."""
    if not table.rows:
        return (Sentence(text(nothing), "holds"),)
    more = len(table.rows) - MOST_LISTED
    left = (Sentence(text("evaluate.more", n=more, file="evaluation.xlsx"), "note"),) if more > 0 else ()
    return (replace(_untitled(table), rows=table.rows[:MOST_LISTED]), *left)
