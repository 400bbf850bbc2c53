"""`report.html`: one file that asks nothing of the network and reads without scripts."""

from __future__ import annotations

from importlib.resources import files

import jinja2
import pandas as pd

from siting.language import Label
from siting.render.html.report.assumed import assumption_section
from siting.render.html.report.brief import WHERE_MONEY_GOES, WHICH, first_page
from siting.render.html.report.citymap import city_symbol
from siting.render.html.report.costs import cost_section
from siting.render.html.report.coverage import coverage_section
from siting.render.html.report.districts import district_section
from siting.render.html.report.duties import duty_section
from siting.render.html.report.emissions import emission_section
from siting.render.html.report.loads import load_section
from siting.render.html.report.origins import origin_section
from siting.render.html.report.parts import LANGUAGES, Section, told
from siting.render.html.report.standards import standard_section
from siting.render.html.report.targets import target_section
from siting.render.html.report.trust import figure_section, solve_section
from siting.render.html.report.years import year_section
from siting.results.publication import publication_line
from siting.results.record import RunRecord
from siting.results.standards import standards_table

WORDS = {
    "show": Label(en="English", zh="中文"),
    "brief": Label(en="For the decision maker", zh="决策摘要"),
    "full": Label(en="For the expert", zh="详细分析"),
    "contents": Label(en="Contents", zh="目录"),
    "where": Label(en="Where", zh="布局"),
    "which": WHICH,
    "money": WHERE_MONEY_GOES,
    "sure": Label(en="How sure", zh="可信度"),
    "faults": Label(en="This plan breaks {} rules and must not be used.", zh="本方案有{}处不符合规则，不可采用。"),
}


def draw_report(run: RunRecord, *, standards: pd.DataFrame | None = None) -> str:
    """Return the page of a run's report.

    `standards` is the table of them that a run folder has; None: as the run says.
    """
    if standards is None:
        standards = standards_table(run) if run.checks else pd.DataFrame()
    return _page(run, standards)


def _page(run: RunRecord, standards: pd.DataFrame) -> str:
    loader = jinja2.PackageLoader("siting.render.html.report", "templates")
    environment = jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.tests["piece"] = lambda piece, kind: type(piece).__name__ == kind
    facts = {
        "languages": LANGUAGES,
        "told": told,
        "words": WORDS,
        "title": run.config.title,
        "city": Label(en=run.geography.city_name_en, zh=run.geography.city_name_zh),
        "years": _years(run),
        "publication": publication_line(run),
        "brief": first_page(run),
        "symbol": city_symbol(run),
        "sections": _sections(run, standards),
        "style": _asset("report.css"),
        "script": _asset("report.js"),
    }
    return environment.get_template("page.html.j2").render(facts)


def _sections(run: RunRecord, standards: pd.DataFrame) -> list[Section]:
    every = (
        target_section(run),
        year_section(run),
        district_section(run),
        coverage_section(run),
        cost_section(run),
        load_section(run),
        emission_section(run),
        duty_section(run),
        standard_section(run, standards),
        figure_section(run),
        solve_section(run),
        assumption_section(run),
        origin_section(run),
    )
    return [section for section in every if section is not None]


def _years(run: RunRecord) -> str:
    """The planning year, or the first and the last."""
    if run.rollout is None:
        return str(run.instance.year)
    years = sorted({int(year) for year in run.rollout.stages.year})
    return "–".join(str(year) for year in dict.fromkeys([years[0], years[-1]]))


def _asset(name: str) -> str:
    return (files("siting.render.html.report") / "templates" / name).read_text(encoding="utf-8")
