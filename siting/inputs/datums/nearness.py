"""Whether points would lie nearer to roads if they were read in another datum.

Everything in a city is near some road, so that a smaller distance alone proves nothing: points in the middle of blocks
come nearer to roads by any move. A datum is suspected only when its reading brings the points much nearer to roads
than they lie, than any other reading does, and than moves as long in other directions do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from siting.inputs.datums.hypotheses import other_readings
from siting.inputs.datums.names import Datum
from siting.inputs.datums.plane import metres_per_degree

FloatArray = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]
LEAST_POINTS = 30
MOST_POINTS = 2000
MOST_SHARE = 0.6
"""Of the median distance as it is, and of the least that moves in other directions give. On the places of Tianjin true
shifts of what stands at roads gave 0.15 and less, and right data 0.9 and more."""
OTHER_TURNS_DEG = np.arange(45.0, 316.0, 22.5)
LEAST_MOVE_M = 50.0


@dataclass(frozen=True)
class Nearness:
    """Median distance of `n` points to the nearest road, m: as they lie, read in `datum`, moved as far elsewhere."""

    datum: str
    n: int
    as_is_m: float
    read_m: float
    elsewhere_m: float


def nearer_reading(points: FloatArray, roads: Shapes, declared: Datum) -> Nearness | None:
    """The reading that brings the points to the roads, or None when none clearly does.

    `points` has shape `(n, 2)`, lon and lat; `roads` are lines or points in lon and lat.
    """
    points = _some(points)
    if len(points) < LEAST_POINTS or not len(roads):
        return None
    scale = metres_per_degree(points)
    tree = shapely.STRtree(shapely.transform(roads, lambda corners: corners * scale))
    as_is_m = _median_m(tree, points * scale)
    found = []
    for name, read in other_readings(points, declared).items():
        move_m = np.median((read - points) * scale, axis=0)
        if np.hypot(*move_m) >= LEAST_MOVE_M:
            read_m = _median_m(tree, read * scale)
            elsewhere_m = min(_median_m(tree, points * scale + _turned(move_m, turn)) for turn in OTHER_TURNS_DEG)
            found.append(Nearness(name, len(points), as_is_m, read_m, elsewhere_m))
    if not found:
        return None
    best, *others = sorted(found, key=lambda one: one.read_m)
    rivals = [best.as_is_m, best.elsewhere_m, *(other.read_m for other in others)]
    return best if best.read_m < MOST_SHARE * min(rivals) else None


def _some(points: FloatArray) -> FloatArray:
    """At most `MOST_POINTS` of the points, taken at even steps: a sorted table is seen from end to end."""
    if len(points) <= MOST_POINTS:
        return points
    return points[np.linspace(0, len(points) - 1, MOST_POINTS).astype(np.int64)]


def _median_m(tree: shapely.STRtree, points_m: FloatArray) -> float:
    _, apart_m = tree.query_nearest(shapely.points(points_m), return_distance=True, all_matches=False)
    return float(np.median(apart_m))


def _turned(move: FloatArray, turn_deg: float) -> FloatArray:
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    return np.array([cos * move[0] - sin * move[1], sin * move[0] + cos * move[1]])
