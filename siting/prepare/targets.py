"""Targets: each line of the config becomes one target for each responsibility unit that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from siting.config.schema import Config
from siting.config.targets import EACH_DISTRICT, Goal, TargetLine, slug, target_lines, unique_ids, unit_id, unit_slug
from siting.errors import ConfigError, raise_faults
from siting.instance import Bools, Demand, Target
from siting.prepare.scope import Places, district_codes
from siting.vocabulary import ECHELONS, Measure

WALKED = (Measure.COVERAGE, Measure.WALK, Measure.WORST_WALK)


@dataclass(frozen=True)
class Unit:
    """A responsibility unit: what is reported and found by, and which demand nodes and sites belong to it.

    `names` are what the config may call it by; `slug` is its part of an id.
    """

    name: str
    names: tuple[str, ...]
    slug: str
    in_demand: Bools
    in_site: Bools


@dataclass(frozen=True)
class Units:
    """The responsibility units of a plan: the city, its districts and its functional areas."""

    places: Places
    nodes: pd.DataFrame

    def named(self, line: TargetLine, key: str, faults: list[str]) -> Iterator[Unit]:
        """Yield the units of a line; one that is not known is added to `faults`, by the key of the line."""
        districts = self.places.districts
        by_name, names = district_codes(districts), sorted(districts["name_en"])
        odd = sorted(one for one in line.overrides if one not in by_name)
        if odd:
            faults.append(f"{key}.overrides: no district {odd[0]!r}; there are {names}")
        areas = set(self.places.candidates["area"].dropna()) | set(self.places.cells["area"].dropna())
        if line.unit == "city":
            yield Unit(
                "city", (), "", np.ones(len(self.nodes), dtype=bool), np.ones(len(self.places.candidates), dtype=bool)
            )
        elif line.unit == EACH_DISTRICT:
            yield from (self.district(code) for code in self.places.planned)
        elif line.unit in by_name:
            yield self.district(by_name[line.unit])
        elif line.unit in areas:
            yield Unit(line.unit, (), slug(line.unit), *self._members("area", line.unit))
        else:
            known = ["city", EACH_DISTRICT, *districts["name_en"], *sorted(areas)]
            faults.append(f"{key}.unit: no responsibility unit {line.unit!r}; there are {known}")

    def district(self, code: str) -> Unit:
        """Return the district with this code."""
        row = self.places.districts.set_index("code").loc[code]
        name = str(row["name_en"])
        names = (str(code), name, str(row["name_zh"]))
        return Unit(name, names, unit_slug(name, str(code)), *self._members("district", code))

    def _members(self, column: str, value: str) -> tuple[Bools, Bools]:
        nodes, sites = (frame[column] == value for frame in (self.nodes, self.places.candidates))
        return nodes.to_numpy(dtype=bool), sites.to_numpy(dtype=bool)


def targets_of(config: Config, units: Units, demand: Demand) -> tuple[Target, ...]:
    """Return all targets of the config's year, or of its planning years; lines for other years are left out.

    A share or mean of residents in each district is asked of those that have any: over nothing it holds.

    Raises
    ------
    ConfigError
        If a unit is not known, or has no residents for a coverage target: all in one list.
    """
    faults: list[str] = []
    planned = (None, *(config.horizon.years or (config.year,)))
    lines = target_lines(config.targets)
    targets: list[Target] = []
    for number, (line_id, line) in enumerate(lines.items()):
        for unit in units.named(line, f"targets.{number}", faults) if line.year in planned else ():
            made = line_id
            if line.unit == EACH_DISTRICT:
                taken = {*lines, *(target.id for target in targets)}
                made = unique_ids([unit_id(line_id, unit.slug)], taken)[0]
            target = _target(config, made, line, unit)
            if line.unit != EACH_DISTRICT or _has_residents(target, demand):
                targets.append(target)
    faults += [fault for target in targets for fault in _unit_faults(target, demand)]
    raise_faults(faults, ConfigError)
    return tuple(targets)


def goals_of(config: Config, goals: tuple[Goal, ...], units: Units) -> tuple[tuple[Target, float], ...]:
    """Return goals as targets of value 0, each with the share of it that later goals may give up.

    Raises
    ------
    ConfigError
        If a unit is not known: all in one list.
    """
    faults: list[str] = []
    found = [
        (_target(config, "", goal.as_line(), unit), goal.give_up)
        for number, goal in enumerate(goals)
        for unit in units.named(goal.as_line(), f"objective.{number}", faults)
    ]
    raise_faults(faults, ConfigError)
    return tuple((replace(goal, id=f"goal{n + 1}", year=0), give_up) for n, (goal, give_up) in enumerate(found))


def _has_residents(target: Target, demand: Demand) -> bool:
    """Return whether the unit of a target on walks has residents; true for other measures."""
    return target.measure not in WALKED or bool(demand.residents[target.in_unit_demand].any())


def _unit_faults(target: Target, demand: Demand) -> Iterator[str]:
    """Yield what a responsibility unit has nothing of, or cannot answer for."""
    if not _has_residents(target, demand):
        done = "cover" if target.measure is Measure.COVERAGE else "walk"
        yield f"targets ({target.id}): {target.unit} has no residents to {done}; remove the target"
    districts = np.isin(demand.district, demand.district[target.in_unit_demand])
    if target.measure is Measure.SUBSIDY and (districts & ~target.in_unit_demand).any():
        yield f"targets ({target.id}): subsidies go by district and {target.unit} is a part of one; name the district"


def _target(config: Config, target_id: str, line: TargetLine, unit: Unit) -> Target:
    value = line.at_least if line.at_least is not None else line.at_most
    for name in unit.names:
        value = line.overrides.get(name, value)
    return Target(
        id=target_id,
        unit=unit.name,
        measure=line.measure,
        is_at_least=line.at_least is not None,
        value=float(value or 0.0),
        year=(line.year or 0) if config.horizon.years else config.year,
        echelon=None if line.echelon is None else ECHELONS[line.echelon],
        within_m=line.within_m,
        penalty_cny=line.penalty_cny,
        source=line.source,
        responsible=line.responsible,
        in_unit_demand=unit.in_demand,
        in_unit_site=unit.in_site,
        counts_type=np.array([line.type in (None, name) for _, name, _ in config.facilities.by_echelon()]),
        counts_material=np.array([line.material in (None, name) for name in config.materials]),
        margin=line.margin_of(float(value or 0.0)),
    )
