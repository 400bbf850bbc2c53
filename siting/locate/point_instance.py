"""The classic problems as instances of the planning model: nodes are cells, sites are points, where material ends.

What it costs to serve a node is the cost of its walk, weights are residents, demand is tonnes of one material; the
number of sites and coverage are targets. So every classic problem can be exported and solved as a city can.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from siting.instance import Bools, Demand, Floats, Instance, LinkRates, Links, Materials, Options, Sites, Walks
from siting.locate.arcs import Arcs
from siting.vocabulary import DemandKind, Echelon

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
    return Instance(
        name="classic",
        year=1,
        districts=np.array(["all"]),
        facility_types=np.array(["point", "plant"]),
        type_echelon=np.array([Echelon.POINT, Echelon.TRANSFER]),
        materials=Materials.neutral(np.array(["demand"])),
        demand=demand,
        sites=_sites(sites, arcs.site_id.astype(str)),
        options=_options(sites),
        walks=Walks(arcs.node, arcs.site, arcs.cost, np.ones(len(arcs.site)), cost_cny),
        direct=Links.none(),
        haul=Links.none(),
        link_rates=LinkRates.per_tkm(np.array(["any"]), np.ones(1)),
        assigns_whole=assigns_whole,
    )


def with_plants(instance: Instance, plants: PointSites, haul: Links) -> Instance:
    """The instance with stations that take what points collect."""
    n = instance.n_sites
    more = _sites(plants, np.array([f"plant {row}" for row in range(len(plants.opening))]))
    return dataclasses.replace(
        instance,
        sites=_joined(instance.sites, more),
        options=_joined(instance.options, _options(plants, first_site=n)),
        haul=haul,
    )


def _joined(first: Part, second: Part) -> Part:
    """Two parts of an instance, one after the other."""
    names = [field.name for field in dataclasses.fields(first)]
    return type(first)(*(np.concatenate([getattr(first, name), getattr(second, name)]) for name in names))


def _sites(sites: PointSites, ids: np.ndarray) -> Sites:
    neutral = Sites.neutral(ids, np.full(len(ids), int(sites.echelon)))
    return dataclasses.replace(neutral, must_open=sites.must_open)


def _options(sites: PointSites, first_site: int = 0) -> Options:
    """One option for each site that is there."""
    rows = np.flatnonzero(sites.is_there)
    neutral = Options.neutral(first_site + rows, np.full(len(rows), int(sites.echelon)), 1)
    return dataclasses.replace(neutral, capacity_t=sites.capacity[rows], investment_cny=sites.opening[rows])
