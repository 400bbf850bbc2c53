"""The linear relaxation of maximal covering with zero-half cuts, added as they are broken.

With u[i] = 1 where node i is left uncovered, the least of Σ weight[i] u[i] over

    u[i] + Σ_{j covers i} open[j] >= 1        cover_or_leave       ∀ node i
    least <= Σ_j open[j] <= most              count_sites
    half of the sum of a few rows, rounded    half_cut             (`siting.locate.coverage.zero_half_cuts`)

The rows hold for every choice, whatever sites a node of a branching tree fixes, so that cuts stay. With the duals of
all rows but count_sites as prices the bound is proven again without the program.
"""

from __future__ import annotations

import dataclasses
import time

import numpy as np
from scipy import sparse

from siting.instance import Floats
from siting.locate.arguments import SiteRules
from siting.locate.coverage.zero_half_cuts import Rows, half_cuts
from siting.locate.uncapacitated.lagrangian import Priced, cheapest
from siting.locate.uncapacitated.radius_relaxation import Relaxed
from siting.locate.uncapacitated.selection import Siting
from siting.solve.highs import HighsDriver, Program

MOST_CUTS, FEW_CUTS = 150, 40
"""Most cuts of nodes alone, and of sums that begin with a cut, added in one round; when the former are few."""
LOOSE = 0.1
"""Cuts with more slack are dropped once they are many."""
MOST_LOOSE = 0.3
"""Share of the cuts that may be loose."""
WIDTH, CUT_WIDTH = 10, 4
"""Rows that are tried to follow the first of a sum, where it is one of a node and where it is a cut."""
ROUNDS = 4
"""Rounds of cuts in one solve."""
STALLED = 0.05
"""Rounds end where one brings the bound nearer to what is enough by less than this share."""


class CoverProgram:
    """The relaxation of one problem, solved again with sites forced open or closed; cuts stay."""

    def __init__(self, siting: Siting) -> None:
        n, m = siting.arcs.n_nodes, siting.arcs.n_sites
        self.siting = siting
        covers = sparse.csr_array(sparse.hstack([siting.arcs.matrix(), sparse.eye_array(n)]))
        covers.sort_indices()
        self.rows = Rows(covers, np.ones(n))
        self.x: Floats = np.zeros(m + n)
        self.scale = 1e4 / max(float(siting.unserved.sum()), 1e-6)
        count = np.concatenate([np.ones(m), np.zeros(n)])[None]
        self.warm = HighsDriver(
            Program(
                np.concatenate([np.zeros(m), siting.unserved]) * self.scale,
                np.zeros(m + n),
                np.ones(m + n),
                sparse.csr_array(sparse.vstack([sparse.csr_array(count), covers])),
                np.concatenate([[float(siting.least)], np.ones(n)]),
                np.concatenate([[float(siting.most)], np.full(n, np.inf)]),
            )
        )

    @property
    def n_cuts(self) -> int:
        """Number of cuts that are in the program."""
        return len(self.rows.least) - self.siting.arcs.n_nodes

    def solve(
        self, rules: SiteRules, *, deadline: float, enough: float = np.inf, rounds: int = ROUNDS
    ) -> Relaxed | None:
        """The least with these sites open and closed, solved at most `rounds` times with cuts added between.

        Rounds also end once it is `enough`. None where time is up before the first has ended.
        """
        m = self.siting.arcs.n_sites
        is_fixed, may_open = rules.is_fixed.astype(float), (~rules.is_forbidden).astype(float)
        self.warm.highs.changeColsBounds(m, np.arange(m, dtype=np.int32), is_fixed, may_open)
        part = dataclasses.replace(self.siting, rules=rules)
        found, before = None, -np.inf
        for number in range(rounds):
            if time.monotonic() > deadline or (number and not self.cut()):
                break
            answer = self.warm.run(time_limit_s=deadline - time.monotonic())
            if answer.is_infeasible:
                return Relaxed(np.inf, is_fixed, self._priced(part, np.zeros(len(self.rows.least))))
            if answer.values is None or not answer.is_optimal:
                break
            self.x = np.clip(answer.values, 0.0, 1.0)
            priced = self._priced(part, np.maximum(answer.row_dual[1:], 0.0) / self.scale)
            found = Relaxed(answer.cost / self.scale, self.x[:m], priced)
            is_stalled = np.isfinite(enough) and found.bound - before < STALLED * (enough - before)
            if found.bound >= enough or is_stalled:
                break
            before = found.bound
        return found

    def cut(self, *, is_deep: bool = False) -> bool:
        """Add cuts that the last shares break, sums of cuts too where asked or others are few; whether any."""
        x = self.x
        self._drop_loose(x)
        nodes = self.siting.arcs.n_nodes
        plain = self.rows.keep(np.arange(len(self.rows.least)) < nodes)
        cuts = half_cuts(plain, x, most=MOST_CUTS, width=WIDTH)
        if is_deep or len(cuts.least) < FEW_CUTS:
            cuts = cuts.and_also(half_cuts(self.rows, x, most=MOST_CUTS, width=CUT_WIDTH, first=nodes))
        n = len(cuts.least)
        if n:
            self.rows = self.rows.and_also(cuts)
            self.warm.add_rows(cuts.matrix, cuts.least, np.full(n, np.inf))
        return n > 0

    def _drop_loose(self, x: Floats) -> None:
        is_loose = self.rows.matrix @ x - self.rows.least > LOOSE
        is_loose[: self.siting.arcs.n_nodes] = False
        if is_loose.sum() > MOST_LOOSE * self.n_cuts:
            rows = 1 + np.flatnonzero(is_loose)
            self.warm.highs.deleteRows(len(rows), rows.astype(np.int32))
            self.rows = self.rows.keep(~is_loose)

    def _priced(self, part: Siting, duals: Floats) -> Priced:
        """What prices of the rows prove, (n_rows,) ≥ 0, and what each site is then worth."""
        n, m = part.arcs.n_nodes, part.arcs.n_sites
        value = self.rows.matrix.T @ duals
        left = np.minimum(part.unserved - value[m:], 0.0)
        is_open = cheapest(part, -value[:m])
        bound = float(self.rows.least @ duals + left.sum() - value[:m][is_open].sum())
        return Priced(bound, duals[:n], -value[:m], is_open)
