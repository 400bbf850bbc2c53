"""What a problem with capacities is asked in, and a plan of it in the caller's terms."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs
from siting.locate.arguments import SiteRules
from siting.locate.solution import Located, status_of


class How(NamedTuple):
    """The name of the problem, the unit of costs, when its solution started, the gap asked for and the deadline."""

    problem: str
    unit: str
    started: float
    gap: float
    deadline: float


@dataclass(frozen=True)
class Figures:
    """Demand of nodes (n_nodes,), opening cost and capacity of sites (n_sites,), and of plants (n_plants,) if any.

    `upper` has the arcs from plants to sites, which are its nodes, at what a unit of demand costs.
    """

    demand: Floats
    opening: Floats
    capacity: Floats
    upper: Arcs | None = None
    plant_opening: Floats | None = None
    plant_capacity: Floats | None = None


class Used(NamedTuple):
    """A plan: `site` serves a `share` of `node`, and `plant` supplies `supplied` with an `amount`."""

    node: Ints
    site: Ints
    share: Floats
    supplied: Ints
    plant: Ints
    amount: Floats


def located(
    kept: Arcs, figures: Figures, how: How, *, used: Used, opened: tuple[Bools, Bools], bound: float
) -> Located:
    """A plan with these sites (n_sites,) and plants (n_plants,) open, its value from the caller's figures."""
    share = used.share / np.bincount(used.node, used.share, minlength=kept.n_nodes)[used.node]
    value = float(figures.opening[opened[0]].sum() + (cost_between(kept, used.node, used.site) * share).sum())
    if figures.upper is not None and figures.plant_opening is not None:
        value += float(figures.plant_opening[opened[1]].sum())
        value += float((cost_between(figures.upper, used.supplied, used.plant) * used.amount).sum())
    bound = min(bound, value)
    return Located(
        problem=how.problem,
        chosen=np.flatnonzero(opened[0]),
        node=used.node,
        site=used.site,
        share=share,
        value=value,
        bound=bound,
        unit=how.unit,
        status=status_of(value, bound, how.gap),
        seconds=time.monotonic() - how.started,
        node_id=kept.node_id,
        site_id=kept.site_id,
        plants=np.flatnonzero(opened[1]),
        link_site=used.supplied,
        link_plant=used.plant,
        link_amount=used.amount,
    )


def cost_between(arcs: Arcs, node: Ints, site: Ints) -> Floats:
    """The costs of arcs by their ends, (n,)."""
    number = arcs.node * arcs.n_sites + arcs.site
    order = np.argsort(number, kind="stable")
    found: Floats = arcs.cost[order[np.searchsorted(number[order], node * arcs.n_sites + site)]]
    return found


def only(kept: Arcs, rules: SiteRules, sites: Bools) -> tuple[Arcs, SiteRules]:
    """Arcs and rules where no other than these sites may open, (n_sites,)."""
    return kept.keep(sites[kept.site]), SiteRules(rules.is_fixed, rules.is_forbidden | ~sites)
