"""The whole list in the order in which a government reads it."""

from __future__ import annotations

from siting.results.actions.rows import SITE_ACTIONS, ActionRow
from siting.results.actions.sites import facility_actions
from siting.results.actions.targets import target_actions
from siting.results.record import RunRecord
from siting.results.units import unit_label
from siting.vocabulary import ECHELONS

LARGEST_FIRST = tuple(ECHELONS)[::-1]


def action_rows(run: RunRecord) -> tuple[ActionRow, ...]:
    """The action list of a run: the city, its districts by code, then units that are no district.

    Of each unit first its targets, then its facilities: bases and centres before points, and of each echelon what is to
    be done before what is kept.
    """
    codes = sorted(str(code) for code in run.instance.districts)
    rank = {code: number for number, code in enumerate(codes, start=1)}
    city = unit_label(run, "city")

    def place(row: ActionRow) -> tuple[int, str, int, int]:
        last = len(codes) + 1
        unit = rank.get(row.district_code, last) if row.district_code else 0 if row.unit == city else last
        if row.work is None:
            return unit, row.unit.en if unit == last else "", -1, 0
        return unit, "", LARGEST_FIRST.index(row.work.echelon), SITE_ACTIONS.index(row.action)

    return tuple(sorted([*target_actions(run), *facility_actions(run)], key=place))
