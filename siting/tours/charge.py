"""Cost of a tour to each stop and to each tonne, by continuous approximation.

A tour of C stops at distance r from its depot, with d open points per km² around them, is about 2 r + 0.57 C / √d long
(Daganzo 1984, "The distance traveled to visit N points with a maximum of C stops per vehicle: an analytic model and an
application", Transportation Science 18, 331–350; the constant for long tours is that of Beardwood, Halton and
Hammersley 1959). So a stop pays its detour from its neighbour, whatever it loads, and a tonne pays its share of the way
there and back:

    detour of a stop     0.57 κ / √d (1 − share of a load ^ 1.5)                    [km a visit]
    cost of a visit      detour c_km + (stop + detour / v_local) c_h                [CNY a visit]
    cost of a tonne      (2 r c_km + (2 r / v_haul + unload) c_h) / payload         [CNY a t]

κ is the circuity of the local roads, c_km the cost of the vehicle without its crew, c_h that of the crew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Ints
from siting.machine_code import compiled

DETOUR_CONSTANT = 0.57
"""Detour of a stop times the root of the density. Fitted to tours over real points: 0.46 to 0.66."""
FILLED_POWER = 1.5
ROUNDING = 1e-9


@dataclass(frozen=True)
class Vehicle:
    """A type of collection vehicle.

    Attributes
    ----------
    payload_t, payload_m3
        Load, t and m³.
    cny_per_km
        Cost of the vehicle without its crew.
    crew_cny_per_h
        Cost of the crew, all that ride along.
    haul_km_per_h, local_km_per_h
        Mean speed between depot and points, and from stop to stop.
    unload_h
        Time to unload once.
    """

    payload_t: float
    payload_m3: float
    cny_per_km: float
    crew_cny_per_h: float
    haul_km_per_h: float
    local_km_per_h: float
    unload_h: float

    def load_t(self, density_t_per_m3: float | Floats) -> Floats:
        """Return the load of a material that it carries, the smaller of weight and volume limits, t."""
        return np.minimum(self.payload_t, self.payload_m3 * np.asarray(density_t_per_m3, dtype=float))


def detour_km(density_per_km2: float | Floats, circuity: float = 1.0, load_share: float | Floats = 0.0) -> Floats:
    """Return the detour of a stop from its neighbour, km; infinite where there is no other point.

    `load_share` is the share of the vehicle that the stop fills. A tour of C = 1 / load_share stops has fewer ways
    between stops than stops, so that of a full load there is none: 1 − load_share ^ 1.5, fitted to tours by savings
    over random and clustered points (0.63 at two stops, 0.92 at five, where the formula gives 0.65 and 0.91).

    Examples
    --------
    >>> float(detour_km(4.0)), float(detour_km(4.0, load_share=1.0))
    (0.285, 0.0)
    """
    share = np.clip(np.asarray(load_share, dtype=float), 0.0, 1.0)
    with np.errstate(divide="ignore"):
        alone = DETOUR_CONSTANT * circuity / np.sqrt(np.asarray(density_per_km2, dtype=float))
    return np.asarray(np.where(share < 1, alone * (1 - share**FILLED_POWER), 0.0))


def line_haul_km(distance_km: Floats, load: Floats, capacity: float) -> Floats:
    """Return the share of each stop in the ways there and back, km, (n_stops,).

    Containers are taken whole, so vehicles carry less than their capacity. They are packed by first fit, the largest
    first (Johnson 1973), and each pays by its share of the load of its vehicle, or of the mean load of all vehicles
    where that is more: a last vehicle that is nearly empty says nothing about those whose turn it was.

    Examples
    --------
    Seven containers of 3.2 m³ at 7 km from the depot, a lorry of 24 m³ that takes just these seven:

    >>> line_haul_km(np.full(7, 7.0), np.full(7, 3.2), 24.0).round(6).tolist()
    [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    loads = np.asarray(load, dtype=float)
    largest_first = np.argsort(-loads, kind="stable")
    vehicle = np.empty(len(loads), dtype=np.int64)
    vehicle[largest_first] = _first_fit(loads[largest_first], capacity)
    carried = np.bincount(vehicle, loads)
    return np.asarray(2 * distance_km * loads / np.maximum(carried, carried.mean())[vehicle])


@compiled
def _first_fit(load: Floats, capacity: float) -> Ints:
    """Return the vehicle of each load: the first that has room for it."""
    room, vehicle = np.empty(len(load)), np.empty(len(load), dtype=np.int64)
    vehicles = 0
    for stop in range(len(load)):
        chosen = vehicles
        for taken in range(vehicles):
            if room[taken] >= load[stop] - ROUNDING * capacity:
                chosen = taken
                break
        if chosen == vehicles:
            room[chosen] = capacity
            vehicles += 1
        room[chosen] -= load[stop]
        vehicle[stop] = chosen
    return vehicle


def visit_cny(vehicle: Vehicle, stop_h: float | Floats, stop_detour_km: float | Floats) -> Floats:
    """Return the cost of one visit, without the way between depot and points, CNY.

    Examples
    --------
    A quarter of an hour at a stop that is 400 m from its neighbour:

    >>> truck = Vehicle(1.8, 12, cny_per_km=3, crew_cny_per_h=48, haul_km_per_h=30, local_km_per_h=20, unload_h=0.2)
    >>> float(visit_cny(truck, 0.25, 0.4).round(2))
    14.16
    """
    detour = np.asarray(stop_detour_km, dtype=float)
    return detour * vehicle.cny_per_km + (stop_h + detour / vehicle.local_km_per_h) * vehicle.crew_cny_per_h


def haul_cny_per_t(vehicle: Vehicle, distance_km: float | Floats, load_t: float | Floats) -> Floats:
    """Return the cost of the way there and back and of unloading, CNY for each tonne of a full vehicle.

    Examples
    --------
    >>> truck = Vehicle(1.8, 12, cny_per_km=3, crew_cny_per_h=48, haul_km_per_h=30, local_km_per_h=20, unload_h=0.2)
    >>> float(haul_cny_per_t(truck, 6.0, 1.8).round(2))
    36.0
    """
    there_and_back_km = 2 * np.asarray(distance_km, dtype=float)
    hours = there_and_back_km / vehicle.haul_km_per_h + vehicle.unload_h
    return (there_and_back_km * vehicle.cny_per_km + hours * vehicle.crew_cny_per_h) / load_t
