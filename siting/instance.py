"""The waist of the program: what is to be decided, as arrays, with no geography and no solver.

Everything before `Instance` turns a config and a city folder into these arrays; everything after it (model, engines,
verification, outputs) reads nothing else. Money is CNY a year, mass is tonnes a year, distance is metres.
"""

from __future__ import annotations

import dataclasses
import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from siting.errors import DataError, raise_faults

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]


class Echelon(enum.IntEnum):
    """One layer of the network, in the order in which material passes."""

    POINT = 0
    TRANSFER = 1
    SORTING = 2
    BASE = 3


class Measure(enum.StrEnum):
    """What a target counts, or an objective optimises."""

    COUNT = "count"
    COVERAGE = "coverage"
    COLLECTED = "collected_t"
    PROCESSED = "processed_t"
    CAPACITY = "capacity_t"
    SHARED = "shared_share"
    VEHICLES = "vehicles"
    WALK = "walk_m"
    WORST_WALK = "worst_walk_m"
    LEAST_COVERAGE = "least_coverage"
    COVERAGE_RANGE = "coverage_range"
    COVERAGE_GINI = "coverage_gini"
    COST = "cost_cny"
    INVESTMENT = "investment_cny"
    OPERATION = "operation_cny"
    SUBSIDY = "subsidy_cny"
    EMISSIONS = "emissions_t"
    NET_EMISSIONS = "net_emissions_t"


MEASURE_UNITS = {
    Measure.COUNT: "facilities",
    Measure.COVERAGE: "share of residents",
    Measure.COLLECTED: "t/yr",
    Measure.PROCESSED: "t/yr",
    Measure.CAPACITY: "t/yr",
    Measure.SHARED: "share of facilities",
    Measure.VEHICLES: "vehicles",
    Measure.WALK: "m a served resident",
    Measure.WORST_WALK: "m",
    Measure.LEAST_COVERAGE: "share of a district's residents",
    Measure.COVERAGE_RANGE: "share of residents between districts",
    Measure.COVERAGE_GINI: "Gini coefficient",
    Measure.COST: "CNY/yr",
    Measure.INVESTMENT: "CNY",
    Measure.OPERATION: "CNY/yr",
    Measure.SUBSIDY: "CNY/yr",
    Measure.EMISSIONS: "t CO2e/yr",
    Measure.NET_EMISSIONS: "t CO2e/yr",
}

LINK_ENDS: dict[str, tuple[Echelon | None, Echelon]] = {
    "point_to_transfer": (Echelon.POINT, Echelon.TRANSFER),
    "transfer_to_sorting": (Echelon.TRANSFER, Echelon.SORTING),
    "generator_to_sorting": (None, Echelon.SORTING),
    "generator_to_transfer": (None, Echelon.TRANSFER),
    "generator_to_base": (None, Echelon.BASE),
    "transfer_to_base": (Echelon.TRANSFER, Echelon.BASE),
    "sorting_to_base": (Echelon.SORTING, Echelon.BASE),
    "door_to_transfer": (None, Echelon.TRANSFER),
}
"""Echelons that each class of haul link joins; None is a demand node that gives its material directly.

What households book for pick-up at the door leaves its demand node by `door_to_transfer`.
"""
LINK_CLASSES = tuple(LINK_ENDS)


@dataclass(frozen=True)
class Demand:
    """Demand nodes: residential cells first, then generators. All arrays start with n_demand.

    `tonnes` (n_demand, n_materials) is what is offered a year; a cell's tonnes reach the network times the
    participation of the pair that serves it, a generator's in full over direct links. What households book for pick-up
    at the door is a generator of its own. `residents` is 0 for a generator. What is marked `must_serve` is assigned,
    or given, in full.
    """

    id: Texts
    district: Ints
    residents: Floats
    tonnes: Floats
    is_generator: Bools
    must_serve: Bools


@dataclass(frozen=True)
class Sites:
    """Candidate and existing sites of all echelons. All arrays (n_sites,).

    `is_shared` marks the outlets of household waste that a facility can stand at: two networks in one. `closing_cny`
    is the annuity of what it costs to leave nothing open here; 0 where nothing stands yet.
    """

    id: Texts
    echelon: Ints
    district: Ints
    area_m2: Floats
    must_open: Bools
    is_shared: Bools
    closing_cny: Floats


