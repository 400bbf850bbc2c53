"""The city engine, step by step.

1. A first plan at prices that need no solve, echelon by echelon, by ruin and recreate; beside it the relaxation by
   prices between points and haul: a bound with its certificate, and better prices.
2. The plan again at these prices. Where ruin and recreate finds none, the relaxation made whole part by part.
3. Neighbourhoods freed and decided anew until the gap is small enough or time is up; beside it a higher bound from the
   last echelons decided whole.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
from scipy import sparse

from siting.instance import Echelon, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.blocks import raised_bound
from siting.solve.city.echelons import make_tiers, place_echelons
from siting.solve.city.firstprices import first_prices
from siting.solve.city.freeing import USED, free_columns
from siting.solve.city.halves import Halves, halve
from siting.solve.city.improving import Search
from siting.solve.city.nearby import centre_graph, site_graph, tiles
from siting.solve.city.prices import Priced, price, priced_cost
from siting.solve.city.restrict import Holder
from siting.solve.city.rounding import Effort, decide_parts, holds, is_whole
from siting.solve.city.roundup import rounded_up
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record, stopping
from siting.solve.exact import Ended
from siting.solve.relaxation import relax

POINT_PART = 120
CENTRE_PART = 60
STATION_PART = 120
"""Options decided together when a half is made whole."""
ONCE_SHARE = 0.5
"""Share of the time left that is given to the whole model at once."""
SETTLE_S = 60.0
"""The program of all flows at given sites is quick; this only keeps a sick one from hanging."""
RESERVE_S = 2.0
"""Kept to settle the plan."""
BOUND_SHARE = 0.2
"""Share of the time limit to raise the bound, at most."""
POINTS_UNTIL = 0.45
CENTRES_UNTIL = 0.65
STATIONS_UNTIL = 0.75
"""Shares of the time limit by which each echelon must be whole; what is not yet decided is rounded up."""


def solve_city(
    stage: tuple[Instance, Columns],
    model: LinearModel,
    record: Record,
    *,
    gap: float,
    threads: int,
    seed: int,
    start: Floats | None = None,
) -> Ended:
    """Leave plans and a certified bound for `model` in `record`, until the gap is reached or time is up.

    `start` (n_columns,) is a plan to improve where the relaxation leads to none that is better.
    """
    instance, columns = stage
    holder, tiers = Holder.of(model), make_tiers(instance, model, columns)
    first = first_prices(model, columns, instance)
    with stopping(record), ThreadPoolExecutor(1) as beside:
        halves = halve(instance, model, columns)
        pricing = beside.submit(price, model, halves, columns, instance, record)
        placed = start if instance.assigns_nearest else _placed(holder, tiers, first, (record, seed), start)
        priced = pricing.result()
        raising = beside.submit(_raise_bound, model, tiers, record)
        if priced is not None and placed is not None and record.gap > gap:
            placed = _placed(holder, tiers, priced.multipliers, (record, seed), placed)
        if placed is None and priced is not None:
            values = _whole_points(instance, model, columns, (halves, priced), (record, threads))
            whole = _whole_haul(instance, model, columns, (halves, values), (record, threads))
            placed = None if whole is None or not is_whole(whole, model.is_integer) else _settled(holder, whole)
        if placed is None:
            placed, is_infeasible = _whole_at_once(holder, record)
        if placed is None:
            record.is_stopped = True
            return Ended(is_optimal=False, is_infeasible=is_infeasible)
        record.offer_plan(placed, float(model.cost @ placed), "first plan")
        search = Search(instance, columns, holder, seed=seed, effort=Effort(3.0, 5e-3, threads))
        try:
            search.improve(placed, record, gap=gap, reserve_s=RESERVE_S)
        finally:
            _hand_over(holder, record, placed)
        record.is_stopped = record.gap <= gap  # a higher bound is not asked for
        raising.result()
    return Ended(is_optimal=record.gap <= gap, is_infeasible=False)


def _raise_bound(model: LinearModel, tiers: tuple[tuple[Echelon, Tier], ...], record: Record) -> None:
    """Offer a bound with the last echelons decided whole."""
    if record.best_multipliers is not None:
        limit_s = min(BOUND_SHARE * record.time_limit_s, record.seconds_left - RESERVE_S)
        stopped = partial(getattr, record, "is_stopped")
        bound = raised_bound(model, tiers, record.best_multipliers, time_limit_s=limit_s, is_stopped=stopped)
        record.offer_bound(bound, "last echelons decided whole")


def _placed(
    holder: Holder,
    tiers: tuple[tuple[Echelon, Tier], ...],
    multipliers: Floats,
    watched: tuple[Record, int],
    start: Floats | None,
) -> Floats | None:
    """The cheaper of `start` and a plan placed at these prices, from the start if there is one."""
    record, seed = watched
    model = holder.model
    values = place_echelons(model, tiers, multipliers, record=record, seed=seed, start=start)
    if start is not None and record.seconds_left == 0:
        return start
    settled = _settled(holder, values)
    if (
        settled is None
        or not holds(holder, settled)
        or (start is not None and model.cost @ settled >= model.cost @ start)
    ):
        return start
    record.offer_plan(settled, float(model.cost @ settled), "placed")
    return settled


def _whole_at_once(holder: Holder, record: Record) -> tuple[Floats | None, bool]:
    """A plan by branch and bound on the whole model, where the parts do not fit together; and whether there is none.

    For small models; on a large one it is a last resort that seldom ends in time.
    """
    record.note("parts do not fit together; the whole at once")
    model = holder.model
    root = relax(model, time_limit_s=ONCE_SHARE * record.seconds_left)
    if root is not None:
        record.offer_bound(root.bound, "relaxation", root.multipliers)
    free = np.arange(model.n_columns)
    limit_s = ONCE_SHARE * record.seconds_left
    start = np.zeros(model.n_columns)
    values, answer = holder.resolve(start, free, is_integer=model.is_integer, time_limit_s=limit_s, is_strict=True)
    if values is None:
        return None, answer.is_infeasible
    if not holds(holder, values):  # a row that no column can help, such as a target with nothing to count
        return None, True
    return _settled(holder, values), False


def _hand_over(holder: Holder, record: Record, first: Floats) -> None:
    """Leave the record's best plan settled exactly; the first plan where it cannot be."""
    if record.best_values is None or record.best_values is first:
        return
    settled = _settled(holder, record.best_values)
    record.best_values = first if settled is None else settled
    record.best_cost = float(holder.model.cost @ record.best_values)
    record.note("settled")


