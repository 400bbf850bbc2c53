"""Targets priced one after the other, with what each finds out kept for all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from siting.instance import Target
from siting.pricing.difference import Difference, Known, best_known, difference
from siting.pricing.solved import Solved
from siting.pricing.targets import PricedTarget, next_value, price_target


@dataclass(frozen=True)
class Question:
    """A target, and the value for which it is to be priced; None where it cannot ask for more."""

    target: Target
    value: float | None


Tell = Callable[[PricedTarget], None]


def questions(targets: Sequence[Target], steps: dict[str, float]) -> list[Question]:
    """Return the next step of each target; `steps` are sizes of steps by id, in the unit of the measure."""
    return [Question(one, next_value(one, steps.get(one.id))) for one in targets]


def curve_questions(target: Target, step: float | None, *, n_easier: int, n_harder: int) -> list[Question]:
    """Return values of a target on both sides of its own, those that are too much or too little left out."""
    wanted = [next_value(target, step, steps=steps) for steps in range(-n_easier, n_harder + 1) if steps]
    return [Question(target, value) for value in wanted if value is not None]


def price_targets(
    solved: Solved,
    asked: Sequence[Question],
    *,
    seconds: float,
    threads: int = 1,
    seed: int = 1,
    done: Sequence[PricedTarget] = (),
    tell: Tell = lambda _: None,
) -> list[PricedTarget]:
    """Price each question within `seconds` or so, but those that are `done`; `tell` hears of each when it is priced.

    Where the plan of a harder problem is cheaper than the plan itself, later ones start from it.
    """
    known = {(one.target.id, one.target.year, one.value): one for one in done}
    found = []
    for question in asked:
        if question.value is None:
            continue
        target = question.target
        priced = known.get((target.id, target.year, question.value))
        if priced is None:
            priced = price_target(solved, target, question.value, seconds=seconds, threads=threads, seed=seed)
            solved = _with_better(solved, priced)
            tell(dataclasses.replace(priced, values=None))
        found.append(priced)
    return found


def _with_better(solved: Solved, priced: PricedTarget) -> Solved:
    if priced.values is None or not priced.is_harder or priced.known.cost_cny >= solved.known.cost_cny:
        return solved
    return dataclasses.replace(solved, values=priced.values)


def base_of(base: Known, priced: Sequence[PricedTarget]) -> Known:
    """Return what is known of the plan's own problem, also from plans of harder ones and bounds of easier ones."""
    harder = best_known(base, [one.known for one in priced if one.is_harder])
    bounds = [one.known.bound_cny for one in priced if not one.is_harder]
    return Known(harder.cost_cny, min(harder.cost_cny, max([harder.bound_cny, *bounds])))


def differences(base: Known, priced: Sequence[PricedTarget]) -> list[Difference]:
    """Return by how much the least cost of each priced problem is above that of the plan's own."""
    base = base_of(base, priced)
    return [
        dataclasses.replace(
            difference(base, one.known, is_harder=one.is_harder, estimate_cny=one.estimate_cny, most_cny=one.most_cny),
            plan_cny=one.plan_cny,
        )
        for one in priced
    ]


def ordered(priced: Sequence[PricedTarget], base: Known) -> list[PricedTarget]:
    """Return prices of one target by value, the easiest first, each with what the others tell of it.

    A plan for a harder value is one for an easier, at no higher cost; a bound for an easier one holds for a harder.
    """
    sign = 1.0 if priced and priced[0].target.is_at_least else -1.0
    rows = sorted(priced, key=lambda one: sign * one.value)
    facts = [one.known for one in rows]
    own = sum(not one.is_harder for one in rows)
    line = [*facts[:own], base, *facts[own:]]
    costs, bounds = [one.cost_cny for one in line], [one.bound_cny for one in line]
    told = [Known(min(costs[n:]), max(bounds[: n + 1])) for n in range(len(line))]
    told.pop(own)
    return [
        dataclasses.replace(one, known=known, start_cny=base.cost_cny) for one, known in zip(rows, told, strict=True)
    ]
