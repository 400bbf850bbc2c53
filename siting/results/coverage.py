"""How near residents are to their recycling point."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance
from siting.plan import Plan
from siting.verify.districts import coverage_distances_m
from siting.vocabulary import Measure

STEP_M, ROUND_M = 25.0, 100.0


def share_within(instance: Instance, plan: Plan, distances_m: Floats) -> Floats:
    """Return the share of all residents that are assigned to a point within each of `distances_m` (n,), ascending."""
    walks = instance.walks
    order = np.argsort(walks.distance_m, kind="stable")
    assigned = (instance.demand.residents[walks.demand] * plan.assign)[order]
    so_far = np.concatenate([[0.0], np.cumsum(assigned)])
    reached: Floats = so_far[np.searchsorted(walks.distance_m[order], distances_m, side="right")]
    return reached / max(instance.residents, 1.0)


def coverage_curve(instance: Instance, plan: Plan) -> tuple[tuple[float, float], ...]:
    """Return (distance in m, share of residents with their point within it), up to the longest walk."""
    longest_m = float(instance.walks.distance_m[plan.assign > 0].max(initial=ROUND_M))
    last_m = ROUND_M * np.ceil(longest_m / ROUND_M)
    distances_m = np.arange(0.0, last_m + STEP_M / 2, STEP_M)
    shares = share_within(instance, plan, distances_m)
    return tuple(zip(distances_m.tolist(), shares.tolist(), strict=True))


def shown_distance_m(instance: Instance) -> float:
    """Return the distance of most coverage targets, else the nearest of the usual ones, m."""
    asked_m = [t.within_m for t in instance.targets if t.measure is Measure.COVERAGE and t.within_m is not None]
    return max(sorted(set(asked_m)), key=asked_m.count) if asked_m else coverage_distances_m(instance)[0]
