"""Collection tours: what it costs to empty a point, by continuous approximation, and tours built to check it."""

from siting.tours.charge import DETOUR_CONSTANT, Vehicle, detour_km, haul_cny_per_t, line_haul_km, visit_cny
from siting.tours.density import (
    MIN_DENSITY_PER_KM2,
    MOST_SHARED,
    NEIGHBOURS,
    circuity_of,
    density_at_places,
    haul_circuity,
    local_density_per_km2,
)
from siting.tours.savings import Tours, savings_tours, stop_shares_km

__all__ = [
    "DETOUR_CONSTANT",
    "MIN_DENSITY_PER_KM2",
    "MOST_SHARED",
    "NEIGHBOURS",
    "Tours",
    "Vehicle",
    "circuity_of",
    "density_at_places",
    "detour_km",
    "haul_circuity",
    "haul_cny_per_t",
    "line_haul_km",
    "local_density_per_km2",
    "savings_tours",
    "stop_shares_km",
    "visit_cny",
]
