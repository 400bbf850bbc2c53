"""Plans on other links: those of a problem that has columns for others, and any between the sites that a plan opens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siting.certificate import certify, floor_bound
from siting.certificate.linkprices import KINDS
from siting.certificate.omitted import carried_over, columns_in
from siting.instance import Bools, Floats, Instance, Ints, Links, OmittedLinks
from siting.model import Whole, build_whole
from siting.model.target_rows import objective_scale
from siting.plan import Certificate, Cover, Plan, Solution
from siting.solve.city.restrict import Holder, holds
from siting.solve.solve import SETTLE_S
from siting.vocabulary import LINK_CLASSES

NEAREST_OPEN = 4
"""A place may send to so many of the nearest open sites at last."""
FEW_WALKS = 10_000
"""With more walks, who goes where stays as it is when flows are settled at last."""


def on_links_of(instance: Instance, other: Instance, plans: tuple[Plan, ...]) -> tuple[Instance, tuple[Plan, ...]]:
    """Return the instance with columns for the links of `other` that `plans` use, and the plans on its links.

    Where the two are not about the same places the plans are returned as they are.
    """
    places = ((instance.demand.id, other.demand.id), (instance.sites.id, other.sites.id))
    if not all(np.array_equal(*ids) for ids in places):
        return instance, plans
    used = {kind: _key(getattr(other, kind))[_flows(plans, kind) > 0] for kind in KINDS}
    masks = (np.isin(_key(instance.omitted(kind)), used[kind]) for kind in KINDS)
    instance = instance.with_links(*masks)
    return instance, tuple(
        replace(
            plan,
            direct_t=_moved(plan.direct_t, other.direct, instance.direct),
            haul_t=_moved(plan.haul_t, other.haul, instance.haul),
        )
        for plan in plans
    )


def _flows(plans: tuple[Plan, ...], kind: str) -> Floats:
    """Return the most that any of the plans moves on each link, t a year, (n_links,)."""
    return np.asarray(np.max([getattr(plan, f"{kind}_t").sum(axis=1) for plan in plans], axis=0))


def _key(links: Links | OmittedLinks) -> Ints:
    """Return a number of the class, tail and head of each link, (n_links,)."""
    numbers = (getattr(links, name).astype(np.int64) for name in ("link_class", "tail", "head"))
    class_, tail, head = numbers
    return np.asarray((class_ << 56) + (tail << 28) + head)


def _moved(flow: Floats, theirs: Links, ours: Links) -> Floats:
    """Return the flow on each of our links, from that on each of theirs."""
    key, known = _key(theirs), _key(ours)
    order = np.argsort(key)
    at = order[np.minimum(np.searchsorted(key, known, sorter=order), max(0, len(key) - 1))] if len(key) else known * 0
    moved = np.zeros((len(known), flow.shape[1]))
    if len(key):
        same = key[at] == known
        moved[same] = flow[at[same]]
    return moved


def between_open_sites(instance: Instance, solution: Solution) -> tuple[Instance, Solution]:
    """Return the solution with flows over any near link between the sites that it opens, where that costs less."""
    direct, haul = (_near_and_open(instance, solution.plans, kind) for kind in KINDS)
    if not direct.any() and not haul.any():
        return instance, solution
    wider, scale = instance.with_links(direct, haul), objective_scale(instance)
    whole = build_whole(wider)
    values = whole.values_of(tuple(padded(plan, wider) for plan in solution.plans))
    holder = Holder.of(whole.model)
    held = ("near",) if len(whole.model.columns_of("assign")) < FEW_WALKS else ("near", "assign")
    free = np.setdiff1d(np.flatnonzero(~whole.model.is_integer), whole.model.columns_of(*held))
    settled, _ = holder.resolve(values, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
    if settled is None or not holds(holder, settled) or whole.model.cost @ settled >= solution.value / scale:
        return instance, solution
    return wider, _with_values(solution, instance, whole, settled)


def _with_values(solution: Solution, instance: Instance, whole: Whole, values: Floats) -> Solution:
    """Return the solution with the plan that `values` (n_columns,) of a model with more links stand for."""
    scale = objective_scale(whole.instance)
    value = float(whole.model.cost @ values) * scale
    certificate, floor_cny = solution.certificate, solution.floor_cny
    if certificate is not None:
        certificate = carried_certificate(build_whole(instance), whole, certificate)
        if instance.objective is None:
            floor_cny = min(floor_bound(whole, certificate.floor_multipliers) * scale, value)
    return replace(
        solution,
        floor_cny=floor_cny,
        plans=whole.plans_of(values),
        value=value,
        cost_cny=value if instance.objective is None else whole.cost_cny(values),
        certificate=certificate,
    )


def _near_and_open(instance: Instance, plans: tuple[Plan, ...], kind: str) -> Bools:
    """Return which omitted links lead to one of the nearest sites that are open, from one that is, (n_omitted,)."""
    is_open = np.zeros(instance.n_sites, dtype=bool)
    for plan in plans:
        is_open[instance.options.site[plan.is_open]] = True
    own, omitted = getattr(instance, kind), instance.omitted(kind)
    tails = is_open if kind == "haul" else np.ones(instance.n_demand, dtype=bool)
    kept, more = (np.flatnonzero(tails[links.tail] & is_open[links.head]) for links in (own, omitted))
    both = own.only(kept).and_also(omitted.only(more).links())
    is_near = both.nearest(np.full(len(LINK_CLASSES), NEAREST_OPEN))[len(kept) :]
    marked = np.zeros(len(omitted), dtype=bool)
    marked[more[is_near]] = True
    return marked


def padded(plan: Plan, instance: Instance) -> Plan:
    """Return the plan with nothing on links that it does not know; new ones stand after the others."""
    direct, haul = (
        np.pad(flow, ((0, len(links.tail) - len(flow)), (0, 0)))
        for flow, links in ((plan.direct_t, instance.direct), (plan.haul_t, instance.haul))
    )
    return replace(plan, direct_t=direct, haul_t=haul)


def carried_certificate(narrow: Whole, wide: Whole, certificate: Certificate) -> Certificate:
    """Return the certificate for a model with columns for more links; it proves the same."""
    y = np.append(carried_over(narrow, wide, certificate.multipliers), certificate.cover_price)
    covers = tuple(carried_cover(narrow, wide, cover) for cover in certificate.covers)
    leaves = tuple(
        replace(leaf, multipliers=carried_over(narrow, wide, leaf.multipliers)) for leaf in certificate.leaves
    )
    floor = certificate.floor_multipliers
    floor = carried_over(narrow, wide, floor) if len(floor) else floor
    return certify(wide.instance, wide, y, covers, leaves, floor=floor)


def carried_cover(narrow: Whole, wide: Whole, cover: Cover) -> Cover:
    """Return the cover for a model with columns for more links, of which the new ones count as the others do."""
    at, n = columns_in(narrow, wide), wide.model.n_columns
    is_counted, units = np.zeros(n, dtype=bool), np.zeros(n, dtype=np.int64)
    is_counted[at], units[at] = cover.is_counted, cover.units
    is_new, part = np.ones(n, dtype=bool), wide.parts[cover.stage]
    is_new[at] = False
    for kind, material in (("direct", part.columns.direct_material), ("haul", part.columns.haul_material)):
        column = part.in_whole(kind)
        is_counted[column] = np.where(is_new[column], cover.materials[material], is_counted[column])
    rows = carried_over(narrow, wide, cover.capacity_row.astype(float)) > 0
    return replace(
        cover, capacity_row=rows, is_counted=is_counted, units=units,
        multipliers=carried_over(narrow, wide, cover.multipliers),
    )  # fmt: skip
