"""Maximal covering solved: annealing for the value, a relaxation with cuts for the bound, branching for the rest.

While the relaxation is cut, the sites that its shares open are searched again: they are few, and the best choice is
mostly among them.
"""

from __future__ import annotations

import dataclasses
import time
from functools import partial

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import Arcs, make_arcs
from siting.locate.arguments import SiteRules
from siting.locate.coverage.cover_relaxation import CoverProgram
from siting.locate.coverage.set_cover import covers_less
from siting.locate.coverage.simulated_annealing import STEPS, Cover, anneal, cover_of
from siting.locate.coverage.zero_half_cuts import Rows, half_cuts
from siting.locate.uncapacitated.branch_and_bound import Tree, rounded
from siting.locate.uncapacitated.incumbent import Best
from siting.locate.uncapacitated.lagrangian import climb, first_prices, rule_out
from siting.locate.uncapacitated.selection import Siting, greedy

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


def cover_most(
    near: Arcs, rules: SiteRules, weight: Floats, *, p: int, deadline: float, gap: float
) -> tuple[Bools, float]:
    """`p` sites that cover much weight, and the most that any `p` sites cover."""
    covers = near.matrix()
    done = covers[:, rules.is_fixed].sum(axis=1) > 0
    base = float(weight[done].sum())
    rows = np.flatnonzero(~done & (np.diff(covers.indptr) > 0) & (weight > 0))
    columns = np.flatnonzero(rules.is_free)
    part = sparse.csr_array(covers[rows][:, columns])
    merged, keep = same_rows(part)
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


def same_rows(matrix: sparse.csr_array) -> tuple[Ints, Ints]:
    """(group of each row, one row of each group): rows with the same columns are one group."""
    matrix.sort_indices()
    numbers: dict[bytes, int] = {}
    group = np.empty(matrix.shape[0], dtype=np.int64)
    for row in range(matrix.shape[0]):
        own = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tobytes()
        group[row] = numbers.setdefault(own, len(numbers))
    _, first = np.unique(group, return_index=True)
    return group, first


def cover_best(
    covers: sparse.csr_array, weight: Floats, n_sites: int, *, deadline: float, gap: float
) -> tuple[Bools, float]:
    """At most `n_sites` columns that cover much weight, (n_columns,), and the most that so many cover.

    `covers` (n_nodes, n_columns) holds a one where a column covers a node; none of its rows and columns is empty.
    `gap` is a share of what is covered.
    """
    siting, cover, whole = as_siting(covers, weight, n_sites), cover_of(covers, weight), float(weight.sum())
    best = Best(siting, siting, 0.0, deadline=deadline, bettered=partial(_close, cover, deadline))
    best.offer(greedy(siting, siting.rules.is_fixed))
    # the gap is asked of what is covered, the search knows what is not
    best.gap = gap * (whole - best.cost) / max(best.cost, 1e-12)
    _prove(best, cover, deadline=deadline)
    return best.is_open, whole - best.bound


def as_siting(covers: sparse.csr_array, weight: Floats, n_sites: int) -> Siting:
    """Covering as siting: serving costs nothing, leaving a node its weight."""
    none = np.zeros(covers.shape[1], dtype=bool)
    ends = sparse.coo_array(covers)
    arcs = make_arcs(ends.row, ends.col, np.zeros(covers.nnz), shape=covers.shape)
    return Siting(arcs, SiteRules(none, none), np.zeros(covers.shape[1]), 0, n_sites, weight)


def _close(cover: Cover, deadline: float, is_open: Bools) -> Bools:
    return anneal(cover, is_open, exchanges=CLOSE_EXCHANGES, seed=1, hot=CLOSE, deadline=deadline)


def _prove(best: Best, cover: Cover, *, deadline: float) -> None:
    """Raise the bound of `best`, and better its choice, until they meet or time is up."""
    best.raise_bound(0.0)
    _bound_by_multipliers(best, deadline=deadline)
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
    rules = _cut(best, cover, program, deadline=deadline)
    if rules is None:
        best.raise_bound(best.cutoff)
        return
    siting = dataclasses.replace(best.siting, rules=rules)
    for share in (GOAL_SHARE, 1.0):
        if best.is_proven or best.bound >= best.cutoff:
            return
        best.goal = best.bound + share * (best.cost - best.bound)
        Tree(best, siting, program).grow(deadline=deadline)
        best.goal = np.inf


def _bound_by_multipliers(best: Best, *, deadline: float) -> None:
    """Raise the bound of `best` by the volume algorithm, within a share of the time left."""
    now = time.monotonic()
    priced = climb(
        best.siting,
        lambda _: best.cost,
        rounds=ROUNDS,
        until=best.is_enough,
        deadline=now + ASCENT_SHARE * (deadline - now),
        start=first_prices(best.siting, best.is_open),
    )
    best.raise_bound(priced.bound)


def _cut(best: Best, cover: Cover, program: CoverProgram, *, deadline: float) -> SiteRules | None:
    """Cut the relaxation while that pays; what it then leaves open, None where no better choice is left."""
    rules, left = best.siting.rules, list[float]()
    is_slow = False
    while time.monotonic() < deadline and not best.is_proven and program.cut(is_deep=is_slow):
        relaxed = program.solve(rules, deadline=deadline, rounds=1)
        if relaxed is None:
            break
        if relaxed.priced.bound >= best.cutoff:
            return None
        best.raise_bound(relaxed.priced.bound)
        best.offer(_searched(cover, (relaxed.is_open > 0) | best.is_open, best, len(left)))
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
    ring = sparse.csr_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]]))
    anneal(cover_of(ring, np.ones(3)), np.arange(3) < 1, exchanges=STEPS, seed=0, deadline=np.inf)
    half_cuts(Rows(ring, np.ones(3)), np.full(3, 0.5), most=1, width=1)


def _searched(cover: Cover, among: Bools, best: Best, seed: int) -> Bools:
    """The best choice that annealing finds among some sites from the best one."""
    sites = np.flatnonzero(among)
    part = cover_of(_matrix(cover)[:, sites], cover.weight)
    found = np.zeros(len(among), dtype=bool)
    exchanges = EXCHANGES * len(sites)
    found[sites] = anneal(part, best.is_open[sites], exchanges=exchanges, seed=seed, deadline=best.deadline)
    return found


def _matrix(cover: Cover) -> sparse.csr_array:
    shape = (len(cover.weight), len(cover.first_node) - 1)
    return sparse.csr_array((np.ones(len(cover.site)), cover.site, cover.first_site), shape=shape)
