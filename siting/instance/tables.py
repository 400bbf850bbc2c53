"""The parts of an instance, each a table of arrays: demand, sites, options, links, prices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from siting.vocabulary import DemandKind

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.str_]


@dataclass(frozen=True)
class Demand:
    """Demand nodes. All arrays start with n_demand; `kind` holds values of `DemandKind`.

    `tonnes` (n_demand, n_materials) is the amount offered a year. Households bring theirs to a point, times the
    participation of the walk that serves them (`Instance.brought_t`); generators, and households that book pick-up at
    the door, give theirs in full over direct links. `residents` is 0 for all but households. A node marked
    `must_serve` is assigned, or gives, in full.
    """

    id: Texts
    district: Ints
    residents: Floats
    tonnes: Floats
    kind: Ints
    must_serve: Bools

    @property
    def is_household(self) -> Bools:
        """Whether the residents of each node walk to a point, (n_demand,); all other nodes use direct links."""
        return np.asarray(self.kind == DemandKind.HOUSEHOLD)


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

    @classmethod
    def neutral(cls, id_: Texts, echelon: Ints) -> Sites:
        """Return candidate sites of 1 m² in district 0, none of which must open, is shared or costs to close."""
        n = len(id_)
        no = np.zeros(n, dtype=bool)
        return cls(id_, echelon, np.zeros(n, dtype=np.int64), np.ones(n), no, no, np.zeros(n))


@dataclass(frozen=True)
class Options:
    """Possible facilities: one row is one facility type in one size at one site. Arrays (n_options,) unless said.

    `investment_cny` and `land_cny` are annuities; `unit_cny_per_t` and `unit_kwh_per_t` (n_options, n_materials)
    apply to each tonne that enters. `capex_cny` is paid once, when it opens; `vehicles` is what it takes of a fleet.
    `capacity_t` is the nameplate capacity. In the mean of a year a plan uses at most `max_load_share` of it divided by
    `peak_factor`, the load of the busiest day or month over that mean. An open option takes at least `min_load_t` a
    year, and counts as in use from `least_use_t` on; the two differ where what stands must stay: it may be idle.
    `accepts` (n_options, n_materials). An existing facility is the option of its site with `is_existing`; its
    investment and land are sunk (0). Other options of its site are what it may be rebuilt to.
    """

    site: Ints
    type: Ints
    size: Texts
    capacity_t: Floats
    max_load_share: Floats
    peak_factor: Floats
    min_load_t: Floats
    least_use_t: Floats
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

    @classmethod
    def neutral(cls, site: Ints, type_: Ints, n_materials: int) -> Options:
        """Return new facilities of 1 m² and no capacity that cost nothing and accept every material."""
        zero, one, per_t = np.zeros(len(site)), np.ones(len(site)), np.zeros((len(site), n_materials))
        accepts = np.ones(per_t.shape, dtype=bool)
        return cls(
            site, type_, np.full(len(site), "one"), zero, one, one, zero, zero, one, zero, zero, zero, zero, zero, zero,
            per_t, per_t, accepts, zero > 0,
        )  # fmt: skip

    @property
    def usable_share(self) -> Floats:
        """Share of its capacity that a plan may load each option to in the mean of a year, (n_options,)."""
        return np.asarray(self.max_load_share / self.peak_factor)

    @property
    def may_be_idle(self) -> Bools:
        """Whether each option may be open and take less than its least use, (n_options,)."""
        return np.asarray(self.least_use_t > self.min_load_t)

    @property
    def in_use_from_t(self) -> Floats:
        """Throughput from which each option counts as in use, t a year, (n_options,)."""
        return np.maximum(self.min_load_t, self.least_use_t)

    @property
    def usable_t(self) -> Floats:
        """Planned limit of each option without extensions, t a year, (n_options,)."""
        return self.capacity_t * self.usable_share


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

    @classmethod
    def none(cls) -> Walks:
        """Return no rows: nobody walks."""
        rows = np.empty(0, dtype=np.int64)
        return cls(rows, rows, *(np.empty(0) for _ in range(3)))


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

    @classmethod
    def none(cls) -> Links:
        """Return no rows: nothing is hauled."""
        rows = np.empty(0, dtype=np.int64)
        return cls(rows, rows, np.empty(0), rows, rows)


@dataclass(frozen=True)
class LinkRates:
    """Cost and working time of a tonne by vehicle and kind of link. Arrays (n_rates,) unless said; `vehicle` is a name.

    `unload_cny_per_t` is paid for each tonne whatever the distance. `h_per_tkm` and `unload_h_per_t` are hours of a
    vehicle, of which one works `hours_per_year`; all three are 0 where no vehicle is described. `haul_factor`
    (n_rates, n_materials) multiplies cost, hours and emissions: light material fills a vehicle before it is laden.
    """

    vehicle: Texts
    cny_per_tkm: Floats
    unload_cny_per_t: Floats
    kg_co2e_per_tkm: Floats
    h_per_tkm: Floats
    unload_h_per_t: Floats
    hours_per_year: Floats
    haul_factor: Floats

    @classmethod
    def per_tkm(cls, vehicle: Texts, cny_per_tkm: Floats, n_materials: int = 1) -> LinkRates:
        """Return rates by distance alone, without unloading, emissions or hours."""
        none, factor = np.zeros(len(vehicle)), np.ones((len(vehicle), n_materials))
        return cls(vehicle, cny_per_tkm, none, none, none, none, none, factor)


@dataclass(frozen=True)
class Visits:
    """Visits by which vehicles empty points, or fetch at doors. Arrays (n_visits,) unless said.

    `at` is an option of a point (`Instance.visits`) or a demand node (`Instance.door_visits`); each has one row at
    most. An open option is visited `per_year` times a year, and besides `per_t` (n_visits, n_materials) times for each
    tonne that it takes; a demand node for each tonne that it gives. A visit takes `h` hours of the vehicle of `rate`, a
    row of `LinkRates`, and a detour of `km`, and costs `cny`, both without the way between station and points.
    """

    at: Ints
    rate: Ints
    per_year: Floats
    per_t: Floats
    km: Floats
    h: Floats
    cny: Floats
    kg_co2e: Floats

    @classmethod
    def none(cls) -> Visits:
        """Return no rows: no stop is charged."""
        rows = np.empty(0, dtype=np.int64)
        return cls(rows, rows, np.empty(0), np.empty((0, 0)), *(np.empty(0) for _ in range(4)))

    def spread(self, of_visit: Floats, n_places: int, n_materials: int) -> tuple[Floats, Floats]:
        """Return `of_visit` (n_visits,) a year and by the tonne, (n_places,) and (n_places, n_materials)."""
        by_year, by_t = np.zeros(n_places), np.zeros((n_places, n_materials))
        if len(self.at):
            by_year[self.at] = self.per_year * of_visit
            by_t[self.at] = self.per_t * of_visit[:, None]
        return by_year, by_t


@dataclass(frozen=True)
class Materials:
    """Prices and fate of each material. Arrays (n_materials,) unless said.

    A tonne that enters a sorting centre leaves as `1 - residue_share` product and as residue, disposed of. Product is
    sold where it ends: at the centre, or at a processing base that it is hauled on to. `purchase` is paid for,
    `subsidy` (n_districts, n_materials) received on, each collected tonne, by the district that it comes from.
    `avoided_kg_co2e_per_t` is what a tonne of product saves elsewhere.
    """

    id: Texts
    residue_share: Floats
    sales_cny_per_t: Floats
    purchase_cny_per_t: Floats
    subsidy_cny_per_t: Floats
    avoided_kg_co2e_per_t: Floats

    @classmethod
    def neutral(cls, id_: Texts) -> Materials:
        """Return materials of one district, without residue, prices or savings."""
        zero = np.zeros(len(id_))
        return cls(id_, zero, zero, zero, np.zeros((1, len(id_))), zero)


@dataclass(frozen=True)
class Conversions:
    """Output of a facility type: `t_per_t` t of `product` for a t of `material`. Arrays (n_conversions,).

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
class Expansions:
    """Options whose capacity can be extended by the tonne. Arrays (n_expansions,); an option has one row at most.

    `most_t` goes on top of the capacity of the size. A tonne of it costs `capex_cny_per_t` once, when it is bought;
    a year, `investment_cny_per_t` as an annuity and `operation_cny_per_t` whether it is used or not.
    """

    option: Ints
    most_t: Floats
    capex_cny_per_t: Floats
    investment_cny_per_t: Floats
    operation_cny_per_t: Floats

    @classmethod
    def none(cls) -> Expansions:
        """Every option has the capacity of its size."""
        return cls(np.empty(0, dtype=np.int64), *(np.empty(0) for _ in range(4)))


