"""The pages of a plan's workbook in their order."""

from __future__ import annotations

import pandas as pd

from siting.inputs.datums import is_in_china
from siting.language import Language
from siting.render.table import Table
from siting.render.xlsx.duties import action_page, scorecard_page, total_page
from siting.render.xlsx.figures import cost_page, district_page, investment_page, stage_page
from siting.render.xlsx.origins import assumption_page, source_page, standard_page
from siting.render.xlsx.overview import overview_page
from siting.render.xlsx.places import facility_page, flow_page
from siting.render.xlsx.write import workbook_bytes
from siting.results.actions import action_rows
from siting.results.record import RunRecord
from siting.results.standards import standards_table


def plan_workbook(run: RunRecord, language: Language | None = None, *, standards: pd.DataFrame | None = None) -> bytes:
    """The workbook of a plan as the bytes of an .xlsx; the same run gives the same bytes.

    Heads are in both languages; names and notes in `language`, else in that of the city (`default_language`).
    `standards` is the table that a run folder has of them; None: as the checks of the run say.
    """
    if standards is None and run.checks:
        standards = standards_table(run)
    return workbook_bytes(plan_pages(run, standards), language or default_language(run))


def default_language(run: RunRecord) -> Language:
    """Chinese for a city in China, else English."""
    lon, lat = (run.geography.districts.total_bounds.reshape(2, 2).mean(axis=0)[[axis]] for axis in (0, 1))
    return "zh" if is_in_china(lon, lat).any() else "en"


def plan_pages(run: RunRecord, standards: pd.DataFrame | None = None) -> tuple[Table, ...]:
    """The sheets: the overview, duties, facilities and flows, figures, and what it all rests on."""
    actions = action_rows(run)
    others = (
        total_page(actions),
        action_page(actions),
        scorecard_page(actions),
        district_page(run),
        facility_page(run),
        flow_page(run),
        cost_page(run),
        investment_page(actions),
        *((stage_page(run),) if run.rollout is not None else ()),
        *((standard_page(run, standards),) if standards is not None else ()),
        assumption_page(run),
        source_page(run),
    )
    return overview_page(run, others), *others
