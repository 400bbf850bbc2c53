"""Facility location with capacities, solved: prices and annealing first, then branch and bound on what is still open.

Every bound is that of prices, over whole facilities that hold all demand; where nothing is left to decide the flows
are exact. So whatever was cut off holds no plan cheaper than the best by more than the gap asked for.
"""

from __future__ import annotations

import heapq
import itertools
import time
from dataclasses import dataclass, field

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import as_arcs
from siting.locate.capacitated.facilities import FREE, MUST, NEVER, Stages, facilities, suffices, with_rules
from siting.locate.capacitated.lagrangian import Ascent, choice_at, first_prices, ruled_out
from siting.locate.capacitated.simulated_annealing import Plan, annealed, shipped

ROUNDS, STEPS = 12, 100
"""Most rounds of prices and annealing, and steps of prices in each."""
STALLED = 2e-5
"""Prices that gain less than this in a round, relative, are as good as they get."""
CHANGES = 200_000
"""Changes tried in a round of annealing beside prices, times the number of nodes."""
BRANCH_STEPS, BRANCH_WEIGHT = 80, 0.05
"""Steps of prices at a leaf, and the most weight of an answer there."""
REPEATS, MANY = 3, 3
"""A leaf is priced again, so often at most, after more than so many facilities were decided by its bound."""
LEAVES = 5
"""Leaves before annealing again; both double from one time to the next."""


@dataclass(order=True, frozen=True)
class _Leaf:
    """A part of all plans by its rules, with its `bound`, the prices behind it, and how far each facility is open."""

    bound: float
    number: int
    rules: tuple[Ints, Ints] = field(compare=False)
    prices: Floats = field(compare=False)
    opened: tuple[Floats, Floats] = field(compare=False)


@dataclass(frozen=True)
class Solved:
    """The best plan found, the `bound` of all, and `prices` (n_nodes + n_sites,) that rule facilities out."""

    plan: Plan
    bound: float
    prices: Floats


def solve_stages(stages: Stages, *, gap: float, deadline: float) -> Solved:
    """Return the cheapest plan, within `gap` if the `deadline` (`time.monotonic`) allows; cost inf if none exists."""
    tree = _Tree(stages, gap=gap, deadline=deadline)
    if not np.isfinite(tree.best.cost):
        return Solved(tree.best, np.inf, tree.ascent.prices)
    tree.root()
    for times in (2**number for number in itertools.count()):
        if not tree.leaves or tree.is_over:
            break
        tree.grow(LEAVES * times)
        if not tree.is_over:
            tree.anneal(tree.ascent.stages, tree.best, times)
    return Solved(tree.best, min(tree.bound, tree.best.cost), tree.ascent.prices)


def compile_ahead() -> None:
    """Compile what a solve runs, or load it where it has been compiled before."""
    one, free = np.ones(1), np.array([FREE])
    arcs = as_arcs([[1.0]])
    stages = Stages(one, facilities(arcs, one, one, free, 1.0), facilities(arcs, one, one, free, 1.0), True)
    tree = _Tree(stages, gap=0.0, deadline=np.inf)
    ruled_out(stages, tree.ascent.prices, np.inf)
    tree.anneal(stages, tree.best)


