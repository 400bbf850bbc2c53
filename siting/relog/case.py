"""A case: products, centres that offer them, and plants that turn one product into others. Money in $, masses in t."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from siting.instance import Floats

EARTH_M, FLATTENING = 6_378_137.0, 1 / 298.257223563


@dataclass(frozen=True)
class Offer:
    """One product of one centre, by year: `amount_t`, and the cost of a tonne that is sent to a plant, (n_years,)."""

    centre: str
    product: str
    lat: float
    lon: float
    amount_t: Floats
    acquisition_per_t: Floats


@dataclass(frozen=True)
class CentreDisposal:
    """Disposal of a product where it is offered: rows of its `offers`; by year cost and limit (inf: none), (n_years,).

    The format up to 0.7 has one limit for all centres of a product, the later one a limit for each centre.
    """

    name: str
    product: str
    offers: tuple[int, ...]
    cost_per_t: Floats
    limit_t: Floats


@dataclass(frozen=True)
class PlantDisposal:
    """Disposal of an output at a plant, by year: cost and limit (inf: none), (n_years,)."""

    cost_per_t: Floats
    limit_t: Floats


@dataclass(frozen=True)
class Plant:
    """A plant of a type at a place; costs by year, (n_years,).

    Capacity is `least_t` on opening and can be extended by the tonne to `most_t`; `initial_t` stands already. `outputs`
    are tonnes of product per tonne processed.
    """

    type: str
    place: str
    lat: float
    lon: float
    input: str
    outputs: Mapping[str, float]
    disposal: Mapping[str, PlantDisposal]
    least_t: float
    most_t: float
    initial_t: float
    opening: Floats
    extension_per_t: Floats
    fixed: Floats
    fixed_per_t: Floats
    variable_per_t: Floats

    @property
    def extended_t(self) -> float:
        """Existing capacity above `least_t` before the first year, t."""
        return max(0.0, self.initial_t - self.least_t)


@dataclass(frozen=True)
class Case:
    """A whole case.

    `building` are the years, from 0, in which plants may open. `detour` multiplies straight distances. `transport` is
    the cost of each product per tonne-kilometre and `centre_operation` the fixed cost of all centres, (n_years,) each.
    """

    name: str
    n_years: int
    building: tuple[int, ...]
    detour: float
    transport: Mapping[str, Floats]
    offers: tuple[Offer, ...]
    leaving: tuple[CentreDisposal, ...]
    plants: tuple[Plant, ...]
    centre_operation: Floats

    @property
    def plant_disposals(self) -> list[tuple[int, str]]:
        """Row of the plant and product of each disposal at a plant."""
        return [(p, name) for p, plant in enumerate(self.plants) for name in plant.disposal if name in plant.outputs]

    @property
    def acquisition(self) -> float:
        """Cost of acquiring everything that is offered, over all years."""
        return float(sum(offer.acquisition_per_t @ offer.amount_t for offer in self.offers))


def distance_km(case: Case, start: Offer | Plant, end: Plant) -> float:
    """Return RELOG's distance: the straight line through the earth (WGS-84), rounded to 10 m, times the detour."""
    chord_m = float(np.linalg.norm(_in_space(start.lat, start.lon) - _in_space(end.lat, end.lon)))
    return round(chord_m / 1000, 2) * case.detour


def _in_space(lat_deg: float, lon_deg: float) -> Floats:
    """Return geocentric x, y, z of a place on the ellipsoid, m."""
    lat, lon = np.radians([lat_deg, lon_deg])
    squared = FLATTENING * (2 - FLATTENING)
    across = EARTH_M / np.sqrt(1 - squared * np.sin(lat) ** 2)
    return np.array(
        [across * np.cos(lat) * np.cos(lon), across * np.cos(lat) * np.sin(lon), across * (1 - squared) * np.sin(lat)]
    )
