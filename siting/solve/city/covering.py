"""A plan where targets ask that residents have a point and not that anything is collected.

A search that decides site after site counts coverage by who is assigned, and would collect from everybody whom a target
only wants to have a point near by. So points and walks are decided by a program of their own: all rows that no haul
stands in, at the prices of the way on, and enough tonnes for the least loads of what follows.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from siting.certificate.decomposition import AT_ONE_SITE
from siting.certificate.lagrangian import reduced_costs
from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.linear import LinearModel
from siting.solve.city.access import told
from siting.solve.city.echelons import place_echelons
from siting.solve.city.tiers import Tier
from siting.solve.clock import Record
from siting.solve.highs import Program, run_highs
from siting.vocabulary import Echelon

SHARE, MOST_SHARE = 0.06, 0.15
"""Share of the limit for one program of points, and of the time limit at most."""
GAP = 0.01
MORE_KT = 1.05
"""So much more than the least loads of what follows is collected."""
UNSERVED_KT = 1e-9
WITHOUT_SERVICE = ("reach_count", "reach_coverage", "reach_min_load", "reach_use")
"""Rows with a least side that hold without any material."""

Stage = tuple[Instance, Columns]
Tiers = tuple[tuple[Echelon, Tier], ...]


def asks_for_points_only(stage: Stage, model: LinearModel) -> bool:
    """Return whether coverage is asked of a city where residents are assigned, and no material."""
    instance, columns = stage
    if not columns.accesses or instance.assigns_nearest or instance.objective is not None:
        return False
    asking = [
        (model.row_lower[block.start : block.stop] > 0).any()
        for block in model.row_families
        if block.name == "serve" or (block.name.startswith("reach_") and block.name not in WITHOUT_SERVICE)
    ]
    return not any(asking)


def place_covering(  # noqa: PLR0913 - the settings of a search, by keyword
    stage: Stage,
    model: LinearModel,
    tiers: Tiers,
    multipliers: Floats,
    *,
    rounds: dict[Echelon, int],
    until: float,
    record: Record,
    seed: int,
    start: Floats | None = None,
) -> Floats | None:
    """Return column values (n_columns,) with whole options at every echelon; None where no points are found.

    Points that no open station can be reached from are decided once more without these. `start` (n_columns,) is a plan
    to begin from, `rounds` and `until` are those of `place_echelons`.
    """
    instance = stage[0]
    points = _points(stage, model, tiers, multipliers, record, start=start)
    if points is None:
        return None
    values = place_echelons(
        stage, model, tiers[1:], multipliers, rounds=rounds, until=until, record=record, seed=seed, decided=points
    )
    rows = model.rows_of("conserve_material")
    if (np.abs(model.matrix[rows] @ values) <= UNSERVED_KT).all():
        return values
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[values[stage[1]["open"]] > 0.5]] = True
    goes_on = np.zeros(instance.n_sites, dtype=bool)
    goes_on[instance.haul.tail[is_open[instance.haul.head]]] = True
    again = _points(stage, model, tiers, multipliers, record, goes_on=goes_on)
    return told(*stage, values if again is None else values - points + again)


def _points(
    stage: Stage,
    model: LinearModel,
    tiers: Tiers,
    multipliers: Floats,
    record: Record,
    *,
    goes_on: Bools | None = None,
    start: Floats | None = None,
) -> Floats | None:
    """Return the values of the columns of points (n_columns,), others 0; `goes_on` (n_sites,): which may open."""
    tier, allowed = tiers[0][1], record.allow(SHARE * record.limit)
    column = _columns(stage, tier)
    is_own = np.zeros(model.n_columns)
    is_own[column] = 1.0
    entries = np.diff(model.matrix.indptr)
    rows = np.flatnonzero((abs(model.matrix.sign()) @ is_own == entries) & (entries > 0))
    unpriced = multipliers[: model.n_rows].copy()
    unpriced[np.union1d(rows, model.rows_of(*AT_ONE_SITE))] = 0.0
    brought = np.bincount(tier.column, tier.kt, model.n_columns)
    upper = model.column_upper.copy()
    if goes_on is not None:
        upper[tier.option[~goes_on[stage[0].options.site[tier.option]]]] = 0.0
    program = Program(
        reduced_costs(model, unpriced)[column], model.column_lower[column], upper[column],
        sparse.csr_array(sparse.vstack([model.matrix[rows][:, column], sparse.csr_array(brought[None, column])])),
        np.append(model.row_lower[rows], _needed_kt(model, tiers)), np.append(model.row_upper[rows], np.inf),
        model.is_integer[column],
    )  # fmt: skip
    answer = run_highs(
        program,
        time_limit_s=min(allowed.seconds, MOST_SHARE * record.time_limit_s),
        work=allowed.work,
        options={"mip_rel_gap": GAP, "threads": 1},
        start=None if start is None else start[column],
    )
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    if answer.values is None:
        return None
    values = np.zeros(model.n_columns)
    values[column] = np.where(model.is_integer[column], np.round(answer.values), answer.values)
    return values


def _needed_kt(model: LinearModel, tiers: Tiers) -> float:
    """Return the kt that points must collect for the least loads of what follows; none where points have no least load.

    Generators bring the rest.
    """
    if tiers[0][1].least_kt.max() == 0:
        return 0.0
    least_kt = max((other.least_kt.min() for _, other in tiers[1:]), default=0.0)
    return max(0.0, MORE_KT * least_kt - float(model.row_upper[model.rows_of("within_offer")].sum()))


def _columns(stage: Stage, tier: Tier) -> Ints:
    """Return the columns of points, walks and coverage."""
    instance, columns = stage
    at_points = np.isin(instance.options.site[columns.load_option], tier.site)
    families = columns.numbers("near"), columns.numbers("assign"), columns.numbers("load")[at_points]
    return np.concatenate([tier.option, *families])