class _Tree:
    """The best plan so far, the bound of all plans, and the leaves that may hold a better one."""

    def __init__(self, stages: Stages, *, gap: float, deadline: float) -> None:
        self.stages, self.gap, self.deadline = stages, gap, deadline
        self.best = shipped(stages, stages.sites.rule != NEVER, stages.plants.rule != NEVER)
        self.ascent = Ascent(stages, first_prices(stages))
        self.bound = min(self.ascent.bound, self.best.cost)
        self.random = np.random.default_rng(0)
        self.numbers = itertools.count()
        self.leaves: list[_Leaf] = []
        self.unsettled = np.inf
        """The least bound of a leaf whose flows were not found."""
        self._offer(*choice_at(stages, self.ascent.prices))

    @property
    def cutoff(self) -> float:
        """Plans that cost as much, or more, are not looked for."""
        return self.best.cost - 0.9 * self.gap * abs(self.best.cost)

    @property
    def is_over(self) -> bool:
        """Return whether the best plan is proven within the gap, or time is up."""
        return self.bound >= self.cutoff or time.monotonic() > self.deadline

    def root(self) -> None:
        """Alternate multipliers and annealing until the bound stalls; the remaining problem is the first leaf."""
        ascent = self.ascent
        for number in range(ROUNDS):
            looked = ascent.bound
            ascent.climb(STEPS, cost=self.cutoff, deadline=self.deadline)
            self.bound = max(self.bound, min(ascent.bound, self.cutoff))
            if self.is_over:
                return
            self._offer(*choice_at(ascent.stages, ascent.prices))
            ascent.stages = with_rules(self.stages, *ruled_out(self.stages, ascent.prices, self.cutoff))
            for plan in (self._offer(*choice_at(ascent.stages, ascent.prices)), self.best):
                self.anneal(ascent.stages, plan)
            if number > 1 and ascent.bound < looked * (1 + STALLED):
                break
        rules = ruled_out(self.stages, ascent.prices, self.cutoff)
        ascent.stages = with_rules(self.stages, *rules)
        self._push(_Leaf(ascent.bound, next(self.numbers), rules, ascent.prices, (ascent.sites, ascent.plants)))

    def anneal(self, stages: Stages, plan: Plan | None, times: int = 1) -> None:
        """Look for a better plan from a plan on, by the rules of `stages`, so many times as long as at first."""
        if plan is not None and np.isfinite(plan.cost) and time.monotonic() < self.deadline:
            steps = times * min(1000, max(10, CHANGES // len(stages.demand)))
            plan = annealed(stages, plan, steps=steps, random=self.random, deadline=self.deadline)
            self.best = plan if plan.cost < self.best.cost else self.best

    def grow(self, leaves: int) -> None:
        """Branch `leaves` times at the leaf with the lowest bound, raising the global bound."""
        for _ in range(leaves):
            if not self.leaves or self.is_over or self.leaves[0].bound >= self.cutoff:
                break
            for sites, plants in self._branches(self.leaves[0]):
                self._push(self._solved((sites, plants), self.leaves[0]))
            heapq.heappop(self.leaves)
            least = self.leaves[0].bound if self.leaves else np.inf
            self.bound = max(self.bound, min(least, self.unsettled, self.cutoff))

    def _offer(self, sites: Bools, plants: Bools) -> Plan | None:
        """Return the plan with these open, which becomes the best if it is; None where they do not hold all demand."""
        if not suffices(self.stages, sites, plants):
            return None
        plan = shipped(self.stages, sites, plants)
        self.best = plan if plan.cost < self.best.cost else self.best
        return plan

    def _push(self, leaf: _Leaf | None) -> None:
        if leaf is not None and leaf.bound < self.cutoff:
            heapq.heappush(self.leaves, leaf)

    def _branches(self, leaf: _Leaf) -> list[tuple[Ints, Ints]]:
        """Return the rules of the two children of a leaf: its least decided facility open, and closed."""
        doubts = [
            np.where(rule == FREE, (0.5 - np.abs(opened - 0.5)) * (1e-9 + facilities.opening), -1.0)
            for facilities, rule, opened in zip(self.stages[1:3], leaf.rules, leaf.opened, strict=True)
        ]
        stage = int(doubts[1].max() > doubts[0].max())
        branches = []
        for rule in (MUST, NEVER):
            rules = leaf.rules[0].copy(), leaf.rules[1].copy()
            rules[stage][int(np.argmax(doubts[stage]))] = rule
            branches.append(rules)
        return branches

    def _solved(self, rules: tuple[Ints, Ints], parent: _Leaf) -> _Leaf | None:
        """Return the leaf of these rules, with what its bound decides; None where it holds no better plan.

        When time is up, with what its parent knew.
        """
        bound, prices, opened = parent.bound, parent.prices, parent.opened
        for _ in range(REPEATS):
            if self.is_over:
                break
            stages = with_rules(self.stages, *rules)
            if not suffices(stages, rules[0] != NEVER, rules[1] != NEVER):
                return None
            if not any((rule == FREE).any() for rule in rules):
                plan = self._offer(rules[0] == MUST, rules[1] == MUST)
                if plan is not None and np.isnan(plan.cost):
                    self.unsettled = min(self.unsettled, bound)
                return None
            ascent = Ascent(stages, prices, BRANCH_WEIGHT)
            ascent.climb(BRANCH_STEPS, cost=self.cutoff, deadline=self.deadline)
            bound, prices, opened = max(bound, ascent.bound), ascent.prices, (ascent.sites, ascent.plants)
            if bound >= self.cutoff:
                return None
            self._offer(*choice_at(stages, prices))
            decided = ruled_out(stages, prices, self.cutoff)
            n = sum(int((new != old).sum()) for new, old in zip(decided, rules, strict=True))
            rules = decided
            if n <= MANY:
                break
        return _Leaf(bound, next(self.numbers), rules, prices, opened)