def _whole_points(
    instance: Instance,
    model: LinearModel,
    columns: Columns,
    relaxation: tuple[Halves, Priced],
    watched: tuple[Record, int],
) -> Floats:
    """Values of all columns with the points whole, as haul paid at its prices asks for them."""
    (halves, priced), (record, workers) = relaxation, watched
    alone = _without(model, np.concatenate([halves.deferred, halves.linking]))
    holder = Holder.of(replace(alone, cost=priced_cost(model, halves, priced.multipliers)))
    at_point = instance.option_echelon() == Echelon.POINT
    weight = np.bincount(instance.options.site[at_point], minlength=instance.n_sites)
    parts = [_of_points(instance, columns, tile) for tile in tiles(site_graph(instance), weight, POINT_PART)]
    until_s = POINTS_UNTIL * record.time_limit_s
    seconds = (until_s - record.seconds) * workers / max(1, len(parts))
    effort = Effort(seconds=min(2.0, max(0.3, seconds)), gap=0.05, workers=workers, until_s=until_s, presolve="off")
    values = decide_parts(holder, priced.values, parts, is_integer=model.is_integer, record=record, effort=effort)
    record.note("points decided")
    return rounded_up(instance, columns, values, np.flatnonzero(instance.sites.echelon == Echelon.POINT))


