"""Tables of a plan if residents walk to the nearest open point, for the terminal and pages."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from siting.language import Label, text
from siting.language.quantities import difference, quantity, scale_of
from siting.render.table import Cell, Row, Table, column, columns, missed_if
from siting.results.behaviour import Behaviour, WalkFigure
from siting.results.results import Results
from siting.vocabulary import Echelon

MOST_LISTED = 12
ALWAYS_SHOWN = (
    "served_residents", "mean_walk_m", "brought_t", "held_t", "collected_t", "transport_cny", "collection_cny",
    "net_cost_cny", "overloaded_point",
)  # fmt: skip


def figure_table(figures: Sequence[WalkFigure]) -> Table:
    """Return the figures as assigned, to the nearest, and the change; loads only where a capacity is exceeded."""
    rows: list[Row] = [
        (
            one.label,
            quantity(one.planned, one.unit),
            missed_if(one.key.startswith("overload") and one.nearest > 0, quantity(one.nearest, one.unit)),
            difference(one.nearest - one.planned, one.unit),
        )
        for one in figures
        if one.key in ALWAYS_SHOWN or one.planned or one.nearest
    ]
    heads = columns("behaviour", figure="text", planned="any", nearest="any", change="any")
    return Table(text("behaviour.caption"), heads, tuple(rows))


def overload_tables(results: Results, behaviour: Behaviour) -> list[Table]:
    """Return the most overloaded points, and the most overloaded of the other facilities, where there are any."""
    is_point = behaviour.overloaded["echelon"] == Echelon.POINT.key
    parts = {"points": behaviour.overloaded[is_point], "others": behaviour.overloaded[~is_point]}
    return [
        _overload_table(results, text(f"behaviour.most_overloaded.{name}"), of) for name, of in parts.items() if len(of)
    ]


def _overload_table(results: Results, title: Label, overloaded: pd.DataFrame) -> Table:
    worst = overloaded.head(MOST_LISTED)
    named = results.open_facilities.set_index("id")["type"]
    scale = scale_of([*worst["held_t"], *worst["load_if_nearest_t"]], "t/yr")
    rows = [
        (
            one["id"], results.facility_labels[one["id"]], results.type_labels[str(named[one["id"]])],
            *(scale.number(one[name]) for name in ("held_t", "planned_t", "load_if_nearest_t")),
            Cell(scale.number(one["overload_t"]), tone="missed"), quantity(one["overload_share"], "share"),
        )
        for one in worst.to_dict("records")
    ]  # fmt: skip
    heads = (
        *columns("behaviour", id="text", place="text", type="text"),
        *(column(f"behaviour.{name}", "any", scale.unit) for name in ("capacity", "load_planned", "load_nearest")),
        column("behaviour.overload", "any", scale.unit),
        column("behaviour.overload_share", "any"),
    )
    more = len(overloaded) - MOST_LISTED
    notes = (text("behaviour.more", n=more),) if more > 0 else ()
    return Table(title, heads, tuple(rows), notes, is_wide=True)
