"""Table of the keys of a config that a scenario or the command line changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from siting.config import Change
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.table import Table, columns


def change_table(changes: Iterable[Change], caption: Label) -> Table:
    """Return key, value before and value after of each change."""
    rows = tuple((one.key, shown(one.was), shown(one.now)) for one in changes)
    return Table(caption, columns("report.changes", key="long", was="text", now="text"), rows)


def shown(value: Any) -> Label:
    """Return a value of a config for readers."""
    if value is None:
        return text("report.changes.none")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return quantity(float(value), "", digits=6) if is_number else Label(str(value), str(value))
