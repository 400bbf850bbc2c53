"""A small made-up city around Tianjin's centre, as large as a test asks for, with a plan that holds."""

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from siting.config.parameters import Figure, Parameter
from siting.config.schema import Config
from siting.geography import Geography
from siting.instance import (
    Conversions,
    Demand,
    Groups,
    Instance,
    LinkRates,
    Links,
    Materials,
    Options,
    Rates,
    Sites,
    Stages,
    Target,
    Walks,
)
from siting.plan import Plan, Progress, Solution, Status
from siting.results.record import Rollout, RunRecord, Stage
from siting.verify import district_figures, verify
from siting.vocabulary import DemandKind, Echelon, Measure

WEST, SOUTH, STEP = 117.2, 39.1, 0.0055
TYPES = ("staffed", "smart", "station", "comprehensive")
TYPE_ECHELON = np.array([0, 0, 1, 2])


def make_config(**changes):
    label = {"en": "Paper", "zh": "废纸"}
    size = {"S": {"capacity_t": 400.0, "capex_cny": 50_000.0, "opex_cny": 9000.0, "area_m2": 12.0}}

    def facility(en, zh):
        return {"label": {"en": en, "zh": zh}, "life_years": 10, "sizes": size}

    link = {"cny_per_tkm": 1.0, "unload_cny_per_t": 5.0, "kg_co2e_per_tkm": 0.1}
    raw = {
        "name": "small",
        "title": {"en": "A small city", "zh": "小城市"},
        "city": Path("city"),
        "year": 2027,
        "materials": {"paper": {"label": label}, "glass": {"label": {"en": "Glass", "zh": "玻璃"}}},
        "participation": {"at_zero": 0.8, "decay_length_m": 800.0},
        "travel": {"walk_cutoff_m": 1500.0},
        "facilities": {
            "point": {"staffed": facility("Staffed point", "有人值守点"), "smart": facility("Smart box", "智能回收箱")},
            "transfer": {"station": facility("Transfer station", "中转站")},
            "sorting": {"comprehensive": facility("Comprehensive centre", "综合分拣中心")},
        },
        "transport": dict.fromkeys(("point_to_transfer", "transfer_to_sorting", "generator_to_sorting"), link),
        "money": {"discount_rate": 0.05, "land_term_years": 40.0},
        "plausible": {"mean_walk_m": {"low": 100, "high": 900, "source": "a survey"}},
        **changes,
    }
    return Config.model_validate(raw)


def make_run(*, n_cells=20, n_points=10, n_stations=3, n_centres=2, n_generators=4, site_name="Bus stop", seed=1):
    rng = np.random.default_rng(seed)
    n_wide = int(np.ceil(np.sqrt(n_cells)))
    column, line = np.arange(n_cells) % n_wide, np.arange(n_cells) // n_wide
    cell_xy = np.column_stack([WEST + STEP * column, SOUTH + STEP * line])
    n_sites = n_points + n_stations + n_centres
    span = STEP * n_wide
    site_xy = np.array([WEST, SOUTH]) + span * rng.random((n_sites, 2))
    generator_xy = np.array([WEST, SOUTH]) + span * rng.random((n_generators, 2))
    demand_xy = np.vstack([cell_xy, generator_xy])
    instance = _instance(rng, demand_xy, site_xy, (n_cells, n_points, n_stations, n_centres), WEST + span / 2)
    plan = _plan(instance)
    solution = Solution(
        plans=(plan,),
        status=Status.GAP_REACHED,
        value=verify(instance, plan).cost_cny,
        bound=0.99 * verify(instance, plan).cost_cny,
        cost_cny=verify(instance, plan).cost_cny,
        bound_cny=0.99 * verify(instance, plan).cost_cny,
        seconds=12.5,
        engine="exact",
        certificate=None,
        floor_cny=0.25 * verify(instance, plan).cost_cny,
        history=(Progress(0.5, float("inf"), float("-inf"), "points"), Progress(3.0, 2e6, 1.9e6, "haul")),
    )
    parameter = Parameter("tj.rate", 5.0, 4.0, None, "%", "2024", "a book, p. 3", "published", "注")
    return RunRecord(
        config=make_config(),
        figures=(Figure("money.discount_rate", 0.05, "value", 0.01, parameter),),
        instance=instance,
        geography=_geography(instance, demand_xy, site_xy, span, site_name),
        solution=solution,
        verification=verify(instance, plan),
        district_figures=district_figures(instance, plan),
        versions={"python": "3.11"},
        inputs={"demand.parquet": "00ff"},
        stages=(Stage("inputs", 1.25, 300.0), Stage("solve", 12.5, 900.0)),
        log="started\n完成\n",
    )


