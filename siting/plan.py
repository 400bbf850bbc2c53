"""A plan: what is opened, who is assigned where, what flows; and how the solve that made it ended."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Stages, Texts

OPTIMAL_GAP = 1e-6
"""Gap up to which a value counts as optimal."""
FLATTERING_FLOOR = 0.5
"""If the floor exceeds this share of the cost, headlines give the gap of the rest: that of the cost looks too good."""


class Status(enum.StrEnum):
    """Reason for the end of a solve. Every engine computes a bound, so no status says that the bound is unknown."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    SEARCH_ENDED = "search_ended"
    WORK_LIMIT = "work_limit"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"

    @classmethod
    def of_gap(cls, reached: float, asked: float, *, otherwise: Status | None = None) -> Status:
        """Return the status of a solve, from the proven gap and the required gap.

        Where neither ended it, it is `otherwise`, the time limit if not given.
        """
        if reached <= OPTIMAL_GAP:
            return cls.OPTIMAL
        return cls.GAP_REACHED if reached <= asked else otherwise or cls.TIME_LIMIT


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
class Cover:
    """Cover inequality of one echelon: the capacity that is open, in whole units, is at least the minimum inflow.

    Arrays are over the rows (n_rows,) and columns (n_columns,) of the exported model. The sum of the rows marked
    `capacity_row` says that the inflow is at most the open capacity; of the inflow only the columns `is_counted`, those
    of `materials` (n_materials,), are kept. `units` is the capacity of each `open` column in units of `unit_kt`,
    rounded up; 0 for a column whose capacity is left out. `multipliers` (n_rows,) prove the minimum inflow, kt.

    `size` and `price` (n_sizes,) are the table of a function: φ(0) = 0, φ(t) = min_s price[s] + φ(max(0, t − size[s])).
    """

    stage: int
    echelon: int
    materials: Bools
    capacity_row: Bools
    is_counted: Bools
    units: Ints
    unit_kt: float
    size: Ints
    price: Floats
    multipliers: Floats


@dataclass(frozen=True)
class Leaf:
    """A part of all plans, by how many units of each cover are open, with multipliers of its own.

    All arrays (n_covers,) but `multipliers` (n_rows,): a plan belongs here where the units open of each cover are
    `at_least` and `at_most` so many. `low_price` and `high_price` are the multipliers of the two rows that say so.
    """

    at_least: Ints
    at_most: Ints
    low_price: Floats
    high_price: Floats
    multipliers: Floats


@dataclass(frozen=True)
class Certificate:
    """A proof of a bound that others can recompute: one multiplier for each row of the exported model, in its order.

    `family`, `start` and `stop` (n_blocks,) are the row families that it was made for, `instance_digest` is that of the
    instance. For any multipliers of the right sign, the minimum of the Lagrangian over the bounds of the columns is a
    lower bound on the cost of every plan (Geoffrion 1974). Unit: cost unit of the model per unit of the row.

    Each of `covers` adds a row, at the price `cover_price` (n_covers,). Where `leaves` hold all plans between them, the
    least of their bounds is one too. `floor_multipliers` (n_rows,), or none, prove what every plan pays for its tonnes.
    docs/concepts/certificate.md has formulas and files.
    """

    multipliers: Floats
    family: Texts
    start: Ints
    stop: Ints
    instance_digest: str
    covers: tuple[Cover, ...] = ()
    cover_price: Floats = field(default_factory=lambda: np.empty(0))
    leaves: tuple[Leaf, ...] = ()
    floor_multipliers: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Progress:
    """One line of the log of a solve: the objective of the best plan and its bound, in `unit`.

    `cost_cny` is inf before the first plan, `bound_cny` -inf before a bound.
    """

    seconds: float
    cost_cny: float
    bound_cny: float
    stage: str
    unit: str = "CNY/yr"


