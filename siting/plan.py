"""A plan: what is opened, who is assigned where, what flows; and how the solve that made it ended."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Links, Stages, Texts
from siting.vocabulary import LINK_CLASSES

OPTIMAL_GAP = 1e-6
"""Gap up to which a value counts as optimal."""


class Status(enum.StrEnum):
    """How a solve ended. There is no word for a plan whose bound is unknown: every engine gives one."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"

    @classmethod
    def of_gap(cls, reached: float, asked: float, *, is_interrupted: bool = False) -> Status:
        """Return how a solve ended, from the gap that is proven and the gap that was asked for."""
        if reached <= OPTIMAL_GAP:
            return cls.OPTIMAL
        if reached <= asked:
            return cls.GAP_REACHED
        return cls.INTERRUPTED if is_interrupted else cls.TIME_LIMIT


@dataclass(frozen=True)
class Plan:
    """The decisions, in the row order of the instance.

    `is_open` (n_options,); `assign` (n_walks,) in [0, 1], the share of the cell that the point serves; flows in t a
    year: `direct_t` (n_direct, n_materials) and `haul_t` (n_haul, n_materials); capacity bought by the tonne
    `expanded_t` (n_expansions,) and what facilities dispose of `disposed_t` (n_disposals,), t a year.
    """

    is_open: Bools
    assign: Floats
    direct_t: Floats
    haul_t: Floats
    expanded_t: Floats = field(default_factory=lambda: np.empty(0))
    disposed_t: Floats = field(default_factory=lambda: np.empty(0))


