"""A plan: what is opened, who is assigned where, what flows; and how the solve that made it ended."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints

COST_TERMS = (
    "investment",
    "land",
    "fixed_operation",
    "unit_operation",
    "transport",
    "residue_disposal",
    "carbon",
    "purchase",
    "sales",
    "subsidy",
    "shortfall_penalty",
)


class Status(enum.StrEnum):
    """How a solve ended. There is no word for a plan whose bound is unknown: every engine gives one."""

    OPTIMAL = "optimal"
    GAP_REACHED = "gap_reached"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Plan:
    """The decisions, in the row order of the instance.

    `is_open` (n_options,); `assign` (n_walks,) in [0, 1], the share of the cell that the point serves; flows in t a
    year: `direct_t` (n_direct, n_materials) and `haul_t` (n_haul, n_materials).
    """

    is_open: Bools
    assign: Floats
    direct_t: Floats
    haul_t: Floats


@dataclass(frozen=True)
class Certificate:
    """What lets others recompute a bound: one multiplier for each row of the exported model, in its row order.

    For any multipliers of the right sign, the least of the Lagrangian over the bounds of the columns is a lower bound
    on the cost of every plan (Geoffrion 1974). Unit: cost unit of the model per unit of the row.
    """

    multipliers: Floats


@dataclass(frozen=True)
class Progress:
    """One line of the log of a solve; `cost_cny` is inf before the first plan, `bound_cny` -inf before a bound."""

    seconds: float
    cost_cny: float
    bound_cny: float
    stage: str


@dataclass(frozen=True)
class Solution:
    """A plan with how good it is known to be. `bound_cny` is proven: no plan of this model costs less."""

    plan: Plan
    status: Status
    cost_cny: float
    bound_cny: float
    seconds: float
    engine: str
    certificate: Certificate | None
    history: tuple[Progress, ...] = field(default=())

    @property
    def gap(self) -> float:
        """(cost − bound) / cost, at least 0."""
        return relative_gap(self.cost_cny, self.bound_cny)


def relative_gap(cost_cny: float, bound_cny: float) -> float:
    """(cost − bound) / |cost|, at least 0; inf where either is unknown.

    >>> relative_gap(200.0, 190.0)
    0.05
    """
    if not (np.isfinite(cost_cny) and np.isfinite(bound_cny)):
        return float("inf")
    return max(0.0, cost_cny - bound_cny) / max(abs(cost_cny), 1e-9)


def collected_t(instance: Instance, plan: Plan) -> Floats:
    """Tonnes a year that each walk pair brings to its point, (n_walks, n_materials)."""
    walks = instance.walks
    share = plan.assign * walks.participation
    return instance.demand.tonnes[walks.demand] * share[:, None]


def site_inflow_t(instance: Instance, plan: Plan) -> Floats:
    """Tonnes a year that enter each site, (n_sites, n_materials)."""
    inflow = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(inflow, instance.walks.site, collected_t(instance, plan))
    np.add.at(inflow, instance.direct.head, plan.direct_t)
    np.add.at(inflow, instance.haul.head, plan.haul_t)
    return inflow


def open_option_of_site(instance: Instance, plan: Plan) -> Ints:
    """The option that is open at each site, (n_sites,); −1 where none is."""
    option = np.full(instance.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(plan.is_open)
    option[instance.options.site[opened]] = opened
    return option