def make_rollout(closed_at_first=(0, 2, 4), **size):
    """The small city built up in two years: some points, none of which stands today, open only in the second."""
    run = make_run(**size)
    n_demand = run.instance.n_demand
    growth = np.array([1.0, 1.2])
    stages = Stages(
        name=np.array(["2025", "2027"]),
        year=np.array([2025, 2027]),
        weight=np.array([0.4, 0.6]),
        tonnes_factor=np.tile(growth[:, None, None], (1, n_demand, 1)),
        residents_factor=np.ones((2, n_demand)),
        is_nested=True,
    )
    whole = replace(run.instance, stages=stages)
    staged = [whole.at_stage(number) for number in range(2)]
    plans = (_plan(staged[0], closed_at_first), _plan(staged[1]))
    verified = tuple(verify(instance, plan) for instance, plan in zip(staged, plans, strict=True))
    figures = tuple(district_figures(instance, plan) for instance, plan in zip(staged, plans, strict=True))
    return replace(
        run,
        instance=staged[-1],
        solution=replace(run.solution, plans=plans),
        verification=verified[-1],
        district_figures=figures[-1],
        rollout=Rollout(whole, verified, figures),
    )


def _instance(rng, demand_xy, site_xy, numbers, middle_lon):
    n_cells, n_points, n_stations, n_centres = numbers
    n_demand, n_sites = len(demand_xy), len(site_xy)
    echelon = np.repeat([0, 1, 2], [n_points, n_stations, n_centres])
    is_generator = np.arange(n_demand) >= n_cells
    residents = np.where(is_generator, 0, rng.integers(200, 4000, n_demand)).astype(float)
    tonnes = np.column_stack([residents * 0.02, residents * 0.01])
    tonnes[is_generator] = [60.0, 0.0]
    kind = np.where(echelon == 0, np.arange(n_sites) % 2, echelon + 1)
    capacity_t = np.where(echelon == 0, 250.0 * max(1, n_cells / n_points), 90.0 * n_cells)
    return Instance(
        name="small",
        year=2027,
        districts=np.array(["120101", "120102"]),
        facility_types=np.array(TYPES),
        type_echelon=TYPE_ECHELON,
        materials=Materials(
            np.array(["paper", "glass"]),
            np.full(2, 0.1),
            np.full(2, 900.0),
            np.full(2, 300.0),
            np.full((2, 2), 50.0),
            np.zeros(2),
        ),
        demand=Demand(
            id=np.array([f"d{i}" for i in range(n_demand)]),
            district=(demand_xy[:, 0] > middle_lon).astype(np.int64),
            residents=residents,
            tonnes=tonnes,
            kind=np.where(is_generator, DemandKind.GENERATOR, DemandKind.HOUSEHOLD),
            must_serve=np.zeros(n_demand, dtype=bool),
        ),
        sites=Sites(
            id=np.array([f"{'PTC'[e]}{i:05d}" for i, e in enumerate(echelon)]),
            echelon=echelon,
            district=(site_xy[:, 0] > middle_lon).astype(np.int64),
            area_m2=np.full(n_sites, 500.0),
            must_open=np.zeros(n_sites, dtype=bool),
            is_shared=np.zeros(n_sites, dtype=bool),
            closing_cny=np.zeros(n_sites),
        ),
        options=Options(
            site=np.arange(n_sites),
            type=kind,
            size=np.full(n_sites, "S"),
            capacity_t=capacity_t.astype(float) * (1 + rng.random(n_sites)),
            max_load_share=np.ones(n_sites),
            peak_factor=np.ones(n_sites),
            min_load_t=np.zeros(n_sites),
            least_use_t=np.zeros(n_sites),
            area_m2=np.full(n_sites, 12.0),
            capex_cny=np.where(np.arange(n_sites) == 1, 0.0, 50_000.0),
            vehicles=np.zeros(n_sites),
            investment_cny=np.full(n_sites, 6475.0),
            land_cny=np.full(n_sites, 100.0),
            fixed_operation_cny=np.full(n_sites, 9000.0),
            fixed_kwh=np.full(n_sites, 50.0),
            unit_cny_per_t=np.full((n_sites, 2), 20.0),
            unit_kwh_per_t=np.full((n_sites, 2), 3.0),
            accepts=np.ones((n_sites, 2), dtype=bool),
            is_existing=np.arange(n_sites) == 1,
        ),
        walks=_walks(demand_xy[:n_cells], site_xy[:n_points]),
        direct=_links(demand_xy, site_xy, np.flatnonzero(is_generator), np.flatnonzero(echelon == 2), 2),
        haul=_join(
            _links(site_xy, site_xy, np.flatnonzero(echelon == 0), np.flatnonzero(echelon == 1), 0),
            _links(site_xy, site_xy, np.flatnonzero(echelon == 1), np.flatnonzero(echelon == 2), 1),
        ),
        link_rates=replace(
            LinkRates.per_tkm(np.array(["small", "large", "own"]), np.full(3, 1.2), 2),
            unload_cny_per_t=np.full(3, 5.0),
            kg_co2e_per_tkm=np.full(3, 0.1),
        ),
        rates=Rates(200.0, 80.0, 0.0, 0.58),
        conversions=Conversions.none(),
        groups=Groups.none(),
        targets=_targets(n_demand, n_sites, (demand_xy[:, 0] > middle_lon), (site_xy[:, 0] > middle_lon)),
    )


