"""Plan the cities at the prices of the bases and the bases at the output of the cities, round by round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from siting.errors import InfeasibleError, OutOfTimeError, raise_faults
from siting.instance import Floats
from siting.language import Label
from siting.problem import Problem, read_config, read_run
from siting.region.bases import Bases
from siting.region.config import RegionConfig, require_usable
from siting.region.coupling import Span, delivered_per_t, price_of_product, span
from siting.result import Result
from siting.results.sweep.outcome import Ending, Outcome
from siting.runs.caches import cache_folder
from siting.runs.provenance import input_digests
from siting.scenarios import Variant, Workforce
from siting.scenarios.task import Task, digest_of, read_outcome

DAMPED_FROM = 3
"""From this round on the next prices are the mean of the old and the new: whole facilities make them jump."""
SAME_OUTPUT = 1e-6
"""With a smaller change of every output the bases' problem is that of the round before, and so are its prices."""
LATER_SHARE = 0.3
"""Of the work of a city's solve in later rounds, which start from its plan and multipliers of the round before."""
BASES, PRICED = "bases", "bases-at-prices"
"""Run folders of the bases at the cities' output, and at the final prices, for the bound."""
ALONE = Workforce()


@dataclass(frozen=True)
class City:
    """A city: its problem at its own prices, t of base material a tonne that enters, and what plans may deliver."""

    code: str
    problem: Problem
    per_t: Floats
    within: Span

    def at_prices(self, prices: Floats) -> Problem:
        """Return its problem where its product pays the prices (n_materials of the bases,), CNY/t."""
        residue = self.problem.instance.materials.residue_share
        paid = price_of_product(prices, self.per_t, residue)
        own = self.problem.config.materials.items()
        keys = {
            name: {"sales_cny_per_t": one.sales_cny_per_t - cny} for (name, one), cny in zip(own, paid, strict=True)
        }
        return self.problem.with_config({"materials": keys}, origin="prices of bases")

    def output_t(self, result: Result) -> Floats:
        """Return t a year of each material of the bases that a plan delivers."""
        return np.asarray(result.record.verification.processed_t @ self.per_t)


@dataclass(frozen=True)
class Round:
    """One round: `prices`, CNY/t, and what the cities planned at them deliver, `output_t`; (n_cities, n_materials).

    `city_cny` (n_cities,) are the cities' costs without what they pay for their product to be taken, `base_cny` is the
    cost of the bases that take it. `price_change` and `output_change` are the largest shares by which the bases' prices
    at this output, and this output, differ from those before.
    """

    prices: Floats
    output_t: Floats
    city_cny: Floats
    base_cny: float
    price_change: float
    output_change: float

    @property
    def cost_cny(self) -> float:
        """Cost of the whole, CNY a year."""
        return float(self.city_cny.sum()) + self.base_cny


@dataclass(frozen=True)
class RegionPlan:
    """Plans of cities and bases, with a bound that no plan of the whole can beat; docs/concepts/region.md proves it."""

    config: RegionConfig
    bases: Bases
    cities: tuple[City, ...]
    rounds: tuple[Round, ...]
    city_bound_cny: Floats
    base_bound_cny: float
    is_settled: bool

    @property
    def cost_cny(self) -> float:
        """Cost of the whole, CNY a year."""
        return self.rounds[-1].cost_cny

    @property
    def bound_cny(self) -> float:
        """Proven lower bound on the cost of the whole, CNY a year."""
        return min(self.cost_cny, float(self.city_bound_cny.sum()) + self.base_bound_cny)

    @property
    def gap(self) -> float:
        """(cost − bound) / cost."""
        return (self.cost_cny - self.bound_cny) / self.cost_cny if self.cost_cny else 0.0


