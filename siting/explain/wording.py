"""The planner's words for targets and their figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from siting.instance import Instance, Target
from siting.vocabulary import Echelon, Measure

ECHELON_WORDS = {
    None: "facilities",
    Echelon.POINT: "recycling points",
    Echelon.TRANSFER: "transfer stations",
    Echelon.SORTING: "sorting centres",
    Echelon.BASE: "processing bases",
}
CITY_WORDS = {
    Measure.WALK: "mean walk to a recycling point",
    Measure.WORST_WALK: "longest walk to a recycling point",
    Measure.LEAST_COVERAGE: "coverage of the worst-served district",
    Measure.COVERAGE_RANGE: "range of coverage across districts",
    Measure.COVERAGE_GINI: "Gini coefficient of coverage across districts",
    Measure.COST: "net cost",
    Measure.OPERATION: "cost of operation",
    Measure.SUBSIDY: "subsidies",
    Measure.EMISSIONS: "emissions",
    Measure.NET_EMISSIONS: "emissions less what is avoided",
}
NUMBERS = (Measure.COUNT, Measure.VEHICLES)
SHARES = (Measure.COVERAGE, Measure.SHARED, Measure.LEAST_COVERAGE, Measure.COVERAGE_RANGE)
MOST_DIGITS = 6


@dataclass(frozen=True)
class Finding:
    """Something that the planner should know before a solve: where, what, the figures and the cure.

    `is_fatal` when no plan can exist; `target_id` names the target that it is about, None where it is about places.
    """

    message: str
    is_fatal: bool
    target_id: str | None


def write_value(target: Target, value: float, digits: int = 1) -> str:
    """A value of a target with its unit: a percentage for a share, whole tonnes a year, a number of facilities."""
    if target.measure in SHARES:
        return f"{value * 100:.{digits}f} %"
    text = f"{value:,.{digits - 1}f}"
    if target.measure is Measure.COVERAGE_GINI:
        return f"{value:.{digits + 2}f}"
    unit = "m" if target.measure is Measure.WALK else target.measure.unit
    return text if target.measure in NUMBERS else f"{text} {unit}"


def write_pair(target: Target, one: float, other: float) -> tuple[str, str]:
    """Two values with as many digits as it takes to tell them apart."""
    for digits in range(1, MOST_DIGITS):
        texts = write_value(target, one, digits), write_value(target, other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def value_to_set(target: Target, limit: float) -> str:
    """The value to write in the config instead: `limit`, rounded to the side on which it can be met.

    A coverage of at least 0.7129 becomes 0.71, one of at most 0.7129 becomes 0.72.
    """
    digits = 2 if target.measure in SHARES else 0
    to_side = math.floor if target.is_at_least else math.ceil
    return f"{to_side(limit * 10**digits + (1e-9 if target.is_at_least else -1e-9)) / 10**digits:.{digits}f}"


def name_counted(instance: Instance, target: Target) -> str:
    """What a target counts: `residents within 500 m of a recycling point`, `t/yr of paper processed`, ..."""
    if target.measure is Measure.COVERAGE:
        within = "" if target.within_m is None else f"within {target.within_m:,.0f} m of "
        return f"residents {within}an open recycling point"
    if target.measure in CITY_WORDS:
        return CITY_WORDS[target.measure]
    places = ECHELON_WORDS[target.echelon]
    if not target.counts_type.all():
        places += f" of type {', '.join(instance.facility_types[target.counts_type])}"
    if target.measure is Measure.COUNT:
        return places
    of_places = {
        Measure.CAPACITY: f"capacity of {places}",
        Measure.INVESTMENT: f"investment in {places}",
        Measure.VEHICLES: f"vehicles of {places}",
        Measure.SHARED: f"{places} at outlets of household waste",
    }
    if target.measure in of_places:
        return of_places[target.measure]
    verb = "collected" if target.measure is Measure.COLLECTED else "processed"
    return f"{write_materials(instance, target)} {verb}"


def write_materials(instance: Instance, target: Target) -> str:
    """The materials that a target counts, `material` where it counts all."""
    return "material" if target.counts_material.all() else ", ".join(instance.materials.id[target.counts_material])


def asks(target: Target) -> str:
    """`at least` or `at most`, as the target says."""
    return "at least" if target.is_at_least else "at most"
