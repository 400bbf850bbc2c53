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


class Measure(enum.StrEnum):
    """What a target counts."""

    COUNT = "count"
    COVERAGE = "coverage"
    COLLECTED = "collected_t"
    PROCESSED = "processed_t"
    CAPACITY = "capacity_t"


MEASURE_UNITS = {
    Measure.COUNT: "facilities",
    Measure.COVERAGE: "share of residents",
    Measure.COLLECTED: "t/yr",
    Measure.PROCESSED: "t/yr",
    Measure.CAPACITY: "t/yr",
}

LINK_CLASSES = ("point_to_transfer", "transfer_to_sorting", "generator_to_sorting")


@dataclass(frozen=True)
class Demand:
    """Demand nodes: residential cells first, then generators. All arrays start with n_demand.

    `tonnes` (n_demand, n_materials) is what is offered a year; a cell's tonnes reach the network times the
    participation of the pair that serves it, a generator's in full. `residents` is 0 for a generator.
    """

    id: Texts
    district: Ints
    residents: Floats
    tonnes: Floats
    is_generator: Bools


@dataclass(frozen=True)
class Sites:
    """Candidate and existing sites of all echelons. All arrays (n_sites,)."""

    id: Texts
    echelon: Ints
    district: Ints
    area_m2: Floats
    must_open: Bools


@dataclass(frozen=True)
class Options:
    """What may stand where: one row is one facility type in one size at one site. Arrays (n_options,) unless said.

    `investment_cny` and `land_cny` are annuities; `unit_cny_per_t` and `unit_kwh_per_t` (n_options, n_materials)
    apply to each tonne that enters. `accepts` (n_options, n_materials). An existing facility is the one option of its
    site with `is_existing`; its investment and land are sunk (0).
    """

    site: Ints
    type: Ints
    size: Texts
    capacity_t: Floats
    min_load_t: Floats
    area_m2: Floats
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

    `participation` in [0, 1] is the share of the cell's tonnes that residents bring over this distance.
    """

    demand: Ints
    site: Ints
    distance_m: Floats
    participation: Floats


@dataclass(frozen=True)
class Links:
    """Haul links. Arrays (n_links,).

    `tail` is a demand node for `direct` links and a site for `haul` links; `head` is a site; `link_class` indexes
    `LINK_CLASSES`.
    """

    tail: Ints
    head: Ints
    distance_m: Floats
    link_class: Ints


@dataclass(frozen=True)
class LinkRates:
    """What a tonne costs on each class of link, in the order of `LINK_CLASSES`. Arrays (n_link_classes,)."""

    cny_per_tkm: Floats
    handling_cny_per_t: Floats
    kg_co2e_per_tkm: Floats


@dataclass(frozen=True)
class Materials:
    """Prices and fate of each material. Arrays (n_materials,).

    A tonne that enters a sorting centre leaves as `1 - residue_share` product, sold, and as residue, disposed of.
    `purchase` is paid for, `subsidy` received on, each collected tonne.
    """

    id: Texts
    residue_share: Floats
    sales_cny_per_t: Floats
    purchase_cny_per_t: Floats
    subsidy_cny_per_t: Floats


@dataclass(frozen=True)
class Rates:
    """City-wide prices: disposal of residue, carbon, and the grid's emission factor."""

    disposal_cny_per_t: float
    carbon_cny_per_t: float
    grid_kg_co2e_per_kwh: float


@dataclass(frozen=True)
class Target:
    """One line of the table of targets, for one responsibility unit.

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
    """A whole planning problem: `direct` links run from generators to sorting centres, `haul` links between sites."""

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

    def option_echelon(self) -> Ints:
        """Echelon of each option, (n_options,)."""
        return self.sites.echelon[self.options.site]


def _faults(instance: Instance) -> list[str]:
    """Faults that would make the arrays contradict each other; an empty list when there are none."""
    return _array_faults(instance) or _index_faults(instance)


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
    ):
        for field in dataclasses.fields(part):
            array = getattr(part, field.name)
            expected = (n,) if array.ndim == 1 else (n, columns)
            where = f"instance.{type(part).__name__.lower()}.{field.name}"
            if array.shape != expected:
                faults.append(f"{where}: shape {array.shape} where {expected} is expected")
            elif array.dtype.kind == "f" and array.size and not (np.isfinite(array).all() and array.min() >= 0):
                bad = int(np.flatnonzero(~(np.isfinite(array) & (array >= 0)).reshape(n, -1).all(axis=1))[0])
                faults.append(f"{where}: row {bad} is {array[bad]}; every figure must be finite and not negative")
    return faults
