"""Measures: what a target counts, and what a plan may optimise."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Literal

from siting.language import Label

Counted = Literal["options", "residents", "districts", "tonnes", "totals"]
Key = Literal["echelon", "type", "material", "within_m"]


class Measure(enum.StrEnum):
    """Quantity that a target counts, or an objective optimises."""

    COUNT = "count"
    COVERAGE = "coverage"
    SERVED = "served"
    COLLECTED = "collected_t"
    COLLECTED_SHARE = "collected_share"
    RECYCLED_SHARE = "recycled_share"
    PROCESSED = "processed_t"
    CAPACITY = "capacity_t"
    SHARED = "shared_share"
    VEHICLES = "vehicles"
    COLLECTION_VEHICLES = "collection_vehicles"
    CHANGES = "changes"
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

    @property
    def record(self) -> MeasureRecord:
        """Record of the measure."""
        return MEASURES[self]

    @property
    def stem(self) -> str:
        """Key in words joined by dashes, without its unit: `net-emissions` of `net_emissions_t`.

        A share keeps the word where tonnes have the same key.
        """
        bare = re.sub("_(t|m|cny|share)$", "", self.value)
        is_also_in_tonnes = self.value.endswith("_share") and f"{bare}_t" in list(Measure)
        return (self.value if is_also_in_tonnes else bare).replace("_", "-")

    @property
    def unit(self) -> str:
        """Unit of its values, a key of `siting.language.units.UNITS`."""
        return MEASURES[self].unit


@dataclass(frozen=True)
class MeasureRecord:
    """Unit, sides, keys and labels of a measure.

    Attributes
    ----------
    label
        Name for readers.
    phrase
        What a target of it counts, for readers; `{facilities}`, `{material}`, `{within}` (metres), `{fleet}`,
        `{of_type}` and `{of_distance}` are filled in.
    unit
        Unit of its values, a key of `siting.language.units.UNITS`.
    row_family
        Constraint family of its targets in the model.
    counted
        What it is summed over: options that are open, residents, districts of a unit, tonnes, or what the whole
        network makes together: terms of cost and emissions, sites that change.
    sides
        Sides on which a target may ask for it.
    narrowed_by, needs
        Keys of a target that narrow what is counted, and those that it must have.
    is_ratio
        Whether it divides one sum by another, so that what is missed of it is not linear.
    is_soft
        Whether a target of it may be missed at a penalty.
    is_of_network
        Whether it is of the whole network only, not of a single district.
    may_be_negative
        Whether a target may ask for a value below 0.
    optimised
        Which way an objective may go, or None.
    needs_service
        Whether a plan that serves nobody would reach it best.
    asks_for_service
        Whether a target `at_least`, or a maximum, of it makes a plan serve somebody.
    """

    label: Label
    phrase: Label
    unit: str
    row_family: str
    counted: Counted
    sides: tuple[Literal["at_least", "at_most"], ...] = ("at_least", "at_most")
    narrowed_by: tuple[Key, ...] = ()
    needs: tuple[Key, ...] = ()
    is_ratio: bool = False
    is_soft: bool = True
    is_of_network: bool = False
    may_be_negative: bool = False
    optimised: Literal["minimise", "maximise"] | None = None
    needs_service: bool = False
    asks_for_service: bool = False

    @property
    def is_share(self) -> bool:
        """Return whether its values are shares in [0, 1]."""
        return self.unit.startswith("share") or self.unit == "Gini coefficient"

    @property
    def is_number(self) -> bool:
        """Return whether its values are numbers of things, written without a unit."""
        return self.unit in ("facilities", "vehicles")

    @property
    def is_bounded(self) -> bool:
        """Return whether simple arithmetic bounds it on both sides: sums over facilities, residents or flows."""
        return len(self.sides) == 2 and self.is_soft


AT_LEAST: tuple[Literal["at_least", "at_most"], ...] = ("at_least",)
AT_MOST: tuple[Literal["at_least", "at_most"], ...] = ("at_most",)
OF_FACILITIES: tuple[Key, ...] = ("echelon", "type")

MEASURES = {
    Measure.COUNT: MeasureRecord(
        Label("number of facilities", "设施数量"),
        Label("{facilities}", "{facilities}"),
        unit="facilities",
        row_family="reach_count",
        counted="options",
        narrowed_by=OF_FACILITIES,
        needs=("echelon",),
        optimised="minimise",
    ),
    Measure.COVERAGE: MeasureRecord(
        Label("share of residents with a point within", "有回收点的居民比例"),
        Label("residents with a point{of_type} within {within} m", "{within} 米内有{of_type}回收点的居民"),
        unit="share of residents",
        row_family="reach_coverage",
        counted="residents",
        narrowed_by=("within_m",),
        needs=("within_m",),
        optimised="maximise",
    ),
    Measure.SERVED: MeasureRecord(
        Label("share of residents assigned to a point", "有服务回收点的居民比例"),
        Label("residents assigned to a point{of_type}{of_distance}", "{of_distance}由{of_type}回收点服务的居民"),
        unit="share of residents",
        row_family="reach_served",
        counted="residents",
        narrowed_by=("within_m",),
        optimised="maximise",
        asks_for_service=True,
    ),
    Measure.COLLECTED: MeasureRecord(
        Label("tonnes collected", "回收量"),
        Label("{material} collected", "{material}回收量"),
        unit="t/yr",
        row_family="reach_collected",
        counted="tonnes",
        narrowed_by=("material",),
        optimised="maximise",
        asks_for_service=True,
    ),
    Measure.COLLECTED_SHARE: MeasureRecord(
        Label("share of what arises that is collected", "回收率"),
        Label("{material} collected, of what arises", "{material}回收率"),
        unit="share of what arises",
        row_family="reach_collected_share",
        counted="tonnes",
        narrowed_by=("material",),
        optimised="maximise",
        asks_for_service=True,
    ),
    Measure.RECYCLED_SHARE: MeasureRecord(
        Label("share of what arises that becomes product", "资源化利用率"),
        Label("{material} made into product, of what arises", "{material}资源化利用率"),
        unit="share of what arises",
        row_family="reach_recycled_share",
        counted="tonnes",
        narrowed_by=("material",),
        is_of_network=True,
        optimised="maximise",
        asks_for_service=True,
    ),
    Measure.PROCESSED: MeasureRecord(
        Label("tonnes processed", "分拣量"),
        Label("{material} processed", "{material}分拣量"),
        unit="t/yr",
        row_family="reach_processed",
        counted="tonnes",
        narrowed_by=("echelon", "type", "material"),
        optimised="maximise",
        asks_for_service=True,
    ),
    Measure.CAPACITY: MeasureRecord(
        Label("capacity", "能力"),
        Label("capacity of {facilities}", "{facilities}能力"),
        unit="t/yr",
        row_family="reach_capacity",
        counted="options",
        narrowed_by=OF_FACILITIES,
        needs=("echelon",),
    ),
    Measure.SHARED: MeasureRecord(
        Label("share at outlets of household waste", "两网融合比例"),
        Label("{facilities} at outlets of household waste", "{facilities}两网融合比例"),
        unit="share of facilities",
        row_family="reach_shared",
        counted="options",
        narrowed_by=OF_FACILITIES,
        needs=("echelon",),
        is_ratio=True,
        is_soft=False,
    ),
    Measure.VEHICLES: MeasureRecord(
        Label("vehicles", "车辆数"),
        Label("vehicles of {fleet}", "{fleet}车辆数"),
        unit="vehicles",
        row_family="within_fleet",
        counted="options",
        narrowed_by=OF_FACILITIES,
        optimised="minimise",
    ),
    Measure.COLLECTION_VEHICLES: MeasureRecord(
        Label("vehicles that empty points", "清运车辆数"),
        Label("vehicles that empty the points", "清运车辆数"),
        unit="vehicles",
        row_family="within_tours",
        counted="totals",
        sides=AT_MOST,
    ),
    Measure.CHANGES: MeasureRecord(
        Label("facilities changed against an earlier plan", "与原方案相比变动的设施"),
        Label("facilities changed against the earlier plan", "与原方案相比变动的设施"),
        unit="facilities",
        row_family="within_changes",
        counted="totals",
        sides=AT_MOST,
        is_of_network=True,
    ),
    Measure.WALK: MeasureRecord(
        Label("mean walk to the point", "居民平均步行距离"),
        Label("mean walk to the point", "居民平均步行距离"),
        unit="m a served resident",
        row_family="within_walk",
        counted="residents",
        sides=AT_MOST,
        narrowed_by=("within_m",),
        is_ratio=True,
        is_soft=False,
        optimised="minimise",
        needs_service=True,
    ),
    Measure.WORST_WALK: MeasureRecord(
        Label("longest walk to the point", "居民最远步行距离"),
        Label("longest walk to the point", "居民最远步行距离"),
        unit="m",
        row_family="within_worst_walk",
        counted="residents",
        sides=AT_MOST,
        is_soft=False,
        optimised="minimise",
        needs_service=True,
    ),
    Measure.LEAST_COVERAGE: MeasureRecord(
        Label("coverage of the worst-served district", "覆盖率最低的区"),
        Label("coverage of the worst-served district", "覆盖率最低的区"),
        unit="share of a district's residents",
        row_family="reach_least_coverage",
        counted="districts",
        sides=AT_LEAST,
        narrowed_by=("within_m",),
        needs=("within_m",),
        is_of_network=True,
        optimised="maximise",
    ),
    Measure.COVERAGE_RANGE: MeasureRecord(
        Label("range of coverage across districts", "各区覆盖率极差"),
        Label("range of coverage across districts", "各区覆盖率极差"),
        unit="share of residents between districts",
        row_family="within_range",
        counted="districts",
        sides=AT_MOST,
        narrowed_by=("within_m",),
        needs=("within_m",),
        is_of_network=True,
        optimised="minimise",
        needs_service=True,
    ),
    Measure.COVERAGE_GINI: MeasureRecord(
        Label("Gini coefficient of coverage across districts", "各区覆盖率基尼系数"),
        Label("Gini coefficient of coverage across districts", "各区覆盖率基尼系数"),
        unit="Gini coefficient",
        row_family="within_gini",
        counted="districts",
        sides=AT_MOST,
        narrowed_by=("within_m",),
        needs=("within_m",),
        is_ratio=True,
        is_soft=False,
        is_of_network=True,
    ),
    Measure.COST: MeasureRecord(
        Label("net cost", "年净成本"),
        Label("net cost", "年净成本"),
        unit="CNY/yr",
        row_family="within_cost",
        counted="totals",
        sides=AT_MOST,
        is_of_network=True,
        may_be_negative=True,
        optimised="minimise",
    ),
    Measure.INVESTMENT: MeasureRecord(
        Label("investment", "投资"),
        Label("investment in {facilities}", "{facilities}投资"),
        unit="CNY",
        row_family="within_investment",
        counted="options",
        sides=AT_MOST,
        narrowed_by=OF_FACILITIES,
        optimised="minimise",
    ),
    Measure.OPERATION: MeasureRecord(
        Label("cost of operation", "年运行成本"),
        Label("cost of operation", "年运行成本"),
        unit="CNY/yr",
        row_family="within_operation",
        counted="totals",
        sides=AT_MOST,
        is_of_network=True,
        optimised="minimise",
    ),
    Measure.SUBSIDY: MeasureRecord(
        Label("subsidies", "补贴"),
        Label("subsidies", "补贴"),
        unit="CNY/yr",
        row_family="within_subsidy",
        counted="totals",
        sides=AT_MOST,
        narrowed_by=("material",),
    ),
    Measure.EMISSIONS: MeasureRecord(
        Label("emissions", "碳排放"),
        Label("emissions", "碳排放"),
        unit="t CO2e/yr",
        row_family="within_emissions",
        counted="totals",
        sides=AT_MOST,
        is_of_network=True,
        optimised="minimise",
    ),
    Measure.NET_EMISSIONS: MeasureRecord(
        Label("emissions less avoided", "净碳排放"),
        Label("emissions less avoided", "净碳排放"),
        unit="t CO2e/yr",
        row_family="within_net_emissions",
        counted="totals",
        sides=AT_MOST,
        is_of_network=True,
        may_be_negative=True,
        optimised="minimise",
    ),
}
"""Record of each measure; a test asserts that every measure has one."""

OF_ARISING = (Measure.COLLECTED_SHARE, Measure.RECYCLED_SHARE)
"""Measures that are a share of what arises."""
