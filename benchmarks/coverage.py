"""The covering part of a city alone: so many points that most residents have one within 500 m of walking.

What spopt can do of the planning problem, by spopt and by `siting.locate`.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse

from benchmarks.measure import Row
from benchmarks.sources import instance_of
from siting.instance import Floats
from siting.vocabulary import Echelon

WITHIN_M = 500.0
POINTS_SHARE = 0.25
"""Points to open, as a share of the candidates: what targets of a city ask for."""


def by_siting(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """`siting.locate.mclp` on the sparse walks; it uses one thread."""
    from siting.locate import mclp

    del threads
    walks, residents, n_open = _covering(source)
    began = time.perf_counter()
    found = mclp(walks, WITHIN_M, n_open, weights=residents, time_limit_s=time_limit_s, gap=gap)
    row = _row(found.value, str(found.status), began)
    return row | {"bound": found.bound, "gap_percent": 100 * found.gap}


def by_spopt(source: str, *, time_limit_s: float, gap: float, threads: int) -> Row:
    """`spopt.locate.MCLP` with HiGHS; it takes the whole matrix.

    It tells no bound: that is read from HiGHS, which minimises the negative.
    """
    import pulp
    from spopt.locate import MCLP

    walks, residents, n_open = _covering(source)
    began = time.perf_counter()
    metres = np.full(walks.shape, 10 * WITHIN_M)
    entries = walks.tocoo()
    metres[entries.row, entries.col] = entries.data
    problem = MCLP.from_cost_matrix(metres, residents, WITHIN_M, p_facilities=n_open)
    built = time.perf_counter()
    problem.solve(pulp.HiGHS(msg=False, timeLimit=time_limit_s, gapRel=gap, threads=threads), results=False)
    highs = problem.problem.solverModel
    status = highs.modelStatusToString(highs.getModelStatus())
    row = _row(float(problem.problem.objective.value()), status, built)
    return row | {"build_s": built - began, "bound": abs(float(highs.getInfo().mip_dual_bound))}


def _covering(source: str) -> tuple[sparse.csr_array, Floats, int]:
    """Walks in metres from cells to points, (n_cells, n_points), residents, and points to open."""
    instance = instance_of(source)
    cells, points = instance.demand.is_household, instance.sites.echelon == Echelon.POINT
    walks = instance.walks
    shape = (instance.n_demand, instance.n_sites)
    metres = np.maximum(walks.distance_m, 0.1)  # what is not stored cannot be reached
    whole = sparse.csr_array((metres, (walks.demand, walks.site)), shape=shape)
    part = sparse.csr_array(whole[np.flatnonzero(cells)][:, np.flatnonzero(points)])
    return part, instance.demand.residents[cells], int(POINTS_SHARE * points.sum())


def _row(value: float, status: str, began: float) -> Row:
    return {
        "problem": "coverage",
        "sign": -1,
        "value": value,
        "solve_s": time.perf_counter() - began,
        "status": status,
    }
