"""Cost of hauling a tonne from a place to where it ends, by the flows of a plan and the rates of its links.

price_s,m   Σ_p passed_on_t,m,p · onward_s,p                         a tonne that enters site s of type t
onward_s,p  Σ_l flow_l,p · (cost_l,p + price_head,p) / Σ_l flow_l,p  a tonne that leaves it, over links l
cost_l,m    haul_factor_m · (cny_per_tkm · km + unload_cny_per_t)  over link l

All are CNY a tonne. Unloading counts as haul, as in the cost term `transport`; stops at points and what
facilities cost do not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Instance, Links
from siting.plan import Plan, collected_t, open_option_of_site
from siting.vocabulary import Echelon

LEAST_T = 1e-6


@dataclass(frozen=True)
class HaulPrices:
    """CNY a tonne from a place to the end of its way, its materials by their tonnes; nan where nothing begins.

    `site` (n_sites,) for a tonne that enters, `demand` (n_demand,) for one that is given there. `given_t` (n_demand,)
    is what is given; with it `demand` sums to the transport cost of the plan.
    """

    site: Floats
    demand: Floats
    given_t: Floats


def haul_prices(instance: Instance, plan: Plan) -> HaulPrices:
    """Follow each material of a plan from where it is given to where it ends."""
    priced = _site_prices(instance, plan)
    walks, direct, haul = instance.walks, instance.direct, instance.haul
    walk_t = collected_t(instance, plan)
    direct_cny = plan.direct_t * (_link_costs(instance, direct) + priced[direct.head])
    given_t, given_cny = np.zeros(instance.n_demand), np.zeros(instance.n_demand)
    for node, tonnes, cny in (
        (walks.demand, walk_t, walk_t * priced[walks.site]),
        (direct.tail, plan.direct_t, direct_cny),
    ):
        np.add.at(given_t, node, tonnes.sum(axis=1))
        np.add.at(given_cny, node, cny.sum(axis=1))
    entering_t = np.zeros_like(priced)
    for head, tonnes in ((walks.site, walk_t), (direct.head, plan.direct_t), (haul.head, plan.haul_t)):
        np.add.at(entering_t, head, tonnes)
    site_cny = (entering_t * priced).sum(axis=1)
    return HaulPrices(_ratio(site_cny, entering_t.sum(axis=1)), _ratio(given_cny, given_t), given_t)


def _site_prices(instance: Instance, plan: Plan) -> Floats:
    """Return CNY a tonne of each material that enters a site, (n_sites, n_materials), last echelons first."""
    haul, costs, passed_on = instance.haul, _link_costs(instance, instance.haul), instance.passed_on()
    priced = np.zeros((instance.n_sites, instance.n_materials))
    opened = open_option_of_site(instance, plan)
    for echelon in sorted(Echelon, reverse=True):
        links = np.flatnonzero(instance.sites.echelon[haul.tail] == echelon)
        flow_t = plan.haul_t[links]
        leaving_t, leaving_cny = np.zeros_like(priced), np.zeros_like(priced)
        np.add.at(leaving_t, haul.tail[links], flow_t)
        np.add.at(leaving_cny, haul.tail[links], flow_t * (costs[links] + priced[haul.head[links]]))
        here = np.flatnonzero((instance.sites.echelon == echelon) & (opened >= 0))
        onward = np.nan_to_num(_ratio(leaving_cny[here], leaving_t[here]))
        priced[here] = np.einsum("smp,sp->sm", passed_on[instance.options.type[opened[here]]], onward)
    return priced


def _link_costs(instance: Instance, links: Links) -> Floats:
    """Return CNY a tonne of each material over each link, (n_links, n_materials)."""
    rates = instance.link_rates
    per_t = rates.cny_per_tkm[links.rate] * links.distance_m / 1000 + rates.unload_cny_per_t[links.rate]
    return np.asarray(per_t[:, None] * rates.haul_factor[links.rate])


def _ratio(total: Floats, of: Floats) -> Floats:
    return np.asarray(np.divide(total, of, out=np.full(total.shape, np.nan), where=of > LEAST_T))
