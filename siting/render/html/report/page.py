"""`report.html`: one file that asks nothing of the network and reads without scripts."""

from __future__ import annotations

import jinja2

from siting.language import text
from siting.render.html.charts.svg import Chart
from siting.render.html.report.behaviour import behaviour_section
from siting.render.html.report.brief import first_page
from siting.render.html.report.citymap import city_symbol
from siting.render.html.report.costs import chain_section, cost_section, emission_section
from siting.render.html.report.coverage import coverage_section, district_section
from siting.render.html.report.decisions import decision_section
from siting.render.html.report.facilities import action_section, load_section
from siting.render.html.report.parts import Section, Sentence
from siting.render.html.report.periods import period_section
from siting.render.html.report.targets import standard_section, target_section
from siting.render.html.report.timing import timing_section
from siting.render.html.report.tours import tour_section
from siting.render.html.report.trust import (
    assumption_section,
    change_section,
    figure_section,
    origin_section,
    solve_section,
)
from siting.render.table import cell_text, cells_of
from siting.results.results import Results

SECTIONS = (
    chain_section, target_section, period_section, timing_section, district_section, coverage_section, cost_section,
    tour_section, load_section,
    behaviour_section, emission_section,
    action_section, decision_section, standard_section, figure_section, solve_section, change_section,
    assumption_section, origin_section,
)  # fmt: skip
"""Sections in their order; one that returns None is left out."""


def draw_report(results: Results) -> str:
    """Return the page of a run's report."""
    environment, style, script = page_environment()
    sections: list[Section | None] = [section(results) for section in SECTIONS]
    return environment.get_template("page.html.j2").render(
        languages=("en", "zh"),
        title=results.title,
        city=results.city,
        years=_years(results),
        publication=results.publication_line,
        brief=first_page(results),
        symbol=city_symbol(results),
        sections=[section for section in sections if section is not None],
        style=style,
        script=script,
    )


def page_environment() -> tuple[jinja2.Environment, str, str]:
    """Return the environment of the templates, and the style and script of their pages."""
    loader = jinja2.PackageLoader("siting.render.html.report", "templates")
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["sentence"] = lambda piece: isinstance(piece, Sentence)
    environment.tests["chart"] = lambda piece: isinstance(piece, Chart)
    environment.globals.update(text=text, cells_of=cells_of, cell_text=cell_text)
    style, script = (loader.get_source(environment, f"report.{ending}")[0] for ending in ("css", "js"))
    return environment, style, script


def _years(results: Results) -> str:
    """Return the planning year, or the first and the last."""
    rollout = results.run.rollout
    years = [results.run.instance.year] if rollout is None else sorted({int(year) for year in rollout.stages.year})
    return "–".join(str(year) for year in dict.fromkeys([years[0], years[-1]]))
