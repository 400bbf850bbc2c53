"""Maximal covering solved: annealing for the value, a relaxation with cuts for the bound, branching for the rest.

While the relaxation is cut, the sites that its shares open are searched again: they are few, and the best choice is
mostly among them.

With u[i] = 1 where node i is left uncovered, the relaxation is the least of Σ weight[i] u[i] over

    u[i] + Σ_{j covers i} open[j] >= 1        cover_or_leave       ∀ node i
    least <= Σ_j open[j] <= most              count_sites
    half of the sum of a few rows, rounded    half_cut             (`siting.locate.coverage.zero_half_cuts`)

The rows hold for every choice, whatever sites a node of a branching tree fixes, so that cuts stay. With the duals of
all rows but count_sites as prices the bound is proven again without the program.
"""

from __future__ import annotations

import dataclasses
import itertools
import time
from functools import partial

import numpy as np
import pandas as pd
from scipy import sparse

from siting.instance import Bools, Floats
from siting.locate.arcs import Arcs, make_arcs
from siting.locate.arguments import SiteRules
from siting.locate.coverage.set_cover import covers_less
from siting.locate.coverage.simulated_annealing import STEPS, Cover, anneal, cover_of
from siting.locate.coverage.zero_half_cuts import Rows, half_cuts
from siting.locate.uncapacitated.branch_and_bound import Tree, rounded
from siting.locate.uncapacitated.incumbent import Best, compile_search
from siting.locate.uncapacitated.lagrangian import Priced, Siting, cheapest, rule_out
from siting.locate.uncapacitated.radius_relaxation import Relaxed
from siting.locate.uncapacitated.vertex_substitution import substitute
from siting.solve.highs import HighsDriver, Program

