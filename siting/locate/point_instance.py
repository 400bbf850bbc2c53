"""The classic problems as instances of the planning model: nodes are cells, sites are points, where material ends.

What it costs to serve a node is the cost of its walk, weights are residents, demand is tonnes of one material; the
number of sites and coverage are targets. So every classic problem can be exported and solved as a city can.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from siting.instance import (
    Bools,
    Conversions,
    Demand,
    Floats,
    Groups,
    Instance,
    LinkRates,
    Links,
    Materials,
    Options,
    Rates,
    Sites,
    Target,
    Walks,
)
from siting.locate.arcs import Arcs
from siting.vocabulary import DemandKind, Echelon, Measure

Part = TypeVar("Part", Sites, Options)

TOTAL_CNY = 1e7
"""Costs are scaled so that a plan costs about this much: solvers' tolerances are absolute."""
MEAN_T = 1000.0
"""Demand is scaled so that a node has about this much."""


@dataclass(frozen=True)
class PointSites:
    """Sites of one echelon: cost to open and capacity, (n_sites,); fixed ones must open; some may not be there."""

    opening: Floats
    capacity: Floats
    must_open: Bools
    is_there: Bools
    echelon: Echelon = Echelon.POINT


def point_instance(
    arcs: Arcs,
    sites: PointSites,
    *,
    cost_cny: Floats,
    tonnes: Floats,
    residents: Floats | None = None,
    must_serve: bool = True,
    assigns_whole: bool = False,
) -> Instance:
    """Nodes served by points over arcs, at `cost_cny` (n_arcs,) for a whole node of `tonnes` (n_nodes,)."""
    n = arcs.n_nodes
    demand = Demand(
        id=arcs.node_id.astype(str),
        district=np.zeros(n, dtype=np.int64),
        residents=np.ones(n) if residents is None else residents,
        tonnes=tonnes[:, None],
        kind=np.full(n, DemandKind.HOUSEHOLD),
        must_serve=np.full(n, must_serve),
    )
    ones = np.ones(len(arcs.site))
    return Instance(
        name="classic",
        year=1,
        districts=np.array(["all"]),
        facility_types=np.array(["point", "plant"]),
        type_echelon=np.array([Echelon.POINT, Echelon.TRANSFER]),
        materials=_material(),
        demand=demand,
        sites=sites_of(sites, arcs.site_id.astype(str)),
        options=options_of(sites),
        walks=Walks(arcs.node, arcs.site, arcs.cost, ones, cost_cny),
        direct=no_links(),
        haul=no_links(),
        link_rates=LinkRates(np.array(["any"]), np.ones(1), np.zeros(1), np.zeros(1)),
        rates=Rates(0.0, 0.0, 0.0, 0.0),
        targets=(),
        conversions=Conversions.none(),
        groups=Groups.none(),
        assigns_whole=assigns_whole,
    )


def with_plants(instance: Instance, plants: PointSites, haul: Links) -> Instance:
    """The instance with stations that take what points collect."""
    n = instance.n_sites
    more = sites_of(plants, np.array([f"plant {row}" for row in range(len(plants.opening))]))
    return dataclasses.replace(
        instance,
        sites=_joined(instance.sites, more),
        options=_joined(instance.options, options_of(plants, first_site=n)),
        haul=haul,
    )


def _joined(first: Part, second: Part) -> Part:
    """Two parts of an instance, one after the other."""
    names = [field.name for field in dataclasses.fields(first)]
    return type(first)(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))


def sites_of(sites: PointSites, ids: np.ndarray) -> Sites:
    """The sites as the instance has them."""
    n = len(sites.opening)
    return Sites(
        id=ids,
        echelon=np.full(n, int(sites.echelon)),
        district=np.zeros(n, dtype=np.int64),
        area_m2=np.ones(n),
        must_open=sites.must_open,
        is_shared=np.zeros(n, dtype=bool),
        closing_cny=np.zeros(n),
    )


def options_of(sites: PointSites, first_site: int = 0) -> Options:
    """One option for each site that is there."""
    rows = np.flatnonzero(sites.is_there)
    n, nothing = len(rows), np.zeros(len(rows))
    return Options(
        site=first_site + rows,
        type=np.full(n, int(sites.echelon)),
        size=np.full(n, "one"),
        capacity_t=sites.capacity[rows],
        min_load_t=nothing,
        area_m2=np.ones(n),
        capex_cny=nothing,
        vehicles=nothing,
        investment_cny=sites.opening[rows],
        land_cny=nothing,
        fixed_operation_cny=nothing,
        fixed_kwh=nothing,
        unit_cny_per_t=np.zeros((n, 1)),
        unit_kwh_per_t=np.zeros((n, 1)),
        accepts=np.ones((n, 1), dtype=bool),
        is_existing=np.zeros(n, dtype=bool),
    )


def no_links() -> Links:
    """No haul: material ends where it is brought."""
    nothing = np.empty(0, dtype=np.int64)
    return Links(nothing, nothing, np.empty(0), nothing, nothing)


def count_target(instance: Instance, n: int, *, is_at_least: bool) -> Target:
    """At least, or at most, so many points."""
    return goal(instance, Measure.COUNT, value=float(n), is_at_least=is_at_least)


def goal(
    instance: Instance, measure: Measure, *, value: float = 0.0, is_at_least: bool, within_m: float | None = None
) -> Target:
    """A target, or an objective, over all nodes and points."""
    return Target(
        id=f"{measure}-{'least' if is_at_least else 'most'}",
        unit="all",
        measure=measure,
        is_at_least=is_at_least,
        value=value,
        year=0,
        echelon=Echelon.POINT if measure is Measure.COUNT else None,
        within_m=within_m,
        penalty_cny=None,
        source="",
        responsible="",
        in_unit_demand=np.ones(instance.n_demand, dtype=bool),
        in_unit_site=np.ones(instance.n_sites, dtype=bool),
        counts_type=np.ones(len(instance.facility_types), dtype=bool),
        counts_material=np.ones(1, dtype=bool),
    )


def _material() -> Materials:
    nothing = np.zeros(1)
    return Materials(np.array(["demand"]), nothing, np.ones(1), nothing, nothing, np.zeros((1, 1)), nothing)
