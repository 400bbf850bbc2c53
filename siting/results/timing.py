"""Roll-out by urgency: what opens now, what can wait and until when, and what only growth of demand needs.

Each facility that opens, and each existing one that closes, is in one class:

now      in the first year
wait     in a later year
growth   in a later year, if either (a) the facilities of the year before it, with the demand of that year, hold every
         hard target of its year; or (b) it is no recycling point, other open facilities in reach have room for all of
         its load in its year (`siting.results.losses`), and without it every hard target that holds still holds

So the targets need a facility of the class `growth` only if demand grows: by (a) at all, by (b) beyond what is planned.
It may still lower the cost. (b) looks at each facility alone and at one step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.certificate import Certainty
from siting.plan import paid_once_cny
from siting.results.facilities import without_rebuilt
from siting.results.targets import TargetRow, target_rows
from siting.verify import verify
from siting.vocabulary import Echelon

if TYPE_CHECKING:
    from siting.results.results import Results

NOW, WAIT, GROWTH = CLASSES = ("now", "wait", "growth")
PROVEN = (Certainty.MUST, Certainty.IN_EVERY)
LEAST_LOSS = 1e-3
COLUMNS = (
    "id",
    "echelon",
    "type",
    "district_code",
    "action",
    "year",
    "class",
    "is_proven",
    "has_room",
    "investment_cny",
)


@dataclass(frozen=True)
class Timing:
    """When a run of several years opens and closes facilities.

    `table` has a row for each: `id`, `echelon`, `type`, `district_code`, `action`, `year`, `class`; `is_proven`:
    its site is open in every cheaper plan; `has_room`: others in reach have room for its load in `year`; and
    `investment_cny`, paid once, land included. `missed` has, by the name of each later year, those of its hard targets
    that the facilities and the demand of the year before miss.
    """

    table: pd.DataFrame
    missed: Mapping[str, tuple[TargetRow, ...]]


def timing_of(results: Results) -> Timing | None:
    """Return the roll-out by urgency; None where the periods are no planning years."""
    if not results.are_years:
        return None
    missed = {later: _missed_unchanged(results, before, later) for before, later in _pairs(results)}
    return Timing(_table(results, missed), missed)


def _pairs(results: Results) -> list[tuple[str, str]]:
    return list(pairwise(results.by_period))


def _missed_unchanged(results: Results, before: str, later: str) -> tuple[TargetRow, ...]:
    """Return the hard targets of a year that facilities, flows and demand of the year before miss."""
    old, new = results.by_period[before].run, results.by_period[later].run
    instance, plan = replace(new.instance, demand=old.instance.demand), old.solution.plan
    unchanged = replace(new, verification=verify(instance, plan, before=plan))
    return tuple(one for one in target_rows(unchanged, period=later) if one.is_hard and not one.holds)


def _table(results: Results, missed: Mapping[str, tuple[TargetRow, ...]]) -> pd.DataFrame:
    of_year = {one.run.instance.year: (name, one) for name, one in results.by_period.items()}
    first, paid_cny = min(of_year), paid_once_cny(results.run.instance, results.run.solution.plan)
    rows = []
    for facility in without_rebuilt(results.facilities).to_dict("records"):
        closes = facility["action"] == "close"
        year = facility["closed" if closes else "opened"]
        if pd.isna(year):
            continue
        name, one = of_year[int(year)]
        has_room = not closes and _others_have_room(one, int(facility["site"]))
        is_growth = not closes and int(year) > first and (not missed[name] or _is_spare(one, facility, has_room))
        rows.append(
            {key: facility[key] for key in ("id", "echelon", "type", "district_code", "action")}
            | {"year": int(year), "class": NOW if int(year) == first else GROWTH if is_growth else WAIT}
            | {"is_proven": not closes and facility["certainty"] in PROVEN, "has_room": has_room}
            | {"investment_cny": 0.0 if closes else float(paid_cny[facility["option"]])}
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _others_have_room(one: Results, site: int) -> bool:
    """Return whether all that a site takes in a year finds another open facility in reach with room."""
    losses = one.losses
    return float(losses.lost_t[site]) < LEAST_LOSS and float(losses.lost_residents[site]) < LEAST_LOSS


def _is_spare(one: Results, facility: Mapping[object, object], has_room: bool) -> bool:
    """Return whether a facility above the points can be left out in its year without missing another hard target."""
    if not has_room or facility["echelon"] == Echelon.POINT.key:
        return False
    plan, verified = one.run.solution.plan, one.run.verification
    is_open = plan.is_open & (np.arange(len(plan.is_open)) != facility["option"])
    without = verify(one.run.instance, replace(plan, is_open=is_open))
    return all(
        new.holds or not old.holds for old, new in zip(verified.targets, without.targets, strict=True) if old.is_hard
    )
