"""The action list of each responsibility unit (责任清单): required, reached, missing, and what is to be done."""

from siting.results.actions.listing import action_rows
from siting.results.actions.rows import ACTION_LABELS, SITE_ACTIONS, ActionRow, Aim, UnitTotal, Work, unit_totals
from siting.results.actions.table import action_table

__all__ = [
    "ACTION_LABELS",
    "SITE_ACTIONS",
    "ActionRow",
    "Aim",
    "UnitTotal",
    "Work",
    "action_rows",
    "action_table",
    "unit_totals",
]
