"""The classic problems as instances of the planning model: nodes are cells, sites are points, where material ends.

What it costs to serve a node is the cost of its walk, weights are residents, demand is tonnes of one material; the
number of sites and coverage are targets. So every classic problem can be exported and solved as a city can.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from siting.instance import Demand, Floats, Instance, LinkRates, Links, Materials, Options, Sites, Walks
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules
from siting.vocabulary import DemandKind, Echelon

TOTAL_CNY = 1e7
"""Costs are scaled so that a plan costs about this much: solvers' tolerances are absolute."""
MEAN_T = 1000.0
"""Demand is scaled so that a node has about this much."""


def point_instance(
    arcs: Arcs,
    rules: SiteRules,
    *,
    opening_cny: Floats,
    capacity_t: Floats,
    cost_cny: Floats,
    tonnes: Floats,
    haul: Links | None = None,
) -> Instance:
    """Return nodes served by points over arcs, at `cost_cny` (n_arcs,) for a whole node of `tonnes` (n_nodes,).

    `opening_cny` and `capacity_t` (n_sites + n_plants,) are those of the sites, then of plants: transfer stations that
    `haul` links lead to.
    """
    n, n_plants = arcs.n_nodes, len(opening_cny) - arcs.n_sites
    echelon = np.repeat([int(Echelon.POINT), int(Echelon.TRANSFER)], [arcs.n_sites, n_plants])
    ids = np.array([*arcs.site_id.astype(str), *(f"plant {row}" for row in range(n_plants))])
    no_plant = np.zeros(n_plants, dtype=bool)
    allowed = np.flatnonzero(~np.append(rules.is_forbidden, no_plant))
    options = Options.neutral(allowed, echelon[allowed], n_materials=1)
    return Instance(
        name="classic",
        year=1,
        districts=np.array(["all"]),
        facility_types=np.array(["point", "plant"]),
        type_echelon=np.array([Echelon.POINT, Echelon.TRANSFER]),
        materials=Materials.neutral(np.array(["demand"])),
        demand=Demand(
            id=arcs.node_id.astype(str),
            district=np.zeros(n, dtype=np.int64),
            residents=np.ones(n),
            tonnes=tonnes[:, None],
            kind=np.full(n, DemandKind.HOUSEHOLD),
            must_serve=np.ones(n, dtype=bool),
        ),
        sites=dataclasses.replace(Sites.neutral(ids, echelon), must_open=np.append(rules.is_fixed, no_plant)),
        options=dataclasses.replace(options, capacity_t=capacity_t[allowed], investment_cny=opening_cny[allowed]),
        walks=Walks(arcs.node, arcs.site, arcs.cost, np.ones(len(arcs.site)), cost_cny),
        direct=Links.none(),
        haul=Links.none() if haul is None else haul,
        link_rates=LinkRates.per_tkm(np.array(["any"]), np.ones(1)),
    )
