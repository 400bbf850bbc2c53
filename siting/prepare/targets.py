"""The table of targets: each line of the config becomes one target for each responsibility unit it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from siting.config.goals import Goal
from siting.config.schema import Config
from siting.config.targets import EACH_DISTRICT, TargetLine, slug, target_lines, unique_ids, unit_id
from siting.errors import ConfigError, raise_faults
from siting.instance import Bools, Demand, Sites, Target
from siting.prepare.booked import booked_cells
from siting.prepare.scope import Scoped
from siting.vocabulary import DemandKind, Echelon, Measure

WALKED = (Measure.COVERAGE, Measure.WALK, Measure.WORST_WALK)


def targets_of(config: Config, chosen: Scoped, demand: Demand, sites: Sites) -> tuple[Target, ...]:
    """All targets of the config's year, or of its planning years; lines for other years are left out.

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
        for unit, key in _units(line, chosen, number, faults) if line.year in planned else ():
            name = line_id
            if line.unit == EACH_DISTRICT:
                taken = {*lines, *(target.id for target in targets)}
                name = unique_ids([unit_id(line_id, unit_slug(unit, str(key)))], taken)[0]
            targets.append(_target(config, (name, line, key), chosen, (demand, sites), unit=unit))
    faults += [fault for target in targets for fault in _unit_faults(target, demand)]
    raise_faults(faults, ConfigError)
    return tuple(targets)


def goals_of(
    goals: tuple[Goal, ...], config: Config, chosen: Scoped, places: tuple[Demand, Sites]
) -> tuple[tuple[Target, float], ...]:
    """Goals of a config as targets of value 0, each with the share of it that later goals may give up.

    Raises
    ------
    ConfigError
        If a unit is not known: all in one list.
    """
    faults: list[str] = []
    found = [
        (_target(config, ("", goal.as_line(), key), chosen, places, unit=unit), goal.give_up)
        for number, goal in enumerate(goals)
        for unit, key in _units(goal.as_line(), chosen, number, faults)
    ]
    raise_faults([fault.replace("targets.", "objective.", 1) for fault in faults], ConfigError)
    return tuple((replace(goal, id=f"goal{n + 1}", year=0), give_up) for n, (goal, give_up) in enumerate(found))


def _unit_faults(target: Target, demand: Demand) -> Iterator[str]:
    """What a responsibility unit has nothing of, or cannot answer for."""
    if target.measure in WALKED and not demand.residents[target.in_unit_demand].any():
        done = "cover" if target.measure is Measure.COVERAGE else "walk"
        yield f"targets ({target.id}): {target.unit} has no residents to {done}; remove the target"
    districts = np.isin(demand.district, demand.district[target.in_unit_demand])
    if target.measure is Measure.SUBSIDY and (districts & ~target.in_unit_demand).any():
        yield f"targets ({target.id}): subsidies go by district and {target.unit} is a part of one; name the district"


def _units(line: TargetLine, chosen: Scoped, number: int, faults: list[str]) -> Iterator[tuple[str, str | None]]:
    """(name, key) of each responsibility unit of a line; the key of the city is None."""
    districts = chosen.districts
    names = dict(zip(districts["code"], districts["name_en"], strict=True))
    by_name = {
        value: code
        for column in ("code", "name_en", "name_zh")
        for value, code in zip(districts[column], districts["code"], strict=True)
    }
    odd = sorted(key for key in line.overrides if by_name.get(key) is None)
    if odd:
        faults.append(f"targets.{number}.overrides: no district {odd[0]!r}; there are {sorted(names.values())}")
    areas = set(chosen.candidates["area"].dropna()) | set(chosen.cells["area"].dropna())
    if line.unit == "city":
        yield "city", None
    elif line.unit == EACH_DISTRICT:
        yield from ((names[code], code) for code in chosen.planned)
    elif line.unit in by_name:
        yield names[by_name[line.unit]], by_name[line.unit]
    elif line.unit in areas:
        yield line.unit, line.unit
    else:
        known = ["city", EACH_DISTRICT, *names.values(), *sorted(areas)]
        faults.append(f"targets.{number}.unit: no responsibility unit {line.unit!r}; there are {known}")


def unit_slug(name: str, code: str) -> str:
    """Return the part of an id that names a district: its English name, or its code where that is in other letters.

    >>> unit_slug("Heping", "120101"), unit_slug("和平区", "120101")
    ('heping', '120101')
    """
    made = slug(name)
    return made if made and made.isascii() else slug(code)


def _target(
    config: Config,
    what: tuple[str, TargetLine, str | None],
    chosen: Scoped,
    places: tuple[Demand, Sites],
    *,
    unit: str,
) -> Target:
    name, line, key = what
    demand, sites = places
    types = [name for _, name, _ in config.facilities.by_echelon()]
    value = line.at_least if line.at_least is not None else line.at_most
    district = chosen.districts[chosen.districts["code"] == key]
    for called in (district[column].iloc[0] for column in ("code", "name_en", "name_zh") if len(district)):
        value = line.overrides.get(called, value)
    in_demand, in_site = _members(config, chosen, key, (demand, sites))
    return Target(
        id=name,
        unit=unit,
        measure=Measure(line.measure),
        is_at_least=line.at_least is not None,
        value=float(value or 0.0),
        year=(line.year or 0) if config.horizon.years else config.year,
        echelon=None if line.echelon is None else Echelon[line.echelon.upper()],
        within_m=line.within_m,
        penalty_cny=line.penalty_cny,
        source=line.source,
        responsible=line.responsible,
        in_unit_demand=in_demand,
        in_unit_site=in_site,
        counts_type=np.array([line.type in (None, name) for name in types]),
        counts_material=np.array([line.material in (None, name) for name in config.materials]),
    )


def _members(config: Config, chosen: Scoped, key: str | None, places: tuple[Demand, Sites]) -> tuple[Bools, Bools]:
    """Which demand nodes and which sites belong to a unit: the whole city, a district, or a functional area."""
    demand, sites = places
    if key is None:
        return np.ones(len(demand.id), dtype=bool), np.ones(len(sites.id), dtype=bool)
    codes = list(chosen.districts["code"])
    if key in codes:
        return demand.district == codes.index(key), sites.district == codes.index(key)
    area = np.empty(len(demand.id), dtype=object)
    of_cells = chosen.cells["area"].to_numpy()
    area[demand.kind == DemandKind.HOUSEHOLD] = of_cells
    area[demand.kind == DemandKind.GENERATOR] = chosen.generators["area"].to_numpy()
    area[demand.kind == DemandKind.BOOKED] = of_cells[booked_cells(config, chosen)]
    return np.asarray(area == key, dtype=bool), (chosen.candidates["area"] == key).to_numpy(dtype=bool)