def _of_points(instance: Instance, columns: Columns, sites: Ints) -> Ints:
    """The options, loads and walks of some points."""
    chosen = np.zeros(instance.n_sites, dtype=bool)
    chosen[sites] = instance.sites.echelon[sites] == Echelon.POINT
    return np.concatenate(
        [
            columns.open + np.flatnonzero(chosen[instance.options.site]),
            columns.assign + np.flatnonzero(chosen[instance.walks.site]),
            columns.load + np.flatnonzero(chosen[instance.options.site[columns.load_option]]),
        ]
    )


def _whole_haul(
    instance: Instance,
    model: LinearModel,
    columns: Columns,
    decided: tuple[Halves, Floats],
    watched: tuple[Record, int],
) -> Floats | None:
    """Values of all columns: the points as decided, centres and stations whole behind them."""
    (halves, start), (record, workers) = decided, watched
    holder = Holder.of(_without(model, halves.deferred))
    values, _ = holder.resolve(start, halves.haul, is_integer=None, time_limit_s=record.seconds_left)
    if values is None:
        return None
    record.note("haul relaxed behind the points")
    echelon = instance.option_echelon()
    for kind, graph, most, share in (
        (Echelon.SORTING, centre_graph(instance), CENTRE_PART, CENTRES_UNTIL),
        (Echelon.TRANSFER, site_graph(instance), STATION_PART, STATIONS_UNTIL),
    ):
        weight = np.bincount(instance.options.site[echelon == kind], minlength=instance.n_sites)
        is_integer = np.zeros(model.n_columns, dtype=bool)
        is_integer[columns.open : columns.assign] = echelon == kind
        groups = [tile[weight[tile] > 0] for tile in tiles(graph, weight, most)]
        until_s = share * record.time_limit_s
        for number, sites in enumerate(groups):
            parts = [_haul_columns(instance, columns, halves, values, sites)]
            seconds = (until_s - record.seconds) / (len(groups) - number)
            effort = Effort(seconds=min(15.0, max(2.0, seconds)), gap=0.01, workers=workers)
            values = decide_parts(holder, values, parts, is_integer=is_integer, record=record, effort=effort)
        values = rounded_up(instance, columns, values, np.flatnonzero(instance.sites.echelon == kind))
        record.note(f"{kind.name.lower()} decided")
    return values


def _haul_columns(instance: Instance, columns: Columns, halves: Halves, values: Floats, sites: Ints) -> Ints:
    return np.intersect1d(free_columns(instance, columns, values, sites), halves.haul)


def _without(model: LinearModel, rows: Ints) -> LinearModel:
    """The model with some rows open on both sides: they keep their place and bind nothing."""
    kept = np.ones(model.n_rows)
    kept[rows] = 0.0
    matrix = sparse.csr_array(sparse.diags_array(kept) @ model.matrix)
    matrix.eliminate_zeros()
    lower = np.where(kept > 0, model.row_lower, -np.inf)
    upper = np.where(kept > 0, model.row_upper, np.inf)
    return replace(model, matrix=matrix, row_lower=lower, row_upper=upper)


def _settled(holder: Holder, values: Floats) -> Floats | None:
    """`values` with every flow and share decided anew for the sites that are open; None where these cannot do it."""
    model = holder.model
    values = np.where(model.is_integer, np.round(values), values)
    links = model.rows_of("assign_to_open", "direct_to_open", "haul_to_open")
    held = np.where(model.is_integer, values, 0.0)
    allowed = model.matrix[links] @ held < -USED
    closed = np.zeros(model.n_columns, dtype=bool)
    entries = model.matrix[links[~allowed]].tocoo()
    closed[entries.col[entries.data > 0]] = True
    start = np.where(closed, 0.0, values)
    free = np.flatnonzero(~closed & ~model.is_integer)
    settled, _ = holder.resolve(start, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
    return settled
