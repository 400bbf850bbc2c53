"""The words of an instance: echelons, what can be counted, which places links join."""

from __future__ import annotations

import enum


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
    "base_to_base": (Echelon.BASE, Echelon.BASE),
}
"""Echelons that each class of haul link joins; None is a demand node that gives its material directly.

What households book for pick-up at the door leaves its demand node by `door_to_transfer`. By `base_to_base` bases form
chains of any length, also in a circle.
"""
LINK_CLASSES = tuple(LINK_ENDS)
RATIOS = (Measure.SHARED, Measure.WALK, Measure.COVERAGE_GINI)
"""Measures that divide one sum by another: what is missed of them is not linear."""
HARD_ONLY = (*RATIOS, Measure.WORST_WALK)
"""Measures that cannot be missed by a little: their targets are hard."""
FAIRNESS = (Measure.LEAST_COVERAGE, Measure.COVERAGE_RANGE, Measure.COVERAGE_GINI)
"""Measures that compare the coverage of the districts of a unit."""
