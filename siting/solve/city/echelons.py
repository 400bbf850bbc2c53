"""A whole plan from prices: one echelon after the other, from the points to where material ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from siting.instance import Floats, Instance
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.model.nearest_rows import least_loads_t
from siting.solve.city.access import decided_at_once, told
from siting.solve.city.ascent import SOON, ascend
from siting.solve.city.choosing import Choosing, chooses
from siting.solve.city.placing import Pace, Placing
from siting.solve.city.pricing import asked_of
from siting.solve.city.sitewise import Sitewise
from siting.solve.city.tiers import Tier, columns_of, make_tier
from siting.solve.clock import Record
from siting.vocabulary import Echelon

ROUNDING = 1e-9
"""A load may exceed what an option takes by this share, and by so many tonnes."""
MORE = 7
"""Times that the rounds are repeated where rows are missed."""
SHARE = 0.7
"""Share of the time left that one echelon may take."""
REGION = {Echelon.POINT: (40, 8), Echelon.TRANSFER: (30, 8), Echelon.SORTING: (14, 6), Echelon.BASE: (14, 6)}
"""Sites of a region, and the most of them closed at once."""
STEPS = {Echelon.POINT: 0.4, Echelon.TRANSFER: 1.5, Echelon.SORTING: 5.0, Echelon.BASE: 5.0}
"""Steps a round for each site."""
FIRST = {Echelon.POINT: 4, Echelon.TRANSFER: 5, Echelon.SORTING: 8, Echelon.BASE: 8}
AGAIN = {Echelon.POINT: 40, Echelon.TRANSFER: 40, Echelon.SORTING: 25, Echelon.BASE: 25}
"""Rounds for a first plan, which should be there soon, and for a thorough one."""
LATER = AGAIN | {Echelon.POINT: 0}
"""Rounds to place what follows the points of a plan; 0: an echelon is searched where rows are missed only, and without
heat, so that most of it stays."""
REPAIR = dict.fromkeys(Echelon, 0)
"""To repair what is nearly a plan."""
HEAT = {Echelon.POINT: 0.8, Echelon.TRANSFER: 0.2, Echelon.SORTING: 0.03, Echelon.BASE: 0.03}
"""Temperature to begin at, as a share of the mean cost of opening."""

REPLACE_ROUNDS, REPLACE_HEAT = 20, 0.3
"""For the first echelon, placed again from a plan that is good already."""
FIRST_CHOICE, CHOICE_AGAIN, CHOICE_REPLACED = Pace(12, 10.0, 0.3), Pace(20, 30.0, 0.3), Pace(16, 20.0, 0.03)
CHOICE_REPAIRED = Pace(16, 10.0, 0.0)
"""Paces for the first echelon where residents choose: for a first plan, a thorough one, placed again, and repaired."""


class Searching(Protocol):
    """A search for whole options at one tier."""

    def begin_with(self, values: Floats) -> None:
        """Begin with what column values (n_columns,) open."""

    def run(self, pace: Pace, record: Record, *, until: float) -> None:
        """Search until the pace is done or `record` has spent `until`."""

    def distrust(self) -> None:
        """Search where rows are missed, at prices that rise faster."""

    def missed(self) -> float:
        """Return by how much rows are missed at worst, relatively; 0 where all hold."""

    def shortage(self) -> str:
        """Return what is short and the cure, in words; nothing where nothing is."""

    def values(self) -> Floats:
        """Return the values of all columns (n_columns,): the tier's as found, others 0."""


def make_tiers(instance: Instance, model: LinearModel, columns: Columns) -> tuple[tuple[Echelon, Tier], ...]:
    """Return the tier of each echelon where something may open."""
    tiers = ((echelon, make_tier(instance, model, columns, echelon)) for echelon in Echelon)
    return tuple((echelon, tier) for echelon, tier in tiers if len(tier.option))


def placing_tiers(instance: Instance, model: LinearModel, columns: Columns) -> tuple[tuple[Echelon, Tier], ...]:
    """Return the tiers to place sites in: without sizes that have no room for residents without another choice."""
    least_t, most_t = least_loads_t(instance), instance.most_load_t()
    opened, upper = columns["open"], model.column_upper.copy()
    upper[opened] = np.where(least_t <= most_t * (1 + ROUNDING) + ROUNDING, upper[opened], 0.0)
    return make_tiers(instance, replace(model, column_upper=upper), columns)


