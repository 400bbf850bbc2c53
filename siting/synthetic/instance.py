"""A made-up city as an `Instance`."""

from __future__ import annotations

import dataclasses

import numpy as np

from siting.errors import DataError, raise_faults
from siting.instance import Demand, Floats, Instance, Options, Sites
from siting.synthetic.figures import (
    CELLS_KG_PER_RESIDENT_DAY,
    LAND_ANNUITY,
    SizeFigures,
    TypeFigures,
    city_rates,
    facility_types,
    falling_shares,
    link_rates,
    materials_of,
    n_household,
)
from siting.synthetic.routes import direct_of, haul_of, walks_of
from siting.synthetic.targets import targets_of
from siting.synthetic.town import Town, make_town
from siting.vocabulary import DemandKind

POINTS_PER_NODE, STATIONS_PER_NODE, CENTRES_PER_NODE = 1.35, 0.05, 0.01
LEAST_NODES = 30


def synthetic_instance(
    n_demand: int,
    *,
    n_points: int | None = None,
    n_stations: int | None = None,
    n_centres: int | None = None,
    n_materials: int = 3,
    seed: int = 1,
) -> Instance:
    """A made-up city with so many demand nodes, the same for the same arguments; a plan that meets its targets exists.

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
    _refuse_small({"n_demand": (n_demand, LEAST_NODES), "n_materials": (n_materials, 1)}, wanted)
    rng = np.random.default_rng(seed)
    town = make_town(rng, n_demand, n_materials, wanted)
    instance = _without_targets(rng, town, n_materials, f"synthetic-{n_demand}-seed-{seed}")
    return dataclasses.replace(instance, targets=targets_of(instance))


def _refuse_small(numbers: dict[str, tuple[int, int]], wanted: tuple[int, int, int]) -> None:
    least = numbers | {name: (n, 1) for name, n in zip(("n_points", "n_stations", "n_centres"), wanted, strict=True)}
    raise_faults(
        [f"{name}: {value}; give at least {smallest}" for name, (value, smallest) in least.items() if value < smallest],
        DataError,
    )


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
        walks=walks_of(rng, town),
        direct=direct_of(rng, town),
        haul=haul_of(rng, town),
        link_rates=link_rates(),
        rates=city_rates(),
    )


def _household_t(town: Town, n_materials: int) -> Floats:
    """Tonnes a year that arise in each cell, (n_demand, n_materials), every cell in the same mix."""
    mix = np.zeros(n_materials)
    mix[: n_household(n_materials)] = falling_shares(n_household(n_materials))
    return np.asarray(town.residents[:, None] * mix * CELLS_KG_PER_RESIDENT_DAY * 365 / 1000)


def _options(town: Town, types: tuple[TypeFigures, ...], n_materials: int) -> Options:
    """Every size of every type at each site of its echelon that has the land, by site."""
    parts = []
    for number, kind in enumerate(types):
        for size in kind.sizes:
            held = np.flatnonzero((town.echelon == kind.echelon) & (town.area_m2 >= size.area_m2))
            parts.append((np.full(len(held), number), held, kind, size))
    site = np.concatenate([held for _, held, _, _ in parts])
    order = np.argsort(site, kind="stable")
    count = [len(held) for _, held, _, _ in parts]

    def of_size(figures: list[float]) -> Floats:
        return np.repeat(np.array(figures, dtype=float), count)[order]

    sizes: list[SizeFigures] = [size for _, _, _, size in parts]
    land_cny = of_size([size.area_m2 for size in sizes]) * town.land_cny_per_m2[site[order]]
    type_ = np.concatenate([one for one, _, _, _ in parts])[order]
    return dataclasses.replace(
        Options.neutral(site[order], type_, n_materials),
        size=np.repeat(np.array([size.name for size in sizes]), count)[order],
        capacity_t=of_size([size.capacity_t for size in sizes]),
        min_load_t=of_size([size.capacity_t * kind.min_load_share for _, _, kind, size in parts]),
        area_m2=of_size([size.area_m2 for size in sizes]),
        capex_cny=of_size([size.capex_cny for size in sizes]) + land_cny / LAND_ANNUITY,
        investment_cny=of_size([size.investment_cny for size in sizes]),
        land_cny=land_cny,
        fixed_operation_cny=of_size([size.fixed_operation_cny for size in sizes]),
        fixed_kwh=of_size([size.fixed_kwh for size in sizes]),
        unit_cny_per_t=np.repeat([_unit_cny(kind, n_materials) for _, _, kind, _ in parts], count, axis=0)[order],
        unit_kwh_per_t=of_size([kind.kwh_per_t for _, _, kind, _ in parts])[:, None] * np.ones(n_materials),
        accepts=np.repeat([_accepts(kind, n_materials) for _, _, kind, _ in parts], count, axis=0)[order],
    )


def _unit_cny(kind: TypeFigures, n_materials: int) -> list[float]:
    first = n_household(n_materials)
    return [kind.first_cny_per_t if material < first else kind.other_cny_per_t for material in range(n_materials)]


def _accepts(kind: TypeFigures, n_materials: int) -> list[bool]:
    return [kind.only_material in (None, material) for material in range(n_materials)]
