"""The optional parts of the model, each switched on in a random tiny instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from siting.instance import (
    Conversions,
    Demand,
    Disposals,
    Earlier,
    Expansions,
    Groups,
    Instance,
    Links,
    StagePrices,
    Stages,
    Target,
    Visits,
)
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon, Measure
from tests.tiny import PAPER_SORTING, SORTING, TRANSFER, YEAR, make_target

Part = Callable[[Instance, np.random.Generator], Instance]
LIKE_HEPING = ("nearest point", "collection tours", "reserve")
"""Parts that make a tiny instance like Heping: residents choose, points are emptied on tours, loads keep a reserve."""


def with_parts(instance: Instance, seed: int, *names: str) -> Instance:
    """The instance with these parts of the model switched on, one after the other."""
    for name in names:
        instance = PARTS[name](instance, np.random.default_rng([seed, len(name)]))
    return instance


def processing_base(instance: Instance, rng: np.random.Generator) -> Instance:
    """A base takes what paper centres sort; other material still ends at centres."""
    type_ = len(instance.facility_types)
    instance = dataclasses.replace(
        instance,
        facility_types=np.append(instance.facility_types, "base"),
        type_echelon=np.append(instance.type_echelon, Echelon.BASE),
        targets=tuple(_wider(target) for target in instance.targets),
    )
    offered_t = float(instance.demand.tonnes.sum())
    instance = _add_site(instance, Echelon.BASE, type_, capacity_t=offered_t, cny=float(rng.uniform(200, 900)))
    base, residue = instance.n_sites - 1, instance.materials.residue_share
    centres = np.flatnonzero(instance.sites.echelon == Echelon.SORTING)
    to_base = Conversions(
        type=np.array([SORTING, PAPER_SORTING]),
        material=np.array([0, 0]),
        product=np.array([0, 0]),
        t_per_t=1 - residue[[0, 0]],
    )
    links = _links(rng, centres, np.array([base]), "sorting_to_base", instance)
    return dataclasses.replace(instance, conversions=to_base, haul=_join(instance.haul, links))


def _wider(target: Target) -> Target:
    """The target where one more type may be counted."""
    return dataclasses.replace(target, counts_type=np.append(target.counts_type, target.counts_type.all()))


def dismantling(instance: Instance, rng: np.random.Generator) -> Instance:
    """Stations turn some of the last material into the first."""
    m = instance.n_materials
    share = float(rng.uniform(0.2, 0.7))
    rows = [(TRANSFER, k, k, 1.0) for k in range(m - 1)] + [
        (TRANSFER, m - 1, m - 1, 1 - share),
        (TRANSFER, m - 1, 0, share),
    ]
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return dataclasses.replace(instance, conversions=Conversions(*columns))


def booked_pickup(instance: Instance, rng: np.random.Generator) -> Instance:
    """A tenth of what each cell has is fetched at the door and goes straight to a station."""
    demand, cells = instance.demand, np.flatnonzero(instance.demand.is_household)
    share = 0.1
    tonnes = demand.tonnes.copy()
    tonnes[cells] *= 1 - share
    booked = Demand(
        id=np.concatenate([demand.id, [f"{one}-door" for one in demand.id[cells]]]),
        district=np.concatenate([demand.district, demand.district[cells]]),
        residents=np.concatenate([demand.residents, np.zeros(len(cells))]),
        tonnes=np.vstack([tonnes, demand.tonnes[cells] * share]),
        kind=np.concatenate([demand.kind, np.full(len(cells), DemandKind.BOOKED)]),
        must_serve=np.concatenate([demand.must_serve, np.zeros(len(cells), dtype=bool)]),
    )
    targets = tuple(
        dataclasses.replace(target, in_unit_demand=np.append(target.in_unit_demand, target.in_unit_demand[cells]))
        for target in instance.targets
    )
    stations = np.flatnonzero(instance.sites.echelon == Echelon.TRANSFER)
    links = _links(rng, instance.n_demand + np.arange(len(cells)), stations, "door_to_transfer", instance)
    return dataclasses.replace(instance, demand=booked, targets=targets, direct=_join(instance.direct, links))


def everyone_served(instance: Instance, rng: np.random.Generator) -> Instance:
    """Cells with a point that takes all they have must be served."""
    takes = np.zeros(instance.n_demand, dtype=bool)
    walks, accepts = instance.walks, instance.options.accepts
    for w in range(len(walks.demand)):
        has = instance.demand.tonnes[walks.demand[w]] > 0
        takes[walks.demand[w]] |= accepts[instance.options.site == walks.site[w]][:, has].all(axis=1).any()
    return dataclasses.replace(instance, demand=dataclasses.replace(instance.demand, must_serve=takes))


def nearest_point(instance: Instance, rng: np.random.Generator) -> Instance:
    return dataclasses.replace(instance, assigns_nearest=True)


def near_points(instance: Instance, rng: np.random.Generator) -> Instance:
    """Residents choose among the points that are not much farther than the nearest one."""
    return dataclasses.replace(instance, assigns_nearest=True, assignment_tolerance_m=float(rng.uniform(50, 400)))


def one_point_a_cell(instance: Instance, rng: np.random.Generator) -> Instance:
    return dataclasses.replace(instance, assigns_whole=True)


def walk_costs(instance: Instance, rng: np.random.Generator) -> Instance:
    cost_cny = rng.uniform(0, 300, len(instance.walks.demand))
    return dataclasses.replace(instance, walks=dataclasses.replace(instance.walks, cost_cny=cost_cny))


def light_material(instance: Instance, rng: np.random.Generator) -> Instance:
    """Material that fills vehicles, subsidies by district, avoided emissions with a price."""
    m = instance.n_materials
    materials = dataclasses.replace(
        instance.materials,
        subsidy_cny_per_t=rng.uniform(0, 300, (len(instance.districts), m)),
        avoided_kg_co2e_per_t=rng.uniform(100, 2000, m),
    )
    rates = dataclasses.replace(instance.rates, avoided_cny_per_t=float(rng.uniform(20, 100)))
    factor = rng.uniform(1, 4, instance.link_rates.haul_factor.shape)
    link_rates = dataclasses.replace(instance.link_rates, haul_factor=factor)
    return dataclasses.replace(instance, materials=materials, rates=rates, link_rates=link_rates)


def vehicles_by_zone(instance: Instance, rng: np.random.Generator) -> Instance:
    """A second vehicle on some links, dearer by the km."""
    rates, n = instance.link_rates, len(instance.link_rates.vehicle)
    more = _appended(
        rates, vehicle="night", cny_per_tkm=4.0, unload_cny_per_t=2.0, kg_co2e_per_tkm=0.5, h_per_tkm=0.05,
        unload_h_per_t=0.1, hours_per_year=2000.0, haul_factor=np.ones(instance.n_materials),
    )  # fmt: skip
    rate = np.where(rng.random(len(instance.haul.rate)) < 0.4, n, instance.haul.rate)
    return dataclasses.replace(instance, link_rates=more, haul=dataclasses.replace(instance.haul, rate=rate))


def collection_tours(instance: Instance, rng: np.random.Generator) -> Instance:
    """Points are emptied by load in the small size and a fixed number of times in the large one; doors by load."""
    option = np.flatnonzero(instance.option_echelon() == Echelon.POINT)
    by_load = instance.options.size[option] == "S"
    doors = np.flatnonzero(instance.demand.kind == DemandKind.BOOKED)
    n_rates, m = len(instance.link_rates.vehicle), instance.n_materials
    link_rates = dataclasses.replace(
        instance.link_rates,
        h_per_tkm=rng.uniform(0.02, 0.1, n_rates),
        unload_h_per_t=rng.uniform(0.1, 0.3, n_rates),
        hours_per_year=rng.uniform(100, 300, n_rates),
    )

    def visits(at, per_year, per_t):
        figures = (rng.uniform(low, high, len(at)) for low, high in ((0.1, 2), (0.1, 0.5), (2, 20), (0.1, 2)))
        return Visits(at, rng.integers(0, n_rates, len(at)), per_year, per_t, *figures)

    per_t = rng.uniform(0.5, 5, (len(option), m)) * by_load[:, None]
    return dataclasses.replace(
        instance,
        link_rates=link_rates,
        visits=visits(option, np.where(by_load, 0.0, rng.uniform(5, 50, len(option))), per_t),
        door_visits=visits(doors, np.zeros(len(doors)), rng.uniform(1, 9, (len(doors), m))),
    )


def spacing(instance: Instance, rng: np.random.Generator) -> Instance:
    """Neither the first two points together, nor more than one centre."""
    site, echelon = instance.options.site, instance.option_echelon()
    pair, centres = np.flatnonzero(site < 2), np.flatnonzero(echelon == Echelon.SORTING)
    group = np.repeat([0, 1], [len(pair), len(centres)])
    return dataclasses.replace(instance, groups=Groups(np.concatenate([pair, centres]), group, np.ones(2)))


def rebuilding(instance: Instance, rng: np.random.Generator) -> Instance:
    """The station that exists may be closed, at a cost, or rebuilt larger."""
    site = int(np.flatnonzero(instance.sites.must_open)[0])
    old = int(np.flatnonzero(instance.options.site == site)[0])
    larger = {f.name: getattr(instance.options, f.name)[old] for f in dataclasses.fields(instance.options)}
    larger |= {
        "size": "L",
        "capacity_t": larger["capacity_t"] * 2,
        "area_m2": larger["area_m2"],
        "investment_cny": float(rng.uniform(100, 400)),
        "capex_cny": 3000.0,
        "fixed_operation_cny": larger["fixed_operation_cny"] * 1.3,
        "is_existing": False,
    }
    options = dataclasses.replace(
        instance.options,
        **{name: np.insert(getattr(instance.options, name), old + 1, value, axis=0) for name, value in larger.items()},
    )
    closing = np.zeros(instance.n_sites)
    closing[site] = float(rng.uniform(50, 500))
    sites = dataclasses.replace(instance.sites, must_open=np.zeros(instance.n_sites, dtype=bool), closing_cny=closing)
    option = instance.groups.option
    groups = dataclasses.replace(instance.groups, option=option + (option > old))
    return dataclasses.replace(instance, sites=sites, options=options, groups=groups)


def capacity_by_the_tonne(instance: Instance, rng: np.random.Generator) -> Instance:
    """Half the capacity of every station and centre, and up to as much again to be bought by the tonne."""
    options, chosen = instance.options, np.flatnonzero(instance.option_echelon() >= Echelon.TRANSFER)
    capacity_t = options.capacity_t.copy()
    capacity_t[chosen] = np.maximum(capacity_t[chosen] / 2, options.min_load_t[chosen])
    n = len(chosen)
    expansions = Expansions(
        option=chosen,
        most_t=np.round(capacity_t[chosen] * rng.uniform(0.5, 1.5, n), 1),
        capex_cny_per_t=rng.uniform(100, 300, n),
        investment_cny_per_t=rng.uniform(10, 40, n),
        operation_cny_per_t=rng.uniform(1, 10, n),
    )
    more = (
        make_target(instance, Measure.CAPACITY, capacity_t[chosen].mean(), echelon=Echelon.SORTING, penalty_cny=60.0),
        make_target(instance, Measure.INVESTMENT, 60_000 * rng.uniform(0.3, 1.0), is_at_least=False, penalty_cny=0.2),
    )
    return dataclasses.replace(
        instance,
        options=dataclasses.replace(options, capacity_t=capacity_t),
        expansions=expansions,
        targets=instance.targets + more,
    )


def disposal(instance: Instance, rng: np.random.Generator) -> Instance:
    """Stations and centres may dispose of some of what would have to go on, most of it for an income."""
    option, material = np.nonzero(instance.options.accepts & (instance.option_echelon() >= Echelon.TRANSFER)[:, None])
    keep = rng.random(len(option)) < 0.7
    n, offered_t = int(keep.sum()), float(instance.demand.tonnes.sum())
    disposals = Disposals(
        option=option[keep],
        material=material[keep],
        cny_per_t=rng.uniform(-900, 50, n),
        limit_t=np.round(offered_t * rng.uniform(0.02, 0.3, n), 1),
    )
    return dataclasses.replace(instance, disposals=disposals)


def budgets(instance: Instance, rng: np.random.Generator) -> Instance:
    """Limits on money, emissions, vehicles and walks, and a share of points at shared outlets."""
    loose = float(rng.uniform(0.5, 1.5))
    offered_t = float(instance.demand.tonnes.sum())
    more = (
        make_target(instance, Measure.INVESTMENT, 60_000 * loose, is_at_least=False),
        make_target(instance, Measure.OPERATION, 150 * offered_t * loose, is_at_least=False),
        make_target(instance, Measure.SUBSIDY, 100 * offered_t * loose, is_at_least=False, penalty_cny=2.0),
        make_target(instance, Measure.EMISSIONS, 0.05 * offered_t * loose, is_at_least=False, penalty_cny=500.0),
        make_target(instance, Measure.NET_EMISSIONS, 0.02 * offered_t * loose, is_at_least=False, penalty_cny=300.0),
        make_target(instance, Measure.VEHICLES, 3 * loose, echelon=Echelon.POINT, is_at_least=False),
        make_target(instance, Measure.COLLECTION_VEHICLES, 0.3 * loose, is_at_least=False, penalty_cny=900.0),
        make_target(instance, Measure.WALK, 900 * loose, is_at_least=False),
        make_target(instance, Measure.SHARED, 0.5, echelon=Echelon.POINT),
        make_target(instance, Measure.COST, 40_000 * loose, is_at_least=False),
    )
    chosen = rng.choice(len(more), 4, replace=False)
    return dataclasses.replace(instance, targets=instance.targets + tuple(more[k] for k in sorted(chosen)))


def fairness(instance: Instance, rng: np.random.Generator) -> Instance:
    """What districts may be apart in coverage, a floor for each, and nobody walks too far."""
    more = (
        make_target(instance, Measure.LEAST_COVERAGE, rng.uniform(0.1, 0.5), within_m=1500.0, penalty_cny=1500.0),
        make_target(instance, Measure.COVERAGE, rng.uniform(0.3, 0.9), within_m=900.0, penalty_cny=900.0),
        make_target(instance, Measure.COVERAGE_RANGE, rng.uniform(0.0, 0.3), within_m=1500.0, is_at_least=False),
        make_target(instance, Measure.COVERAGE_GINI, rng.uniform(0.0, 0.2), within_m=1200.0, is_at_least=False),
        make_target(instance, Measure.WORST_WALK, rng.uniform(600, 1400), is_at_least=False),
    )
    chosen = rng.choice(len(more), 3, replace=False)
    return dataclasses.replace(instance, targets=instance.targets + tuple(more[k] for k in sorted(chosen)))


def shares_of_arising(instance: Instance, rng: np.random.Generator) -> Instance:
    """What is to be collected and recycled of what arises: of all, of a district, of one material, no more than."""
    only_paper, district = np.arange(instance.n_materials) == 0, int(rng.integers(2))
    more = (
        make_target(instance, Measure.COLLECTED_SHARE, rng.uniform(0.2, 0.6), penalty_cny=8000.0),
        make_target(instance, Measure.COLLECTED_SHARE, rng.uniform(0.1, 0.4), district=district),
        make_target(instance, Measure.COLLECTED_SHARE, rng.uniform(0.4, 0.8), is_at_least=False),
        make_target(instance, Measure.RECYCLED_SHARE, rng.uniform(0.2, 0.6)),
        make_target(
            instance, Measure.RECYCLED_SHARE, rng.uniform(0.3, 0.9), counts_material=only_paper, penalty_cny=6e3
        ),
    )
    chosen = rng.choice(len(more), 3, replace=False)
    return dataclasses.replace(instance, targets=instance.targets + tuple(more[k] for k in sorted(chosen)))


def years(instance: Instance, rng: np.random.Generator) -> Instance:
    """Two years, demand and some prices growing; the targets are those of the later one, one ties the investment."""
    ones = np.ones((2, instance.n_demand))
    growth = np.array([[1.0], [1.3]])
    stages = Stages(
        name=np.array(["now", "later"]),
        year=np.array([YEAR - 3, YEAR]),
        weight=np.array([0.4, 0.6]),
        tonnes_factor=(ones * growth)[:, :, None],
        residents_factor=ones * np.array([[1.0], [1.1]]),
        is_nested=True,
        prices=tuple(_dearer(instance, factor) for factor in (1.0, 1.2)),
    )
    early = dataclasses.replace(
        make_target(instance, Measure.COVERAGE, 0.2, within_m=1200.0, penalty_cny=2000.0), year=YEAR - 3, id="early"
    )
    later = make_target(instance, Measure.INVESTMENT, float(rng.uniform(8000, 30_000)), is_at_least=False)
    return dataclasses.replace(instance, stages=stages, targets=(*instance.targets, early, later))


def _dearer(instance: Instance, factor: float) -> StagePrices:
    """Running and hauling at other prices, and a little more of everything that may be disposed of."""
    options, expansions, rates = instance.options, instance.expansions, instance.link_rates
    return StagePrices(
        options=dataclasses.replace(options, unit_cny_per_t=options.unit_cny_per_t * factor),
        expansions=dataclasses.replace(expansions, investment_cny_per_t=expansions.investment_cny_per_t / factor),
        disposals=dataclasses.replace(instance.disposals, limit_t=instance.disposals.limit_t * factor),
        materials=dataclasses.replace(instance.materials, sales_cny_per_t=instance.materials.sales_cny_per_t / factor),
        link_rates=dataclasses.replace(rates, cny_per_tkm=rates.cny_per_tkm * factor),
        visits=dataclasses.replace(instance.visits, cny=instance.visits.cny * factor),
        door_visits=dataclasses.replace(instance.door_visits, cny=instance.door_visits.cny * factor),
    )


def cases(instance: Instance, rng: np.random.Generator, *, is_robust: bool = False) -> Instance:
    """Two cases of demand for one set of sites; targets hold in both."""
    stages = Stages(
        name=np.array(["low", "high"]),
        year=np.array([YEAR, YEAR]),
        weight=np.array([0.7, 0.3]),
        tonnes_factor=rng.uniform([[0.6], [1.0]], [[1.0], [1.4]], (2, instance.n_demand))[:, :, None],
        residents_factor=np.ones((2, instance.n_demand)),
        is_nested=False,
        is_robust=is_robust,
    )
    return dataclasses.replace(instance, stages=stages)


def worst_case(instance: Instance, rng: np.random.Generator) -> Instance:
    return cases(instance, rng, is_robust=True)


def margins(instance: Instance, rng: np.random.Generator) -> Instance:
    """Every target asks for a little more than its value."""
    targets = []
    for target in instance.targets:
        least, scale = (0.05, 1.0) if target.measure.record.is_share else (0.0, max(1.0, abs(target.value)))
        margin = float(rng.uniform(least, 0.1)) * scale
        most = (1.0 if target.measure.record.is_share else np.inf) - target.value
        margin = max(0.0, min(margin, most if target.is_at_least else target.value))
        targets.append(dataclasses.replace(target, margin=margin))
    extra = make_target(instance, Measure.COLLECTED, 0.3 * instance.demand.tonnes.sum(), penalty_cny=90.0)
    return dataclasses.replace(instance, targets=(*targets, dataclasses.replace(extra, margin=0.2 * extra.value)))


def idle(instance: Instance, rng: np.random.Generator) -> Instance:
    """Some facilities that stand and must stay may be idle, and targets ask how many stations and centres are used."""
    options, sites = instance.options, instance.sites
    stands = np.zeros(instance.n_options, dtype=bool)
    stands[[np.flatnonzero(instance.option_echelon() == e)[0] for e in (Echelon.POINT, Echelon.TRANSFER)]] = True
    stands |= options.is_existing
    must_open = sites.must_open.copy()
    must_open[options.site[stands]] = True
    least_use_t = np.where(stands, options.capacity_t * rng.uniform(0.05, 0.6, len(stands)), options.min_load_t)
    options = dataclasses.replace(
        options, is_existing=stands, least_use_t=least_use_t, min_load_t=np.where(stands, 0.0, options.min_load_t)
    )
    n_points, n_stations = (int((sites.echelon == e).sum()) for e in (Echelon.POINT, Echelon.TRANSFER))
    more = (
        make_target(instance, Measure.COUNT, n_points, echelon=Echelon.POINT, penalty_cny=float(rng.uniform(50, 900))),
        make_target(instance, Measure.COUNT, n_stations, echelon=Echelon.TRANSFER, penalty_cny=400.0),
        make_target(instance, Measure.COUNT, 1, is_at_least=False, echelon=Echelon.POINT, penalty_cny=90.0),
    )
    return dataclasses.replace(
        instance,
        options=options,
        sites=dataclasses.replace(sites, must_open=must_open),
        targets=(*instance.targets, *more),
    )


def reserve(instance: Instance, rng: np.random.Generator) -> Instance:
    """Options are planned below their capacity, each by a share and a peak factor of its own."""
    n, options = instance.n_options, instance.options
    most, peak = rng.uniform(0.7, 1.0, n), np.where(rng.random(n) < 0.7, rng.uniform(1.0, 1.3, n), 1.0)
    least_t = np.minimum(options.min_load_t, options.capacity_t * most / peak)
    options = dataclasses.replace(options, max_load_share=most, peak_factor=peak, min_load_t=least_t)
    return dataclasses.replace(instance, options=options)


def few_changes(instance: Instance, rng: np.random.Generator) -> Instance:
    """An earlier plan, of which few facilities may change: some must, as their site or option is not here."""
    options = instance.options
    is_open = np.zeros((instance.n_stages, instance.n_options), dtype=bool)
    is_gone = np.zeros((instance.n_stages, instance.n_sites), dtype=bool)
    for stage in range(instance.n_stages):
        for site in np.unique(options.site):
            if rng.random() < 0.5:
                is_open[stage, rng.choice(np.flatnonzero(options.site == site))] = True
            elif rng.random() < 0.2:
                is_gone[stage, site] = True
    earlier = Earlier(is_open, is_gone, elsewhere=rng.integers(0, 2, instance.n_stages).astype(float))
    instance = dataclasses.replace(instance, earlier=earlier)
    most = float(rng.integers(2, 5))
    hard = make_target(instance, Measure.CHANGES, most, is_at_least=False)
    soft = make_target(instance, Measure.CHANGES, most - 2, is_at_least=False, penalty_cny=float(rng.uniform(50, 900)))
    return dataclasses.replace(instance, targets=(*instance.targets, hard, soft))


PARTS: dict[str, Part] = {
    "processing base": processing_base,
    "dismantling": dismantling,
    "booked pick-up": booked_pickup,
    "everyone served": everyone_served,
    "nearest point": nearest_point,
    "near points": near_points,
    "one point a cell": one_point_a_cell,
    "walk costs": walk_costs,
    "light material": light_material,
    "vehicles by zone": vehicles_by_zone,
    "collection tours": collection_tours,
    "spacing": spacing,
    "rebuilding": rebuilding,
    "budgets": budgets,
    "fairness": fairness,
    "shares of what arises": shares_of_arising,
    "capacity by the tonne": capacity_by_the_tonne,
    "disposal": disposal,
    "reserve": reserve,
    "idle": idle,
    "margins": margins,
}
STAGED: dict[str, Part] = {"years": years, "cases": cases, "worst case": worst_case}
PARTS |= STAGED | {"few changes": few_changes}


def _add_site(instance: Instance, echelon: Echelon, type_: int, *, capacity_t: float, cny: float) -> Instance:
    """The instance with one more site, of one option."""
    m, site = instance.n_materials, instance.n_sites
    sites = _appended(
        instance.sites,
        id="b0",
        echelon=echelon,
        district=0,
        area_m2=9000.0,
        must_open=False,
        is_shared=False,
        closing_cny=0.0,
    )
    options = _appended(
        instance.options, site=site, type=type_, size="S", capacity_t=capacity_t, max_load_share=1.0,
        peak_factor=1.0, min_load_t=0.0, least_use_t=0.0, area_m2=5000.0,
        capex_cny=cny * 10, vehicles=0.0, investment_cny=cny, land_cny=0.0, fixed_operation_cny=cny / 5, fixed_kwh=10.0,
        unit_cny_per_t=np.full(m, 5.0), unit_kwh_per_t=np.full(m, 20.0), accepts=np.full(m, True), is_existing=False,
    )  # fmt: skip
    targets = tuple(
        dataclasses.replace(target, in_unit_site=np.append(target.in_unit_site, target.in_unit_site.all()))
        for target in instance.targets
    )
    return dataclasses.replace(instance, sites=sites, options=options, targets=targets)


def _appended(part, **values):
    """A dataclass of arrays with one more row."""
    rows = {name: np.concatenate([getattr(part, name), np.asarray(value)[None]]) for name, value in values.items()}
    return dataclasses.replace(part, **rows)


def _links(rng, tails, heads, name: str, instance: Instance) -> Links:
    tail, head = np.repeat(tails, len(heads)), np.tile(heads, len(tails))
    kind = LINK_CLASSES.index(name)
    return Links(
        tail=tail,
        head=head,
        distance_m=rng.uniform(2000, 20_000, len(tail)),
        link_class=np.full(len(tail), kind),
        rate=rng.integers(0, len(instance.link_rates.vehicle), len(tail)),
    )


def _join(*links) -> Links:
    return Links(*(np.concatenate([getattr(part, f.name) for part in links]) for f in dataclasses.fields(Links)))
