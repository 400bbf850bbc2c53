"""Walking distances of residents to their recycling point."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance
from siting.plan import Plan
from siting.verify.districts import coverage_distances_m
from siting.vocabulary import Measure

STEP_M, ROUND_M = 25.0, 100.0


def nearest_point_m(instance: Instance, plan: Plan) -> Floats:
    """Return the walk of each demand node to its nearest open point, m, (n_demand,); infinite without one."""
    walks, is_open = instance.walks, np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[plan.is_open]] = True
    nearest_m = np.full(instance.n_demand, np.inf)
    np.minimum.at(nearest_m, walks.demand[is_open[walks.site]], walks.distance_m[is_open[walks.site]])
    return nearest_m


def share_within(instance: Instance, plan: Plan, distances_m: Floats) -> Floats:
    """Return the share of all residents with an open point within each of `distances_m` (n,)."""
    nearest_m = nearest_point_m(instance, plan)
    order = np.argsort(nearest_m, kind="stable")
    so_far = np.concatenate([[0.0], np.cumsum(instance.demand.residents[order])])
    reached: Floats = so_far[np.searchsorted(nearest_m[order], distances_m, side="right")]
    return reached / max(instance.residents, 1.0)


def coverage_curve(instance: Instance, plan: Plan) -> tuple[tuple[float, float], ...]:
    """Return (distance in m, share of residents with an open point within it), up to the longest walk to one."""
    nearest_m = nearest_point_m(instance, plan)
    longest_m = float(nearest_m[np.isfinite(nearest_m) & (instance.demand.residents > 0)].max(initial=ROUND_M))
    last_m = ROUND_M * np.ceil(longest_m / ROUND_M)
    distances_m = np.arange(0.0, last_m + STEP_M / 2, STEP_M)
    shares = share_within(instance, plan, distances_m)
    return tuple(zip(distances_m.tolist(), shares.tolist(), strict=True))


def shown_distance_m(instance: Instance) -> float:
    """Return the distance of most coverage targets, else the nearest of the usual ones, m."""
    asked_m = [t.within_m for t in instance.targets if t.measure is Measure.COVERAGE and t.within_m is not None]
    return max(sorted(set(asked_m)), key=asked_m.count) if asked_m else coverage_distances_m(instance)[0]
