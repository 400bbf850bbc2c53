"""Wording of messages about targets and their figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from siting.instance import Instance, Target
from siting.vocabulary import Echelon, Measure

NUMBERS = (Measure.COUNT, Measure.VEHICLES)
"""Measures that are numbers of things, written without a unit."""
MOST_DIGITS = 6


@dataclass(frozen=True)
class Finding:
    """A fault of the input found before a solve: where, what, the figures and the cure.

    `is_fatal` when no plan can exist; `target_id` names the target that it is about, None where it is about places.
    """

    message: str
    is_fatal: bool
    target_id: str | None


def write_value(target: Target, value: float, digits: int = 1) -> str:
    """Return a value of a target with its unit: a percentage for a share, tonnes a year, a number of facilities."""
    if _is_share(target):
        return f"{value * 100:.{digits}f} %"
    text = f"{value:,.{digits - 1}f}"
    if target.measure is Measure.COVERAGE_GINI:
        return f"{value:.{digits + 2}f}"
    unit = "m" if target.measure is Measure.WALK else target.measure.unit
    return text if target.measure in NUMBERS else f"{text} {unit}"


def write_pair(target: Target, one: float, other: float) -> tuple[str, str]:
    """Return two values with as many digits as tell them apart."""
    for digits in range(1, MOST_DIGITS):
        texts = write_value(target, one, digits), write_value(target, other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def _is_share(target: Target) -> bool:
    return target.measure.unit.startswith("share")


def value_to_set(target: Target, limit: float) -> str:
    """Return the value to write in the config instead: `limit`, rounded to the side on which it can be met.

    A coverage of at least 0.7129 becomes 0.71, one of at most 0.7129 becomes 0.72.
    """
    digits = 2 if _is_share(target) else 0
    to_side = math.floor if target.is_at_least else math.ceil
    return f"{to_side(limit * 10**digits + (1e-9 if target.is_at_least else -1e-9)) / 10**digits:.{digits}f}"


def name_counted(instance: Instance, target: Target) -> str:
    """Return what a target counts: `residents within 500 m of an open recycling point`, `paper processed`, ..."""
    facilities = name_echelon(target.echelon)
    if not target.counts_type.all():
        facilities += f" of type {', '.join(instance.facility_types[target.counts_type])}"
    within = "" if target.within_m is None else f"{target.within_m:,.0f}"
    material = write_materials(instance, target)
    return target.measure.record.phrase.en.format(
        facilities=facilities, fleet=facilities, material=material, within=within, of_type=" of an open recycling point"
    )


def name_echelon(echelon: int | None) -> str:
    """Return the name of the facilities of an echelon, of all where it is None."""
    return "facilities" if echelon is None else Echelon(echelon).label.en


def write_materials(instance: Instance, target: Target) -> str:
    """Return the materials that a target counts, `material` where it counts all."""
    return "material" if target.counts_material.all() else ", ".join(instance.materials.id[target.counts_material])


def asks(target: Target) -> str:
    """Return `at least` or `at most`, the side of the target."""
    return "at least" if target.is_at_least else "at most"