@dataclass(frozen=True)
class Solution:
    """A plan with how good it is known to be.

    `plans` holds one plan for each stage of the instance. `value` is what was optimised (CNY a year, or the unit of the
    objective's measure) and `bound` is proven: no plan of this model has a better value. Of that, `proven` is what the
    certificate proves; the rest is the word of the solver. `cost_cny` is the cost of the plans, by the weights of their
    stages; `bound_cny` bounds it where cost was minimised and is -inf elsewhere.

    `floor_cny`, a year, is a part of the cost that every plan pays for its tonnes, proven by the certificate: 0 where
    none is proven, nan where cost is not minimised.

    `work` is what the solve counted, up to `work_limit` if there was one. `is_repeatable`: the clock decided nothing,
    so the same instance, seed and threads give the same plan on any machine of the kind.
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
    proven: float = -np.inf
    floor_cny: float = np.nan
    history: tuple[Progress, ...] = field(default=())
    work: float = 0.0
    work_limit: float | None = None
    is_repeatable: bool = False

    @property
    def plan(self) -> Plan:
        """The plan of the last stage."""
        return self.plans[-1]

    @property
    def gap(self) -> float:
        """|value − bound| / |value|."""
        return relative_gap(self.value, self.bound)

    @property
    def decidable_cny(self) -> float:
        """Cost less the floor, CNY a year: the part that a plan decides; nan where there is no floor."""
        return self.cost_cny - self.floor_cny

    @property
    def decidable_gap(self) -> float:
        """(cost − bound) / (cost − floor), a share; inf where there is no bound, nan where there is no floor."""
        above_cny = abs(self.cost_cny - self.bound_cny)  # inf without a bound, nan without a floor
        return above_cny / max(abs(self.decidable_cny), 1e-9)

    @property
    def gap_flatters(self) -> bool:
        """Return whether the floor is so large a share of the cost that headlines give the gap of the rest instead."""
        return bool(self.floor_cny > max(0.0, FLATTERING_FLOOR * self.cost_cny))

    @property
    def is_proven(self) -> bool:
        """Return whether stored multipliers prove the whole bound; otherwise a part rests on the solver alone."""
        if not np.isfinite(self.bound):
            return True
        return bool(abs(self.bound - self.proven) <= OPTIMAL_GAP * max(abs(self.value), 1e-9))


def relative_gap(value: float, bound: float) -> float:
    """Return |value − bound| / |value|; inf where either is unknown.

    >>> relative_gap(200.0, 190.0)
    0.05
    """
    if not (np.isfinite(value) and np.isfinite(bound)):
        return float("inf")
    return abs(value - bound) / max(abs(value), 1e-9)


def weighted(stages: Stages | None, costs: Sequence[float]) -> float:
    """Return the cost of a whole plan from those of its stages: weighted, or of the dearest where it is robust."""
    if stages is None:
        return costs[0]
    return max(costs) if stages.is_robust else float(np.dot(stages.weight, costs))


def collected_t(instance: Instance, plan: Plan) -> Floats:
    """Return the tonnes a year that each walk pair brings to its point, (n_walks, n_materials)."""
    return instance.brought_t() * plan.assign[:, None]


def site_inflow_t(instance: Instance, plan: Plan) -> Floats:
    """Return the tonnes a year that enter each site, (n_sites, n_materials)."""
    inflow = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(inflow, instance.walks.site, collected_t(instance, plan))
    np.add.at(inflow, instance.direct.head, plan.direct_t)
    np.add.at(inflow, instance.haul.head, plan.haul_t)
    return inflow


def built_capacity_t(instance: Instance, plan: Plan) -> Floats:
    """Return the capacity of each option with what it is extended by, t a year, (n_options,)."""
    return np.asarray(instance.options.capacity_t + by_option(instance, plan.expanded_t))


def planned_limit_t(instance: Instance, plan: Plan) -> Floats:
    """Load that a plan may give each option with what it is extended by, t a year, (n_options,)."""
    return np.asarray(built_capacity_t(instance, plan) * instance.options.usable_share)


def by_option(instance: Instance, of_expansions: Floats) -> Floats:
    """Return a figure of each expansion at its option, (n_options,); 0 for options that cannot be extended."""
    figures = np.zeros(instance.n_options)
    figures[instance.expansions.option] = of_expansions
    return figures


def paid_once_cny(instance: Instance, plan: Plan, before: Plan | None = None) -> Floats:
    """Return the one-off cost of each option, with land and expansions, CNY, (n_options,).

    What is open or bought in the plan `before` is paid already.
    """
    opened, bought_t = plan.is_open.astype(float), plan.expanded_t
    if before is not None:
        opened, bought_t = opened * ~before.is_open, bought_t - before.expanded_t
    of_extension = by_option(instance, bought_t * instance.expansions.capex_cny_per_t)
    return np.asarray(instance.options.capex_cny * opened + of_extension)


def open_option_of_site(instance: Instance, plan: Plan) -> Ints:
    """Return the option that is open at each site, (n_sites,); −1 where none is."""
    option = np.full(instance.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(plan.is_open)
    option[instance.options.site[opened]] = opened
    return option


def existing_option_of_site(instance: Instance) -> Ints:
    """Return the option that stands at each site today, (n_sites,); −1 where nothing does."""
    option = np.full(instance.n_sites, -1, dtype=np.int64)
    standing = np.flatnonzero(instance.options.is_existing)
    option[instance.options.site[standing]] = standing
    return option


def site_actions(instance: Instance, plan: Plan) -> Texts:
    """Return the action at each site, (n_sites,): keep, upgrade, close or build; empty where nothing is or comes."""
    opened, standing = open_option_of_site(instance, plan), existing_option_of_site(instance)
    stays = np.where(opened == standing, "keep", np.where(opened >= 0, "upgrade", "close"))
    return np.where(standing >= 0, stays, np.where(opened >= 0, "build", ""))
