"""Rules of standards on an instance: as targets and rules of layout where they bind, and as checks of the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from siting.config.schema import Config
from siting.config.standards import Applied, Rule
from siting.config.targets import slug
from siting.inputs.city import City
from siting.instance import Floats, Target
from siting.prepare.layout import SIZE_FIGURES, shapes_of
from siting.prepare.options import Feasible, area_m2
from siting.prepare.scope import Places
from siting.prepare.targets import Units
from siting.standards import Check
from siting.vocabulary import ECHELONS, DemandKind, Measure

UNITS = {
    **{name: unit for name, (_, unit) in SIZE_FIGURES.items()},
    "least_distance_m": "m",
    "area_m2_per_100_households": "m2 for 100 households",
    "text": "",
}


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
    """Yield the targets that a rule on numbers or coverage gives for each planned district to which it applies."""
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
                    [rule.applies_to.covers(echelon, kind) for echelon, _, kind in config.facilities.by_echelon()]
                ),
                counts_material=np.ones(len(config.materials), dtype=bool),
            )


def _asked(rule: Rule, cells: gpd.GeoDataFrame) -> float:
    """Return the share of residents, or the number of facilities for the residents of `cells`; 0 without residents."""
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
    meant = feasible.where(lambda one: rule.applies_to.covers(one.echelon, one.type))
    if rule.requires == "area_m2_per_100_households":
        at_home = (units.nodes["kind"] == DemandKind.HOUSEHOLD).to_numpy()
        households = np.zeros(len(units.nodes))
        households[at_home] = units.places.cells["households"].to_numpy()[units.nodes["row"][at_home]]
        return replace(check, counts=meant, households=households)
    return replace(check, counts=meant, figure=_option_figure(rule, city, units.places, feasible))


def _option_figure(rule: Rule, city: City, places: Places, feasible: Feasible) -> Floats:
    """Return the figure of each option that a rule has a minimum for, (n_options,)."""
    if rule.keeps_from is None:
        if rule.requires == "least_area_m2":
            return area_m2(places.candidates, feasible)
        return feasible.column(lambda one: one.size.capacity_t)
    shapes = shapes_of(rule.buffer(), city, f"standards {rule.id}")
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
