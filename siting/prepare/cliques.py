"""Places nearer to each other than allowed, as few groups of which any two are too near."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.spatial import cKDTree

from siting.instance import Floats, Ints

MOST_PAIRS = 3_000_000


def count_near(xy_m: Floats, least_m: float) -> int:
    """Number of pairs of places nearer than `least_m`."""
    if len(xy_m) < 2:
        return 0
    tree = cKDTree(xy_m)
    return int(tree.count_neighbors(tree, _below(least_m)) - len(xy_m)) // 2


def near_groups(xy_m: Floats, least_m: float) -> list[Ints]:
    """Groups of places, any two of a group nearer than `least_m`, that hold every such pair together.

    The places within half the distance of the middle of a pair are such a group: any two points of a disc are no
    farther than its diameter. Pairs are taken the longest first, and only those that no group holds yet; a place that
    is near to all of a group joins it.
    """
    if len(xy_m) < 2:
        return []
    tree, reach_m = cKDTree(xy_m), _below(least_m)
    pairs = tree.query_pairs(reach_m, output_type="ndarray")
    length_m = np.hypot(*(xy_m[pairs[:, 0]] - xy_m[pairs[:, 1]]).T)
    held: set[tuple[int, int]] = set()
    groups = []
    for a, b in pairs[np.argsort(-length_m, kind="stable")].tolist():
        if (a, b) in held:
            continue
        inside = tree.query_ball_point((xy_m[a] + xy_m[b]) / 2, reach_m / 2)
        members = _widened(xy_m, sorted({a, b, *inside}), tree.query_ball_point(xy_m[a], reach_m), reach_m)
        held.update(combinations(members, 2))
        groups.append(np.array(members, dtype=np.int64))
    return groups


def _below(least_m: float) -> float:
    """The longest distance that is too near; places that far apart as asked are not."""
    return least_m * (1 - 1e-9)


def _widened(xy_m: Floats, members: list[int], near: list[int], reach_m: float) -> list[int]:
    """The group with each place of `near` that is near to all in it, in their order."""
    group = list(members)
    for one in sorted(set(near) - set(members)):
        if (np.hypot(*(xy_m[group] - xy_m[one]).T) <= reach_m).all():
            group.append(one)
    return sorted(group)
