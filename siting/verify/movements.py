"""Rules on movements: ends of links, amounts offered, accepted, conserved, within capacity, bought and disposed of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from siting.instance import Bools, Floats, Instance, Links
from siting.plan import Plan, built_capacity_t
from siting.verify.faults import allow, list_broken, list_broken_cells
from siting.verify.tonnage import ROUNDING_T, Tonnage, of_open_option
from siting.vocabulary import LINK_CLASSES, LINKS, LinkClass


def check_link_ends(instance: Instance) -> list[str]:
    """Check that direct links run from demand nodes and haul links from sites, as their class says."""
    return [*_misjoined(instance, instance.direct), *_misjoined(instance, instance.haul)]


def _misjoined(instance: Instance, links: Links) -> list[str]:
    fits = np.zeros(len(links.tail), dtype=np.bool_)
    for number, name in enumerate(LINK_CLASSES):
        record = LINKS[name]
        if (record.tail is None) == (links is instance.direct):
            is_head = instance.sites.echelon[links.head] == record.head
            fits |= _is_tail(instance, links, record) & is_head & (links.link_class == number)
    named = _namer(instance, links)
    return list_broken(
        (~fits).astype(float), 0.0, lambda link: f"{named(link)}: must join the places that its class names"
    )


def _is_tail(instance: Instance, links: Links, record: LinkClass) -> Bools:
    """Return whether each link begins at a demand node of the kind, or a site of the echelon, of its class."""
    if record.tail is None:
        is_tail = np.zeros(len(links.tail), dtype=np.bool_)
        known = links.tail < instance.n_demand
        is_tail[known] = instance.demand.kind[links.tail[known]] == record.given_by
        return is_tail
    return np.asarray(instance.sites.echelon[np.minimum(links.tail, instance.n_sites - 1)] == record.tail)


def _namer(instance: Instance, links: Links) -> Callable[[int], str]:
    """Name a link by the ids of its ends."""
    kind, ids = ("direct", instance.demand.id) if links is instance.direct else ("haul", instance.sites.id)
    return lambda link: f"{kind} link from {ids[links.tail[link]]} to {instance.sites.id[links.head[link]]}"


def check_amounts(instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that no flow is negative and that no generator gives more than it offers, or less than it must."""
    demand, materials = instance.demand, instance.materials.id
    offered_t, given_t = demand.tonnes, tonnage.generator_t
    must = (demand.must_serve & ~demand.is_household)[:, None]
    allowed_t = allow(offered_t, tolerance)

    def given(node: int, m: int) -> str:
        gives = f"gives {given_t[node, m]:g} t/yr of {materials[m]}, offers {offered_t[node, m]:g} t/yr"
        return f"generator {demand.id[node]}: {gives}"

    kept_t = np.where(must, offered_t - given_t, 0.0)
    return [
        *_negative(instance, instance.direct, plan.direct_t, tolerance),
        *_negative(instance, instance.haul, plan.haul_t, tolerance),
        *list_broken_cells(given_t - offered_t, allowed_t, given),
        *list_broken_cells(kept_t, allowed_t, lambda node, m: f"{given(node, m)}; it must give all"),
    ]


def _negative(instance: Instance, links: Links, flow_t: Floats, tolerance: float) -> list[str]:
    named, materials = _namer(instance, links), instance.materials.id
    return list_broken_cells(
        -flow_t, tolerance, lambda link, m: f"{named(link)}: {flow_t[link, m]:g} t/yr of {materials[m]} is negative"
    )


