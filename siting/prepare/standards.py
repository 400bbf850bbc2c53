"""Rules of standards on an instance: as targets and rules of layout where they bind, and as checks of the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import shapely

from siting.config.facilities import FacilityType
from siting.config.layout import Buffer
from siting.config.schema import Config
from siting.config.standards import Applied, Rule
from siting.config.targets import slug
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Floats, Target
from siting.prepare.layers import shapes_of
from siting.prepare.options import Feasible, Variant, area_m2
from siting.prepare.scope import Places
from siting.prepare.targets import Units
from siting.standards import Check
from siting.vocabulary import ECHELONS, DemandKind, Measure

SIZE_FIGURES = {"least_area_m2": "area_m2", "least_capacity_t": "capacity_t"}
UNITS = {
    "least_area_m2": "m2",
    "least_capacity_t": "t/yr",
    "least_distance_m": "m",
    "area_m2_per_100_households": "m2 for 100 households",
    "text": "",
}


def is_about(rule: Rule, echelon: str, kind: FacilityType) -> bool:
    """Return whether a rule is about a facility type."""
    takes = "one" if len(kind.accepts) == 1 else "several"
    return echelon == rule.applies_to.echelon and rule.applies_to.takes in (None, takes)


def _is_meant(rule: Rule, variant: Variant) -> bool:
    return is_about(rule, variant.echelon, variant.type)


def buffers_of(applied: list[Applied], variants: tuple[Variant, ...]) -> Iterator[tuple[str, Buffer]]:
    """Yield the minimum distances that bind, as rules of layout."""
    for one in applied:
        meant = (variant for variant in variants if _is_meant(one.rule, variant))
        types = tuple(dict.fromkeys(variant.type_name for variant in meant))
        if one.is_constraint and one.rule.keeps_from is not None and types and one.rule.value:
            yield f"standards {one.key}", _buffer(one.rule, types)


def _buffer(rule: Rule, types: tuple[str, ...]) -> Buffer:
    assert rule.keeps_from is not None
    return Buffer(types=types, least_m=rule.value or 0.0, **rule.keeps_from.model_dump(), source=rule.source)


def without_small_sizes(feasible: Feasible, applied: list[Applied]) -> tuple[Feasible, list[str]]:
    """Take away sizes below a minimum area or capacity that binds; with a sentence on each rule.

    Raises
    ------
    ConfigError
        If a rule leaves no size of any type that it is about: all in one list.
    """
    notes, faults, left = [], [], feasible
    for one in (one for one in applied if one.is_constraint and one.rule.requires in SIZE_FIGURES):
        meant = [variant for variant in feasible.variants if _is_meant(one.rule, variant)]
        small = [variant for variant in meant if _is_small(variant, one.rule)]
        barred = left.where(small.__contains__)
        asked = f"{one.rule.value:,.0f} {UNITS[one.rule.requires]} ({one.rule.source})"
        if meant and len(small) == len(meant):
            faults.append(f"standards {one.key}: no size of {list(dict.fromkeys(v.type_name for v in meant))} has"
                          f" {asked}; add a larger one, or give another value in `values`")  # fmt: skip
        notes.append(f"standards {one.key}: {int(barred.sum()):,} options below {asked} fall away")
        left = left.without(barred)
    raise_faults(faults, ConfigError)
    return left, notes


def _is_small(variant: Variant, rule: Rule) -> bool:
    figure: float = getattr(variant.size, SIZE_FIGURES[rule.requires])
    return figure < (rule.value or 0.0) * (1 - 1e-9)


def rules_of(
    config: Config, applied: list[Applied], city: City, units: Units, feasible: Feasible
) -> tuple[tuple[Target, ...], tuple[Check, ...]]:
    """Return the targets of the rules that bind, and what each rule is judged by once there is a plan."""
    asked = [(one, list(_targets(config, one, units))) for one in applied]
    checks: list[Check] = []
    for one, targets in asked:
        checks += [_check(one, target.unit, target.value, target.measure.unit, target=target) for target in targets]
        if one.rule.requires in UNITS:
            checks.append(_check_of_options(one, city, units, feasible))
    return tuple(target for one, targets in asked if one.is_constraint for target in targets), tuple(checks)


def _targets(config: Config, applied: Applied, units: Units) -> Iterator[Target]:
    """Yield what a rule on numbers or on coverage asks of each planned district with residents that it is about."""
    rule, cells = applied.rule, units.places.cells
    if rule.requires not in ("households_per_facility", "residents_per_facility", "coverage"):
        return
    homes = (units.nodes["kind"] == DemandKind.HOUSEHOLD).to_numpy()
    if rule.applies_to.settlement is not None:
        homes = homes & (units.nodes["settlement"] == rule.applies_to.settlement).to_numpy()
    for code in units.places.planned:
        unit = units.district(code)
        inside = unit.in_demand & homes
        asked = _asked(rule, cells.iloc[units.nodes["row"][inside]])
        if asked:
            yield Target(
                id=f"{slug(applied.key)}-{unit.slug}",
                unit=unit.name,
                measure=Measure.COVERAGE if rule.requires == "coverage" else Measure.COUNT,
                is_at_least=True,
                value=asked,
                year=config.year,
                echelon=ECHELONS[rule.applies_to.echelon],
                within_m=rule.within_m,
                penalty_cny=None,
                source=f"{rule.source} ({rule.clause})" if rule.clause else rule.source,
                responsible="",
                in_unit_demand=inside,
                in_unit_site=unit.in_site,
                counts_type=np.array(
                    [is_about(rule, echelon, kind) for echelon, _, kind in config.facilities.by_echelon()]
                ),
                counts_material=np.ones(len(config.materials), dtype=bool),
            )


def _asked(rule: Rule, cells: gpd.GeoDataFrame) -> float:
    """The share of residents, or the number of facilities for those who live in `cells`; 0 where nobody does."""
    if not len(cells):
        return 0.0
    if rule.requires == "coverage":
        return float(rule.value or 0.0)
    column = "households" if rule.requires == "households_per_facility" else "residents"
    each = cells["settlement"].map(rule.by_settlement) if rule.by_settlement else rule.value
    return float(math.ceil(float((cells[column] / each).fillna(0.0).sum()) - 1e-9))


def _check_of_options(one: Applied, city: City, units: Units, feasible: Feasible) -> Check:
    """Return what a rule on facilities is judged by: a figure of each option, or the households that an area is for."""
    rule = one.rule
    check = _check(one, "city", rule.value or 0.0, UNITS[rule.requires])
    if rule.requires == "text":
        return check
    meant = feasible.where(partial(_is_meant, rule))
    if rule.requires == "area_m2_per_100_households":
        return replace(check, counts=meant, households=_households(units))
    return replace(check, counts=meant, figure=_option_figure(rule, city, units.places, feasible))


def _households(units: Units) -> Floats:
    """Households at each demand node, (n_demand,)."""
    households, at_home = np.zeros(len(units.nodes)), (units.nodes["kind"] == DemandKind.HOUSEHOLD).to_numpy()
    households[at_home] = units.places.cells["households"].to_numpy()[units.nodes["row"][at_home]]
    return households


def _option_figure(rule: Rule, city: City, places: Places, feasible: Feasible) -> Floats:
    """The figure of each option that a rule has a minimum for, (n_options,)."""
    if rule.keeps_from is None:
        if rule.requires == "least_area_m2":
            return area_m2(places.candidates, feasible)
        return feasible.column(lambda one: one.size.capacity_t)
    shapes = shapes_of(_buffer(rule, ()), city, f"standards {rule.id}")
    points = places.candidates.geometry.to_crs(city.crs_metric).to_numpy()
    if not len(shapes):
        return np.full(len(feasible.rows), np.inf)
    nearest = shapely.STRtree(shapes).nearest(points)
    return np.asarray(shapely.distance(points, shapes[nearest])[feasible.site], dtype=float)


def _check(one: Applied, unit: str, asked: float, measured_in: str, *, target: Target | None = None) -> Check:
    rule = one.rule
    return Check(
        pack=one.pack.id,
        rule=rule.id,
        title_en=rule.title.en,
        title_zh=rule.title.zh,
        unit=unit,
        is_constraint=one.is_constraint,
        asked=asked,
        measured_in=measured_in,
        source=rule.source,
        clause=rule.clause,
        status=rule.status,
        note=rule.note,
        target=target,
    )
