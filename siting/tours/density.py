"""Density of points around each point."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from siting.instance import Bools, Floats, Links
from siting.vocabulary import LINK_CLASSES

NEIGHBOURS = 10
LEAST_RADIUS_KM = 0.001
NEAR = 12
"""Hauls of so many stations are about as long as the ways between stops of a tour, or less."""
MOST_CIRCUITY = 2.0
MIN_DENSITY_PER_KM2 = 0.01
"""Stops are never taken to be farther apart than this density means."""
MOST_SHARED = 0.5 + 1e-6
"""Share of a vehicle that a stop may fill to have a neighbour on its tour: two halves fill it, but for rounding."""


def local_density_per_km2(xy_m: Floats, around_m: Floats | None = None, *, neighbours: int = NEIGHBOURS) -> Floats:
    """Return the density of points around places, from the distance to the nearest of them.

    The density is k / (π r²) with r the distance to the k-th nearest point, k = `neighbours` or, of fewer points, all
    but one. The mean over a whole city overstates the detours of tours by up to a fifth, as points crowd together.

    Parameters
    ----------
    xy_m
        Points, (n, 2), m.
    around_m
        Places to measure around, (n_places, 2), m; None: the points themselves, each without itself.
    neighbours
        Number of nearest points.

    Returns
    -------
    Points per km², (n_places,); 0 where there is no other point.

    Examples
    --------
    A grid of 100 m has 100 points per km².

    >>> x, y = np.meshgrid(np.arange(0, 5000, 100.0), np.arange(0, 5000, 100.0))
    >>> grid = np.column_stack([x.ravel(), y.ravel()])
    >>> float(np.median(local_density_per_km2(grid, neighbours=12)).round(-1))
    100.0
    """
    skipped = 1 if around_m is None else 0
    places = xy_m if around_m is None else around_m
    nearest = min(neighbours, len(xy_m) - skipped)
    if nearest < 1:
        return np.zeros(len(places))
    radius_m, _ = cKDTree(xy_m).query(places, k=[nearest + skipped])
    radius_km = np.maximum(np.asarray(radius_m)[:, 0] / 1000, LEAST_RADIUS_KM)
    return np.asarray(nearest / (np.pi * radius_km**2))


def circuity_of(distance_m: Floats, straight_m: Floats) -> float:
    """Return the length of roads over that of straight lines, from 1 to 2: the two sums over pairs of places.

    >>> circuity_of(np.array([1300.0, 2600.0]), np.array([1000.0, 2000.0]))
    1.3
    """
    total_m = float(straight_m.sum())
    return float(np.clip(distance_m.sum() / total_m, 1.0, MOST_CIRCUITY)) if total_m > 0 else 1.0


def haul_circuity(at_m: Floats, haul: Links) -> float:
    """Return the circuity of the hauls from points to the `NEAR` nearest stations of each; `at_m` (n_sites, 2)."""
    most = np.where(np.array(LINK_CLASSES) == "point_to_transfer", NEAR, 0)
    rows = haul.nearest(most)
    straight_m = np.hypot(*(at_m[haul.tail[rows]] - at_m[haul.head[rows]]).T)
    return circuity_of(haul.distance_m[rows], straight_m)


def density_at_places(xy_m: Floats, counts: Bools) -> Floats:
    """Return points per km² around each of some places, without itself, (n,); several at one spot are one point.

    `counts` (n,) marks the places that are points; 0 where there is no other.
    """
    at, spot = np.unique(xy_m, axis=0, return_inverse=True)
    is_counted = np.bincount(spot[counts], minlength=len(at)) > 0
    density = np.zeros(len(at))
    if is_counted.any():
        density[is_counted] = local_density_per_km2(at[is_counted])
        density[~is_counted] = local_density_per_km2(at[is_counted], at[~is_counted])
    return np.asarray(density[spot])
