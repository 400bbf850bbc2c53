"""A lower bound from row multipliers that decides each site whole: what opens there and what flows in.

Rows that bind one site only (`AT_ONE_SITE`) are kept, all others are relaxed with their multipliers y. With
d = cost - matrix of the relaxed rows * y, the Lagrangian falls apart by sites (Geoffrion 1974, Lagrangean relaxation
for integer programming):

    sum of y * the side that it prices  +  sum over columns of no site of d at the bound that it prefers
    +  sum over sites of the least of { d[close] with nothing open, least with exactly option o open }

    with option o open:  d[open o] + min(0, d[close]) + sum over its disposals of min(0, d) most
                         + min sum c[i] x[i] + d[expand o] e
    with  least[o] <= sum kt[i] x[i] <= usable[o] (capacity[o] + e),  0 <= x[i] <= most[i],  0 <= e <= most[o]
    c[i] = d[i] + sum over materials of kt[i,m] d[load o,m]

This is the second, independent implementation of what the city engine maximises in machine code
(`solve/city/sitecosts.py`, over tiers of an echelon): written on whole arrays, and slower; tests hold the two together.

The last is a knapsack that may be filled in part: inflows in the order of their cost a kt, as long as they gain, and on
to the least load. Where the options of a site are alike, neither does an option cost less than with its hauls held to
what cells can send (`cellbound`) in place of most[i], and no least load: the larger of the two counts. All figures are
in the model's units: kt and 10^4 CNY a year.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from siting.certificate.cell_bound import CellItems, cell_items, increments
from siting.certificate.knapsack import Pairs, fill
from siting.certificate.lagrangian import reduced_costs, usable_multipliers
from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import INFLOWS, OF_SITES
from siting.model.facility_rows import most_disposed
from siting.model.flow_rows import conserved_places, inflow_terms, omitted_exits
from siting.model.joins import option_terms
from siting.model.linear import MODEL_T, LinearModel
from siting.model.whole import Part, Whole

AT_ONE_SITE = (
    "assign_to_open", "direct_to_open", "haul_to_open", "split_load", "within_capacity", "reach_min_load", "one_size",
    "keep_open", "keep_or_close", "expand_open", "dispose_at_open",
)  # fmt: skip
"""Row families that bind what happens at one site only."""
SLACK_KT = 1e-6
"""A least load counts as met when it lacks no more than this: solvers hold rows to such a tolerance."""
ROUNDING = 1e-12

Pair = tuple[Floats, Floats]
"""The least at each site with nothing open, and with an option open, (n_sites,) each; infinite where that cannot be."""


@dataclass(frozen=True)
class SiteTerms:
    """A bound as a sum over sites: what each adds to it by what is open there. All in the model's cost unit.

    `bound` is that of `site_bound`. `closed` and `opened` (n_stages, n_sites) are the least that a site adds with
    nothing open, and with any of its options open; infinite where that cannot be. The smaller is part of the bound.
    """

    bound: float
    closed: Floats
    opened: Floats

    @property
    def dearer_closed(self) -> Floats:
        """Increase of the bound with the site closed, (n_stages, n_sites); 0 where the bound has it closed."""
        return _rise(self.closed, self.opened)

    @property
    def dearer_opened(self) -> Floats:
        """Increase of the bound with the site open, (n_stages, n_sites); 0 where the bound has it open."""
        return _rise(self.opened, self.closed)


def _rise(chosen: Floats, other: Floats) -> Floats:
    least = np.minimum(chosen, other)
    return np.subtract(chosen, least, out=np.zeros_like(chosen), where=np.isfinite(least))


def site_bound(whole: Whole, multipliers: Floats) -> float:
    """Return the bound of row multipliers (n_rows,), each site of each stage decided whole, in the model's cost unit.

    No lower than `lagrangian_bound`, but for rounding. What the multipliers say of rows that bind one site only is
    read where cases share sites, and tells how much each case pays of these. The last digits that rounding could reach
    are taken off. Links that the model has no columns for do not count.
    """
    return site_terms(whole, multipliers).bound


def site_terms(whole: Whole, multipliers: Floats) -> SiteTerms:
    """Return the bound of row multipliers (n_rows,) as `site_bound` has it, with its terms."""
    prices = site_prices(whole, multipliers)
    model, y, reduced = prices.model, prices.y, prices.reduced
    priced = y * np.where(y > 0, model.row_lower, np.where(y < 0, model.row_upper, 0.0))
    elsewhere = _elsewhere(whole)
    at_bound = reduced * np.where(reduced > 0, model.column_lower, model.column_upper)
    size = np.abs(priced).sum() + np.abs(reduced) @ np.maximum(np.abs(model.column_lower), np.abs(model.column_upper))
    others = float(priced.sum() + at_bound[elsewhere].sum() - ROUNDING * size)
    found = [_terms(prices.least(whole, split), others) for split in prices.splits]
    return max(found, key=lambda terms: terms.bound)


def _terms(pairs: list[Pair], others: float) -> SiteTerms:
    """Return the term of each site of each stage in a bound; `others` is the part of the bound without sites."""
    closed, opened = (np.stack(one) for one in zip(*pairs, strict=True))
    at_sites = sum(float(np.minimum(*pair).sum()) for pair in pairs)
    return SiteTerms(others + at_sites, closed, opened)


@dataclass(frozen=True)
class SitePrices:
    """Reduced costs of the columns of all sites at multipliers `y` (n_rows,); those of rows of a single site are 0.

    In `model` nothing flows into dead ends. `reduced` (n_columns,) are the reduced costs; `splits` has those of each
    stage.
    """

    model: LinearModel
    y: Floats
    reduced: Floats
    splits: list[list[Floats]]

    def least(self, whole: Whole, split: list[Floats]) -> list[Pair]:
        """Return the minimum of the reduced costs at each site of each stage, with nothing open and with one open."""
        items = [cell_items(self.model, part) for part in whole.parts]
        return [
            _least_by_site(part, its, self.upper_of(part), of)
            for part, its, of in zip(whole.parts, split, items, strict=True)
        ]

    def upper_of(self, part: Part) -> Floats:
        """Return the upper bounds of a stage's columns."""
        return self.model.column_upper[part.column_in_whole]


