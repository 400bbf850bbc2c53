"""Places of a synthetic city: population cells, generators and candidates around several centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from siting.instance import Floats, Ints
from siting.synthetic.figures import INDUSTRY_T_PER_NODE, falling_shares, n_household
from siting.vocabulary import Echelon

CELL_M = 500.0
SQUARES_PER_CELL = 5.4
"""Squares of the city for each one that people live in."""
MEAN_RESIDENTS, FEWEST_RESIDENTS, MOST_RESIDENTS = 1550.0, 85.0, 13_000.0
NODES_PER_DISTRICT, MOST_DISTRICTS = 600, 60
GENERATORS_PER_NODE = 0.05


@dataclass(frozen=True)
class Town:
    """Places in metres: cells first, then generators, in the demand nodes; points, stations, centres in the sites.

    `node_m` and `site_m` (n, 2); `residents`, `node_district` (n_demand,); `tonnes` (n_demand, n_materials) of
    generators, 0 for cells; `echelon`, `site_district`, `area_m2`, `land_cny_per_m2` (n_sites,): a year's price.
    """

    node_m: Floats
    residents: Floats
    tonnes: Floats
    node_district: Ints
    site_m: Floats
    echelon: Ints
    site_district: Ints
    area_m2: Floats
    land_cny_per_m2: Floats
    n_districts: int


def make_town(rng: np.random.Generator, n_demand: int, n_materials: int, n_sites: tuple[int, int, int]) -> Town:
    """Return a town of `n_demand` nodes and so many points, stations and centres."""
    n_generators = max(n_materials - n_household(n_materials), 1, round(GENERATORS_PER_NODE * n_demand))
    cells_m, density = _cells(rng, n_demand - n_generators)
    residents = _residents(rng, density)
    generators_m = _near(rng, cells_m, density**0.2, n_generators, spread_m=2_000.0)
    weights = (residents**0.7, residents**0.5, density**-0.3)
    spreads_m = (250.0, 800.0, 2_500.0)
    places = zip(weights, n_sites, spreads_m, strict=True)
    site_m = np.vstack([_near(rng, cells_m, weight, n, spread_m=spread_m) for weight, n, spread_m in places])
    middles = KDTree(_district_middles(rng, cells_m, residents))
    echelon = np.repeat(np.array([Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING], dtype=np.int64), n_sites)
    node_m = np.vstack([cells_m, generators_m])
    around = density[KDTree(cells_m).query(site_m)[1]]
    price = 60.0 * (around / np.median(density)) ** 0.5 * rng.lognormal(0.0, 0.3, len(site_m))
    return Town(
        node_m=node_m,
        residents=np.concatenate([residents, np.zeros(n_generators)]),
        tonnes=np.vstack([np.zeros((len(cells_m), n_materials)), _offers(rng, n_demand, n_generators, n_materials)]),
        node_district=np.asarray(middles.query(node_m)[1], dtype=np.int64),
        site_m=site_m,
        echelon=echelon,
        site_district=np.asarray(middles.query(site_m)[1], dtype=np.int64),
        area_m2=_areas(rng, n_sites),
        land_cny_per_m2=np.clip(price, 15.0, 600.0),
        n_districts=middles.n,
    )


def _cells(rng: np.random.Generator, n: int) -> tuple[Floats, Floats]:
    """Return the middles of n squares in metres, (n, 2), and how densely each is settled, (n,); no square twice."""
    side = int(np.ceil(np.sqrt(SQUARES_PER_CELL * n)))
    across = (np.arange(side) + 0.5) * CELL_M
    squares_m = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
    density = _density(rng, squares_m, side * CELL_M)
    lot = rng.exponential(size=len(squares_m)) / density  # sampled by density, without replacement
    chosen = np.sort(np.argpartition(lot, n - 1)[:n])
    jitter_m = rng.uniform(-0.3, 0.3, (n, 2)) * CELL_M
    return squares_m[chosen] + jitter_m, density[chosen]


def _density(rng: np.random.Generator, at_m: Floats, side_m: float) -> Floats:
    """Return residents of cells: exponential decay around a main and minor centres, over a thin countryside."""
    n_middles = int(np.clip(side_m / 12_000.0, 1, 24))
    middle_m = rng.uniform(0.12, 0.88, (n_middles, 2)) * side_m
    middle_m[0] = side_m / 2
    size = rng.uniform(0.15, 0.5, n_middles)
    size[0] = 1.0
    reach_m = 0.13 * side_m * np.sqrt(size / n_middles**0.5)
    density = np.full(len(at_m), 0.02)
    for middle, height, reach in zip(middle_m, size, reach_m, strict=True):
        density += height * np.exp(-np.hypot(*(at_m - middle).T) / reach)
    return density


def _residents(rng: np.random.Generator, density: Floats) -> Floats:
    """Return the integer residents of each cell, (n_cells,)."""
    raw = density**0.6 * rng.lognormal(0.0, 0.7, len(density))
    return np.asarray(np.clip(np.rint(raw * MEAN_RESIDENTS / raw.mean()), FEWEST_RESIDENTS, MOST_RESIDENTS))


def _near(rng: np.random.Generator, cells_m: Floats, weight: Floats, n: int, *, spread_m: float) -> Floats:
    """Draw places, each somewhere in a cell drawn by weight, (n, 2)."""
    cell = rng.choice(len(cells_m), size=n, p=weight / weight.sum())
    return np.asarray(cells_m[cell] + rng.uniform(-spread_m, spread_m, (n, 2)))


def _district_middles(rng: np.random.Generator, cells_m: Floats, residents: Floats) -> Floats:
    """Return the centres of the districts, which are their Voronoi cells, (n_districts, 2)."""
    n = int(np.clip(len(cells_m) // NODES_PER_DISTRICT, 2, MOST_DISTRICTS))
    chosen = rng.choice(len(cells_m), size=n, replace=False, p=residents / residents.sum())
    return np.asarray(cells_m[chosen])


def _offers(rng: np.random.Generator, n_demand: int, n_generators: int, n_materials: int) -> Floats:
    """Return the tonnes a year that each generator offers of its one material, (n_generators, n_materials)."""
    streams = np.arange(n_household(n_materials), n_materials) if n_materials > 1 else np.zeros(1, dtype=np.int64)
    offered = np.zeros((n_generators, n_materials))
    stream = np.arange(n_generators) % len(streams)
    raw = rng.lognormal(0.0, 0.8, n_generators)
    of_stream = np.bincount(stream, raw, minlength=len(streams))
    total_t = INDUSTRY_T_PER_NODE * n_demand * falling_shares(len(streams))
    offered[np.arange(n_generators), streams[stream]] = np.round(raw / of_stream[stream] * total_t[stream], 1)
    return offered


def _areas(rng: np.random.Generator, n_sites: tuple[int, int, int]) -> Floats:
    """Return the land of each site, m2: the smallest size of its echelon fits everywhere."""
    points, stations, centres = n_sites
    return np.round(
        np.concatenate(
            [
                np.clip(rng.lognormal(np.log(22.0), 0.32, points), 9.0, 80.0),
                np.clip(rng.lognormal(np.log(1_200.0), 0.5, stations), 505.0, 4_000.0),
                rng.uniform(4_520.0, 80_000.0, centres),
            ]
        )
    )
