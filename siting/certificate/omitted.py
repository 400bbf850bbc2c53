"""Bounds that hold for plans with any link, although the model has no columns for all of them.

A link that the model omits can lower the least of its head only if it costs less than 0 there at the multipliers, or
where a least load makes the head take more than what gains. So the bound of a model with columns for such links is
that of the model with all. They are looked for at sites that could gain by them at all: a first estimate fills each
site with whatever gains, as if it had no least load and cells could send more than they have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.certificate import decomposition
from siting.certificate.decomposition import (
    SitePrices,
    SiteTerms,
    least_kt,
    least_of_options,
    least_possible,
    site_bound,
    site_prices,
)
from siting.certificate.knapsack import Pairs, sum_before
from siting.certificate.lagrangian import lagrangian_bound
from siting.certificate.linkprices import KINDS, LinkCosts, most_on_omitted, priced_links
from siting.instance import Bools, Floats, Ints
from siting.model.columns import site_accepts
from siting.model.joins import option_terms
from siting.model.linear import MODEL_T, Families, Family, LinearModel
from siting.model.whole import Part, Whole, build_whole
from siting.plan import Certificate

LOST = 1e-8
"""Share of the sum of all minima of sites by which a bound may be lowered instead of being computed exactly."""
ROUNDING = 1e-9
MOST_LINKS = 400_000
"" """With more links that matter, multipliers are far off; the first estimate is then subtracted from the bound."""


def proven_bound(whole: Whole, multipliers: Floats) -> float:
    """Return the largest bound that row multipliers (n_rows,) of the whole model prove, in the model's cost unit.

    One relaxes all rows (`lagrangian_bound`), another keeps those that bind one site only (`site_bound`). No plan
    costs less than either, whatever the multipliers; infinite where some site that must open cannot. Where links are
    omitted, it is the second with all that they could save.
    """
    if not whole.instance.omits_links:
        return max(lagrangian_bound(whole.model, multipliers), site_bound(whole, multipliers))
    y = sound_multipliers(whole, multipliers)
    found = links_that_matter(whole, y)
    if found.direct.sum() + found.haul.sum() > MOST_LINKS:
        return site_bound(whole, y) - found.saved - found.lost
    wider = with_columns(whole, found.direct, found.haul)
    return site_bound(wider, carried_over(whole, wider, y)) - found.lost


def site_terms(whole: Whole, multipliers: Floats) -> SiteTerms:
    """Return the bound that decides sites whole as a sum over sites, for plans with any link.

    Where links are omitted, what a site adds with an option open is an estimate from below.
    """
    if not whole.instance.omits_links:
        return decomposition.site_terms(whole, multipliers)
    y = sound_multipliers(whole, multipliers)
    found = links_that_matter(whole, y)
    known = decomposition.site_terms(whole, y)
    opened = np.minimum(known.opened, found.opened)
    lost = np.minimum(known.closed, known.opened) - np.minimum(known.closed, opened)
    return SiteTerms(known.bound - float(lost[np.isfinite(lost)].sum()), known.closed, opened)


def with_columns(whole: Whole, direct: Bools, haul: Bools) -> Whole:
    """Return `whole` with columns for the omitted links that are marked, and the rows of covers that it has."""
    wider = build_whole(whole.instance.with_links(direct, haul))
    names = ("cover", "at_most")
    rows = whole.model.rows_of(*names)
    if not len(rows):
        return wider
    entries = whole.model.matrix[rows].tocoo()
    shape, model = (len(rows), wider.model.n_columns), wider.model
    column = columns_in(whole, wider)[entries.col]
    added = sparse.csr_array((entries.data, (entries.row, column)), shape=shape)
    families = model.row_families
    for block in whole.model.row_families:
        if block.name in names:
            families = families.and_also(block.name, block.stop - block.start)
    wider_model = replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, added])),
        row_lower=np.append(model.row_lower, whole.model.row_lower[rows]),
        row_upper=np.append(model.row_upper, whole.model.row_upper[rows]),
        row_families=families,
    )
    return replace(wider, model=wider_model)


def columns_in(narrow: Whole, wide: Whole) -> Ints:
    """Return the number of each column of `narrow` in `wide`, (n_columns,)."""
    at = np.arange(narrow.model.n_columns)
    starts = {(block.name, number): block.start for block, number in _counted(wide.model.column_families)}
    for old, number in _counted(narrow.model.column_families):
        at[old.start : old.stop] = starts[old.name, number] + np.arange(old.stop - old.start)
    return at


@dataclass(frozen=True)
class Found:
    """Omitted links that could lower the bound: masks `direct` and `haul`, over all stages, by which links they are.

    `used` are those of them that the first estimate takes, a mask for each kind. They lower the bound by no more than
    `saved`, all others by at most `lost`. `size` is the sum of the absolute minima of all sites, and `opened`
    (n_stages, n_sites) a lower bound on the term of each site with an option open, over any links.
    """

    direct: Bools
    haul: Bools
    used: dict[str, Bools]
    saved: float
    lost: float
    size: float
    opened: Floats


def links_that_matter(whole: Whole, y: Floats) -> Found:
    """Return the omitted links that could lower the bound of sound multipliers `y` (n_rows,)."""
    prices = site_prices(whole, y)
    masks = {kind: np.zeros(len(whole.instance.omitted(kind)), dtype=bool) for kind in KINDS}
    used = {kind: mask.copy() for kind, mask in masks.items()}
    leasts = [[np.minimum(*pair) for pair in prices.least(whole, split)] for split in prices.splits]
    size = float(sum(np.abs(one[np.isfinite(one)]).sum() for one in leasts[0]))
    opened = np.full((len(whole.parts), whole.instance.n_sites), np.inf)
    saved, lost = np.zeros((2, len(prices.splits)))
    for number, part in enumerate(whole.parts):
        stage = _Stage(whole, number, prices)
        gaining = stage.taken(stage.priced(np.zeros(part.instance.n_sites)))
        stages = zip(prices.splits, leasts, strict=True)
        estimates = [stage.estimate(split[number], of[number], gaining) for split, of in stages]
        opened[number] = np.min([one.opened for one in estimates], axis=0)
        lost += [one.lost for one in estimates]
        saved += [one.saved for one in estimates]
        limit = np.max([one.limit for one in estimates], axis=0)
        mark(masks, stage.priced(limit))
        mark(used, {kind: costs.only(limit[costs.head] >= 0) for kind, costs in gaining.items()})
    return Found(masks["direct"], masks["haul"], used, float(saved.max()), float(lost.max()), size, opened)


@dataclass(frozen=True)
class _Estimate:
    """Up to which cost a kt links could lower the least of each site: `limit` (n_sites,), −inf where none can.

    `saved` is no less than what all links could lower the sum by at the sites where they can, `lost` at all others.
    """

    limit: Floats
    opened: Floats
    saved: float
    lost: float


@dataclass(frozen=True)
class _Stage:
    """A stage of the whole at some prices."""

    whole: Whole
    number: int
    prices: SitePrices

    @property
    def part(self) -> Part:
        return self.whole.parts[self.number]

    @property
    def upper(self) -> Floats:
        return self.prices.upper_of(self.part)

    def priced(self, limit: Floats) -> dict[str, LinkCosts]:
        """Return the omitted links of each kind that cost less than `limit` (n_sites,) at their head, a kt."""
        at_head = self.load_costs()
        below = np.where(np.isfinite(at_head), limit[:, None] - np.where(np.isfinite(at_head), at_head, 0.0), -np.inf)
        return {kind: priced_links(self.whole, self.number, self.prices.y, kind, below) for kind in KINDS}

    def estimate(self, reduced: Floats, least: Floats, gaining: dict[str, LinkCosts]) -> _Estimate:
        """Compare the `least` at each site (n_sites,) with what the gaining links could make of it."""
        part, instance, more = self.part, self.part.instance, self.pairs(gaining)
        loads = np.zeros(instance.n_options), least_kt(instance)
        filled, loaded = (least_possible(part, reduced, self.upper, more, load) for load in loads)
        closed, opened = least_of_options(part, reduced, filled)
        possible = np.minimum(closed, opened)
        size = np.abs(least[np.isfinite(least)]).sum() / max(1, len(least))
        gap = np.where(np.isfinite(possible), least, 0.0) - np.where(np.isfinite(possible), possible, 0.0)
        gains = gap > LOST * size
        limit = np.where(gains, 0.0, -np.inf)
        asks = (filled < loaded) & (filled < least[instance.options.site]) & gains[instance.options.site]
        limit[instance.options.site[asks]] = np.inf
        return _Estimate(limit, opened, float(gap[gains].sum()), float(np.maximum(gap[~gains], 0.0).sum()))

    def load_costs(self) -> Floats:
        """Return the least that a kt costs at each site beside its way there, (n_sites, n_materials); inf: no entry."""
        instance, columns, reduced = self.part.instance, self.part.columns, self.prices.splits[0][self.number]
        least = np.where(site_accepts(instance), 0.0, np.inf)
        least[columns.is_split] = np.inf
        load = columns.load_option, columns.load_material
        may = (self.upper[columns["load"]] > 0) & (self.upper[columns["open"]][columns.load_option] > 0)
        cost = np.where(may, reduced[columns["load"]], np.inf)
        np.minimum.at(least, (instance.options.site[load[0]], load[1]), cost)
        return least

    def pairs(self, links: dict[str, LinkCosts]) -> Pairs:
        """Return the links with each option of their head that may open and takes what they bring."""
        instance, columns = self.part.instance, self.part.columns
        may_open = self.upper[columns["open"]] > 0
        load = np.where(instance.options.accepts & ~columns.is_split[instance.options.site][:, None], 0.0, np.inf)
        cost = np.where(self.upper[columns["load"]] > 0, self.prices.splits[0][self.number][columns["load"]], np.inf)
        load[columns.load_option, columns.load_material] = cost
        none, rows = np.empty(0), np.empty(0, dtype=np.int64)
        found = Pairs(rows, rows, none, none, none)
        for kind, costs in links.items():
            if not len(costs.link):
                continue
            most = most_on_omitted(instance, columns, kind, costs)
            row, option = option_terms(instance, np.arange(len(costs.link)), costs.head, may_open)
            at_option = costs.cost[row] + load[option, costs.material[row]]
            pairs = Pairs(np.full(len(row), -1), option, at_option, np.ones(len(row)), most[row])
            found = found.and_also(pairs.only(np.isfinite(at_option) & (pairs.most > 0)))
        return found

    def taken(self, links: dict[str, LinkCosts]) -> dict[str, LinkCosts]:
        """Return the cheapest of the links into each site of each material, up to the largest capacity of the site.

        Whatever fills it at least cost needs no others.
        """
        instance = self.part.instance
        room = np.zeros(instance.n_sites)
        np.maximum.at(room, instance.options.site, instance.most_load_t() / MODEL_T)
        kept = {}
        for kind, costs in links.items():
            place = costs.head * instance.n_materials + costs.material
            order = np.lexsort([costs.cost, place])
            most = most_on_omitted(instance, self.part.columns, kind, costs)[order]
            before = sum_before(place[order], most, instance.n_sites * instance.n_materials)
            kept[kind] = costs.only(order[before < room[costs.head[order]] * (1 + ROUNDING)])
        return kept


def mark(masks: dict[str, Bools], links: dict[str, LinkCosts]) -> None:
    """Mark the links in the masks of their kind."""
    for kind, costs in links.items():
        masks[kind][costs.link] = True


def sound_multipliers(whole: Whole, multipliers: Floats) -> Floats:
    """Return multipliers at which columns stay at 0 whose upper bounds rest on the links that have columns.

    These are shortfalls of soft targets, which no price of their row makes gain, and the worst case, of which the cases
    share one whole. Multipliers of a linear program are so already, but for rounding.
    """
    y, model = multipliers.copy(), whole.model
    worst = model.rows_of("cover_case")
    if len(worst):
        shares = np.maximum(y[worst], 0.0)
        y[worst] = shares / shares.sum() if shares.sum() > 0 else 1.0 / len(worst)
    column = model.columns_of("shortfall")
    entries = model.matrix.tocsc()[:, column].tocoo()
    paid = model.cost[column[entries.col]] / np.abs(entries.data)
    if len(worst):
        paid = -(model.matrix[worst].T @ y[worst])[column[entries.col]] / np.abs(entries.data)
    is_priced = ~np.isin(entries.row, worst)
    rows, paid = entries.row[is_priced], paid[is_priced]
    y[rows] = np.clip(y[rows], -paid, paid)
    return y


def carried_over(narrow: Whole, wide: Whole, y: Floats) -> Floats:
    """Return multipliers of `wide`, which has more links than `narrow`, from those `y` of it; of new rows 0.

    Rows of links that are new stand after the others in their block, and no other row is new.
    """
    carried = np.zeros(wide.model.n_rows)
    places = {(block.name, number): block for block, number in _counted(wide.model.row_families)}
    for old, number in _counted(narrow.model.row_families):
        start = places[old.name, number].start
        carried[start : start + old.stop - old.start] = y[old.start : old.stop]
    return carried


def fitted(certificate: Certificate, model: LinearModel) -> Floats:
    """Return multipliers (n_rows,) of a model from a certificate of a like one, for example with other links.

    Families with as many rows in both have those of the certificate, others 0.
    """
    laid_out = zip(certificate.family, certificate.start, certificate.stop, strict=True)
    old = Families(tuple(Family(str(name), int(start), int(stop)) for name, start, stop in laid_out))
    places = {(block.name, number): block for block, number in _counted(old)}
    found = np.zeros(model.n_rows)
    for block, number in _counted(model.row_families):
        known = places.get((block.name, number))
        if known is not None and known.stop - known.start == block.stop - block.start:
            found[block.start : block.stop] = certificate.multipliers[known.start : known.stop]
    return found


def _counted(families: Families) -> Iterator[tuple[Family, int]]:
    """Yield each block, and how many of its name come before it."""
    before: Counter[str] = Counter()
    for block in families:
        yield block, before[block.name]
        before[block.name] += 1
