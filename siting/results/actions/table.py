"""The action list as a table, `actions.csv`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from siting.results.actions.rows import ACTION_LABELS, ActionRow

COLUMNS = (
    "unit", "unit_zh", "district_code", "action", "action_zh", "what", "what_zh", "id", "name", "name_zh", "echelon",
    "kind", "lon", "lat", "type", "size", "capacity_t", "area_m2", "year", "investment_cny", "land_cny",
    "sense", "asked", "reached", "missing", "measured_in", "holds", "strength", "case",
    "responsible", "responsible_zh", "lead", "lead_zh", "source", "note", "note_zh",
)  # fmt: skip


def action_table(rows: Iterable[ActionRow]) -> pd.DataFrame:
    """One row for each action; columns as in docs/run-folder.md, missing where they do not apply."""
    table = pd.DataFrame([_columns(row) for row in rows], columns=list(COLUMNS))
    return table.astype({"year": "Int64", "holds": object})


def _columns(row: ActionRow) -> dict[str, Any]:
    return {
        "unit": row.unit.en, "unit_zh": row.unit.zh, "district_code": row.district_code or None,
        "action": row.action, "action_zh": ACTION_LABELS[row.action].zh, "what": row.what.en, "what_zh": row.what.zh,
        **_of_work(row), **_of_aim(row),
        "year": row.year,
        "responsible": row.responsible.en, "responsible_zh": row.responsible.zh,
        "lead": row.lead.en, "lead_zh": row.lead.zh, "note": row.note.en, "note_zh": row.note.zh,
    }  # fmt: skip


def _of_work(row: ActionRow) -> dict[str, Any]:
    work = row.work
    if work is None:
        return {}
    return {
        "id": work.id, "name": work.name.en, "name_zh": work.name.zh, "echelon": work.echelon, "kind": work.kind,
        "lon": round(work.lon, 6), "lat": round(work.lat, 6), "type": work.type, "size": work.size,
        "capacity_t": round(work.capacity_t, 1), "area_m2": round(work.area_m2, 1),
        "investment_cny": round(work.investment_cny), "land_cny": round(work.land_cny),
    }  # fmt: skip


def _of_aim(row: ActionRow) -> dict[str, Any]:
    aim = row.aim
    if aim is None:
        return {}
    return {
        "id": aim.id, "sense": "at_least" if aim.is_at_least else "at_most", "asked": aim.asked,
        "reached": round(aim.reached, 4), "missing": round(aim.missing, 4), "measured_in": aim.measured_in,
        "holds": aim.holds, "strength": "hard" if aim.is_hard else "soft", "case": aim.case or None,
        "source": aim.source,
    }  # fmt: skip