@dataclass(frozen=True)
class Options:
    """What may stand where: one row is one facility type in one size at one site. Arrays (n_options,) unless said.

    `investment_cny` and `land_cny` are annuities; `unit_cny_per_t` and `unit_kwh_per_t` (n_options, n_materials)
    apply to each tonne that enters. `capex_cny` is paid once, when it opens; `vehicles` is what it takes of a fleet.
    `accepts` (n_options, n_materials). An existing facility is the option of its site with `is_existing`; its
    investment and land are sunk (0). Other options of its site are what it may be rebuilt to.
    """

    site: Ints
    type: Ints
    size: Texts
    capacity_t: Floats
    min_load_t: Floats
    area_m2: Floats
    capex_cny: Floats
    vehicles: Floats
    investment_cny: Floats
    land_cny: Floats
    fixed_operation_cny: Floats
    fixed_kwh: Floats
    unit_cny_per_t: Floats
    unit_kwh_per_t: Floats
    accepts: Bools
    is_existing: Bools


@dataclass(frozen=True)
class Walks:
    """Pairs of a residential cell and a recycling point within the walking cut-off. Arrays (n_walks,).

    `participation` in [0, 1] is the share of the cell's tonnes that residents bring over this distance. `cost_cny` is
    what it costs a year to serve the whole cell over this pair, beside what its tonnes cost.
    """

    demand: Ints
    site: Ints
    distance_m: Floats
    participation: Floats
    cost_cny: Floats


@dataclass(frozen=True)
class Links:
    """Haul links. Arrays (n_links,).

    `tail` is a demand node for `direct` links and a site for `haul` links; `head` is a site; `link_class` indexes
    `LINK_CLASSES`, `rate` the rows of `LinkRates`.
    """

    tail: Ints
    head: Ints
    distance_m: Floats
    link_class: Ints
    rate: Ints


@dataclass(frozen=True)
class LinkRates:
    """What a tonne costs by vehicle and kind of link. Arrays (n_rates,); `vehicle` is its name."""

    vehicle: Texts
    cny_per_tkm: Floats
    handling_cny_per_t: Floats
    kg_co2e_per_tkm: Floats


@dataclass(frozen=True)
class Materials:
    """Prices and fate of each material. Arrays (n_materials,) unless said.

    A tonne that enters a sorting centre leaves as `1 - residue_share` product and as residue, disposed of. Product is
    sold where it ends: at the centre, or at a processing base that it is hauled on to. `purchase` is paid for,
    `subsidy` (n_districts, n_materials) received on, each collected tonne, by the district that it comes from.
    `haul_factor` multiplies transport: light material fills a vehicle before it is laden. `avoided_kg_co2e_per_t` is
    what a tonne of product saves elsewhere.
    """

    id: Texts
    residue_share: Floats
    haul_factor: Floats
    sales_cny_per_t: Floats
    purchase_cny_per_t: Floats
    subsidy_cny_per_t: Floats
    avoided_kg_co2e_per_t: Floats


@dataclass(frozen=True)
class Conversions:
    """What leaves a facility type: `t_per_t` t of `product` for a t of `material`. Arrays (n_conversions,).

    A point or a station of a type that is not here passes everything on as it is; a sorting centre or a base of such a
    type is where its material ends.
    """

    type: Ints
    material: Ints
    product: Ints
    t_per_t: Floats

    @classmethod
    def none(cls) -> Conversions:
        """Every type passes on what it takes, or keeps it."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing, np.empty(0))


@dataclass(frozen=True)
class Groups:
    """Options of which few may be open together. `option` and `group` (n_members,); `most` (n_groups,)."""

    option: Ints
    group: Ints
    most: Floats

    @classmethod
    def none(cls) -> Groups:
        """Options that may be open together as they like."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, np.empty(0))


@dataclass(frozen=True)
class Stages:
    """Years or cases of demand that one set of sites must answer. Arrays start with n_stages.

    A stage's demand is the instance's times `tonnes_factor` (n_stages, n_demand, n_materials, or 1 for all alike), its
    residents times `residents_factor` (n_stages, n_demand); its targets are those whose `year` is its own, or 0. The
    cost of a plan is the sum of its stages' times `weight`, of which the sum is 1. Years (`is_nested`) may differ in
    what is open, but what opens stays; cases share one set of open facilities, and `is_robust` makes the cost that of
    the dearest case.
    """

    name: Texts
    year: Ints
    weight: Floats
    tonnes_factor: Floats
    residents_factor: Floats
    is_nested: bool
    is_robust: bool = False


@dataclass(frozen=True)
class Rates:
    """City-wide prices: disposal of residue, emitted carbon, avoided carbon, and the grid's emission factor."""

    disposal_cny_per_t: float
    carbon_cny_per_t: float
    avoided_cny_per_t: float
    grid_kg_co2e_per_kwh: float