def _metres(a, b):
    return np.hypot((a[..., 0] - b[..., 0]) * 86_500, (a[..., 1] - b[..., 1]) * 111_000)


def _walks(cell_xy, point_xy):
    """The nearest three points of each cell; every fifteenth cell has none."""
    pairs = []
    for i, xy in enumerate(cell_xy):
        distance = _metres(xy, point_xy)
        if i % 15 != 14:
            pairs += [(i, j, distance[j]) for j in np.argsort(distance)[:3]]
    demand, site, distance = (np.array(column) for column in zip(*pairs, strict=True))
    return Walks(demand, site, distance.astype(float), 0.8 * np.exp(-distance / 800), np.zeros(len(distance)))


def _links(tail_xy, head_xy, tails, heads, link_class):
    """From each tail to the nearest two heads."""
    pairs = [(t, h) for t in tails for h in heads[np.argsort(_metres(tail_xy[t], head_xy[heads]))[:2]]]
    tail, head = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    kind = np.full(len(tail), link_class)
    return Links(tail, head, _metres(tail_xy[tail], head_xy[head]) * 1.3, kind, kind)


def _join(a, b):
    names = ("tail", "head", "distance_m", "link_class", "rate")
    return Links(*(np.concatenate([getattr(a, name), getattr(b, name)]) for name in names))


def _targets(n_demand, n_sites, demand_east, site_east):
    def target(number, unit, measure, value, **more):
        east = {"120101": False, "120102": True}.get(unit)
        fields = {
            "is_at_least": True,
            "year": 2027,
            "echelon": None,
            "within_m": None,
            "penalty_cny": None,
            "source": "plan, clause 3",
            "responsible": "Commission of Commerce",
            "in_unit_demand": np.ones(n_demand, bool) if east is None else demand_east == east,
            "in_unit_site": np.ones(n_sites, bool) if east is None else site_east == east,
            "counts_type": np.ones(4, bool),
            "counts_material": np.ones(2, bool),
            **more,
        }
        return Target(f"t{number}", unit, measure, value=value, **fields)

    return (
        target(0, "city", Measure.COUNT, 3.0, echelon=Echelon.POINT),
        target(1, "city", Measure.COVERAGE, 0.5, within_m=1000.0),
        target(2, "city", Measure.COLLECTED, 1e9, penalty_cny=0.001, counts_material=np.array([True, False])),
        target(3, "120101", Measure.COVERAGE, 0.3, within_m=1000.0),
        target(4, "120102", Measure.COVERAGE, 0.3, within_m=1000.0),
        target(5, "120102", Measure.COUNT, 90_000.0, is_at_least=False, echelon=Echelon.TRANSFER),
    )