def place_echelons(  # noqa: PLR0913 - the settings of a search, by keyword
    stage: tuple[Instance, Columns],
    model: LinearModel,
    tiers: tuple[tuple[Echelon, Tier], ...],
    multipliers: Floats,
    *,
    rounds: dict[Echelon, int],
    until: float,
    record: Record,
    seed: int,
    start: Floats | None = None,
    decided: Floats | None = None,
) -> Floats:
    """Return column values (n_columns,) with whole options at every echelon, at prices; rows may still be violated.

    `decided` (n_columns,) are the values of echelons before those of `tiers`.

    `rounds` of each echelon, more where rows are missed, fewer where `record` would have spent more than
    `until`; `start` (n_columns,) is a plan to begin from.
    """
    values, record.shortage = np.zeros(model.n_columns) if decided is None else decided, ""
    searched = decided_at_once(*stage, model)
    for echelon, tier in tiers:
        search = _search(stage, searched, (echelon, tier), decided=values, multipliers=multipliers, seed=seed)
        if start is not None:
            search.begin_with(start)
        is_kept = rounds[echelon] == 0
        pace = Pace(rounds[echelon], STEPS[echelon], HEAT[echelon], *REGION[echelon])
        if chooses(stage[0], echelon):
            pace = FIRST_CHOICE if rounds is FIRST else CHOICE_AGAIN
        if is_kept:
            pace = _repairing(stage[0], echelon)
        own = record.spent + SHARE * (until - record.spent)
        if not is_kept or search.missed() > 0:
            _run_until_met(search, pace, record, until=own)
        values = values + search.values()
        record.shortage = search.shortage() or record.shortage
        record.note(f"{echelon.name.lower()} placed")
    return told(*stage, values)


def repair_first(
    stage: tuple[Instance, Columns],
    model: LinearModel,
    tiers: tuple[tuple[Echelon, Tier], ...],
    multipliers: Floats,
    values: Floats,
    *,
    until: float,
    record: Record,
    seed: int,
) -> Floats:
    """Return `values` (n_columns,) with the first echelon changed until no row is missed in which it counts.

    All else stays as it is; flows are not settled yet, and rows of others may be missed.
    """
    (echelon, tier), others = tiers[0], _without(stage[1], tiers[0][1], values)
    searched = decided_at_once(*stage, model)
    search = _search(stage, searched, (echelon, tier), decided=others, multipliers=multipliers, seed=seed)
    search.begin_with(values)
    if search.missed() > 0:
        search.distrust()
        _run_until_met(search, _repairing(stage[0], echelon), record, until=until)
    return told(*stage, others + search.values())


def _repairing(instance: Instance, echelon: Echelon) -> Pace:
    """Return the pace to repair an echelon."""
    return CHOICE_REPAIRED if chooses(instance, echelon) else Pace(1, STEPS[echelon], 0.0, *REGION[echelon])


def _run_until_met(search: Searching, pace: Pace, record: Record, *, until: float) -> None:
    """Search until no row is missed, or `record` has spent `until`, or it was tried often enough."""
    for _ in range(1 + MORE):
        search.run(pace, record, until=until)
        if search.missed() == 0 or record.spent >= until:
            break
        search.distrust()


def _without(columns: Columns, tier: Tier, values: Floats) -> Floats:
    """Return `values` (n_columns,) without the decisions of a first tier, and what follows from them."""
    others = values.copy()
    others[columns_of(tier)] = 0.0
    others[columns["near"]] = 0.0
    return others


def _search(
    stage: tuple[Instance, Columns],
    model: LinearModel,
    tier: tuple[Echelon, Tier],
    *,
    decided: Floats,
    multipliers: Floats,
    seed: int,
) -> Searching:
    """Return the search for the options of a tier of a model `decided_at_once`.

    `decided` (n_columns,) are the values of other tiers.
    """
    if chooses(stage[0], tier[0]):
        return Choosing(stage, model, tier[1], decided=decided, multipliers=multipliers, seed=seed)
    return Placing(model, tier[1], asked_of(model, tier[1], decided), multipliers, seed=seed)


def place_first_again(
    stage: tuple[Instance, Columns],
    model: LinearModel,
    multipliers: Floats,
    values: Floats,
    *,
    seed: int,
    clock: Record,
) -> Floats:
    """Place the first echelon of the plan `values` (n_columns,) anew within `clock`; flows are not settled yet.

    All else stays open as it is, at prices raised from `multipliers` (n_rows,) for that: they know the way on better.
    """
    instance, columns = stage
    upper = model.column_upper.copy()
    is_first = instance.option_echelon() == make_tiers(instance, model, columns)[0][0]
    opened = columns["open"]
    upper[opened] = np.where(is_first | (values[opened] > 0.5), upper[opened], 0.0)
    held = replace(model, column_upper=upper)
    echelon, tier = placing_tiers(instance, held, columns)[0]
    sitewise = Sitewise(instance, held, columns, make_tiers(instance, held, columns))
    ascended = ascend(sitewise, multipliers, clock, steps=SOON)
    clock.wait_for(ascended.work)
    prices = ascended.multipliers
    others = _without(columns, tier, values)
    search = _search(
        stage, decided_at_once(*stage, held), (echelon, tier), decided=others, multipliers=prices, seed=seed
    )
    search.begin_with(values)
    pace = Pace(REPLACE_ROUNDS, STEPS[echelon], REPLACE_HEAT, *REGION[echelon])
    search.run(CHOICE_REPLACED if chooses(instance, echelon) else pace, clock, until=clock.limit)
    return told(instance, columns, others + search.values())
