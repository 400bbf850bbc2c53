"""The linear relaxation of a siting problem with one column a site and one a node, rows added as they are broken.

With θ[i] what node i costs and r any radius, every choice of sites satisfies

    θ[i] + Σ_j max(0, r − cost[i,j]) open[j] >= r                within_radius      ∀ node i, radius r
    Σ_j open[j] >= 1                                          reach_some         ∀ node i that must be served

and with all radii the least of Σ opening[j] open[j] + Σ θ[i] is that of the relaxation with a column for each arc
(Cornuéjols, Nemhauser and Wolsey 1980; Benders rows of the p-median: Duran-Mateluna, Ales and Elloumi 2023). Only the
radius at which the open shares of a node first add up to 1 can be broken. Averaged by their duals, the radii of a node
are its Lagrangian price, so that the bound is recomputed without the program.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from siting.instance import Floats, Ints
from siting.locate.arguments import SiteRules
from siting.locate.uncapacitated.lagrangian import Priced, Siting, dearest, least_costs, most_cost, price
from siting.solve.highs import Answer, HighsDriver, Program

BROKEN = 1e-7
"""A row is added where it is broken by more than this share of the radius."""
CLOSE = 1e-7
"""Rounds end where what the shares cost is as near as this to the bound."""


@dataclass(frozen=True)
class Relaxed:
    """The least of a relaxation: shares of sites `is_open` (n_sites,), and what its duals prove without the program.

    The bound is inf where no choice is left.
    """

    bound: float
    is_open: Floats
    priced: Priced


class RadiusProgram:
    """The relaxation of one problem, solved again with sites forced open or closed; rows stay."""

    def __init__(self, siting: Siting, prices: Floats) -> None:
        arcs = siting.arcs
        self.siting = siting
        self.node, self.degree = arcs.node, np.diff(arcs.start)
        self.most = np.minimum(arcs.beyond, siting.unserved)
        self.dearest = dearest(siting)
        self.least = np.minimum(np.where(self.degree > 0, least_costs(arcs), np.inf), self.most)
        self.row_node: Ints = np.empty(0, dtype=np.int64)
        self.row_radius: Floats = np.empty(0)
        self.known: set[tuple[int, float]] = set()
        n, m = arcs.n_nodes, arcs.n_sites
        count = sparse.csr_array(np.concatenate([np.ones(m), np.zeros(n)])[None])
        most = most_cost(siting)
        size = max(float(prices.sum()), 0.01 * most if np.isfinite(most) else 0.0, 1e-6)
        self.scale = 1e4 / size  # because tolerances of solvers are absolute
        costs = np.concatenate([siting.opening, np.ones(n)]) * self.scale
        lower = np.concatenate([np.zeros(m), self.least])
        upper = np.concatenate([np.ones(m), np.where(np.isfinite(self.most), self.most, np.inf)])
        bounds = np.array([float(siting.least)]), np.array([float(siting.most)])
        self.warm = HighsDriver(Program(costs, lower, upper, count, *bounds))
        first_radius = np.where(np.isfinite(siting.unserved), self.most, prices)
        nodes = np.flatnonzero(first_radius > self.least)
        self._add(nodes, first_radius[nodes])

    def solve(self, rules: SiteRules, *, deadline: float, enough: float = np.inf) -> Relaxed | None:
        """Return the least with these sites open and closed; rounds also end once it is `enough`.

        When time is up, what the rows so far say; None where that is nothing.
        """
        m = self.siting.arcs.n_sites
        is_fixed, may_open = rules.is_fixed.astype(float), (~rules.is_forbidden).astype(float)
        self.warm.highs.changeColsBounds(m, np.arange(m, dtype=np.int32), is_fixed, may_open)
        part = dataclasses.replace(self.siting, rules=rules)
        found = None
        while time.monotonic() < deadline:
            answer = self.warm.run(time_limit_s=deadline - time.monotonic())
            if answer.is_infeasible:
                return Relaxed(np.inf, is_fixed, price(part, self.least))
            if answer.values is None or not answer.is_optimal:
                break
            share, priced = np.clip(answer.values[:m], 0.0, 1.0), price(part, self._prices(answer))
            found = Relaxed(answer.cost / self.scale, share, priced)
            nodes, radius, cost = self._broken(answer.values[:m], answer.values[m:])
            is_new = np.array([pair not in self.known for pair in zip(nodes, radius, strict=True)], dtype=bool)
            nodes, radius = nodes[is_new], radius[is_new]  # rows present are violated within the tolerance at most
            if not nodes.size or found.bound >= enough or cost - found.bound <= CLOSE * abs(found.bound):
                break
            self._add(nodes, radius)
        return found

    def _broken(self, is_open: Floats, theta: Floats) -> tuple[Ints, Floats, float]:
        """Return the nodes whose cost exceeds θ, the radius that proves it (inf: out of reach), and all costs."""
        arcs = self.siting.arcs
        share = is_open[arcs.site]
        total = np.concatenate([[0.0], np.cumsum(share)])
        before = total[:-1] - np.repeat(total[arcs.start[:-1]], self.degree)
        is_full = before + share >= 1 - 1e-9
        radius = self.most.copy()
        full = np.flatnonzero(is_full)
        nodes, first = np.unique(self.node[full], return_index=True)
        radius[nodes] = np.minimum(arcs.cost[full[first]], radius[nodes])
        last = np.isinf(radius)
        level = np.where(last, 0.0, radius)
        saved = np.bincount(
            self.node, np.maximum(np.repeat(level, self.degree) - arcs.cost, 0.0) * share, minlength=arcs.n_nodes
        )
        needed = np.maximum(level - saved, self.least)
        opening = float(self.siting.opening @ is_open)
        broken = np.flatnonzero(last | (needed - theta > BROKEN * (1 + level)))
        cost = np.inf if last.any() else opening + float(np.maximum(needed, theta).sum())
        return broken, radius[broken], cost

    def _add(self, nodes: Ints, radius: Floats) -> None:
        if not nodes.size:
            return
        arcs = self.siting.arcs
        count = self.degree[nodes]
        row = np.repeat(np.arange(len(nodes)), count)
        arc = np.repeat(arcs.start[nodes], count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        is_last = np.isinf(radius)
        with np.errstate(invalid="ignore"):
            value = np.where(is_last[row], 1.0, radius[row] - arcs.cost[arc])
        kept = value > 0
        theta = np.flatnonzero(~is_last)
        entries = np.concatenate([value[kept], np.ones(len(theta))])
        ends = (
            np.concatenate([row[kept], theta]),
            np.concatenate([arcs.site[arc[kept]], arcs.n_sites + nodes[theta]]),
        )
        matrix = sparse.csr_array((entries, ends), shape=(len(nodes), arcs.n_sites + arcs.n_nodes))
        matrix.sort_indices()
        self.warm.add_rows(matrix, np.where(is_last, 1.0, radius), np.full(len(nodes), np.inf))
        self.known.update(zip(nodes, radius, strict=True))
        self.row_node = np.concatenate([self.row_node, nodes])
        self.row_radius = np.concatenate([self.row_radius, radius])

    def _prices(self, answer: Answer) -> Floats:
        """Return the value of serving each node by the duals of its rows, (n_nodes,)."""
        n = self.siting.arcs.n_nodes
        dual = np.abs(answer.row_dual[1:]) / self.scale
        is_last = np.isinf(self.row_radius)
        share = np.where(is_last, 0.0, dual)
        radius = np.where(is_last, 0.0, self.row_radius)
        used = np.bincount(self.row_node, share, minlength=n)
        prices = np.bincount(self.row_node, share * radius, minlength=n) + np.maximum(1.0 - used, 0.0) * self.least
        prices = prices + np.bincount(self.row_node, np.where(is_last, dual, 0.0), minlength=n)
        return np.asarray(np.minimum(prices, self.dearest))
