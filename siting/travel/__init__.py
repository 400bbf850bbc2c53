"""Distances over the road network: who can walk where, and where loads can go.

Plain arrays of metric coordinates in, sparse pairs of places out; nothing here knows of tables or maps.

>>> import numpy as np
>>> street = Network(np.array([[0.0, 0.0], [1000.0, 0.0]]), np.array([[0, 1]]), np.array([1000.0]), np.array([True]))
>>> home, points = np.array([[100.0, 50.0]]), np.array([[600.0, 0.0], [990.0, -100.0]])
>>> pairs, report = walk_pairs(street, home, points, cutoff_m=800.0)
>>> pairs.destination.tolist(), pairs.distance_m.tolist()  # 50 m × 1.2 to the street, then 500 m along it
([0], [560.0])
"""

from siting.travel.barriers import Barriers, barriers_of
from siting.travel.cache import cached
from siting.travel.haul import haul_pairs
from siting.travel.network import (
    Dropped,
    Network,
    dropped_of,
    large_pieces,
    largest_part,
    network_of_lines,
    strong_core,
)
from siting.travel.pairs import Pairs, SnapReport, from_arrays, to_arrays
from siting.travel.walk import walk_pairs

__all__ = [
    "Barriers",
    "Dropped",
    "Network",
    "Pairs",
    "SnapReport",
    "barriers_of",
    "cached",
    "dropped_of",
    "from_arrays",
    "haul_pairs",
    "large_pieces",
    "largest_part",
    "network_of_lines",
    "strong_core",
    "to_arrays",
    "walk_pairs",
]
