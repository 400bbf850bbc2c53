"""A problem with capacities in the caller's figures, and a plan of it as a solution in the same terms."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from siting.errors import InfeasibleError
from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules, refuse_unreachable
from siting.locate.solution import Limits, Located


@dataclass(frozen=True)
class PlantStage:
    """Plants: `arcs` from sites, which are its nodes, to plants at the cost of a unit; figures (n_plants,)."""

    arcs: Arcs
    opening: Floats
    capacity: Floats


@dataclass(frozen=True)
class Capacitated:
    """CFLP, SSCFLP (`is_whole`: a node goes to one site) or, with `plants`, TSCFLP.

    `arcs` lead to allowed sites at the cost of a node's whole demand. `demand` (n_nodes,), `opening` and `capacity`
    (n_sites,).
    """

    name: str
    unit: str
    arcs: Arcs
    rules: SiteRules
    demand: Floats
    opening: Floats
    capacity: Floats
    plants: PlantStage | None = None

    @property
    def is_whole(self) -> bool:
        """Whether each node must go to one site."""
        return self.name == "SSCFLP"

    def only(self, sites: Bools) -> Capacitated:
        """Return the problem in which no other than these sites, (n_sites,), may open."""
        rules = SiteRules(self.rules.is_fixed, self.rules.is_forbidden | ~sites)
        return dataclasses.replace(self, arcs=self.arcs.keep(sites[self.arcs.site]), rules=rules)


class Flows(NamedTuple):
    """Flows of a plan: `site` serves `share` of `node`, and `plant` supplies `supplied` with `amount`."""

    node: Ints
    site: Ints
    share: Floats
    supplied: Ints
    plant: Ints
    amount: Floats


def require_capacity(problem: Capacitated) -> None:
    """Refuse a problem that no plan can solve.

    Raises
    ------
    InfeasibleError
        If a node can reach no site, or all sites or plants together hold less than the demand.
    """
    refuse_unreachable(problem.arcs, np.ones(problem.arcs.n_nodes, dtype=bool), "allow a site near it, or leave it out")
    rooms = {"sites": problem.capacity[~problem.rules.is_forbidden].sum()}
    if problem.plants is not None:
        rooms["plants"] = problem.plants.capacity.sum()
    demand = problem.demand.sum()
    for name, room in rooms.items():
        if room < demand * (1 - 1e-12):
            raise InfeasibleError(
                f"demand of {demand:g} in all, but the {name} that are allowed hold {room:g}; allow more"
            )


def solution_of(
    problem: Capacitated, flows: Flows, limits: Limits, *, sites: Bools, plants: Bools, bound: float
) -> Located:
    """Return a plan with `sites` (n_sites,) and `plants` (n_plants,) open, its value from the caller's figures."""
    arcs = problem.arcs
    share = flows.share / np.bincount(flows.node, flows.share, minlength=arcs.n_nodes)[flows.node]
    value = float(problem.opening[sites].sum() + (arcs.cost_between(flows.node, flows.site) * share).sum())
    if problem.plants is not None:
        supply = problem.plants.arcs.cost_between(flows.supplied, flows.plant) * flows.amount
        value += float(problem.plants.opening[plants].sum() + supply.sum())
    bound = min(bound, value)
    return Located(
        problem=problem.name,
        chosen=np.flatnonzero(sites),
        node=flows.node,
        site=flows.site,
        share=share,
        value=value,
        bound=bound,
        unit=problem.unit,
        status=limits.status(value, bound),
        seconds=time.monotonic() - limits.started,
        node_id=arcs.node_id,
        site_id=arcs.site_id,
        plants=np.flatnonzero(plants),
        link_site=flows.supplied,
        link_plant=flows.plant,
        link_amount=flows.amount,
    )
