"""Decide whether one run is proven to be cheaper than another, from the intervals between bound and cost."""

from __future__ import annotations

import math

from siting.language import Label, text
from siting.language.quantities import quantity
from siting.results.comparison.comparison import Outcome, RunFace, Verdict
from siting.results.sentences import LEAST_PENALTY_CNY

TOLERANCE = 1e-6
"""Share of a cost within which a solve calls itself proven."""


def judge_costs(first: RunFace, second: RunFace, *, is_same_problem: bool) -> Verdict:
    """Return the conclusion from costs and bounds of two runs.

    The cheapest plan of a run lies between its bound and its cost. Where the two intervals do not overlap, the order
    is settled whatever better plans are found; where they do, it is left open.
    """
    least_cny, most_cny = second.bound_cny - first.cost_cny, second.cost_cny - first.bound_cny
    slack_cny = TOLERANCE * max(abs(first.cost_cny), abs(second.cost_cny))
    if is_same_problem:
        outcome, least_cny, most_cny = Outcome.SAME_PROBLEM, 0.0, 0.0
        sentence = _same_problem(first, second)
    elif least_cny > slack_cny:
        outcome, sentence = Outcome.FIRST_CHEAPER, _settled(first, second, least_cny, most_cny)
    elif most_cny < -slack_cny:
        outcome, sentence = Outcome.SECOND_CHEAPER, _settled(second, first, -most_cny, -least_cny)
    elif not (math.isfinite(least_cny) and math.isfinite(most_cny)):
        outcome, sentence = Outcome.UNPROVEN, _undecided("unproven", first, second)
    elif max(abs(least_cny), abs(most_cny)) <= 2 * slack_cny:
        outcome = Outcome.EQUAL
        sentence = text("comparison.verdict.equal", first=first.name, second=second.name)
    else:
        outcome, sentence = Outcome.OPEN, _undecided("open", first, second)
    if any(one.penalty_cny > LEAST_PENALTY_CNY for one in (first, second)):
        counted = text("comparison.verdict.with_penalties")
        sentence = Label(sentence.en + counted.en, sentence.zh + counted.zh)
    return Verdict(outcome, second.cost_cny - first.cost_cny, least_cny, most_cny, sentence)


def _settled(cheaper: RunFace, dearer: RunFace, least_cny: float, most_cny: float) -> Label:
    least, most = _money(least_cny), _money(most_cny)
    how = "exactly" if most == least else "between" if math.isfinite(most_cny) else "at_least"
    by = text(f"comparison.verdict.by_{how}", least=least, most=most)
    return text("comparison.verdict.settled", cheaper=cheaper.name, dearer=dearer.name, by=by)


def _undecided(key: str, first: RunFace, second: RunFace) -> Label:
    cheaper, dearer = (first, second) if second.cost_cny >= first.cost_cny else (second, first)
    less = _money(dearer.cost_cny - cheaper.cost_cny)
    return text(f"comparison.verdict.{key}", cheaper=cheaper.name, dearer=dearer.name, less=less)


def _same_problem(first: RunFace, second: RunFace) -> Label:
    """Return the sentence on two runs of one problem, which share their bounds: the higher one holds for both."""
    cheaper, dearer = (first, second) if second.cost_cny >= first.cost_cny else (second, first)
    bound_cny, less_cny = max(first.bound_cny, second.bound_cny), dearer.cost_cny - cheaper.cost_cny
    if less_cny <= TOLERANCE * abs(cheaper.cost_cny):
        better = text("comparison.verdict.same_cost")
    else:
        better = text("comparison.verdict.better", cheaper=cheaper.name, less=_money(less_cny))
    proven = Label("", "")
    if math.isfinite(bound_cny):
        proven = text("comparison.verdict.saves", left=_money(max(0.0, cheaper.cost_cny - bound_cny)))
    names = {"first": first.name, "second": second.name}
    return text("comparison.verdict.same_problem", **names, better=better, proven=proven)


def _money(cny: float) -> Label:
    return quantity(cny, "CNY/yr")
