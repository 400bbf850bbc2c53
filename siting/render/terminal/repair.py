"""Conflicts of targets and the changes that lift them, as tables of the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from siting.explain.conflicts import Conflict
from siting.explain.wording import write_value
from siting.instance import Target
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.render.table import Table, Value, columns

SIDES = {True: "≥", False: "≤"}


def conflict_table(number: int, conflict: Conflict) -> Table:
    """Return the targets of a conflict, and the value of each that lifts it while the others stay."""
    n = len(conflict.members)
    title = text("repair.conflict.one" if n == 1 else "repair.conflict.many", number=number, n=n)
    if not conflict.is_irreducible:
        title = text("repair.conflict.unknown", title=title)
    rows = tuple(
        (one.target.id, one.target.unit, _asked(one.target), _value(one.target, one.value)) for one in conflict.members
    )
    return Table(title, columns("repair.column", target="text", unit="text", asks="text", alone="text"), rows)


def change_table(was: Mapping[str, Target], changes: Mapping[str, float | None], *, cost_cny: float) -> Table:
    """Return the changes under which a plan was found."""
    rows = tuple((id, was[id].unit, _asked(was[id]), _value(was[id], value)) for id, value in changes.items())
    title = text("repair.changes", n=len(rows), cost=quantity(cost_cny, "CNY/yr"))
    return Table(title, columns("repair.column", target="text", unit="text", asks="text", becomes="text"), rows)


def _asked(target: Target) -> str:
    return f"{SIDES[target.is_at_least]} {write_value(target, target.value)}"


def _value(target: Target, value: float | None) -> Value:
    dropped: Label = text("repair.dropped")
    return dropped if value is None else f"{SIDES[target.is_at_least]} {write_value(target, value)}"
