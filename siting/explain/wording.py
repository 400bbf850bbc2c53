"""Wording of messages about targets and their figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

from siting.instance import Instance, Target
from siting.vocabulary import Echelon, Measure

MOST_DIGITS = 6


@dataclass(frozen=True)
class Side:
    """Words for the side on which a target asks: for its value, for what a plan can reach, and for the cure."""

    asks: str
    reaches: str
    change: str


AT_LEAST, AT_MOST = Side("at least", "at most", "lower"), Side("at most", "at least", "raise")


def side_of(target: Target) -> Side:
    """Return the words for the side of a target."""
    return AT_LEAST if target.is_at_least else AT_MOST


def excess(target: Target, reached: float) -> float:
    """Return by how much a target asks for more than `reached`, in the unit of its value; below 0 where it holds."""
    return target.asked - reached if target.is_at_least else reached - target.asked


def write_value(target: Target, value: float, digits: int = 1) -> str:
    """Return a value of a target with its unit: a percentage for a share, tonnes a year, a number of facilities."""
    unit = target.measure.unit
    if unit.startswith("share"):
        return f"{value * 100:.{digits}f} %"
    if target.measure.record.is_share:
        return f"{value:.{digits + 2}f}"
    text = f"{value:,.{digits - 1}f}"
    if target.measure.record.is_number:
        return text
    return f"{text} {'m' if target.measure is Measure.WALK else unit}"


def write_pair(target: Target, one: float, other: float) -> tuple[str, str]:
    """Return two values with as many digits as tell them apart."""
    for digits in range(1, MOST_DIGITS):
        texts = write_value(target, one, digits), write_value(target, other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def value_to_set(target: Target, limit: float) -> str:
    """Return the value to write in the config instead: `limit`, rounded to the side on which it can be met.

    A coverage of at least 0.7129 becomes 0.71, one of at most 0.7129 becomes 0.72. The margin goes on top.
    """
    digits = 2 if target.measure.unit.startswith("share") else 0
    if target.margin:
        limit = (
            limit - (target.asked - target.value)
            if target.measure.record.is_share
            else limit * target.value / target.asked
        )
    scaled = limit * 10**digits
    whole = math.floor(scaled + 1e-9) if target.is_at_least else math.ceil(scaled - 1e-9)
    return f"{whole / 10**digits:.{digits}f}"


def name_counted(instance: Instance, target: Target) -> str:
    """Return what a target counts: `residents with a point within 500 m`, `paper processed`, ..."""
    facilities = name_echelon(target.echelon)
    if not target.counts_type.all():
        facilities += f" of type {', '.join(instance.facility_types[target.counts_type])}"
    within = "" if target.within_m is None else f"{target.within_m:,.0f}"
    material = write_materials(instance, target)
    of_distance = f" within {within} m" if within else ""
    return target.measure.record.phrase.en.format(
        facilities=facilities, fleet=facilities, material=material, within=within, of_type="", of_distance=of_distance
    )


def name_echelon(echelon: int | None) -> str:
    """Return the name of the facilities of an echelon, of all where it is None."""
    return "facilities" if echelon is None else Echelon(echelon).label.en


def write_materials(instance: Instance, target: Target) -> str:
    """Return the materials that a target counts, `material` where it counts all."""
    return "material" if target.counts_material.all() else ", ".join(instance.materials.id[target.counts_material])
