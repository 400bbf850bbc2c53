"""Changes of the walk of residents from one run to another, cell by cell."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Ints
from siting.results.comparison.comparison import WalkChanges
from siting.results.demand import cell_rows, mean_walks_m
from siting.results.record import RunRecord

SAME_WITHIN_M = 50.0
CLASSES = ("same", "shorter", "longer", "gained", "lost")
"""Names of the numbers that `walk_classes` returns."""


def cell_walks_m(run: RunRecord) -> Floats:
    """Return the mean walk of served residents by cell, m, (n_cells,); nan without any."""
    return mean_walks_m(run.instance, run.solution.plan)[cell_rows(run.instance)]


def compare_walks(first: RunRecord, second: RunRecord) -> WalkChanges:
    """Count residents of the second run by the change of their walk. The runs have the same cells, in any order."""
    residents = second.instance.demand.residents[cell_rows(second.instance)]
    classes = walk_classes(first, second)
    people = np.bincount(classes, weights=residents, minlength=len(CLASSES))
    told = {name: float(number) for name, number in zip(CLASSES, people, strict=True)}
    return WalkChanges(**told, same_within_m=SAME_WITHIN_M)


def walk_classes(first: RunRecord, second: RunRecord) -> Ints:
    """Return the change of the walk from each cell of the second run, as a number of `CLASSES`, (n_cells,)."""
    before_m, after_m = _aligned(first, second), cell_walks_m(second)
    had, has = np.isfinite(before_m), np.isfinite(after_m)
    change_m = np.where(had & has, after_m - before_m, 0.0)
    cases = [change_m < -SAME_WITHIN_M, change_m > SAME_WITHIN_M, ~had & has, had & ~has]
    return np.select(cases, [1, 2, 3, 4], 0)


def _aligned(first: RunRecord, second: RunRecord) -> Floats:
    """Return walks of the first run in the order of the second run's cells, m."""
    cells_first, cells_second = cell_rows(first.instance), cell_rows(second.instance)
    row_of_id = {str(name): row for row, name in enumerate(first.instance.demand.id[cells_first])}
    rows = [row_of_id[str(name)] for name in second.instance.demand.id[cells_second]]
    return cell_walks_m(first)[rows]