@dataclass
class Planner:
    """Plans a region into a folder; `settings` replace keys of `solve:` of the cities, `heard` is told each line."""

    config: RegionConfig
    folder: Path
    workforce: Workforce = ALONE
    settings: Mapping[str, Any] = field(default_factory=dict)
    heard: Callable[[str], object] = lambda _: None
    cities: tuple[City, ...] = ()

    def plan(self) -> RegionPlan:
        """Plan rounds until neither prices nor outputs change, or there have been as many as the config allows.

        Raises
        ------
        ConfigError
            If the configs do not make a region.
        OutOfTimeError, InfeasibleError
            If a city or the bases have no plan.
        """
        bases = self._read()
        output_t, taken, rounds = bases.table_t, None, list[Round]()
        taken = bases.at_output(output_t).solve()
        prices, is_settled = bases.prices(taken), False
        while not is_settled and len(rounds) < self.config.rounds:
            number = len(rounds) + 1
            self.heard(f"round {number}: planning {', '.join(city.code for city in self.cities)}")
            plans = self._plan_cities(prices, number)
            now_t = np.array([city.output_t(plan) for city, plan in zip(self.cities, plans, strict=True)])
            taken = bases.at_output(now_t).solve(start=taken)
            taken.write(self.folder / f"round-{number}" / BASES, overwrite=True)
            changed = _change(output_t, now_t)
            # another search of the same problem has other multipliers, which say nothing new of what a tonne is worth
            made = bases.prices(taken) if changed > SAME_OUTPUT else prices
            paid = np.where(bases.is_tied, prices * now_t, 0.0).sum(axis=1)
            city_cny = np.array([plan.cost_cny for plan in plans]) - paid
            changes = _change(prices, made), changed
            rounds.append(Round(prices, now_t, city_cny, taken.cost_cny, *changes))
            self.heard(_line(number, rounds[-1]))
            is_settled = max(changes) <= self.config.change
            prices, output_t = (made if number < DAMPED_FROM else (prices + made) / 2), now_t
        within = Span(*(np.array([getattr(one.within, name) for one in self.cities]) for name in ("least_t", "most_t")))
        priced = bases.at_prices(rounds[-1].prices, within).solve()
        priced.write(self.folder / PRICED, parts=(), overwrite=True)
        bounds = np.array([plan.bound_cny for plan in plans])
        return RegionPlan(self.config, bases, self.cities, tuple(rounds), bounds, priced.bound_cny, is_settled)

    def _read(self) -> Bases:
        """Read the configs of bases and cities, and refuse what makes no region."""
        config = self.config
        self.heard(f"reading the bases and {len(config.cities)} cities; their travel is measured once")
        problem = read_config(config.bases)
        problems = {code: read_config(one.config) for code, one in config.cities.items()}
        changed = {"solve": {key: value for key, value in self.settings.items() if value is not None}}
        problems = {code: one.with_config(changed, origin="command line") for code, one in problems.items()}
        require_usable(config, problem, problems)
        materials, made = tuple(problem.config.materials), []
        for code, one in problems.items():
            per_t = delivered_per_t(one.instance, config.cities[code].delivers, materials)
            made.append(City(code, one, per_t, span(one.instance, per_t)))
        self.cities = tuple(made)
        tied = np.array([city.per_t.any(axis=0) for city in made])
        return Bases.of(problem, tuple(problems), tied)

    def _plan_cities(self, prices: Floats, number: int) -> list[Result]:
        """Plan the cities at prices, side by side; each begins with its plan of the round before."""
        folder = self.folder / f"round-{number}"
        tasks = [self._task(city, row, folder, number) for city, row in zip(self.cities, prices, strict=True)]
        found = {task.variant.name: one for task in tasks if (one := read_outcome(task)) is not None}
        for outcome in self.workforce.run([task for task in tasks if task.variant.name not in found]):
            found[outcome.name] = outcome
            self.heard(f"round {number}: {outcome.name} has {'a' if outcome.has_plan else 'no'} plan")
        _require_plans(found)
        return [read_run(task.run_folder) for task in tasks]

    def _task(self, city: City, prices: Floats, folder: Path, number: int) -> Task:
        problem = city.at_prices(prices)
        if number > 1 and problem.config.solve.work is not None:
            later = {"solve": {"work": LATER_SHARE * problem.config.solve.work}}
            problem = problem.with_config(later, origin="later rounds")
        title = Label(problem.config.title.en, problem.config.title.zh)
        before = self.folder / f"round-{number - 1}" / city.code
        digest = digest_of(problem.config, input_digests(problem.loaded))
        return Task(
            Variant(city.code, title, problem.loaded), digest, city.problem.loaded, folder,
            cache_folder(problem.config), start=before if number > 1 else None,
        )  # fmt: skip


def _require_plans(outcomes: Mapping[str, Outcome]) -> None:
    """Refuse to go on without the plan of a city.

    Raises
    ------
    InfeasibleError, OutOfTimeError
        With what became of each that has none.
    """
    without = [one for one in outcomes.values() if not one.has_plan]
    error = InfeasibleError if any(one.ending is Ending.INFEASIBLE for one in without) else OutOfTimeError
    raise_faults([f"cities.{one.name}: {one.message}" for one in without], error)


def _change(before: Floats, after: Floats) -> float:
    """Return the largest change as a share of the larger of the two values."""
    size = np.maximum(np.abs(before), np.abs(after))
    return float((np.abs(after - before) / np.where(size > 0, size, 1.0)).max(initial=0.0))


def _line(number: int, one: Round) -> str:
    return (
        f"round {number}: cities {one.city_cny.sum():,.0f}, bases {one.base_cny:,.0f}, together {one.cost_cny:,.0f}"
        f" CNY/yr; prices change by {one.price_change:.2%}, output by {one.output_change:.2%}"
    )