def _plan(instance, closed=()):
    """Everything open but the sites `closed`; each cell to its nearest open point, each flow to the nearest head."""
    walks = instance.walks
    assign = np.zeros(len(walks.demand))
    can_walk = np.flatnonzero(~np.isin(walks.site, closed))
    assign[can_walk[np.unique(walks.demand[can_walk], return_index=True)[1]]] = 1.0
    inflow = np.zeros((instance.n_sites, 2))
    np.add.at(inflow, walks.site, instance.demand.tonnes[walks.demand] * (assign * walks.participation)[:, None])
    direct_t = np.zeros((len(instance.direct.tail), 2))
    first = np.unique(instance.direct.tail, return_index=True)[1]
    direct_t[first] = instance.demand.tonnes[instance.direct.tail[first]]
    haul_t = np.zeros((len(instance.haul.tail), 2))
    for link in np.unique(instance.haul.tail, return_index=True)[1]:  # points come before stations
        haul_t[link] = inflow[instance.haul.tail[link]]
        inflow[instance.haul.head[link]] += haul_t[link]
    return Plan(~np.isin(instance.options.site, closed), assign, direct_t, haul_t)


def _geography(instance, demand_xy, site_xy, span, site_name):
    half = STEP / 2
    cells = [shapely.box(x - half, y - half, x + half, y + half) for x, y in demand_xy]
    n_cells = int((instance.demand.is_household).sum())
    demand = gpd.GeoDataFrame(
        {
            "id": instance.demand.id,
            "kind": np.where(instance.demand.is_household, "residential", "commercial"),
            "district": instance.districts[instance.demand.district],
            "settlement": "urban",
            "residents": instance.demand.residents,
            "cell": [cell if i < n_cells else None for i, cell in enumerate(cells)],
        },
        geometry=shapely.points(demand_xy),
        crs="EPSG:4326",
    )
    sites = gpd.GeoDataFrame(
        {
            "id": instance.sites.id,
            "echelon": [("point", "transfer", "sorting")[e] for e in instance.sites.echelon],
            "kind": "transit_stop",
            "osm_class": "bus_stop",
            "name": [site_name if i % 2 else None for i in range(instance.n_sites)],
            "district": instance.districts[instance.sites.district],
        },
        geometry=shapely.points(site_xy),
        crs="EPSG:4326",
    )
    west, south, east, north = WEST - STEP, SOUTH - STEP, WEST + span + STEP, SOUTH + span + STEP
    middle = WEST + span / 2
    districts = gpd.GeoDataFrame(
        {
            "code": ["120101", "120102"],
            "name_en": ["Heping", "Hedong"],
            "name_zh": ["和平区", "河东区"],
            "ring": "inner",
            "residents": [1000, 2000],
        },
        geometry=[shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)],
        crs="EPSG:4326",
    )
    roads = gpd.GeoDataFrame(
        {"road_class": ["motorway", "primary"]},
        geometry=[
            shapely.LineString([(west, south), (east, north)]),
            shapely.LineString([(west, north), (east, south)]),
        ],
        crs="EPSG:4326",
    )
    water = gpd.GeoDataFrame(
        {"kind": ["river"], "name": ["海河"]},
        geometry=[shapely.box(middle, south, middle + half, north)],
        crs="EPSG:4326",
    )
    return Geography(
        city_name_en="Tianjin",
        city_name_zh="天津",
        crs_metric="EPSG:32650",
        districts=districts,
        demand=demand,
        sites=sites,
        roads=roads,
        water=water,
        notes=("Candidate sites are real locations with a synthetic use.",),
        attributions=("© OpenStreetMap contributors",),
        places=gpd.GeoDataFrame({"name": ["劝业场街道"]}, geometry=[shapely.Point(west, south)], crs="EPSG:4326"),
    )