@dataclass(frozen=True)
class Target:
    """One line of the table of targets, for one responsibility unit. `year` 0 stands for every year.

    `value` and what is reached share the unit in `MEASURE_UNITS`. Coverage: share of the unit's residents assigned to
    a point within `within_m`. A soft target has `penalty_cny` for each unit of `value` missed; a hard one has None.
    `in_unit_demand` (n_demand,), `in_unit_site` (n_sites,), `counts_type` (n_types,), `counts_material`
    (n_materials,) say what it counts.
    """

    id: str
    unit: str
    measure: Measure
    is_at_least: bool
    value: float
    year: int
    echelon: Echelon | None
    within_m: float | None
    penalty_cny: float | None
    source: str
    responsible: str
    in_unit_demand: Bools
    in_unit_site: Bools
    counts_type: Bools
    counts_material: Bools

    @property
    def is_hard(self) -> bool:
        """Whether the target must hold."""
        return self.penalty_cny is None


@dataclass(frozen=True)
class Instance:
    """A whole planning problem: `direct` links run from generators to sites, `haul` links between sites.

    `assigns_nearest`: residents use the nearest open point. `assigns_whole`: a cell goes to one point as a whole.
    `objective` is what is optimised instead of cost; its value is not read. `stages` None: one year with the demand as
    it stands.
    """

    name: str
    year: int
    districts: Texts
    facility_types: Texts
    type_echelon: Ints
    materials: Materials
    demand: Demand
    sites: Sites
    options: Options
    walks: Walks
    direct: Links
    haul: Links
    link_rates: LinkRates
    rates: Rates
    targets: tuple[Target, ...]
    conversions: Conversions
    groups: Groups
    assigns_nearest: bool = False
    assigns_whole: bool = False
    objective: Target | None = None
    stages: Stages | None = None

    def __post_init__(self) -> None:
        raise_faults(list(_faults(self)), DataError)

    @property
    def n_demand(self) -> int:
        """Number of demand nodes."""
        return len(self.demand.id)

    @property
    def n_sites(self) -> int:
        """Number of candidate and existing sites."""
        return len(self.sites.id)

    @property
    def n_options(self) -> int:
        """Number of (site, type, size) options."""
        return len(self.options.site)

    @property
    def n_materials(self) -> int:
        """Number of materials."""
        return len(self.materials.id)

    @property
    def residents(self) -> float:
        """Residents of the planned area."""
        return float(self.demand.residents.sum())

    @property
    def n_stages(self) -> int:
        """Number of years or cases; 1 where there are no stages."""
        return 1 if self.stages is None else len(self.stages.year)

    def is_booked(self) -> Bools:
        """Whether each demand node is what households book for pick-up at the door, (n_demand,)."""
        booked = np.zeros(self.n_demand, dtype=bool)
        booked[self.direct.tail[self.direct.link_class == LINK_CLASSES.index("door_to_transfer")]] = True
        return booked

    def option_echelon(self) -> Ints:
        """Echelon of each option, (n_options,)."""
        return self.sites.echelon[self.options.site]

    def passed_on(self) -> Floats:
        """What leaves a facility type, t of product a t that enters: (n_types, n_materials, n_materials).

        Nothing leaves the last echelon that has a site.
        """
        last = int(self.sites.echelon.max()) if self.n_sites else 0
        passed = np.zeros((len(self.facility_types), self.n_materials, self.n_materials))
        passed[(self.type_echelon <= Echelon.TRANSFER) & (self.type_echelon < last)] = np.eye(self.n_materials)
        passed[np.unique(self.conversions.type)] = 0.0
        where = (self.conversions.type, self.conversions.material, self.conversions.product)
        np.add.at(passed, where, self.conversions.t_per_t)
        return passed

    def at_stage(self, number: int) -> Instance:
        """The problem of one stage alone: its demand, its targets, no stages."""
        if self.stages is None:
            return self
        demand, year = self.demand, int(self.stages.year[number])
        staged = dataclasses.replace(
            demand,
            tonnes=demand.tonnes * self.stages.tonnes_factor[number],
            residents=demand.residents * self.stages.residents_factor[number],
        )
        targets = tuple(target for target in self.targets if target.year in (0, year))
        return dataclasses.replace(self, year=year, demand=staged, targets=targets, stages=None)


def _faults(instance: Instance) -> list[str]:
    """Faults that would make the arrays contradict each other; an empty list when there are none."""
    return _array_faults(instance) or _index_faults(instance) or _target_faults(instance) or _stage_faults(instance)