def site_prices(whole: Whole, multipliers: Floats) -> SitePrices:
    """Return the costs by which `site_bound` decides sites."""
    model = _with_dead_ends(whole)
    given = usable_multipliers(model, multipliers)
    y = given.copy()
    y[model.rows_of(*AT_ONE_SITE)] = 0.0
    reduced = reduced_costs(model, y)
    splits = [_split(whole, reduced, model.cost, y)]
    if not all(part.is_own.all() for part in whole.parts):
        splits.append(_split(whole, reduced, reduced_costs(model, given), y - given))
    return SitePrices(model, y, reduced, splits)


def _elsewhere(whole: Whole) -> Bools:
    """Return the columns that belong to no site: shortfalls, coverage of districts, cost of the worst case."""
    elsewhere = np.ones(whole.model.n_columns, dtype=bool)
    for part in whole.parts:
        elsewhere[part.column_in_whole[part.columns.numbers(*OF_SITES)]] = False
    return elsewhere


def _with_dead_ends(whole: Whole) -> LinearModel:
    """Return the model of `whole` with the columns at 0 that bring a site what has no way on from there."""
    model = whole.model
    rows = model.rows_of("conserve_material")
    entries = model.matrix[rows].tocoo()
    exits = [
        omitted_exits(part.instance, part.columns).reshape(-1)[conserved_places(part.instance, part.columns)]
        for part in whole.parts
    ]
    has_exit = np.concatenate(exits)
    has_exit[entries.row[entries.data < 0]] = True
    upper = model.column_upper.copy()
    upper[entries.col[~has_exit[entries.row]]] = 0.0
    return replace(model, column_upper=upper)


