"""A location problem of the command line: read its files, measure distances, solve."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import ConfigError, raise_faults
from siting.locate.arcs import Arcs
from siting.locate.io.places import flag_column, nearest_needed, number_column, read_places, straight_arcs, street_arcs
from siting.locate.problems.capacitated import Plants, cflp, tscflp
from siting.locate.problems.covering import lscp, mclp, p_center
from siting.locate.problems.uncapacitated import p_median, uflp
from siting.locate.solution import Located

if TYPE_CHECKING:
    import geopandas as gpd


class Problem(enum.StrEnum):
    """Names of the problems on the command line."""

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
"""Options that each problem needs."""


@dataclass(frozen=True)
class Request:
    """Options of the command line; columns by name, None where not given."""

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
    """The solution and its places, in the order of its rows."""

    located: Located
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame | None
    arcs: Arcs


def answer(request: Request) -> Answer:
    """Read the places, measure their distances, and solve.

    Raises
    ------
    ConfigError
        If an option is missing that the problem needs.
    SitingError
        If files, columns or figures cannot be used, or the problem has no solution.
    """
    missing = [name for name in NEEDS[request.problem] if getattr(request, name) is None]
    faults = [f"--{name.replace('_', '-')}: missing; {request.problem} needs it" for name in missing]
    raise_faults(faults, ConfigError)
    demand, sites = read_places(request.demand), read_places(request.sites)
    plants = None if request.plants is None else read_places(request.plants)
    is_covering = request.problem in (Problem.LSCP, Problem.MCLP)
    arcs = _arcs(request, demand, sites, request.within_m if is_covering else None)
    return Answer(_solve(request, arcs, demand, sites, plants), demand, sites, plants, arcs)


def _arcs(request: Request, origin: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, within_m: float | None) -> Arcs:
    is_median = request.problem is Problem.P_MEDIAN
    nearest = nearest_needed(len(origin), len(sites), request.p or 1) if is_median else None
    if request.network is None:
        return straight_arcs(origin, sites, within_m=within_m, nearest=nearest)
    from siting.inputs.city import read_city

    return street_arcs(origin, sites, read_city(request.network), within_m=within_m, nearest=nearest)


def _solve(  # noqa: PLR0911 — one for each problem
    request: Request, arcs: Arcs, demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, plants: gpd.GeoDataFrame | None
) -> Located:
    weight = np.ones(len(demand)) if request.weight is None else number_column(demand, request.weight, "--demand")
    common: dict[str, Any] = {"time_limit_s": request.time_limit_s, "gap": request.gap}
    for name, column in (("fixed", request.fixed), ("forbidden", request.forbidden)):
        common[name] = None if column is None else flag_column(sites, column, "--sites")
    p, within_m, cny_per_m = request.p or 1, request.within_m or 0.0, request.cost_per_km / 1000

    match request.problem:
        case Problem.LSCP:
            return lscp(arcs, within_m, **common)
        case Problem.MCLP:
            return mclp(arcs, within_m, p, weights=weight, unit=request.weight or "nodes", **common)
        case Problem.P_MEDIAN:
            return p_median(arcs, weight, p, unit=f"{request.weight or 'nodes'} × m", **common)
        case Problem.P_CENTER:
            return p_center(arcs, p, unit="m", **common)
    cost, opening = arcs.times(weight * cny_per_m), number_column(sites, request.opening or "", "--sites")
    if request.problem is Problem.UFLP:
        return uflp(cost, opening, **common)
    capacity = number_column(sites, request.capacity or "", "--sites")
    if request.problem is Problem.CFLP:
        return cflp(cost, opening, weight, capacity, single_source=request.single_source, **common)
    upper = Plants(
        _arcs(request, sites, plants, None).times(np.full(len(sites), cny_per_m)),
        number_column(plants, request.opening or "", "--plants"),
        number_column(plants, request.capacity or "", "--plants"),
    )
    return tscflp(cost, opening, weight, capacity, upper, **common)
