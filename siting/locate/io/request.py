"""A classic problem as it is asked on the command line: which one, of which places, by which columns."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import ConfigError, raise_faults
from siting.instance import Floats
from siting.locate.arcs import Arcs
from siting.locate.io.places import flag_column, number_column, read_places, straight_arcs, street_arcs
from siting.locate.problems.capacitated import Plants, cflp, tscflp
from siting.locate.problems.center import p_center
from siting.locate.problems.covering import lscp, mclp
from siting.locate.problems.median import p_median
from siting.locate.problems.uncapacitated import uflp
from siting.locate.solution import Located

if TYPE_CHECKING:
    import geopandas as gpd


class Problem(enum.StrEnum):
    """The classic problems by the names that the command line takes."""

    LSCP = "lscp"
    MCLP = "mclp"
    P_MEDIAN = "p-median"
    P_CENTER = "p-center"
    UFLP = "uflp"
    CFLP = "cflp"
    TSCFLP = "tscflp"


NEEDS = {
    Problem.LSCP: ("within_m",),
    Problem.MCLP: ("within_m", "p"),
    Problem.P_MEDIAN: ("p",),
    Problem.P_CENTER: ("p",),
    Problem.UFLP: ("opening",),
    Problem.CFLP: ("opening", "capacity"),
    Problem.TSCFLP: ("opening", "capacity", "plants"),
}
"""What each problem cannot do without."""


@dataclass(frozen=True)
class Asked:
    """The options of the command line; columns by name, None where not given."""

    problem: Problem
    demand: Path
    sites: Path
    plants: Path | None = None
    p: int | None = None
    within_m: float | None = None
    weight: str | None = None
    capacity: str | None = None
    opening: str | None = None
    fixed: str | None = None
    forbidden: str | None = None
    cost_per_km: float = 1.0
    single_source: bool = False
    network: Path | None = None
    time_limit_s: float = 60.0
    gap: float = 1e-6


@dataclass(frozen=True)
class Answer:
    """What was found, and the places it speaks of, in the order of its rows."""

    located: Located
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame | None
    arcs: Arcs


def answer(asked: Asked) -> Answer:
    """Read the places, measure them, and solve.

    Raises
    ------
    ConfigError
        If the problem needs an option that is not given.
    SitingError
        Whatever is wrong with files, columns or figures, or with the problem.
    """
    missing = [name for name in NEEDS[asked.problem] if getattr(asked, name) is None]
    faults = [f"--{name.replace('_', '-')}: missing; {asked.problem} needs it" for name in missing]
    raise_faults(faults, ConfigError)
    demand, sites = read_places(asked.demand), read_places(asked.sites)
    plants = None if asked.plants is None else read_places(asked.plants)
    is_covering = asked.problem in (Problem.LSCP, Problem.MCLP)
    arcs = _arcs(asked, demand, sites, asked.within_m if is_covering else None)
    weight = np.ones(len(demand)) if asked.weight is None else number_column(demand, asked.weight, "--demand")
    rules = {
        name: None if column is None else flag_column(sites, column, "--sites")
        for name, column in (("fixed", asked.fixed), ("forbidden", asked.forbidden))
    }
    limits = {"time_limit_s": asked.time_limit_s, "gap": asked.gap}
    located = _solve(asked, arcs, weight, (sites, plants), rules | limits)
    return Answer(located, demand, sites, plants, arcs)


def _arcs(asked: Asked, origin: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, within_m: float | None) -> Arcs:
    if asked.network is None:
        return straight_arcs(origin, sites, within_m=within_m)
    from siting.inputs.city import read_city

    return street_arcs(origin, sites, read_city(asked.network), within_m=within_m)


def _solve(asked: Asked, arcs: Arcs, weight: Floats, places: tuple[Any, Any], how: dict[str, Any]) -> Located:
    """The problem by its function."""
    p, within_m = asked.p or 1, asked.within_m or 0.0
    if asked.problem is Problem.LSCP:
        return lscp(arcs, within_m, **how)
    if asked.problem is Problem.MCLP:
        return mclp(arcs, within_m, p, weights=weight, unit=asked.weight or "nodes", **how)
    if asked.problem is Problem.P_MEDIAN:
        return p_median(arcs, weight, p, unit=f"{asked.weight or 'nodes'} × m", **how)
    if asked.problem is Problem.P_CENTER:
        return p_center(arcs, p, unit="m", **how)
    return _facilities(asked, arcs, weight, places, how)


def _facilities(asked: Asked, arcs: Arcs, weight: Floats, places: tuple[Any, Any], how: dict[str, Any]) -> Located:
    """The problems in which opening costs."""
    sites, plants = places
    opening = number_column(sites, asked.opening or "", "--sites")
    cost = arcs.times(np.maximum(weight, 0.0) * asked.cost_per_km / 1000)
    if asked.problem is Problem.UFLP:
        return uflp(cost, opening, **how)
    capacity = number_column(sites, asked.capacity or "", "--sites")
    if asked.problem is Problem.CFLP:
        return cflp(cost, opening, weight, capacity, single_source=asked.single_source, **how)
    upper = Plants(
        _arcs(asked, sites, plants, None).times(np.full(len(sites), asked.cost_per_km / 1000)),
        number_column(plants, asked.opening or "", "--plants"),
        number_column(plants, asked.capacity or "", "--plants"),
    )
    return tscflp(cost, opening, weight, capacity, upper, **how)
