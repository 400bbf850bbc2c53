"""A location problem of the command line: read its files, measure distances, solve."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from siting.errors import ConfigError, raise_faults
from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, make_arcs, nearest_open
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
    existing: str | None = None
    most_new: int | None = None
    cost_per_km: float = 1.0
    single_source: bool = False
    network: Path | None = None
    datum: str | None = None
    time_limit_s: float = 60.0
    gap: float = 1e-6


@dataclass(frozen=True)
class Answer:
    """The solution and its places, in the order of its rows; `is_existing` marks today's network, where there is one.

    `today_value` is the value of today's network, inf where it leaves out a node that must be served. `notes` tell what
    was assumed of the files and which places are far from every street.
    """

    located: Located
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    plants: gpd.GeoDataFrame | None
    arcs: Arcs
    is_existing: Bools | None = None
    today_value: float | None = None
    notes: tuple[str, ...] = ()

    def changed(self) -> tuple[Ints, Ints]:
        """Return the chosen sites that do not exist, and the existing ones that are not chosen; none without any."""
        is_chosen = np.zeros(len(self.sites), dtype=bool)
        is_chosen[self.located.chosen] = True
        before = is_chosen if self.is_existing is None else self.is_existing
        return np.flatnonzero(is_chosen & ~before), np.flatnonzero(before & ~is_chosen)


def answer(request: Request) -> Answer:
    """Read the places, measure their distances, and solve.

    Raises
    ------
    ConfigError
        If an option is missing that the problem needs.
    SitingError
        If files, columns or figures cannot be used, or the problem has no solution.
    """
    raise_faults(list(_faults(request)), ConfigError)
    demand, sites, plants, told = _places(request)
    is_existing = None if request.existing is None else flag_column(sites, request.existing, "--sites")
    if request.p is None and is_existing is not None:
        request = replace(request, p=int(is_existing.sum()))
    is_covering = request.problem in (Problem.LSCP, Problem.MCLP)
    arcs = _arcs(request, demand, sites, request.within_m if is_covering else None, told=told)
    if request.problem is Problem.P_MEDIAN and is_existing is not None and is_existing.any():
        arcs = _with_nearest(arcs, _arcs(request, demand, sites[is_existing], None, nearest=1), is_existing)
    located = _with_idle_nodes(_solve(request, arcs, demand, sites, plants), arcs, _weight(request, demand))
    today = _today(request, arcs, demand, is_existing)
    return Answer(located, demand, sites, plants, arcs, is_existing, today, tuple(told))


def _places(request: Request) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame | None, list[str]]:
    """Read demand, sites and plants, and what was assumed of them.

    Straight distances need no datum where no file declares one: all are then in the same.

    Raises
    ------
    DataError
        If some files declare a datum and others in China do not.
    """
    paths = [path for path in (request.demand, request.sites, request.plants) if path is not None]
    assumed = "wgs84" if request.network is None else None
    read = [read_places(path, datum=request.datum, assumed=assumed) for path in paths]
    if len({places.attrs["is_declared"] for places in read}) > 1:
        read = [read_places(path, datum=request.datum) for path in paths]
    told = list(dict.fromkeys(note for places in read for note in places.attrs["notes"]))
    demand, sites, *plants = read
    return demand, sites, plants[0] if plants else None, told


def _with_idle_nodes(located: Located, arcs: Arcs, weight: Floats) -> Located:
    """Return the answer with nodes of weight 0, which cost nothing anywhere, at their nearest chosen site."""
    is_chosen = np.zeros(arcs.n_sites, dtype=bool)
    is_chosen[located.chosen] = True
    nearest, _ = nearest_open(arcs, is_chosen)
    idle = (weight[located.node] == 0) & (nearest[located.node] >= 0)
    return replace(located, site=np.where(idle, nearest[located.node], located.site))


def _faults(request: Request) -> Iterator[str]:
    """Yield the options that are missing, or that say nothing."""
    has_network = request.existing is not None
    for name in NEEDS[request.problem]:
        if getattr(request, name) is None and not (name == "p" and has_network):
            yield f"--{name.replace('_', '-')}: missing; {request.problem} needs it"
    if has_network and request.problem not in (Problem.MCLP, Problem.P_MEDIAN):
        yield f"--existing: {request.problem} does not compare with a network; mclp and p-median do"
    if request.most_new is not None and not has_network:
        yield "--most-new: needs --existing, the column that marks the sites of today's network"


def _with_nearest(arcs: Arcs, nearest: Arcs, is_existing: Bools) -> Arcs:
    """Return the arcs with those to the nearest existing site of each node, which may be too far to be listed."""
    site = np.flatnonzero(is_existing)[nearest.site]
    number = nearest.node * arcs.n_sites + site
    new = ~np.isin(number, arcs.node * arcs.n_sites + arcs.site)
    ends = (np.concatenate([arcs.node, nearest.node[new]]), np.concatenate([arcs.site, site[new]]))
    cost = np.concatenate([arcs.cost, nearest.cost[new]])
    shape = (arcs.n_nodes, arcs.n_sites)
    return make_arcs(*ends, cost, shape=shape, beyond=arcs.beyond, node_id=arcs.node_id, site_id=arcs.site_id)


def _today(request: Request, arcs: Arcs, demand: gpd.GeoDataFrame, is_existing: Bools | None) -> float | None:
    """Return the value of today's network; inf where it does not reach a node that has weight."""
    if is_existing is None:
        return None
    weight, (site, distance_m) = _weight(request, demand), nearest_open(arcs, is_existing)
    if request.problem is Problem.MCLP:
        return float(weight[site >= 0].sum())
    return float(weight[weight > 0] @ distance_m[weight > 0])


def _weight(request: Request, demand: gpd.GeoDataFrame) -> Floats:
    return np.ones(len(demand)) if request.weight is None else number_column(demand, request.weight, "--demand")


def _arcs(
    request: Request,
    origin: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    within_m: float | None,
    *,
    nearest: int | None = None,
    told: list[str] | None = None,
) -> Arcs:
    if request.problem is Problem.P_MEDIAN and nearest is None:
        nearest = nearest_needed(len(origin), len(sites), request.p or 1)
    if request.network is None:
        return straight_arcs(origin, sites, within_m=within_m, nearest=nearest)
    from siting.inputs.city import read_city

    return street_arcs(origin, sites, read_city(request.network), within_m=within_m, nearest=nearest, told=told)


def _solve(  # noqa: PLR0911 — one for each problem
    request: Request, arcs: Arcs, demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, plants: gpd.GeoDataFrame | None
) -> Located:
    weight = _weight(request, demand)
    common: dict[str, Any] = {"time_limit_s": request.time_limit_s, "gap": request.gap}
    for name, column in (("fixed", request.fixed), ("forbidden", request.forbidden)):
        common[name] = None if column is None else flag_column(sites, column, "--sites")
    if request.most_new is not None:
        common |= {"existing": flag_column(sites, request.existing or "", "--sites"), "most_new": request.most_new}
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
