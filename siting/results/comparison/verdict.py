"""Whether one run is proven to be cheaper than another: the intervals between bound and cost, and what they say."""

from __future__ import annotations

import math

from siting.language import Label
from siting.language.quantities import quantity
from siting.results.comparison.comparison import Outcome, RunFace, Verdict

TOLERANCE = 1e-6
"""Share of a cost within which a solve calls itself proven."""


def judge_costs(first: RunFace, second: RunFace, *, is_same_problem: bool) -> Verdict:
    """What costs and bounds of two runs prove.

    The cheapest plan of a run lies between its bound and its cost. Where the two intervals do not overlap, the order
    is settled whatever better plans are found; where they do, it is left open.
    """
    difference_cny = second.cost_cny - first.cost_cny
    least_cny, most_cny = second.bound_cny - first.cost_cny, second.cost_cny - first.bound_cny
    slack_cny = TOLERANCE * max(abs(first.cost_cny), abs(second.cost_cny))
    if is_same_problem:
        outcome, least_cny, most_cny = Outcome.SAME_PROBLEM, 0.0, 0.0
    elif least_cny > slack_cny:
        outcome = Outcome.FIRST_CHEAPER
    elif most_cny < -slack_cny:
        outcome = Outcome.SECOND_CHEAPER
    elif not (math.isfinite(least_cny) and math.isfinite(most_cny)):
        outcome = Outcome.UNPROVEN
    elif max(abs(least_cny), abs(most_cny)) <= 2 * slack_cny:
        outcome = Outcome.EQUAL
    else:
        outcome = Outcome.OPEN
    return Verdict(outcome, difference_cny, least_cny, most_cny)


def verdict_sentence(verdict: Verdict, first: RunFace, second: RunFace) -> Label:
    """The verdict in words, in both languages."""
    if verdict.outcome is Outcome.SAME_PROBLEM:
        return _same_problem(verdict, first, second)
    if verdict.outcome is Outcome.FIRST_CHEAPER:
        return _settled(first, second, verdict.least_cny, verdict.most_cny)
    if verdict.outcome is Outcome.SECOND_CHEAPER:
        return _settled(second, first, -verdict.most_cny, -verdict.least_cny)
    if verdict.outcome is Outcome.EQUAL:
        return Label(
            en=f"{first.name} and {second.name} cost the same, and neither can be had for less.",
            zh=f"{first.name} 与 {second.name} 的成本相同，且均已证明无法再降低。",
        )
    cheaper, dearer = (first, second) if verdict.difference_cny >= 0 else (second, first)
    told = _unproven if verdict.outcome is Outcome.UNPROVEN else _open
    return told(verdict, cheaper, dearer)


def _settled(cheaper: RunFace, dearer: RunFace, least_cny: float, most_cny: float) -> Label:
    least, most = _money(least_cny), _money(most_cny)
    if most == least:
        by = Label(en=f"by {most.en}", zh=f"差额为{most.zh}")
    elif math.isfinite(most_cny):
        by = Label(en=f"by {least.en} to {most.en}", zh=f"差额在{least.zh}至{most.zh}之间")
    else:
        by = Label(en=f"by at least {least.en}", zh=f"差额至少为{least.zh}")
    return Label(
        en=f"{cheaper.name} is cheaper than {dearer.name} whatever better plans are found, {by.en}.",
        zh=f"无论今后找到多好的方案，{cheaper.name} 的成本都低于 {dearer.name}，{by.zh}。",
    )


def _open(verdict: Verdict, cheaper: RunFace, dearer: RunFace) -> Label:
    less = _money(abs(verdict.difference_cny))
    return Label(
        en=f"The plan of {cheaper.name} costs {less.en} less than that of {dearer.name}, but the difference is within "
        "what the solves leave open: with better plans either could turn out the cheaper.",
        zh=f"{cheaper.name} 的方案比 {dearer.name} 少{less.zh}，但差额在求解尚未排除的范围之内：若找到更好的方案，"
        "两者孰低仍可能改变。",
    )


def _unproven(verdict: Verdict, cheaper: RunFace, dearer: RunFace) -> Label:
    less = _money(abs(verdict.difference_cny))
    return Label(
        en=f"The plan of {cheaper.name} costs {less.en} less than that of {dearer.name}; nothing is concluded, because "
        "nothing is proven about cheaper plans of a run that optimised something else than cost.",
        zh=f"{cheaper.name} 的方案比 {dearer.name} 少{less.zh}；因有方案以成本以外的目标求解，"
        "对其更低成本的方案没有证明，不作结论。",
    )


def _same_problem(verdict: Verdict, first: RunFace, second: RunFace) -> Label:
    """Two runs of one problem share its bounds: the higher one holds for both."""
    cheaper = first if verdict.difference_cny >= 0 else second
    bound_cny = max(first.bound_cny, second.bound_cny)
    less = _money(abs(verdict.difference_cny))
    if abs(verdict.difference_cny) <= TOLERANCE * abs(cheaper.cost_cny):
        told = Label(en="their plans cost the same", zh="两个方案成本相同")
    else:
        told = Label(
            en=f"the plan of {cheaper.name} is the better one, by {less.en}",
            zh=f"{cheaper.name} 的方案更好，少{less.zh}",
        )
    proven = Label(en="", zh="")
    if math.isfinite(bound_cny):
        left = _money(max(0.0, cheaper.cost_cny - bound_cny))
        proven = Label(en=f"; no plan saves more than another {left.en}", zh=f"；任何方案最多再少{left.zh}")
    return Label(
        en=f"{first.name} and {second.name} solve the same problem: {told.en}{proven.en}.",
        zh=f"{first.name} 与 {second.name} 求解的是同一问题：{told.zh}{proven.zh}。",
    )


def _money(cny: float) -> Label:
    return quantity(cny, "CNY/yr")
