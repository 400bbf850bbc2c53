"""Instances small enough to be solved without a solver: one made by hand, and random ones."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import strategies as st

from siting.instance import (
    Demand,
    Instance,
    LinkRates,
    Links,
    Materials,
    Options,
    Rates,
    Sites,
    Target,
    Walks,
)
from siting.vocabulary import DemandKind, Echelon, Measure

YEAR = 2030
FACILITY_TYPES = np.array(["point", "paper_point", "transfer", "sorting", "paper_sorting"])
TYPE_ECHELON = np.array([Echelon.POINT, Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING, Echelon.SORTING])
POINT, PAPER_POINT, TRANSFER, SORTING, PAPER_SORTING = range(len(FACILITY_TYPES))
P2T, T2S, G2S = range(3)


def hand_instance() -> Instance:
    """Two cells and three points, whose optimum is 1,550 CNY a year.

    A collected tonne earns 200 CNY: sales 0.8 × 500 = 400 and subsidy 50; less purchase 100, disposal 0.2 × 100 = 20,
    haul (10 km × 2 + 10) + (20 km × 1 + 10) = 60, operation 5 + 15 + 40 = 60, carbon (10 + 20 × 0.5 + 80) × 0.1 = 10.
    The 5 t of generator g1 earn 240 each: haul is 10 km × 2 + 22 = 42, operation 40, carbon (10 + 70) × 0.1 = 8.

    Cells A and B have 1,000 residents and 10 t each; all residents must be within 500 m of a point. p1 serves A and p2
    serves B at 100 m, where half the tonnes come: together 10 t for 2,000 CNY. p3 serves both at 400 m, where 0.4 come:
    8 t for 1,500 CNY, and 50 CNY for the tonne that the soft target of 9 t misses. The existing station and centre cost
    300 and 2,400 + 1,000 kWh × 0.1 = 2,500.

        p3       1,500 − 1,600 + 50 + 2,800 − 1,200 = 1,550
        p1, p2   2,000 − 2,000      + 2,800 − 1,200 = 1,600
        p1, p3   2,500 − 1,800      + 2,800 − 1,200 = 2,300
    """
    site_echelon = np.array([Echelon.POINT] * 3 + [Echelon.TRANSFER, Echelon.SORTING])
    instance = Instance(
        name="hand",
        year=YEAR,
        districts=np.array(["north", "south"]),
        facility_types=FACILITY_TYPES,
        type_echelon=TYPE_ECHELON,
        materials=Materials(
            id=np.array(["paper"]),
            residue_share=np.array([0.2]),
            sales_cny_per_t=np.array([500.0]),
            purchase_cny_per_t=np.array([100.0]),
            subsidy_cny_per_t=np.full((2, 1), 50.0),
            avoided_kg_co2e_per_t=np.zeros(1),
        ),
        demand=Demand(
            id=np.array(["A", "B", "g1"]),
            district=np.array([0, 1, 1]),
            residents=np.array([1000.0, 1000.0, 0.0]),
            tonnes=np.array([[10.0], [10.0], [5.0]]),
            kind=np.array([DemandKind.HOUSEHOLD, DemandKind.HOUSEHOLD, DemandKind.GENERATOR]),
            must_serve=np.zeros(3, dtype=np.bool_),
        ),
        sites=Sites(
            id=np.array(["p1", "p2", "p3", "t1", "s1"]),
            echelon=site_echelon,
            district=np.array([0, 1, 1, 0, 1]),
            area_m2=np.array([20.0, 20.0, 20.0, 500.0, 2000.0]),
            must_open=np.array([False, False, False, True, True]),
            is_shared=np.array([True, False, False, False, False]),
            closing_cny=np.zeros(5),
        ),
        options=Options(
            site=np.arange(5),
            type=np.array([POINT, POINT, POINT, TRANSFER, SORTING]),
            size=np.array(["S"] * 5),
            capacity_t=np.array([10.0, 10.0, 10.0, 20.0, 25.0]),
            max_load_share=np.ones(5),
            peak_factor=np.ones(5),
            min_load_t=np.array([0.0, 0.0, 0.0, 1.0, 2.0]),
            least_use_t=np.zeros(5),
            area_m2=np.array([20.0, 20.0, 20.0, 400.0, 1500.0]),
            capex_cny=np.array([7000.0, 7000.0, 10_000.0, 0.0, 0.0]),
            vehicles=np.zeros(5),
            investment_cny=np.array([700.0, 700.0, 1000.0, 0.0, 0.0]),
            land_cny=np.array([100.0, 100.0, 200.0, 0.0, 0.0]),
            fixed_operation_cny=np.array([200.0, 200.0, 300.0, 300.0, 2400.0]),
            fixed_kwh=np.array([0.0, 0.0, 0.0, 0.0, 1000.0]),
            unit_cny_per_t=np.array([[5.0], [5.0], [5.0], [15.0], [40.0]]),
            unit_kwh_per_t=np.array([[0.0], [0.0], [0.0], [10.0], [70.0]]),
            accepts=np.ones((5, 1), dtype=np.bool_),
            is_existing=np.array([False, False, False, True, True]),
        ),
        walks=Walks(
            demand=np.array([0, 1, 0, 1]),
            site=np.array([0, 1, 2, 2]),
            distance_m=np.array([100.0, 100.0, 400.0, 400.0]),
            participation=np.array([0.5, 0.5, 0.4, 0.4]),
            cost_cny=np.zeros(4),
        ),
        direct=Links(
            tail=np.array([2]),
            head=np.array([4]),
            distance_m=np.array([10_000.0]),
            link_class=np.array([G2S]),
            rate=np.array([G2S]),
        ),
        haul=Links(
            tail=np.array([0, 1, 2, 3]),
            head=np.array([3, 3, 3, 4]),
            distance_m=np.array([10_000.0, 10_000.0, 10_000.0, 20_000.0]),
            link_class=np.array([P2T, P2T, P2T, T2S]),
            rate=np.array([P2T, P2T, P2T, T2S]),
        ),
        link_rates=LinkRates(
            vehicle=np.array(["small", "large", "own"]),
            cny_per_tkm=np.array([2.0, 1.0, 2.0]),
            unload_cny_per_t=np.array([10.0, 10.0, 22.0]),
            kg_co2e_per_tkm=np.array([1.0, 0.5, 1.0]),
            h_per_tkm=np.zeros(3),
            unload_h_per_t=np.zeros(3),
            hours_per_year=np.zeros(3),
            haul_factor=np.ones((3, 1)),
        ),
        rates=Rates(disposal_cny_per_t=100.0, carbon_cny_per_t=100.0, avoided_cny_per_t=0.0, grid_kg_co2e_per_kwh=1.0),
    )
    households = np.array([True, True, False])
    return dataclasses.replace(
        instance,
        targets=(
            make_target(instance, Measure.SERVED, 1.0, within_m=500.0),
            make_target(instance, Measure.COLLECTED, 9.0, penalty_cny=50.0, in_unit_demand=households),
        ),
    )


def make_target(
    instance,
    measure,
    value,
    *,
    penalty_cny=None,
    is_at_least=True,
    echelon=None,
    within_m=None,
    district=None,
    in_unit_demand=None,
    counts_type=None,
    counts_material=None,
) -> Target:
    """A target of one district, or of the whole city, that counts everything unless it is told what."""
    everywhere = district is None
    in_demand = np.full(instance.n_demand, True) if everywhere else instance.demand.district == district
    in_site = np.full(instance.n_sites, True) if everywhere else instance.sites.district == district
    unit = "city" if everywhere else str(instance.districts[district])
    all_counted = instance.hard_target(measure, float(value), is_at_least=is_at_least)
    return dataclasses.replace(
        all_counted,
        id=f"{measure.value}-{unit}-{'hard' if penalty_cny is None else 'soft'}",
        unit=unit,
        year=YEAR,
        echelon=echelon,
        within_m=within_m,
        penalty_cny=penalty_cny,
        source="test",
        responsible=unit,
        in_unit_demand=in_demand if in_unit_demand is None else in_unit_demand,
        in_unit_site=in_site,
        counts_type=all_counted.counts_type if counts_type is None else counts_type,
        counts_material=all_counted.counts_material if counts_material is None else counts_material,
    )


def tiny_instance(
    seed: int | np.random.Generator,
    *,
    n_cells=3,
    n_points=3,
    n_transfers=2,
    n_centres=2,
    n_generators=1,
    n_materials=2,
    has_targets=True,
) -> Instance:
    """A random instance in two districts, with all that the contract knows.

    Points stand in two sizes; the last is for paper only (material 0), and cell 0 has nothing else. The first station
    exists and must stay. Centres in turn take everything, in two sizes, or paper only. `has_targets=False` leaves the
    targets out, so that a plan always exists.
    """
    rng = np.random.default_rng(seed)
    n_demand, n_sites = n_cells + n_generators, n_points + n_transfers + n_centres
    demand = _demand(rng, n_cells, n_generators, n_materials)
    echelon = np.repeat([Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING], [n_points, n_transfers, n_centres])
    sites = _sites(rng, echelon)
    at_km = rng.uniform(0, 12, (n_demand + n_sites, 2))
    demand_km, site_km = at_km[:n_demand], at_km[n_demand:]
    tails = {e: np.flatnonzero(echelon == e) for e in Echelon}
    generators = np.arange(n_cells, n_demand)
    instance = Instance(
        name=f"tiny {seed}",
        year=YEAR,
        districts=np.array(["north", "south"]),
        facility_types=FACILITY_TYPES,
        type_echelon=TYPE_ECHELON,
        materials=_materials(rng, n_materials),
        demand=demand,
        sites=sites,
        options=_options(rng, sites, n_materials, demand.tonnes.sum()),
        walks=_walks(rng, n_cells, n_points),
        direct=_link(generators, tails[Echelon.SORTING], demand_km, site_km, G2S),
        haul=_join(
            _link(tails[Echelon.POINT], tails[Echelon.TRANSFER], site_km, site_km, P2T),
            _link(tails[Echelon.TRANSFER], tails[Echelon.SORTING], site_km, site_km, T2S),
        ),
        link_rates=LinkRates(
            vehicle=np.array(["small", "large", "own"]),
            cny_per_tkm=rng.uniform([1.5, 0.5, 0.8], [3.0, 1.5, 2.0]),
            unload_cny_per_t=rng.uniform([5, 5, 5], [30, 15, 30]),
            kg_co2e_per_tkm=rng.uniform([0.1, 0.05, 0.1], [0.4, 0.2, 0.4]),
            h_per_tkm=np.zeros(3),
            unload_h_per_t=np.zeros(3),
            hours_per_year=np.zeros(3),
            haul_factor=np.ones((3, n_materials)),
        ),
        rates=Rates(
            disposal_cny_per_t=float(rng.uniform(100, 300)),
            carbon_cny_per_t=float(rng.uniform(50, 500)),
            avoided_cny_per_t=0.0,
            grid_kg_co2e_per_kwh=float(rng.uniform(0.3, 0.9)),
        ),
    )
    return dataclasses.replace(instance, targets=_targets(rng, instance)) if has_targets else instance


def tiny_instances(**sizes) -> st.SearchStrategy[Instance]:
    """Hypothesis strategy of random tiny instances."""
    return st.integers(0, 10_000).map(lambda seed: tiny_instance(seed, **sizes))


def _demand(rng, n_cells, n_generators, n_materials) -> Demand:
    n_demand = n_cells + n_generators
    is_generator = np.arange(n_demand) >= n_cells
    tonnes = rng.integers(2, 30, (n_demand, n_materials)).astype(float)
    tonnes[0, 1:] = 0
    return Demand(
        id=np.array([f"c{i}" for i in range(n_cells)] + [f"g{i}" for i in range(n_generators)]),
        district=rng.integers(0, 2, n_demand),
        residents=np.where(is_generator, 0.0, rng.integers(1, 20, n_demand) * 100.0),
        tonnes=tonnes,
        kind=np.where(is_generator, DemandKind.GENERATOR, DemandKind.HOUSEHOLD),
        must_serve=np.zeros(n_demand, dtype=np.bool_),
    )


def _sites(rng, echelon) -> Sites:
    n_sites = len(echelon)
    first_station = int(np.flatnonzero(echelon == Echelon.TRANSFER)[0])
    return Sites(
        id=np.array([f"{'pts'[e]}{j}" for j, e in enumerate(echelon)]),
        echelon=echelon.astype(np.int64),
        district=rng.integers(0, 2, n_sites),
        area_m2=rng.uniform([20, 200, 1000], [60, 600, 4000], (n_sites, 3))[np.arange(n_sites), echelon],
        must_open=np.arange(n_sites) == first_station,
        is_shared=np.arange(n_sites) % 2 == 0,
        closing_cny=np.zeros(n_sites),
    )


def _options(rng, sites, n_materials, offered_t) -> Options:
    """One size or two at each site: the large one takes twice as much and costs 1.6 times as much."""
    kinds = [_site_kind(sites, site) for site in range(len(sites.id))]
    rows = [(site, *kind, size) for site, (*kind, n_sizes) in enumerate(kinds) for size in range(n_sizes)]
    site, type_, size = (np.array(column) for column in zip(*rows, strict=True))
    echelon, n = sites.echelon[site], len(rows)
    small_t = offered_t * np.array([0.2, 0.3, 0.4])[echelon]
    scale = np.where(size == 0, 1.0, 1.6)
    base_cny = np.array([300.0, 800.0, 1500.0])[echelon] * scale
    is_existing = sites.must_open[site]
    accepts = np.ones((n, n_materials), dtype=np.bool_)
    accepts[np.isin(type_, [PAPER_POINT, PAPER_SORTING]), 1:] = False
    capacity_t = np.round(small_t * rng.uniform(0.6, 1.6, n)[site] * (1 + size), 1)
    return Options(
        site=site,
        type=type_,
        size=np.array(["S", "L"])[size],
        capacity_t=capacity_t,
        max_load_share=np.ones(n),
        peak_factor=np.ones(n),
        min_load_t=np.where(rng.random(n) < 0.4, np.round(capacity_t * 0.15, 1), 0.0) * ~is_existing,
        least_use_t=np.zeros(n),
        area_m2=np.array([20.0, 200.0, 1000.0])[echelon] * (1 + size),
        capex_cny=base_cny * 10 * ~is_existing,
        vehicles=np.where(echelon == 0, 0.5 * (1 + size), 0.0),
        investment_cny=base_cny * rng.uniform(0.5, 1.5, n) * ~is_existing,
        land_cny=base_cny * rng.uniform(0.1, 0.3, n) * ~is_existing,
        fixed_operation_cny=base_cny * rng.uniform(0.1, 0.5, n),
        fixed_kwh=base_cny * rng.uniform(0.1, 0.5, n),
        unit_cny_per_t=rng.uniform(5, 40, (n, n_materials)),
        unit_kwh_per_t=rng.uniform(5, 60, (n, n_materials)),
        accepts=accepts,
        is_existing=is_existing,
    )


def _site_kind(sites, site) -> tuple[int, int]:
    """Facility type of a site and its number of sizes."""
    echelon, rank = sites.echelon[site], site - int(np.flatnonzero(sites.echelon == sites.echelon[site])[0])
    if echelon == Echelon.POINT:
        is_last = site + 1 == len(sites.id) or sites.echelon[site + 1] != Echelon.POINT
        return (PAPER_POINT, 1) if is_last and rank else (POINT, 2)
    if echelon == Echelon.TRANSFER:
        return TRANSFER, 1 if sites.must_open[site] else 2
    return (PAPER_SORTING, 1) if rank % 2 else (SORTING, 2)


def _materials(rng, n_materials) -> Materials:
    return Materials(
        id=np.array(["paper", "plastic", "glass", "metal"])[:n_materials],
        residue_share=rng.uniform(0.05, 0.4, n_materials),
        sales_cny_per_t=rng.uniform(100, 900, n_materials),
        purchase_cny_per_t=rng.uniform(0, 300, n_materials),
        subsidy_cny_per_t=np.tile(rng.uniform(0, 150, n_materials), (2, 1)),
        avoided_kg_co2e_per_t=np.zeros(n_materials),
    )


def _walks(rng, n_cells, n_points) -> Walks:
    """Most pairs; participation falls with distance."""
    cell, site = np.divmod(np.arange(n_cells * n_points), n_points)
    near = rng.random(len(cell)) < 0.8
    distance_m = np.round(rng.uniform(50, 1500, len(cell)))[near]
    return Walks(
        demand=cell[near],
        site=site[near],
        distance_m=distance_m,
        participation=np.clip(1 - distance_m / 2000, 0, 1),
        cost_cny=np.zeros(len(distance_m)),
    )


def _link(tails, heads, tail_km, head_km, link_class) -> Links:
    tail, head = np.repeat(tails, len(heads)), np.tile(heads, len(tails))
    distance_m = 1000 * np.hypot(*(tail_km[tail] - head_km[head]).T)
    kind = np.full(len(tail), link_class)
    return Links(tail=tail, head=head, distance_m=distance_m, link_class=kind, rate=kind)


def _join(*links) -> Links:
    return Links(*(np.concatenate([getattr(part, f.name) for part in links]) for f in dataclasses.fields(Links)))


def _targets(rng, instance) -> tuple[Target, ...]:
    """A soft target on every measure and hard ones on some, in the city and in a district."""
    offered_t = float(instance.demand.tonnes.sum())
    only_paper = np.arange(instance.n_materials) == 0
    general = ~np.isin(np.arange(len(FACILITY_TYPES)), [PAPER_POINT, PAPER_SORTING])
    district = int(rng.integers(2))

    def soft(measure, value, penalty_cny, **what):
        return make_target(instance, measure, value, penalty_cny=float(penalty_cny * rng.uniform(0.3, 2)), **what)

    def hard(measure, value, **what):
        return make_target(instance, measure, value, **what)

    always = (
        soft(Measure.COUNT, 2, 400, echelon=Echelon.POINT, counts_type=general),
        soft(Measure.COVERAGE, rng.uniform(0.6, 1.0), 3000, within_m=1000.0),
        soft(Measure.COVERAGE, rng.uniform(0.3, 0.6), 1000, within_m=500.0, district=district),
        soft(Measure.COLLECTED, offered_t * 0.5, 100, counts_material=only_paper),
        soft(Measure.PROCESSED, offered_t * 0.3, 200, counts_type=general),
        soft(Measure.CAPACITY, offered_t * rng.uniform(0.2, 0.8), 10, echelon=Echelon.SORTING, is_at_least=False),
    )
    sometimes = (
        hard(Measure.COUNT, 4, is_at_least=False),
        hard(Measure.COUNT, 1, echelon=Echelon.POINT),
        hard(Measure.COVERAGE, rng.uniform(0.1, 0.5), within_m=1000.0),
        hard(Measure.COLLECTED, offered_t * 0.15, district=district),
        hard(Measure.COLLECTED, offered_t * 0.4, is_at_least=False),
        hard(Measure.PROCESSED, offered_t * 0.2),
        hard(Measure.CAPACITY, offered_t * 0.3, echelon=Echelon.SORTING),
        hard(Measure.COVERAGE, 0.9, within_m=1500.0, is_at_least=False),
    )
    return always + tuple(target for target in sometimes if rng.random() < 0.3)