MOST_CUTS, FEW_CUTS = 150, 40
"""Most cuts of nodes alone, and of sums that begin with a cut, added in one round; when the former are few."""
LOOSE = 0.1
"""Cuts with more slack are dropped once they are many."""
MOST_LOOSE = 0.3
"""Share of the cuts that may be loose."""
WIDTH, CUT_WIDTH = 10, 4
"""Rows that are tried to follow the first of a sum, where it is one of a node and where it is a cut."""
CUT_ROUNDS = 4
"""Rounds of cuts in one solve."""
STALLED = 0.05
"""Rounds end where one brings the bound nearer to what is enough by less than this share."""
MOST_ARCS = 1_000_000
"""With more arcs the relaxation is not begun: its first solve alone would outlast most time limits."""
EXCHANGES = 2_000
"""Exchanges of a search, for each site in it."""
CLOSE, CLOSE_EXCHANGES = 0.01, 20_000
"""Heat and exchanges of a search close to a choice."""
ROUNDS, ASCENT_SHARE = 3000, 0.3
"""Maximum steps of the volume algorithm, and its maximum share of the time left, before the relaxation."""
ANNEALING_SHARE = 0.5
"""Maximum share of the time left for annealing before the relaxation."""
GOAL_SHARE = 0.4
"""Share of the gap by which branching first asks the bound to rise, or the value to be better than."""
PATIENCE, GAIN = 4, 0.01
"""Rounds of cuts end where so many close less than this share of what is left of the gap."""
DEEP_GAIN = 0.04
"""Sums of cuts are sought too once a round closes less."""


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
        self, rules: SiteRules, *, deadline: float, enough: float = np.inf, rounds: int = CUT_ROUNDS
    ) -> Relaxed | None:
        """Return the least with these sites open and closed, solved at most `rounds` times with cuts added between.

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
        """Return the bound that multipliers of the rows, (n_rows,) ≥ 0, prove, and the reduced value of each site."""
        n, m = part.arcs.n_nodes, part.arcs.n_sites
        value = self.rows.matrix.T @ duals
        left = np.minimum(part.unserved - value[m:], 0.0)
        is_open = cheapest(part, -value[:m])
        bound = float(self.rows.least @ duals + left.sum() - value[:m][is_open].sum())
        return Priced(bound, duals[:n], -value[:m], is_open)


def cover_most(
    near: Arcs, rules: SiteRules, weight: Floats, *, p: int, deadline: float, gap: float
) -> tuple[Bools, float]:
    """Return `p` sites that cover much weight, and an upper bound on the weight that `p` sites cover."""
    covers = near.matrix()
    done = covers[:, rules.is_fixed].sum(axis=1) > 0
    base = float(weight[done].sum())
    rows = np.flatnonzero(~done & (np.diff(covers.indptr) > 0) & (weight > 0))
    columns = np.flatnonzero(rules.is_free)
    part = sparse.csr_array(covers[rows][:, columns])
    part.sort_indices()
    covering = [part.indices[a:b].tobytes() for a, b in itertools.pairwise(part.indptr)]
    merged, _ = pd.factorize(pd.Series(covering, dtype=object))  # merge nodes covered by the same sites
    _, keep = np.unique(merged, return_index=True)
    weights = np.bincount(merged, weight[rows], minlength=len(keep)).astype(float)
    part = sparse.csr_array(part[keep])
    useful = ~covers_less(part, np.zeros(len(columns)), is_row=False)
    n_more = p - int(rules.is_fixed.sum())
    is_open = rules.is_fixed.copy()
    bound = base
    if n_more and part.shape[0] and useful.any():
        columns, part = columns[useful], sparse.csr_array(part[:, useful])
        chosen, most = cover_best(part, weights, min(n_more, len(columns)), deadline=deadline, gap=gap)
        is_open[columns[chosen]] = True
        bound = base + most
    spare = np.flatnonzero(rules.is_free & ~is_open)
    is_open[spare[: p - int(is_open.sum())]] = True
    return is_open, bound


def cover_best(
    covers: sparse.csr_array, weight: Floats, n_sites: int, *, deadline: float, gap: float
) -> tuple[Bools, float]:
    """Return at most `n_sites` columns that cover much weight, (n_columns,), and an upper bound for that number.

    `covers` (n_nodes, n_columns) holds a one where a column covers a node; none of its rows and columns is empty.
    `gap` is a share of what is covered.
    """
    siting, cover, whole = as_siting(covers, weight, n_sites), cover_of(covers, weight), float(weight.sum())
    nearby = partial(anneal, cover, exchanges=CLOSE_EXCHANGES, seed=1, hot=CLOSE, deadline=deadline)
    best = Best(siting, siting, 0.0, deadline=deadline, bettered=nearby)
    greedy, _ = substitute(best.near, best.is_open, kicks=0, rng=best.rng, deadline=0.0)  # no time left for exchanges
    best.offer(greedy)
    # the gap is relative to the weight covered, the search minimises the weight not covered
    best.gap = gap * (whole - best.cost) / max(best.cost, 1e-12)
    _prove(best, cover)
    return best.is_open, whole - best.bound


def as_siting(covers: sparse.csr_array, weight: Floats, n_sites: int) -> Siting:
    """Return the covering as siting: serving costs nothing, leaving a node its weight."""
    none = np.zeros(covers.shape[1], dtype=bool)
    ends = sparse.coo_array(covers)
    arcs = make_arcs(ends.row, ends.col, np.zeros(covers.nnz), shape=covers.shape)
    return Siting(arcs, SiteRules(none, none), np.zeros(covers.shape[1]), 0, n_sites, weight)


def _prove(best: Best, cover: Cover) -> None:
    """Raise the bound of `best`, and better its choice, until they meet or time is up."""
    deadline = best.deadline
    best.raise_bound(0.0)
    best.climb(lambda _: best.cost, rounds=ROUNDS, share=ASCENT_SHARE)
    is_large = len(cover.node) > MOST_ARCS
    until = deadline if is_large else time.monotonic() + ANNEALING_SHARE * (deadline - time.monotonic())
    exchanges = EXCHANGES * len(best.is_open) // 2
    best.offer(anneal(cover, best.is_open, exchanges=exchanges, seed=0, deadline=until))
    if is_large:
        return
    program = CoverProgram(best.siting)
    relaxed = None if best.is_proven else program.solve(best.siting.rules, deadline=deadline, rounds=1)
    if relaxed is None:
        return
    best.raise_bound(relaxed.priced.bound)
    best.offer(rounded(relaxed.is_open))
    if best.is_proven:
        return
    rules = _cut(best, program)
    if rules is None:
        best.raise_bound(best.cutoff)
        return
    siting = dataclasses.replace(best.siting, rules=rules)
    for share in (GOAL_SHARE, 1.0):
        if best.is_proven or best.bound >= best.cutoff:
            return
        best.goal = best.bound + share * (best.cost - best.bound)
        Tree(best, siting, program).grow()
        best.goal = np.inf


def _cut(best: Best, program: CoverProgram) -> SiteRules | None:
    """Cut the relaxation while that pays; what it then leaves open, None where no better choice is left."""
    rules, left, deadline = best.siting.rules, list[float](), best.deadline
    is_slow = False
    while time.monotonic() < deadline and not best.is_proven and program.cut(is_deep=is_slow):
        relaxed = program.solve(rules, deadline=deadline, rounds=1)
        if relaxed is None:
            break
        if relaxed.priced.bound >= best.cutoff:
            return None
        best.raise_bound(relaxed.priced.bound)
        best.offer(_searched(best, (relaxed.is_open > 0) | best.is_open, seed=len(left)))
        kept = rule_out(dataclasses.replace(best.siting, rules=rules), relaxed.priced, best.cutoff)
        if not np.isfinite(relaxed.bound) or kept.must_open.sum() > best.siting.most:
            return None
        rules = SiteRules(kept.must_open, ~kept.may_open)
        left.append(best.cutoff - relaxed.priced.bound)
        is_slow = len(left) > 1 and left[-1] > (1 - DEEP_GAIN) * left[-2]
        if len(left) > PATIENCE and left[-1] > (1 - GAIN) * left[-1 - PATIENCE]:
            break
    return rules


def compile_ahead() -> None:
    """Compile the machine code, or load it where it has been compiled before."""
    compile_search()
    ring = sparse.csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]]))
    anneal(cover_of(ring, np.ones(3)), np.arange(3) < 1, exchanges=STEPS, seed=0, deadline=np.inf)
    half_cuts(Rows(ring, np.ones(3)), np.full(3, 0.5), most=1, width=1)


def _searched(best: Best, among: Bools, *, seed: int) -> Bools:
    """Return the best choice that annealing finds among some sites from the incumbent."""
    sites = np.flatnonzero(among)
    part = cover_of(best.siting.arcs.matrix()[:, sites], best.siting.unserved)
    found = np.zeros(len(among), dtype=bool)
    exchanges = EXCHANGES * len(sites)
    found[sites] = anneal(part, best.is_open[sites], exchanges=exchanges, seed=seed, deadline=best.deadline)
    return found
