"""Rules about what moves where: ends of links, amounts offered, accepted, conserved and within capacity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np

from siting.instance import Bools, Floats, Instance, Links
from siting.plan import Plan, built_capacity_t
from siting.verify.faults import allow, list_broken
from siting.verify.tonnage import Tonnage, of_open_option
from siting.vocabulary import LINK_CLASSES, LINKS, LinkClass


def check_link_ends(instance: Instance) -> list[str]:
    """Direct links run from demand nodes, haul links from sites, between the places that their class names."""
    faults = []
    for kind, links in (("direct", instance.direct), ("haul", instance.haul)):
        fits = np.zeros(len(links.tail), dtype=np.bool_)
        for number, name in enumerate(LINK_CLASSES):
            record = LINKS[name]
            if (record.tail is None) == (kind == "direct"):
                is_head = instance.sites.echelon[links.head] == record.head
                fits |= _is_tail(instance, links, record) & is_head & (links.link_class == number)
        misfit, named = (~fits).astype(float), _namer(instance, "direct" if kind == "direct" else "haul")
        faults += list_broken(misfit, 0.0, partial(_misjoined, named))
    return faults


def _misjoined(named: Callable[[int], str], link: int) -> str:
    return f"{named(link)}: must join the places that its class names"


def _is_tail(instance: Instance, links: Links, record: LinkClass) -> Bools:
    """Whether each link begins at a demand node of the kind, or at a site of the echelon, that its class names."""
    if record.tail is None:
        is_tail = np.zeros(len(links.tail), dtype=np.bool_)
        known = links.tail < instance.n_demand
        is_tail[known] = instance.demand.kind[links.tail[known]] == record.given_by
        return is_tail
    return np.asarray(instance.sites.echelon[np.minimum(links.tail, instance.n_sites - 1)] == record.tail)


def check_amounts(instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """No flow is negative, no generator gives more of a material than it offers, or less where it must give all."""
    must = (instance.demand.must_serve & ~instance.demand.is_household)[:, None]
    offered_t = instance.demand.tonnes
    excess_t, allowed_t = _cells(tonnage.generator_t - offered_t), _cells(allow(offered_t, tolerance))

    def more_than_offered(cell: int) -> str:
        node, material = divmod(cell, instance.n_materials)
        given_t = tonnage.generator_t[node, material]
        return (
            f"generator {instance.demand.id[node]}: gives {given_t:g} t/yr of {instance.materials.id[material]}, "
            f"offers {offered_t[node, material]:g} t/yr"
        )

    kept_t = _cells(np.where(must, offered_t - tonnage.generator_t, 0.0))

    def less_than_it_must(cell: int) -> str:
        return f"{more_than_offered(cell)}; it must give all"

    return [
        *_list_negative(instance, "direct", plan.direct_t, tolerance),
        *_list_negative(instance, "haul", plan.haul_t, tolerance),
        *list_broken(excess_t, allowed_t, more_than_offered),
        *list_broken(kept_t, allowed_t, less_than_it_must),
    ]


def check_acceptance(instance: Instance, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Tonnes enter and leave open sites only, and enter only where the open option accepts the material."""
    inflow_t, is_open = tonnage.inflow_t, tonnage.open_option >= 0
    refused = of_open_option(tonnage, (~instance.options.accepts).astype(float)) > 0
    refused_t = np.where(refused, inflow_t, 0.0)
    closed_in_t = np.where(is_open, 0.0, np.abs(inflow_t).sum(axis=1))
    closed_out_t = np.where(is_open, 0.0, np.abs(tonnage.outflow_t).sum(axis=1))
    site_id = instance.sites.id

    def refusal(cell: int) -> str:
        site, material = divmod(cell, instance.n_materials)
        return (
            f"site {site_id[site]}: takes {inflow_t[site, material]:g} t/yr of {instance.materials.id[material]}, "
            "which its open option does not accept"
        )

    def closed(site: int, tonnes: Floats, move: str) -> str:
        return f"site {site_id[site]}: is closed, yet {tonnes[site]:g} t/yr {move}"

    return [
        *list_broken(_cells(refused_t), tolerance, refusal),
        *list_broken(closed_in_t, tolerance, lambda j: closed(j, closed_in_t, "enter")),
        *list_broken(closed_out_t, tolerance, lambda j: closed(j, closed_out_t, "leave")),
    ]


def check_conservation(instance: Instance, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that the outflow of each site is what its inflow requires, by material."""
    due_t, outflow_t = tonnage.due_t, tonnage.outflow_t
    lost_t = np.abs(due_t - outflow_t)

    def imbalance(cell: int) -> str:
        site, material = divmod(cell, instance.n_materials)
        return (
            f"site {instance.sites.id[site]}: {due_t[site, material]:g} t/yr of {instance.materials.id[material]} "
            f"must leave, {outflow_t[site, material]:g} t/yr leave; it must conserve them"
        )

    return list_broken(_cells(lost_t), _cells(allow(due_t, tolerance)), imbalance)


def check_load(instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """The tonnes that enter an open site are within the capacity and at least the minimum load of its option."""
    load_t = tonnage.inflow_t.sum(axis=1)
    capacity_t = of_open_option(tonnage, built_capacity_t(instance, plan))
    min_load_t = of_open_option(tonnage, instance.options.min_load_t)
    over_t = np.where(tonnage.open_option >= 0, load_t - capacity_t, 0.0)
    site_id = instance.sites.id
    return [
        *list_broken(
            over_t,
            allow(capacity_t, tolerance),
            lambda j: f"site {site_id[j]}: {load_t[j]:g} t/yr enter, above the capacity of {capacity_t[j]:g} t/yr",
        ),
        *list_broken(
            min_load_t - load_t,
            allow(min_load_t, tolerance),
            lambda j: f"site {site_id[j]}: {load_t[j]:g} t/yr enter, below the minimum load of {min_load_t[j]:g} t/yr",
        ),
    ]


def _list_negative(instance: Instance, kind: Literal["direct", "haul"], flow_t: Floats, tolerance: float) -> list[str]:
    name = _namer(instance, kind)

    def negative(cell: int) -> str:
        link, material = divmod(cell, instance.n_materials)
        return f"{name(link)}: {flow_t[link, material]:g} t/yr of {instance.materials.id[material]} is negative"

    return list_broken(_cells(-flow_t), tolerance, negative)


def _namer(instance: Instance, kind: Literal["direct", "haul"]) -> Callable[[int], str]:
    """Name a link by the ids of its ends."""
    links = instance.direct if kind == "direct" else instance.haul
    tail_id = instance.demand.id if kind == "direct" else instance.sites.id
    return lambda link: f"{kind} link from {tail_id[links.tail[link]]} to {instance.sites.id[links.head[link]]}"


def _cells(by_material: Floats) -> Floats:
    """The (row, material) cells as one axis."""
    return by_material.reshape(-1)
