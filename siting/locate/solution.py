"""The solution of a location problem, and the time limit and gap of its solve."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, nearest_open
from siting.plan import Status, relative_gap


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Located:
    """The solution of a location problem.

    Attributes
    ----------
    problem
        Its name: LSCP, MCLP, p-median, p-center, UFLP, CFLP, SSCFLP, TSCFLP.
    chosen
        Rows of the sites that are open, ascending.
    node, site, share
        Assignments, one row each: `site` serves `share` of `node`, in (0, 1]. A node without a row is not served.
    value, bound, unit
        The objective in `unit`, recomputed from the open sites, and a proven bound: no solution has a better value.
    status, seconds
        How the solve ended, and its wall time.
    node_id, site_id
        Ids of rows.
    plants, link_site, link_plant, link_amount
        In a two-stage problem: plants that are open, and the amount that each site gets from each plant.
    """

    problem: str
    chosen: Ints
    node: Ints
    site: Ints
    share: Floats
    value: float
    bound: float
    unit: str
    status: Status
    seconds: float
    node_id: NDArray[Any]
    site_id: NDArray[Any]
    plants: Ints = field(default_factory=_none)
    link_site: Ints = field(default_factory=_none)
    link_plant: Ints = field(default_factory=_none)
    link_amount: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def gap(self) -> float:
        """|value − bound| / |value|."""
        return relative_gap(self.value, self.bound)

    @property
    def site_of_node(self) -> Ints:
        """Site with the largest share of each node, (n_nodes,); −1 where it is not served."""
        serving = np.full(len(self.node_id), -1, dtype=np.int64)
        order = np.argsort(self.share, kind="stable")
        serving[self.node[order]] = self.site[order]
        return serving

    @property
    def chosen_id(self) -> NDArray[Any]:
        """Ids of the open sites."""
        return self.site_id[self.chosen]

    def table(self) -> pd.DataFrame:
        """Return the assignments by id: `node`, `site`, `share`."""
        columns = {"node": self.node_id[self.node], "site": self.site_id[self.site], "share": self.share}
        return pd.DataFrame(columns)


@dataclass(frozen=True)
class Limits:
    """Start and deadline of a solve, by `time.monotonic`, and the relative gap at which it may end."""

    started: float
    deadline: float
    gap: float

    @classmethod
    def start(cls, time_limit_s: float, gap: float) -> Limits:
        """Start the clock."""
        now = time.monotonic()
        return cls(now, now + time_limit_s, gap)

    @property
    def left_s(self) -> float:
        """Seconds left, below 0 after the deadline."""
        return self.deadline - time.monotonic()

    def status(self, value: float, bound: float) -> Status:
        """Return the status of the solve, from the proven gap and the required one."""
        reached = 0.0 if value == bound else relative_gap(value, bound)
        return Status.of_gap(reached, self.gap)


def nearest_solution(
    problem: str, arcs: Arcs, is_open: Bools, limits: Limits, *, value: float, bound: float, unit: str
) -> Located:
    """Return the solution in which each node goes to its nearest open site, (n_sites,), if there is one in reach."""
    site, _ = nearest_open(arcs, is_open)
    node = np.flatnonzero(site >= 0)
    return Located(
        problem=problem,
        chosen=np.flatnonzero(is_open),
        node=node,
        site=site[node],
        share=np.ones(len(node)),
        value=value,
        bound=bound,
        unit=unit,
        status=limits.status(value, bound),
        seconds=time.monotonic() - limits.started,
        node_id=arcs.node_id,
        site_id=arcs.site_id,
    )


def whole_bound(bound: float, *, is_whole: bool) -> float:
    """Raise a lower bound to the next whole number if every cost is whole, with a tolerance for rounding.

    >>> whole_bound(17.2, is_whole=True), whole_bound(17.2, is_whole=False)
    (18.0, 17.2)
    """
    if not (is_whole and np.isfinite(bound)):
        return bound
    return float(math.ceil(bound - 1e-6 * max(1.0, abs(bound) * 1e-3)))


def are_whole(figures: Floats) -> bool:
    """Return whether every figure is a whole number."""
    return bool((figures == np.rint(figures)).all())