def _stage_faults(instance: Instance) -> list[str]:
    """Factors of stages that do not fit the demand."""
    if instance.stages is None:
        return []
    n, demand = instance.n_stages, instance.demand
    tonnes, residents = instance.stages.tonnes_factor.shape, instance.stages.residents_factor.shape
    faults = []
    if tonnes not in ((n, *demand.tonnes.shape), (n, instance.n_demand, 1)):
        faults.append(f"instance.stages.tonnes_factor: shape {tonnes} where {(n, *demand.tonnes.shape)} is expected")
    if residents != (n, instance.n_demand):
        faults.append(f"instance.stages.residents_factor: shape {residents} where {(n, instance.n_demand)} is expected")
    return faults


RATIOS = (Measure.SHARED, Measure.WALK, Measure.COVERAGE_GINI)
"""Measures that divide one sum by another: what is missed of them is not linear."""
HARD_ONLY = (*RATIOS, Measure.WORST_WALK)
"""Measures that cannot be missed by a little: their targets are hard."""
FAIRNESS = (Measure.LEAST_COVERAGE, Measure.COVERAGE_RANGE, Measure.COVERAGE_GINI)
"""Measures that compare the coverage of the districts of a unit."""


def _target_faults(instance: Instance) -> list[str]:
    return [
        f"target {target.id}: {target.measure} cannot be missed by a little; remove the penalty"
        for target in instance.targets
        if target.measure in HARD_ONLY and not target.is_hard
    ]


def _index_faults(instance: Instance) -> list[str]:
    """Indices that point at rows that are not there."""
    n_districts, n_types = len(instance.districts), len(instance.facility_types)
    indices = {
        "demand.district": (instance.demand.district, n_districts),
        "sites.district": (instance.sites.district, n_districts),
        "sites.echelon": (instance.sites.echelon, len(Echelon)),
        "options.site": (instance.options.site, instance.n_sites),
        "options.type": (instance.options.type, n_types),
        "walks.demand": (instance.walks.demand, instance.n_demand),
        "walks.site": (instance.walks.site, instance.n_sites),
        "direct.tail": (instance.direct.tail, instance.n_demand),
        "direct.head": (instance.direct.head, instance.n_sites),
        "haul.tail": (instance.haul.tail, instance.n_sites),
        "haul.head": (instance.haul.head, instance.n_sites),
        "direct.rate": (instance.direct.rate, len(instance.link_rates.vehicle)),
        "haul.rate": (instance.haul.rate, len(instance.link_rates.vehicle)),
        "conversions.type": (instance.conversions.type, n_types),
        "conversions.material": (instance.conversions.material, instance.n_materials),
        "conversions.product": (instance.conversions.product, instance.n_materials),
        "groups.option": (instance.groups.option, instance.n_options),
        "groups.group": (instance.groups.group, len(instance.groups.most)),
    }
    return [
        f"instance.{name}: runs from {index.min()} to {index.max()}; there are {n} rows to point at"
        for name, (index, n) in indices.items()
        if index.size and not (index.min() >= 0 and index.max() < n)
    ]


def _array_faults(instance: Instance) -> list[str]:
    """Arrays of the wrong shape, or with a figure that is negative or not finite."""
    faults = []
    for part, n, columns in (
        (instance.demand, instance.n_demand, instance.n_materials),
        (instance.sites, instance.n_sites, None),
        (instance.options, instance.n_options, instance.n_materials),
        (instance.walks, len(instance.walks.demand), None),
        (instance.direct, len(instance.direct.tail), None),
        (instance.haul, len(instance.haul.tail), None),
        (instance.link_rates, len(instance.link_rates.vehicle), None),
        (instance.conversions, len(instance.conversions.type), None),
    ):
        for field in dataclasses.fields(part):
            array = getattr(part, field.name)
            expected = (n,) if array.ndim == 1 else (n, columns)
            where = f"instance.{type(part).__name__.lower()}.{field.name}"
            if array.shape != expected:
                faults.append(f"{where}: shape {array.shape} where {expected} is expected")
            elif array.dtype.kind == "f" and array.size and not (_is_usable(array, field.name)).all():
                bad = int(np.flatnonzero(~_is_usable(array, field.name).reshape(n, -1).all(axis=1))[0])
                faults.append(f"{where}: row {bad} is {array[bad]}; every figure must be finite and not negative")
    return faults


MAY_BE_NEGATIVE = ("unit_cny_per_t",)
"""Figures that may earn rather than cost."""


def _is_usable(array: Floats, name: str) -> Bools:
    """Whether each figure is finite, and not negative where it may not be."""
    return np.asarray(np.isfinite(array) & ((array >= 0) | (name in MAY_BE_NEGATIVE)))
