"""Reduced costs of links that the model has no columns for, from coefficients of a few links that stand for all.

Of links of one class and rate, the reduced cost of a kt of a material is the sum of a part of the tail, a part of the
head, and what a km costs from that tail. With t0 and h0 any tail and head of such links:

    c(t, h, km) = c(t, h0, 0) + c(t0, h, 0) − c(t0, h0, 0) + (c(t, h0, 1) − c(t, h0, 0)) km

The c on the right are those of columns that the model itself would have, by the functions that it is built with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Links, OmittedLinks
from siting.model.build import objective_costs
from siting.model.columns import Columns, site_accepts
from siting.model.facility_rows import alike_sites, loaded_sites
from siting.model.flow_rows import conserved_places, inflow_terms, most_on_links, offer_places, outflow_terms
from siting.model.linear import Families
from siting.model.target_rows import target_terms
from siting.model.whole import Part, Whole

CHUNK = 500_000
"""Links priced at a time."""
UNIT_M = 1000.0
"""Length of the links that tell what a m costs."""
KINDS = ("direct", "haul")


@dataclass(frozen=True)
class _Parts:
    """Parts of the reduced cost of a kt: `tail` and, by the m, `per_m` (n_tails, n_materials); `head` (n_sites, …)."""

    tail: Floats
    per_m: Floats
    head: Floats


@dataclass(frozen=True)
class LinkCosts:
    """Links of one kind, `direct` or `haul`, that carry a material, with the reduced cost of a kt; arrays (n,).

    `link` counts the omitted links of the kind.
    """

    link: Ints
    material: Ints
    head: Ints
    cost: Floats

    def only(self, kept: Bools | Ints) -> LinkCosts:
        """Return those that are `kept`: a mask or row numbers."""
        return LinkCosts(*(getattr(self, one.name)[kept] for one in fields(self)))

    def and_also(self, more: LinkCosts) -> LinkCosts:
        """Return these and `more`."""
        return LinkCosts(*(np.append(getattr(self, one.name), getattr(more, one.name)) for one in fields(self)))


CostOf = Callable[[Instance, Columns], Floats]
"""Function from an instance and its columns to the objective coefficients, (n_columns,)."""


def priced_links(
    whole: Whole, number: int, y: Floats, kind: str, limit: Floats, cost_of: CostOf | None = None
) -> LinkCosts:
    """Return the omitted links of a stage that cost less than `limit` (n_sites, n_materials) allows at their head.

    `y` (n_rows,) are usable multipliers of the whole model; rows that new links would have have none. −inf in `limit`
    leaves a material out at a site. `cost_of` None: the objective.
    """
    part = whole.parts[number]
    instance, omitted = part.instance, part.instance.omitted(kind)
    none = np.empty(0, dtype=np.int64)
    found = LinkCosts(none, none, none, np.empty(0))
    if not len(omitted):
        return found
    leaves = instance.demand.tonnes > 0 if kind == "direct" else part.columns.leaves
    for group in groups(omitted):
        parts = _parts_of_cost(_Prices(whole, number, y, cost_of), kind, group)
        for rows in np.array_split(group, len(group) // CHUNK + 1):
            tail, head, metres = omitted.tail[rows], omitted.head[rows], omitted.distance_m[rows].astype(float)
            for material in range(instance.n_materials):
                cost = parts.tail[tail, material] + parts.head[head, material] + parts.per_m[tail, material] * metres
                kept = np.flatnonzero((cost < limit[head, material]) & leaves[tail, material])
                links = rows[kept], np.full(len(kept), material), head[kept].astype(np.int64), cost[kept]
                found = found.and_also(LinkCosts(*links))
    return found


def most_on_omitted(instance: Instance, columns: Columns, kind: str, costs: LinkCosts) -> Floats:
    """Return the most that can flow on each priced link, kt a year, (n,)."""
    links = instance.omitted(kind).only(costs.link).links()
    thin, of_links = _thin(instance, columns, kind, links, link=np.arange(len(costs.link)), material=costs.material)
    direct, haul = most_on_links(thin, of_links)
    return direct if kind == "direct" else haul


def taken_off(whole: Whole, y: Floats, cost_of: Sequence[CostOf]) -> float:
    """Return the maximum reduction by omitted links of the Lagrangian bound at `y` (n_rows,), all rows relaxed.

    `cost_of` is what is minimised, one for each stage.
    """
    taken = 0.0
    for number, part in enumerate(whole.parts):
        limit = np.where(site_accepts(part.instance), 0.0, -np.inf)
        for kind in KINDS:
            costs = priced_links(whole, number, y, kind, limit, cost_of[number])
            taken -= float(costs.cost @ most_on_omitted(part.instance, part.columns, kind, costs))
    return taken


def standing_links(tails: Ints, heads: Ints, link_class: int, rate: int) -> Links:
    """Return links that stand for all of one class and rate.

    From the tails to the first head by 0 m, then by `UNIT_M`, and from the first tail to the heads by 0 m.
    """
    n, first = len(tails), np.ones(len(tails), dtype=np.int64)
    tail = np.concatenate([tails, tails, np.repeat(tails[:1], len(heads))])
    head = np.concatenate([heads[0] * first, heads[0] * first, heads])
    metres = np.repeat([0.0, UNIT_M, 0.0], [n, n, len(heads)])
    return Links(tail, head, metres, *(np.full(len(tail), number) for number in (link_class, rate)))


def groups(omitted: OmittedLinks) -> Iterator[Ints]:
    """Yield the links of each class and rate."""
    key = omitted.link_class.astype(np.int64) * (1 + int(omitted.rate.max())) + omitted.rate
    for one in np.unique(key):
        yield np.flatnonzero(key == one)


@dataclass(frozen=True)
class _Prices:
    """Multipliers of the whole at which links of a stage are priced, and what is minimised."""

    whole: Whole
    number: int
    y: Floats
    cost_of: CostOf | None

    @property
    def part(self) -> Part:
        return self.whole.parts[self.number]

    def cost(self, thin: Instance, columns: Columns) -> Floats:
        """Return the objective coefficients, (n_columns,), without multipliers."""
        if self.cost_of is not None:
            return self.cost_of(thin, columns)
        return _weight(self.whole, self.number, self.y) * objective_costs(thin, columns)


def _parts_of_cost(prices: _Prices, kind: str, group: Ints) -> _Parts:
    """Return the parts of the reduced cost of links of one class and rate."""
    instance = prices.part.instance
    omitted = instance.omitted(kind)
    tails, heads = (np.unique(ends[group]).astype(np.int64) for ends in (omitted.tail, omitted.head))
    n, (link_class, rate) = len(tails), (int(values[group[0]]) for values in (omitted.link_class, omitted.rate))
    cost = _costs_of(prices, kind, standing_links(tails, heads, link_class, rate))
    n_tails = instance.n_demand if kind == "direct" else instance.n_sites
    parts = _Parts(*(np.zeros((size, instance.n_materials)) for size in (n_tails, n_tails, instance.n_sites)))
    parts.tail[tails] = cost[:n]
    parts.per_m[tails] = (cost[n : 2 * n] - cost[:n]) / UNIT_M
    parts.head[heads] = cost[2 * n :] - cost[2 * n]  # the tails already include the first head
    return parts


def _costs_of(prices: _Prices, kind: str, links: Links) -> Floats:
    """Return the reduced cost of a kt of each material on each of some links, (n_links, n_materials)."""
    part = prices.part
    m = part.instance.n_materials
    link, material = np.repeat(np.arange(len(links.tail)), m), np.tile(np.arange(m), len(links.tail))
    thin, columns = _thin(part.instance, part.columns, kind, links, link=link, material=material)
    reduced = prices.cost(thin, columns)
    for column, value, price in _priced_terms(part, prices.y, thin, columns):
        np.subtract.at(reduced, column, price * value)
    return np.asarray(reduced[columns[kind]].reshape(-1, m))


def _thin(
    instance: Instance, columns: Columns, kind: str, links: Links, *, link: Ints, material: Ints
) -> tuple[Instance, Columns]:
    """Return the instance with `links` as its only ones, and columns for flows, (n_flows,): a `link`, a `material`."""
    none = np.empty(0, dtype=np.int64)
    lengths = {block.name: block.stop - block.start for block in columns.families}
    lengths |= {"direct": 0, "haul": 0, kind: len(link)}
    of_kind = {name: (link, material) if name == kind else (none, none) for name in KINDS}
    thin = replace(
        instance,
        direct=links if kind == "direct" else Links.none(),
        haul=links if kind == "haul" else Links.none(),
        omitted_direct=OmittedLinks.none(),
        omitted_haul=OmittedLinks.none(),
    )
    (direct_link, direct_material), (haul_link, haul_material) = of_kind["direct"], of_kind["haul"]
    of_links = replace(
        columns, families=Families.of(lengths), direct_link=direct_link, direct_material=direct_material,
        haul_link=haul_link, haul_material=haul_material,
    )  # fmt: skip
    return thin, of_links


def _weight(whole: Whole, number: int, y: Floats) -> float:
    """Return the factor of a stage's objective in the whole: its weight, or the multiplier of its worst-case row."""
    if whole.stages is None:
        return 1.0
    worst = whole.model.rows_of("cover_case")
    return float(y[worst[number]] if len(worst) else whole.stages.weight[number])


