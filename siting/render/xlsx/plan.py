"""The pages of a plan's workbook in their order."""

from __future__ import annotations

from siting.inputs.datums import is_in_china
from siting.language import Language
from siting.render.table import Table
from siting.render.xlsx.duties import action_page, scorecard_page, total_page
from siting.render.xlsx.figures import cost_page, district_page, investment_page, stage_page
from siting.render.xlsx.origins import assumption_page, source_page, standard_page
from siting.render.xlsx.overview import overview_page
from siting.render.xlsx.places import facility_page, flow_page
from siting.render.xlsx.write import workbook_bytes
from siting.results.record import RunRecord
from siting.results.results import Results


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
        total_page(results.unit_totals),
        action_page(actions),
        scorecard_page(actions),
        district_page(results),
        facility_page(results),
        flow_page(results),
        cost_page(results),
        investment_page(actions),
        *((stage_page(results),) if results.has_periods else ()),
        *((standard_page(results.run, results.standards),) if results.standards is not None else ()),
        assumption_page(results.assumptions),
        source_page(results.run),
    )
    return overview_page(results, others), *others
