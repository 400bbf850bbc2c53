"""Tours by savings, shortened by 2-opt: an upper bound on the kilometres of a fleet, in a fraction of a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Ints
from siting.machine_code import compiled

LEAST_GAIN_KM = 1e-9
LEAST_WEIGHT = 1e-12
NEAREST = 40
"""Neighbours of each stop between which savings are counted."""
LOAD_WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Weights of what a pair fills beside what it saves; the shortest tours count. Without, small stops part large ones."""


@dataclass(frozen=True)
class Tours:
    """Tours from one depot.

    Attributes
    ----------
    order
        Stops, (n_stops,), one tour after the other.
    start
        First place of each tour in `order`, and the end, (n_tours + 1,).
    stop_km
        Share of each stop in the length of its tour, (n_stops,); see `stop_shares_km`.
    """

    order: Ints
    start: Ints
    stop_km: Floats

    @property
    def km(self) -> float:
        """Length of all tours."""
        return float(self.stop_km.sum())


def savings_tours(distance_km: Floats, load: Floats, capacity: float) -> Tours:
    """Build tours that visit every stop once and carry no more than the capacity.

    Clarke and Wright (1964), "Scheduling of vehicles from a central depot to a number of delivery points", Operations
    Research 12, 568–581; with weights for loads, Altınel and Öncan (2005), "A new enhancement of the Clarke and Wright
    savings heuristic for the capacitated vehicle routing problem", Journal of the Operational Research Society 56,
    954–961; each tour is then shortened by 2-opt until no exchange shortens it.

    Parameters
    ----------
    distance_km
        From each place to each, (n_stops + 1, n_stops + 1), symmetric; row 0 is the depot.
    load
        Load of each stop, (n_stops,), in the unit of the capacity.
    capacity
        Load of a vehicle.

    Raises
    ------
    ValueError
        If a stop has a larger load than the capacity.
    """
    if np.any(load > capacity):
        raise ValueError(f"a stop has {float(np.max(load)):g} to load, a vehicle takes {capacity:g}")
    share = np.asarray(load, dtype=float) / capacity
    first, second = _pairs(distance_km)
    built = (_built(first, second, distance_km, share, weight) for weight in LOAD_WEIGHTS)
    return min(built, key=lambda tours: tours.km)


def _built(first: Ints, second: Ints, distance_km: Floats, share: Floats, weight: float) -> Tours:
    """Return tours by the savings of some pairs, in which the shares of a vehicle that a pair fills have a weight."""
    saving = distance_km[0, first + 1] + distance_km[0, second + 1] - distance_km[first + 1, second + 1]
    filling = (share[first] + share[second]) / 2
    mean_km = float(saving.mean()) if len(saving) else 0.0
    largest = np.argsort(-(saving + weight * mean_km * filling), kind="stable")
    order, start = _in_order(_join(first[largest], second[largest], share, 1.0))
    _shorten(order, start, distance_km)
    return Tours(order, start, stop_shares_km(order, start, distance_km, share))


def stop_shares_km(order: Ints, start: Ints, distance_km: Floats, load: Floats) -> Floats:
    """Return the share of each stop in the length of its tour, km, (n_stops,), in the order of the stops.

    A way between two stops counts half for each; the ways from and to the depot are shared by load times distance from
    the depot. The shares add up to the length of all tours. For the arguments see `Tours` and `savings_tours`.
    """
    shares_km = np.zeros(len(order))
    ways_km = distance_km[order[:-1] + 1, order[1:] + 1]
    ways_km[start[1:-1] - 1] = 0.0
    np.add.at(shares_km, order[:-1], ways_km / 2)
    np.add.at(shares_km, order[1:], ways_km / 2)
    ends_km = distance_km[0, order[start[:-1]] + 1] + distance_km[0, order[start[1:] - 1] + 1]
    tour = np.repeat(np.arange(len(start) - 1), np.diff(start))
    weight = np.maximum(np.asarray(load, dtype=float)[order] * distance_km[0, order + 1], LEAST_WEIGHT)
    shares_km[order] += ends_km[tour] * weight / np.bincount(tour, weight)[tour]
    return shares_km


def _pairs(distance_km: Floats) -> tuple[Ints, Ints]:
    """Return pairs of near stops."""
    n = len(distance_km) - 1
    near = np.argsort(distance_km[1:, 1:], axis=1, kind="stable")[:, : NEAREST + 1]
    ends = np.sort(np.column_stack([np.repeat(np.arange(n), near.shape[1]), near.ravel()]), axis=1)
    first, second = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0).reshape(-1, 2).T
    return first, second


@compiled
def _join(first: Ints, second: Ints, load: Floats, capacity: float) -> Ints:
    """Join tours at their ends, pair by pair, as long as the load fits; return the neighbours of each stop, or -1."""
    n = len(load)
    tour, carried = np.arange(n), load.copy()
    neighbour = np.full((n, 2), -1)
    for pair in range(len(first)):
        a, b = first[pair], second[pair]
        if tour[a] == tour[b] or carried[tour[a]] + carried[tour[b]] > capacity * (1 + 1e-9):
            continue
        if neighbour[a, 1] >= 0 or neighbour[b, 1] >= 0:
            continue
        neighbour[a, 0 if neighbour[a, 0] < 0 else 1] = b
        neighbour[b, 0 if neighbour[b, 0] < 0 else 1] = a
        kept, gone = tour[a], tour[b]
        carried[kept] += carried[gone]
        for stop in range(n):
            if tour[stop] == gone:
                tour[stop] = kept
    return neighbour


@compiled
def _in_order(neighbour: Ints) -> tuple[Ints, Ints]:
    """Return the stops, one tour after the other, and the first place of each tour and the end."""
    n = len(neighbour)
    order, start = np.empty(n, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    is_placed = np.zeros(n, dtype=np.bool_)
    place, tours = 0, 0
    for end in range(n):
        if is_placed[end] or neighbour[end, 1] >= 0:
            continue
        before, at = -1, end
        while at >= 0:
            is_placed[at] = True
            order[place] = at
            place += 1
            following = neighbour[at, 0] if neighbour[at, 0] != before else neighbour[at, 1]
            before, at = at, following
        tours += 1
        start[tours] = place
    return order, start[: tours + 1]


@compiled
def _shorten(order: Ints, start: Ints, distance_km: Floats) -> None:
    """Exchange two ways of a tour for two shorter ones until there are none."""
    for tour in range(len(start) - 1):
        low, high = start[tour], start[tour + 1]
        is_shorter = True
        while is_shorter:
            is_shorter = False
            for i in range(low, high - 1):
                before = 0 if i == low else order[i - 1] + 1
                for j in range(i + 1, high):
                    after = 0 if j == high - 1 else order[j + 1] + 1
                    now = distance_km[before, order[i] + 1] + distance_km[order[j] + 1, after]
                    then = distance_km[before, order[j] + 1] + distance_km[order[i] + 1, after]
                    if then < now - LEAST_GAIN_KM:
                        order[i : j + 1] = order[i : j + 1][::-1].copy()
                        is_shorter = True