def _priced_terms(part: Part, y: Floats, thin: Instance, columns: Columns) -> Iterator[tuple[Ints, Floats, Floats]]:
    """Yield the entries of links in rows that are priced, as (column, value, price): one row family after the other.

    All rows that links stand in are here but those that are of one link alone.
    """
    m = thin.n_materials
    leaving, offered = np.zeros((thin.n_sites, m)), np.zeros((thin.n_demand, m))
    leaving.reshape(-1)[conserved_places(part.instance, part.columns)] = y[part.rows.numbers("conserve_material")]
    offered.reshape(-1)[offer_places(part.instance, part.columns)] = y[part.rows.numbers("within_offer")]
    direct, haul = columns.numbers("direct"), columns.numbers("haul")
    yield direct, np.ones(len(direct)), offered[thin.direct.tail[columns.direct_link], columns.direct_material]
    yield haul, -np.ones(len(haul)), leaving[thin.haul.tail[columns.haul_link], columns.haul_material]
    site, product, column, value = outflow_terms(thin, columns)
    yield column, value, leaving[site, product]
    site, material, column, value = inflow_terms(thin, columns)
    yield column, value, _at_sites(part, y)[site, material]
    rows: dict[str, Iterator[int]] = {}
    for target in part.instance.targets:
        family = target.measure.record.row_family
        row = next(rows.setdefault(family, iter(part.rows.numbers(family).tolist())))
        if y[row] != 0:
            column, value = target_terms(thin, columns, target)
            yield column, value, np.full(len(column), y[row])


def _at_sites(part: Part, y: Floats) -> Floats:
    """Return the prices of all rows of each site that a kt of each material counts in that enters it, by site."""
    instance, columns, m = part.instance, part.columns, part.instance.n_materials
    price = np.zeros((instance.n_sites, m))
    split = np.unique(instance.options.site[columns.load_option] * m + columns.load_material)
    price.reshape(-1)[split] = y[part.rows.numbers("split_load")]
    alike = alike_sites(instance, columns)
    price[alike] += y[part.rows.numbers("within_capacity")[: len(alike)], None]
    price[loaded_sites(instance)] += y[part.rows.numbers("reach_min_load"), None]
    price[instance.options.site[columns.used_option]] += y[part.rows.numbers("reach_use"), None]
    return price