@dataclass(frozen=True)
class Disposals:
    """Material that an open option may dispose of instead of hauling it on. Arrays (n_disposals,).

    No more than `limit_t` a year of `material`, of what must leave the facility, at `cny_per_t` (below 0: income).
    """

    option: Ints
    material: Ints
    cny_per_t: Floats
    limit_t: Floats

    @classmethod
    def none(cls) -> Disposals:
        """Return no rows: all material that must leave a facility is hauled on."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, np.empty(0), np.empty(0))


@dataclass(frozen=True)
class StagePrices:
    """The tables of an instance as they are in one stage: prices, capacities and limits may differ, nothing else."""

    options: Options
    expansions: Expansions
    disposals: Disposals
    materials: Materials
    link_rates: LinkRates
    visits: Visits = field(default_factory=Visits.none)
    door_visits: Visits = field(default_factory=Visits.none)


@dataclass(frozen=True)
class Stages:
    """Years or cases of demand that one set of sites must answer. Arrays start with n_stages.

    A stage's demand is the instance's times `tonnes_factor` (n_stages, n_demand, n_materials, or 1 for all alike), its
    residents times `residents_factor` (n_stages, n_demand); its targets are those whose `year` is its own, or 0. The
    cost of a plan is the sum of its stages' times `weight`, of which the sum is 1. Years (`is_nested`) may differ in
    what is open, but what opens stays; cases share one set of open facilities, and `is_robust` makes the cost that of
    the dearest case. `prices` is one for each stage, or empty where all have those of the instance.
    """

    name: Texts
    year: Ints
    weight: Floats
    tonnes_factor: Floats
    residents_factor: Floats
    is_nested: bool
    is_robust: bool = False
    prices: tuple[StagePrices, ...] = ()


@dataclass(frozen=True)
class Rates:
    """City-wide prices: disposal of residue, emitted carbon, avoided carbon, and the grid's emission factor."""

    disposal_cny_per_t: float = 0.0
    carbon_cny_per_t: float = 0.0
    avoided_cny_per_t: float = 0.0
    grid_kg_co2e_per_kwh: float = 0.0
