"""Tables of an instance: demand, sites, options, materials, and the rules that options share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance.arrays import Bools, Floats, Ints, Texts
from siting.vocabulary import DemandKind


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
        """Return whether the residents of each node walk to a point, (n_demand,); all other nodes use direct links."""
        return np.asarray(self.kind == DemandKind.HOUSEHOLD)


@dataclass(frozen=True)
class Sites:
    """Candidate and existing sites of all echelons. All arrays (n_sites,).

    `is_shared` marks outlets of household waste at which a facility can stand: two networks in one. `closing_cny` is
    the annuity of the cost of leaving nothing open here; 0 if no facility exists.
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
        """Return whether each option may be open and take less than its least use, (n_options,)."""
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
        """Return no rows: every option has the capacity of its size."""
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
class Groups:
    """Options of which few may be open together. `option` and `group` (n_members,); `most` (n_groups,)."""

    option: Ints
    group: Ints
    most: Floats

    @classmethod
    def none(cls) -> Groups:
        """Return no rows: all options may be open together."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, np.empty(0))


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
        """Return no rows: every type passes on what it takes, or keeps it."""
        nothing = np.empty(0, dtype=np.int64)
        return cls(nothing, nothing, nothing, np.empty(0))


@dataclass(frozen=True)
class Rates:
    """City-wide prices: disposal of residue, emitted carbon, avoided carbon, and the grid's emission factor."""

    disposal_cny_per_t: float = 0.0
    carbon_cny_per_t: float = 0.0
    avoided_cny_per_t: float = 0.0
    grid_kg_co2e_per_kwh: float = 0.0
