"""Rules of standards on an instance: as targets and rules of layout where they bind, and as checks of the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import geopandas as gpd
import numpy as np
import shapely

from siting.config.layout import Buffer
from siting.config.schema import Config
from siting.config.standards import Applied, Rule
from siting.config.targets import slug
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Demand, Floats, Options, Sites, Target
from siting.prepare.layers import shapes_of
from siting.prepare.options import barred_column, may_hold
from siting.prepare.scope import Scoped
from siting.prepare.targets import unit_slug
from siting.standards import Check
from siting.vocabulary import Echelon, EchelonName, Measure

SIZE_FIGURES = {"least_area_m2": "area_m2", "least_capacity_t": "capacity_t"}
UNITS = {
    "least_area_m2": "m2",
    "least_capacity_t": "t/yr",
    "least_distance_m": "m",
    "area_m2_per_100_households": "m2 for 100 households",
    "text": "",
}


def rule_types(config: Config, rule: Rule) -> dict[str, bool]:
    """Whether a rule is about each facility type."""
    wanted = rule.applies_to

    def is_meant(echelon: str, accepts: tuple[str, ...]) -> bool:
        takes = "one" if len(accepts) == 1 else "several"
        return echelon == wanted.echelon and wanted.takes in (None, takes)

    return {name: is_meant(echelon, kind.accepts) for echelon, name, kind in config.facilities.by_echelon()}


def buffers_of(config: Config, applied: list[Applied]) -> Iterator[tuple[str, Buffer]]:
    """Least distances that bind, as rules of layout."""
    for one in applied:
        rule, types = one.rule, [name for name, is_meant in rule_types(config, one.rule).items() if is_meant]
        if one.is_constraint and rule.keeps_from is not None and types and rule.value:
            yield f"standards {one.key}", _buffer(rule, tuple(types))


def _buffer(rule: Rule, types: tuple[str, ...]) -> Buffer:
    assert rule.keeps_from is not None
    return Buffer(types=types, least_m=rule.value or 0.0, **rule.keeps_from.model_dump(), source=rule.source)


def bar_small_sizes(config: Config, candidates: gpd.GeoDataFrame, applied: list[Applied]) -> list[str]:
    """Mark in `candidates` the sizes below a least area or capacity that binds; a sentence on each rule.

    Raises
    ------
    ConfigError
        If a rule leaves no size of any type that it is about: all in one list.
    """
    notes, faults = [], []
    for one in (one for one in applied if one.is_constraint and one.rule.requires in SIZE_FIGURES):
        meant, before, left, taken = rule_types(config, one.rule), 0, 0, 0
        for echelon, name, kind in config.facilities.by_echelon():
            for size_name, size in kind.sizes.items() if meant[name] else ():
                figure = getattr(size, SIZE_FIGURES[one.rule.requires])
                is_small = figure < (one.rule.value or 0.0) * (1 - 1e-9)
                before, left = before + 1, left + (not is_small)
                if is_small:
                    taken += int(may_hold(config, candidates, (echelon, name, size_name), (kind, size)).sum())
                    candidates[barred_column(f"{name}/{size_name}")] = True
        asked = f"{one.rule.value:,.0f} {UNITS[one.rule.requires]} ({one.rule.source})"
        if before and not left:
            faults.append(f"standards {one.key}: no size of {[n for n, is_meant in meant.items() if is_meant]} has"
                          f" {asked}; add a larger one, or give another value in `values`")  # fmt: skip
        notes.append(f"standards {one.key}: {taken:,} options below {asked} fall away")
    raise_faults(faults, ConfigError)
    return notes


def standard_targets(
    config: Config, applied: list[Applied], chosen: Scoped, places: tuple[Demand, Sites]
) -> tuple[Target, ...]:
    """Targets of the rules that bind."""
    return tuple(target for one in applied if one.is_constraint for target in rule_targets(config, one, chosen, places))


def rule_targets(config: Config, applied: Applied, chosen: Scoped, places: tuple[Demand, Sites]) -> Iterator[Target]:
    """What a rule on numbers or on coverage asks of each planned district with residents that it is about."""
    rule, (demand, sites) = applied.rule, places
    if rule.requires not in ("households_per_facility", "residents_per_facility", "coverage"):
        return
    n_cells, codes = len(chosen.cells), list(chosen.districts["code"])
    settlement = chosen.cells["settlement"].to_numpy(dtype=object)
    names = dict(zip(chosen.districts["code"], chosen.districts["name_en"], strict=True))
    for code in chosen.planned:
        inside = (demand.district == codes.index(code)) & (np.arange(len(demand.id)) < n_cells)
        if rule.applies_to.settlement is not None:
            inside[:n_cells] &= settlement == rule.applies_to.settlement
        asked = _asked(rule, chosen.cells[inside[:n_cells]])
        if asked:
            yield Target(
                id=f"{slug(applied.key)}-{unit_slug(str(names[code]), str(code))}",
                unit=str(names[code]),
                measure=Measure.COVERAGE if rule.requires == "coverage" else Measure.COUNT,
                is_at_least=True,
                value=asked,
                year=config.year,
                echelon=Echelon(get_args(EchelonName).index(rule.applies_to.echelon)),
                within_m=rule.within_m,
                penalty_cny=None,
                source=f"{rule.source} ({rule.clause})" if rule.clause else rule.source,
                responsible="",
                in_unit_demand=inside,
                in_unit_site=sites.district == codes.index(code),
                counts_type=np.array(list(rule_types(config, rule).values())),
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


def checks_of(
    config: Config,
    applied: list[Applied],
    where: tuple[City, Scoped],
    what: tuple[Demand, Sites, Options],
) -> tuple[Check, ...]:
    """What each rule is judged by once there is a plan, for each unit that answers for it."""
    (city, chosen), (demand, sites, options) = where, what
    checks = []
    for one in applied:
        rule = one.rule
        for target in rule_targets(config, one, chosen, (demand, sites)):
            told = _check(one, target.unit, target.value, target.measure.unit)
            checks.append(replace(told, target=target))
        if rule.requires in UNITS:
            told = _check(one, "city", rule.value or 0.0, UNITS[rule.requires])
            meant = np.array(list(rule_types(config, rule).values()))[options.type]
            if rule.requires == "area_m2_per_100_households":
                households = np.zeros(len(demand.id))
                households[: len(chosen.cells)] = chosen.cells["households"]
                told = replace(told, counts=meant, households=households)
            elif rule.requires != "text":
                told = replace(told, counts=meant, figure=_option_figure(rule, city, chosen, options))
            checks.append(told)
    return tuple(checks)


def _option_figure(rule: Rule, city: City, chosen: Scoped, options: Options) -> Floats:
    """The figure of each option that a rule has a least value for, (n_options,)."""
    if rule.keeps_from is None:
        figure: Floats = getattr(options, SIZE_FIGURES[rule.requires])
        return figure
    shapes = shapes_of(_buffer(rule, ()), city, f"standards {rule.id}")
    points = chosen.candidates.geometry.to_crs(city.crs_metric).to_numpy()
    if not len(shapes):
        return np.full(len(options.site), np.inf)
    nearest = shapely.STRtree(shapes).nearest(points)
    return np.asarray(shapely.distance(points, shapes[nearest])[options.site], dtype=float)


def _check(one: Applied, unit: str, asked: float, measured_in: str) -> Check:
    """What is told of a rule."""
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
    )