def check_acceptance(instance: Instance, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that tonnes enter and leave open sites only, and enter only where the open option accepts the material."""
    inflow_t, is_open, site_id = tonnage.inflow_t, tonnage.open_option >= 0, instance.sites.id
    refused = of_open_option(tonnage, (~instance.options.accepts).astype(float)) > 0
    closed_in_t = np.where(is_open, 0.0, np.abs(inflow_t).sum(axis=1))
    closed_out_t = np.where(is_open, 0.0, np.abs(tonnage.outflow_t).sum(axis=1))
    return [
        *list_broken_cells(
            np.where(refused, inflow_t, 0.0),
            tolerance,
            lambda j, m: (
                f"site {site_id[j]}: takes {inflow_t[j, m]:g} t/yr of {instance.materials.id[m]}, "
                "which its open option does not accept"
            ),
        ),
        *list_broken(
            closed_in_t, tolerance, lambda j: f"site {site_id[j]}: is closed, yet {closed_in_t[j]:g} t/yr enter"
        ),
        *list_broken(
            closed_out_t, tolerance, lambda j: f"site {site_id[j]}: is closed, yet {closed_out_t[j]:g} t/yr leave"
        ),
    ]


def check_conservation(instance: Instance, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that the outflow of each site is what its inflow requires, by material."""
    due_t, outflow_t = tonnage.due_t, tonnage.outflow_t
    return list_broken_cells(
        np.abs(due_t - outflow_t),
        allow(due_t, tolerance),
        lambda j, m: (
            f"site {instance.sites.id[j]}: {due_t[j, m]:g} t/yr of {instance.materials.id[m]} "
            f"must leave, {outflow_t[j, m]:g} t/yr leave; it must conserve them"
        ),
    )


def check_load(instance: Instance, plan: Plan, *, tonnage: Tonnage, tolerance: float) -> list[str]:
    """Check that inflow is within the planned limit and reaches the minimum load of the open option."""
    load_t, site_id, options = tonnage.inflow_t.sum(axis=1), instance.sites.id, instance.options
    capacity_t = of_open_option(tonnage, built_capacity_t(instance, plan))
    most_share, peak = (of_open_option(tonnage, of) for of in (options.max_load_share, options.peak_factor))
    limit_t = capacity_t * most_share / np.where(tonnage.open_option >= 0, peak, 1.0)
    min_load_t = of_open_option(tonnage, instance.options.min_load_t)
    allowed_t, allowed_min_t = (np.maximum(allow(of, tolerance), ROUNDING_T) for of in (limit_t, min_load_t))

    def limited(j: int) -> str:
        most = f"the capacity of {capacity_t[j]:g} t/yr"
        if most_share[j] == 1 and peak[j] == 1:
            return most
        return f"the planned limit of {limit_t[j]:g} t/yr: {most_share[j]:g} of {most}, peak factor {peak[j]:g}"

    return [
        *list_broken(
            np.where(tonnage.open_option >= 0, load_t - limit_t, 0.0),
            allowed_t,
            lambda j: f"site {site_id[j]}: {load_t[j]:g} t/yr enter, above {limited(j)}",
        ),
        *list_broken(
            min_load_t - load_t,
            allowed_min_t,
            lambda j: f"site {site_id[j]}: {load_t[j]:g} t/yr enter, below the minimum load of {min_load_t[j]:g} t/yr",
        ),
    ]


def check_bought(instance: Instance, plan: Plan, *, tolerance: float) -> list[str]:
    """Check that expansions and disposals are within [0, limit], and only where the option is open."""
    expansions, disposals = instance.expansions, instance.disposals
    most_t = expansions.most_t * plan.is_open[expansions.option]
    limit_t = disposals.limit_t * plan.is_open[disposals.option]
    expanded_t, disposed_t = plan.expanded_t, plan.disposed_t
    site_id = instance.sites.id[instance.options.site]

    def extended(e: int) -> str:
        return f"site {site_id[expansions.option[e]]}: its capacity is extended by {expanded_t[e]:g} t/yr"

    def disposed(d: int) -> str:
        material = instance.materials.id[disposals.material[d]]
        return f"site {site_id[disposals.option[d]]}: {disposed_t[d]:g} t/yr of {material} are disposed of"

    return [
        *list_broken(-expanded_t, tolerance, lambda e: f"{extended(e)}, less than nothing"),
        *list_broken(-disposed_t, tolerance, lambda d: f"{disposed(d)}, less than nothing"),
        *list_broken(
            expanded_t - most_t, allow(most_t, tolerance), lambda e: f"{extended(e)}, by at most {most_t[e]:g} it may"
        ),
        *list_broken(
            disposed_t - limit_t, allow(limit_t, tolerance), lambda d: f"{disposed(d)}, at most {limit_t[d]:g} may"
        ),
    ]
