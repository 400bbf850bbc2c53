"""A made-up city as an `Instance`."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from siting.errors import DataError, raise_faults
from siting.instance import Demand, Floats, Instance, Ints, Links, Options, Sites, Walks
from siting.synthetic.figures import (
    CELLS_KG_PER_RESIDENT_DAY,
    LAND_ANNUITY,
    PARTICIPATION_AT_DOOR,
    PARTICIPATION_DECAY_M,
    RATES,
    SizeFigures,
    TypeFigures,
    facility_types,
    falling_shares,
    link_rates_of,
    materials_of,
    n_household,
)
from siting.synthetic.targets import targets_of
from siting.synthetic.town import Town, make_town
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon

POINTS_PER_NODE, STATIONS_PER_NODE, CENTRES_PER_NODE = 1.35, 0.05, 0.01
LEAST_NODES = 30
WALK_CUTOFF_M, LEAST_DETOUR, MOST_DETOUR = 1_000.0, 1.2, 1.5
POINTS_PER_CELL, STATIONS_PER_POINT, CENTRES_PER_STATION, CENTRES_PER_GENERATOR = 32, 6, 15, 12


def synthetic_instance(
    n_demand: int,
    *,
    n_points: int | None = None,
    n_stations: int | None = None,
    n_centres: int | None = None,
    n_materials: int = 3,
    seed: int = 1,
) -> Instance:
    """Make up a city, the same for the same arguments, with targets that some plan meets.

    Parameters
    ----------
    n_demand
        Demand nodes, at least 30: residential cells, and 5 % commercial and industrial generators.
    n_points, n_stations, n_centres
        Candidate sites of each echelon; 1.35, 0.05 and 0.01 for each demand node where left out.
    n_materials
        A third of them (at least one) arise in households, the others at generators.
    seed
        Of all that is drawn.

    Raises
    ------
    DataError
        If a number is too small.

    >>> city = synthetic_instance(100, seed=3)
    >>> city.name, city.n_demand, city.n_sites
    ('synthetic-100-seed-3', 100, 142)
    """
    wanted = (
        round(POINTS_PER_NODE * n_demand) if n_points is None else n_points,
        max(2, round(STATIONS_PER_NODE * n_demand)) if n_stations is None else n_stations,
        max(2, round(CENTRES_PER_NODE * n_demand)) if n_centres is None else n_centres,
    )
    numbers = dict(zip(("n_materials", "n_points", "n_stations", "n_centres"), (n_materials, *wanted), strict=True))
    faults = [f"{name}: {number}; give at least 1" for name, number in numbers.items() if number < 1]
    if n_demand < LEAST_NODES:
        faults.insert(0, f"n_demand: {n_demand}; give at least {LEAST_NODES}")
    raise_faults(faults, DataError)
    rng = np.random.default_rng(seed)
    town = make_town(rng, n_demand, n_materials, wanted)
    instance = _without_targets(rng, town, n_materials, f"synthetic-{n_demand}-seed-{seed}")
    return dataclasses.replace(instance, targets=targets_of(instance))


def _without_targets(rng: np.random.Generator, town: Town, n_materials: int, name: str) -> Instance:
    types = facility_types(n_materials)
    n = len(town.residents)
    return Instance(
        name=name,
        year=1,
        districts=np.array([f"synthetic-{number + 1:02d}" for number in range(town.n_districts)]),
        facility_types=np.array([kind.name for kind in types]),
        type_echelon=np.array([kind.echelon for kind in types], dtype=np.int64),
        materials=materials_of(n_materials, town.n_districts),
        demand=Demand(
            id=np.char.add("node-", np.arange(n).astype(str)),
            district=town.node_district,
            residents=town.residents,
            tonnes=town.tonnes + _household_t(town, n_materials),
            kind=np.where(town.residents > 0, DemandKind.HOUSEHOLD, DemandKind.GENERATOR),
            must_serve=np.zeros(n, dtype=bool),
        ),
        sites=dataclasses.replace(
            Sites.neutral(np.char.add("site-", np.arange(len(town.echelon)).astype(str)), town.echelon),
            district=town.site_district,
            area_m2=town.area_m2,
        ),
        options=_options(town, types, n_materials),
        walks=_walks(rng, town),
        direct=_direct(rng, town),
        haul=_haul(rng, town),
        link_rates=link_rates_of(n_materials),
        rates=RATES,
    )


def _household_t(town: Town, n_materials: int) -> Floats:
    """Return tonnes a year that arise in each cell, (n_demand, n_materials), every cell in the same mix."""
    mix = np.zeros(n_materials)
    mix[: n_household(n_materials)] = falling_shares(n_household(n_materials))
    return np.asarray(town.residents[:, None] * mix * CELLS_KG_PER_RESIDENT_DAY * 365 / 1000)


def _options(town: Town, types: tuple[TypeFigures, ...], n_materials: int) -> Options:
    """Return every size of every type at each site of its echelon that has the land, by site."""
    variants = [(number, size) for number, kind in enumerate(types) for size in kind.sizes]
    fits = [(town.echelon == types[number].echelon) & (town.area_m2 >= size.area_m2) for number, size in variants]
    site, variant = np.nonzero(np.stack(fits, axis=1))
    type_of = np.array([number for number, _ in variants], dtype=np.int64)[variant]
    is_household = np.arange(n_materials) < n_household(n_materials)
    of_size: dict[str, Any] = {
        field.name: np.array([getattr(size, field.name) for _, size in variants])[variant]
        for field in dataclasses.fields(SizeFigures)
    }
    land_cny = of_size["area_m2"] * town.land_cny_per_m2[site]
    of_size["capex_cny"] = of_size["capex_cny"] + land_cny / LAND_ANNUITY
    return dataclasses.replace(
        Options.neutral(site, type_of, n_materials),
        min_load_t=of_size["capacity_t"] * np.array([kind.min_load_share for kind in types])[type_of],
        land_cny=land_cny,
        unit_cny_per_t=np.array(
            [np.where(is_household, kind.first_cny_per_t, kind.other_cny_per_t) for kind in types],
        )[type_of],
        unit_kwh_per_t=np.array([[kind.kwh_per_t] * n_materials for kind in types])[type_of],
        accepts=np.array([[kind.only_material in (None, m) for m in range(n_materials)] for kind in types])[type_of],
        **of_size,
    )


def _walks(rng: np.random.Generator, town: Town) -> Walks:
    """Return walks from each cell to its nearest points within the cut-off, by cell and distance."""
    cells = np.flatnonzero(town.residents > 0)
    points = np.flatnonzero(town.echelon == Echelon.POINT)
    reach_m = WALK_CUTOFF_M / LEAST_DETOUR
    cell, point, metres = _nearest(town.node_m[cells], town.site_m[points], POINTS_PER_CELL, within_m=reach_m)
    metres = metres * rng.uniform(LEAST_DETOUR, MOST_DETOUR, len(metres))
    near = metres <= WALK_CUTOFF_M
    metres = np.round(metres[near], 1)
    share = PARTICIPATION_AT_DOOR * np.exp(-metres / PARTICIPATION_DECAY_M)
    return Walks(cells[cell[near]], points[point[near]], metres, share, np.zeros(len(metres)))


def _haul(rng: np.random.Generator, town: Town) -> Links:
    """Return haul links from points to their nearest stations and from stations to their nearest centres."""
    points, stations, centres = (
        np.flatnonzero(town.echelon == echelon) for echelon in (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING)
    )
    first = _links(rng, (town.site_m, points), (town.site_m, stations), STATIONS_PER_POINT, "point_to_transfer")
    second = _links(rng, (town.site_m, stations), (town.site_m, centres), CENTRES_PER_STATION, "transfer_to_sorting")
    return Links(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in vars(first)))


def _direct(rng: np.random.Generator, town: Town) -> Links:
    """Return haul links from generators to their nearest centres."""
    generators, centres = np.flatnonzero(town.residents == 0), np.flatnonzero(town.echelon == Echelon.SORTING)
    ends = (town.node_m, generators), (town.site_m, centres)
    return _links(rng, *ends, CENTRES_PER_GENERATOR, "generator_to_sorting")


def _links(
    rng: np.random.Generator, tails: tuple[Floats, Ints], heads: tuple[Floats, Ints], nearest: int, name: str
) -> Links:
    """Return links of a class from each tail to its nearest heads; each end is (places in metres, rows that count)."""
    (tail_m, tail_row), (head_m, head_row) = tails, heads
    tail, head, metres = _nearest(tail_m[tail_row], head_m[head_row], nearest)
    detour = rng.uniform(LEAST_DETOUR, MOST_DETOUR, len(metres))
    number = LINK_CLASSES.index(name)
    return Links(
        tail=tail_row[tail],
        head=head_row[head],
        distance_m=np.round(metres * detour, 1),
        link_class=np.full(len(tail), number, dtype=np.int64),
        rate=np.full(len(tail), int(name != "point_to_transfer"), dtype=np.int64),
    )


def _nearest(from_m: Floats, to_m: Floats, most: int, *, within_m: float = np.inf) -> tuple[Ints, Ints, Floats]:
    """Return (row of `from_m`, row of `to_m`, straight metres) of the nearest pairs, by row and distance."""
    most = min(most, len(to_m))
    found = KDTree(to_m).query(from_m, k=np.arange(1, most + 1), distance_upper_bound=within_m)
    metres, to = np.asarray(found[0]), np.asarray(found[1], dtype=np.int64)
    row, rank = np.nonzero(np.isfinite(metres))
    return row.astype(np.int64), to[row, rank], metres[row, rank]