def _split(whole: Whole, reduced: Floats, cost: Floats, y: Floats) -> list[Floats]:
    """Return the reduced costs of each part's columns; where cases share columns, theirs add up to those of the whole.

    Of a shared column each later case takes its weight of `cost` (n_columns,) less what its own rows price by `y`
    (n_rows,), and the first case the rest. Any split gives a valid bound. One by the cost itself is that of cases by
    themselves; one by what is left of the cost when all rows are priced loses nothing that the multipliers prove.
    """
    split = [reduced[part.column_in_whole] for part in whole.parts]
    for number, part in enumerate(whole.parts):
        if whole.stages is None or part.is_own.all():
            continue
        rows = _rows_of_case(whole, number)
        its = whole.stages.weight[number] * cost - whole.model.matrix[rows].T @ y[rows]
        shared = np.flatnonzero(~part.is_own)
        at = part.column_in_whole[shared]
        split[number][shared] = its[at]
        split[0][at] -= its[at]  # columns of the first part precede all others
    return split


def _rows_of_case(whole: Whole, number: int) -> Ints:
    """Return the rows of one of several cases, with the one that holds the worst cost above its own."""
    worst = whole.model.rows_of("cover_case")
    return np.append(whole.parts[number].rows.members(), worst[number : number + 1])


def _least_by_site(part: Part, reduced: Floats, upper: Floats, items: CellItems) -> Pair:
    """Return the least of the reduced costs at each site with nothing open, and with any option open, (n_sites,) each.

    Infinite where that cannot be. `reduced` and `upper` (n_columns,) are of the part's own columns.
    """
    of_option = _least_by_option(part, reduced, upper, lambda pairs: _least_inflow(part, reduced, upper, pairs, items))
    return least_of_options(part, reduced, of_option)


def least_possible(part: Part, reduced: Floats, upper: Floats, more: Pairs, least_kt: Floats) -> Floats:
    """Bound the minimum of each option from below where the inflows `more` are allowed too, (n_options,).

    `least_kt` (n_options,) are the least loads that count.
    """

    def inflow(pairs: Pairs) -> Floats:
        return _least_throughput(part, reduced, upper, pairs.and_also(more), least_kt)

    return _least_by_option(part, reduced, upper, inflow)


def least_of_options(part: Part, reduced: Floats, of_option: Floats) -> Pair:
    """Return the minimum at each site with nothing open, and with any option open, from those of its options."""
    instance, columns = part.instance, part.columns
    closing = np.zeros(instance.n_sites)
    closing[columns.close_site] = reduced[columns["close"]]
    with_open = np.full(instance.n_sites, np.inf)
    np.minimum.at(with_open, instance.options.site, of_option)
    with_none = np.where(instance.sites.must_open, np.inf, closing)
    return with_none, with_open + np.minimum(0.0, closing)


def _least_by_option(part: Part, reduced: Floats, upper: Floats, inflow: Callable[[Pairs], Floats]) -> Floats:
    """Return the least of the reduced costs of what belongs to each option when it is open, (n_options,).

    Infinite where it cannot open or cannot reach its least load.
    """
    instance, columns = part.instance, part.columns
    may_open = upper[columns["open"]] > 0
    pairs = _pairs(part, reduced, upper, may_open)
    is_free = pairs.kt == 0
    cost = reduced[columns["open"]].copy()
    np.add.at(cost, pairs.option[is_free], (np.minimum(0.0, pairs.cost) * pairs.most)[is_free])
    most = np.minimum(most_disposed(instance), upper[columns["dispose"]])
    gained = np.minimum(0.0, reduced[columns["dispose"]]) * most
    np.add.at(cost, instance.disposals.option, gained)
    cost += inflow(pairs.only(~is_free))
    return np.where(may_open, cost, np.inf)


