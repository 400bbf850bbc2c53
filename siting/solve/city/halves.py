"""Cuts the model in two: points with the residents they serve, and the haul behind them.

A row that touches both halves (what leaves a point is what was brought to it) is a linking row. Priced with multipliers
and moved to the objective, it leaves two problems that can be solved one after the other; the multiplier at a point is
what a tonne there costs to haul on (Geoffrion 1974; Holmberg, Rönnqvist, Yuan 1999 for facility location).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.instance import Bools, Echelon, Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.linear import LinearModel

DEFERRED = ("haul_to_open",)
"""Row families that only tighten the relaxation: left out at first, added where they are violated."""


@dataclass(frozen=True)
class Halves:
    """Column and row numbers of each half; `linking` rows touch both. Deferred rows stand in none."""

    points: Ints
    points_rows: Ints
    haul: Ints
    haul_rows: Ints
    linking: Ints
    deferred: Ints


def halve(instance: Instance, model: LinearModel, columns: Columns) -> Halves:
    """Sort columns and rows into the two halves."""
    in_points = _point_columns(instance, columns)
    is_deferred = np.zeros(model.n_rows, dtype=bool)
    is_deferred[model.rows_of(*DEFERRED)] = True
    for number in range(columns.shortfall, columns.covered):
        rows = model.matrix[:, [number]].nonzero()[0]
        others = np.setdiff1d(model.matrix[rows].nonzero()[1], [number])
        in_points[number] = bool(len(others)) and bool(in_points[others].all())
    touches_points = _touched(model, in_points)
    touches_haul = _touched(model, ~in_points)
    return Halves(
        points=np.flatnonzero(in_points),
        points_rows=np.flatnonzero(touches_points & ~touches_haul & ~is_deferred),
        haul=np.flatnonzero(~in_points),
        haul_rows=np.flatnonzero(~touches_points & ~is_deferred),
        linking=np.flatnonzero(touches_points & touches_haul & ~is_deferred),
        deferred=np.flatnonzero(is_deferred),
    )


def _point_columns(instance: Instance, columns: Columns) -> Bools:
    at_point = instance.option_echelon() == Echelon.POINT
    in_points = np.zeros(columns.n, dtype=bool)
    in_points[columns.open : columns.assign] = at_point
    in_points[columns.assign : columns.direct] = True
    in_points[columns.load : columns.shortfall] = at_point[columns.load_option]
    in_points[columns.covered : columns.n] = True
    return in_points


def _touched(model: LinearModel, columns: Bools) -> Bools:
    """Rows that have an entry in any of the `columns`."""
    entries = sparse.csr_array(
        (np.ones_like(model.matrix.data), model.matrix.indices, model.matrix.indptr), shape=model.matrix.shape
    )
    return np.asarray(entries @ columns.astype(float) > 0)


def part_of(model: LinearModel, columns: Ints, rows: Ints, *, cost: Floats, shift: Floats | None = None) -> LinearModel:
    """The model of some columns and rows; `shift` (n_rows,) is what other columns already add to each row."""
    moved = np.zeros(model.n_rows) if shift is None else shift
    return replace(
        model,
        cost=cost[columns],
        column_lower=model.column_lower[columns],
        column_upper=model.column_upper[columns],
        is_integer=model.is_integer[columns],
        matrix=sparse.csr_array(model.matrix[rows][:, columns]),
        row_lower=model.row_lower[rows] - moved[rows],
        row_upper=model.row_upper[rows] - moved[rows],
        column_families=(),
        row_families=(),
    )