def plan_shapes(instance: Instance) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array of a plan of one stage of `instance`, by its name."""
    n_materials = instance.n_materials
    return {
        "is_open": (instance.n_options,),
        "assign": (len(instance.walks.demand),),
        "direct_t": (len(instance.direct.tail), n_materials),
        "haul_t": (len(instance.haul.tail), n_materials),
        "expanded_t": (len(instance.expansions.option),),
        "disposed_t": (len(instance.disposals.option),),
    }


@dataclass(frozen=True)
class Certificate:
    """A proof of a bound that others can recompute: one multiplier for each row of the exported model, in its order.

    `family`, `start` and `stop` (n_blocks,) are the row families that it was made for, `instance_digest` is that of the
    instance. For any multipliers of the right sign, the minimum of the Lagrangian over the bounds of the columns is a
    lower bound on the cost of every plan (Geoffrion 1974). Unit: cost unit of the model per unit of the row.
    """

    multipliers: Floats
    family: Texts
    start: Ints
    stop: Ints
    instance_digest: str


@dataclass(frozen=True)
class Progress:
    """One line of the log of a solve: the objective of the best plan and its bound, CNY a year where cost is minimised.

    `cost_cny` is inf before the first plan, `bound_cny` -inf before a bound.
    """

    seconds: float
    cost_cny: float
    bound_cny: float
    stage: str


@dataclass(frozen=True)
class Solution:
    """A plan with how good it is known to be.

    `plans` holds one plan for each stage of the instance. `value` is what was optimised (CNY a year, or the unit of the
    objective's measure) and `bound` is proven: no plan of this model has a better value. `cost_cny` is the cost of the
    plans, by the weights of their stages; `bound_cny` bounds it where cost was minimised and is -inf elsewhere.
    """

    plans: tuple[Plan, ...]
    status: Status
    value: float
    bound: float
    cost_cny: float
    bound_cny: float
    seconds: float
    engine: str
    certificate: Certificate | None
    history: tuple[Progress, ...] = field(default=())

    @property
    def plan(self) -> Plan:
        """The plan of the last stage."""
        return self.plans[-1]

    @property
    def gap(self) -> float:
        """|value − bound| / |value|."""
        return relative_gap(self.value, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """|value − bound| / |value|; inf where either is unknown.

    >>> relative_gap(200.0, 190.0)
    0.05
    """
    if not (np.isfinite(value) and np.isfinite(bound)):
        return float("inf")
    return abs(value - bound) / max(abs(value), 1e-9)


def weighted(stages: Stages | None, costs: Sequence[float]) -> float:
    """The cost of a whole plan from those of its stages: by their weights, or the dearest where that is asked."""
    if stages is None:
        return costs[0]
    return max(costs) if stages.is_robust else float(np.dot(stages.weight, costs))


def collected_t(instance: Instance, plan: Plan) -> Floats:
    """Tonnes a year that each walk pair brings to its point, (n_walks, n_materials)."""
    return instance.brought_t() * plan.assign[:, None]


def farthest_shares(instance: Instance, plan: Plan) -> dict[str, float]:
    """Of the tonnes on each class of link, the share that goes as far as is considered although there are sites beyond.

    Only where the number of links of a tail is limited. Much of it tells that more links would make a cheaper plan.
    """
    shares = {}
    for links, moved in ((instance.direct, plan.direct_t.sum(axis=1)), (instance.haul, plan.haul_t.sum(axis=1))):
        for number in np.unique(links.link_class):
            of_class = np.flatnonzero(links.link_class == number)
            total = float(moved[of_class].sum())
            if total > 0:
                shares[LINK_CLASSES[number]] = float(moved[_farthest(links, of_class)].sum()) / total
    return shares


def _farthest(links: Links, of_class: Ints) -> Ints:
    """The longest link of each tail that has as many links of a class as any, if there are more heads than that."""
    order = of_class[np.lexsort([links.distance_m[of_class], links.tail[of_class]])]
    _, first, many = np.unique(links.tail[order], return_index=True, return_counts=True)
    most = many.max()
    if most >= len(np.unique(links.head[of_class])):
        return order[:0]
    last: Ints = (first + many - 1)[many == most]
    return order[last]


def site_inflow_t(instance: Instance, plan: Plan) -> Floats:
    """Tonnes a year that enter each site, (n_sites, n_materials)."""
    inflow = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(inflow, instance.walks.site, collected_t(instance, plan))
    np.add.at(inflow, instance.direct.head, plan.direct_t)
    np.add.at(inflow, instance.haul.head, plan.haul_t)
    return inflow


def built_capacity_t(instance: Instance, plan: Plan) -> Floats:
    """Capacity of each option with what it is extended by, t a year, (n_options,)."""
    return np.asarray(instance.options.capacity_t + by_option(instance, plan.expanded_t))


def planned_limit_t(instance: Instance, plan: Plan) -> Floats:
    """Load that a plan may give each option with what it is extended by, t a year, (n_options,)."""
    return np.asarray(built_capacity_t(instance, plan) * instance.options.usable_share)


def by_option(instance: Instance, of_expansions: Floats) -> Floats:
    """A figure of each row of the expansions at its option, (n_options,); 0 for options that cannot be extended."""
    figures = np.zeros(instance.n_options)
    figures[instance.expansions.option] = of_expansions
    return figures


def paid_once_cny(instance: Instance, plan: Plan, before: Plan | None = None) -> Floats:
    """One-off cost of each option, with land and expansions, CNY, (n_options,).

    What is open or bought in the plan `before` is paid already.
    """
    opened, bought_t = plan.is_open.astype(float), plan.expanded_t
    if before is not None:
        opened, bought_t = opened * ~before.is_open, bought_t - before.expanded_t
    of_extension = by_option(instance, bought_t * instance.expansions.capex_cny_per_t)
    return np.asarray(instance.options.capex_cny * opened + of_extension)


def open_option_of_site(instance: Instance, plan: Plan) -> Ints:
    """The option that is open at each site, (n_sites,); −1 where none is."""
    option = np.full(instance.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(plan.is_open)
    option[instance.options.site[opened]] = opened
    return option


def existing_option_of_site(instance: Instance) -> Ints:
    """The option that stands at each site today, (n_sites,); −1 where nothing does."""
    option = np.full(instance.n_sites, -1, dtype=np.int64)
    standing = np.flatnonzero(instance.options.is_existing)
    option[instance.options.site[standing]] = standing
    return option


def site_actions(instance: Instance, plan: Plan) -> Texts:
    """Action at each site, (n_sites,): keep, upgrade, close or build; empty where nothing is or comes."""
    opened, standing = open_option_of_site(instance, plan), existing_option_of_site(instance)
    stays = np.where(opened == standing, "keep", np.where(opened >= 0, "upgrade", "close"))
    return np.where(standing >= 0, stays, np.where(opened >= 0, "build", ""))
