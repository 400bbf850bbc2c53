"""What a classic problem ends with: sites, who is served where, the value, and how good it is known to be."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.instance import Floats, Ints
from siting.plan import Status, relative_gap

OPTIMAL_GAP = 1e-6
"""A value this near to its bound is called optimal, as `siting.solve` has it."""


def _none() -> Ints:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Located:
    """The answer to a classic problem.

    Attributes
    ----------
    problem
        Its name: LSCP, MCLP, p-median, p-center, UFLP, CFLP, SSCFLP, TSCFLP.
    chosen
        Rows of the sites that are open, ascending.
    node, site, share
        Who serves whom, one row each: `site` serves `share` of `node`, in (0, 1]. Who is not here is not served.
    value, bound, unit
        What was optimised, in `unit`, recomputed from the choice; `bound` is proven: no choice has a better value.
    status, seconds
        How the solve ended, and its wall time.
    node_id, site_id
        What rows are called.
    plants, link_site, link_plant, link_amount
        Only where there are two stages: plants that are open, and how much each site has from each plant.
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
        """The site that serves most of each node, (n_nodes,); −1 where none does."""
        serving = np.full(len(self.node_id), -1, dtype=np.int64)
        order = np.argsort(self.share, kind="stable")
        serving[self.node[order]] = self.site[order]
        return serving

    @property
    def chosen_id(self) -> NDArray[Any]:
        """The sites that are open, as the caller calls them."""
        return self.site_id[self.chosen]

    def table(self) -> pd.DataFrame:
        """Who serves whom, by id: `node`, `site`, `share`."""
        columns = {"node": self.node_id[self.node], "site": self.site_id[self.site], "share": self.share}
        return pd.DataFrame(columns)


def status_of(value: float, bound: float, gap: float) -> Status:
    """How a solve ended, from what is proven and the gap that was asked for."""
    reached = 0.0 if value == bound else relative_gap(value, bound)
    if reached <= OPTIMAL_GAP:
        return Status.OPTIMAL
    return Status.GAP_REACHED if reached <= gap else Status.TIME_LIMIT


def whole_bound(bound: float, *, is_whole: bool) -> float:
    """A lower bound raised to the next whole number, where every cost is whole; rounding is allowed for.

    >>> whole_bound(17.2, is_whole=True), whole_bound(17.2, is_whole=False)
    (18.0, 17.2)
    """
    if not (is_whole and np.isfinite(bound)):
        return bound
    return float(math.ceil(bound - 1e-6 * max(1.0, abs(bound) * 1e-3)))


def are_whole(figures: Floats) -> bool:
    """Whether every figure is a whole number."""
    return bool((figures == np.rint(figures)).all())