def _pairs(part: Part, reduced: Floats, upper: Floats, may_open: Bools) -> Pairs:
    """Return the inflow columns with each option of their site that may open and takes what they bring."""
    instance, columns = part.instance, part.columns
    _, material, column, value = inflow_terms(instance, columns)
    inflows = columns.numbers(*INFLOWS)
    kt = np.zeros((len(inflows), instance.n_materials))
    kt[np.searchsorted(inflows, column), material] = value
    walks, direct, haul = instance.walks.site, instance.direct.head, instance.haul.head
    site = np.concatenate([walks, direct[columns.direct_link], haul[columns.haul_link]])
    inflow, option = option_terms(instance, np.arange(len(site)), site, may_open)
    load = np.zeros((instance.n_options, instance.n_materials))
    load[columns.load_option, columns.load_material] = reduced[columns["load"]]
    refuses = np.repeat(columns.is_split[instance.options.site][:, None], instance.n_materials, axis=1)
    refuses[columns.load_option, columns.load_material] = upper[columns["load"]] <= 0
    cost = reduced[inflows[inflow]] + (kt[inflow] * load[option]).sum(axis=1)
    pairs = Pairs(inflow, option, cost, kt.sum(axis=1)[inflow], upper[inflows[inflow]])
    is_refused: Bools = np.any((kt[inflow] > 0) & refuses[option], axis=1)
    return pairs.only(~is_refused)


def _least_inflow(part: Part, reduced: Floats, upper: Floats, pairs: Pairs, items: CellItems) -> Floats:
    """Return the least cost of what flows into each option and of its extension, (n_options,), the larger of two.

    One holds each inflow to its most and the option to its least load. The other, where cells bind some of the hauls
    to the site, holds these to what the cells can send, and drops their most and the least load.
    """
    instance, columns = part.instance, part.columns
    limited = _least_throughput(part, reduced, upper, pairs, least_kt(instance))
    is_bound = np.isin(columns.numbers(*INFLOWS), columns.numbers("haul")[items.is_bound])
    binds = np.isin(instance.options.site, instance.haul.head[columns.haul_link[items.is_bound]])
    others = pairs.only(binds[pairs.option] & ~is_bound[pairs.inflow])
    drawn = others.and_also(_from_cells(part, reduced, upper, items))
    from_cells = _least_throughput(part, reduced, upper, drawn, np.zeros(instance.n_options))
    return np.where(binds, np.maximum(limited, from_cells), limited)


def least_kt(instance: Instance) -> Floats:
    """Return the least load of each option that bounds ask for, kt, (n_options,)."""
    return np.asarray(instance.options.min_load_t / MODEL_T - SLACK_KT)


def _from_cells(part: Part, reduced: Floats, upper: Floats, items: CellItems) -> Pairs:
    """Return the inflow that cells can send to each option that may open, in increments."""
    columns = part.columns
    hauls = columns["haul"]
    site, cost, kt = increments(items, np.where(upper[hauls] > 0, reduced[hauls], 0.0))
    may_open = upper[columns["open"]] > 0
    number, option = option_terms(part.instance, np.arange(len(site)), site, may_open)
    return Pairs(np.full(len(number), -1), option, cost[number], kt[number], np.ones(len(number)))


def _least_throughput(part: Part, reduced: Floats, upper: Floats, pairs: Pairs, least: Floats) -> Floats:
    """Return the least cost of what flows into each option and of what its capacity is extended by, (n_options,).

    `least` (n_options,) is the least load, kt. An extension that gains is bought whole, and may then be used for
    nothing; one that costs is worth what the inflows beyond the capacity gain a kt.
    """
    instance, columns = part.instance, part.columns
    usable = instance.options.usable_t / MODEL_T
    more, price = np.zeros((2, instance.n_options))
    most = np.minimum(instance.expansions.most_t / MODEL_T, upper[columns["expand"]])
    share = instance.options.usable_share[instance.expansions.option]
    more[instance.expansions.option] = most * share
    price[instance.expansions.option] = reduced[columns["expand"]] / share
    gained = np.minimum(0.0, price) * more
    return gained + fill(pairs, usable, usable + more, np.maximum(0.0, price), least)
