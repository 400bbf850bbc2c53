"""Whether one run is proven to be cheaper than another: the intervals between bound and cost, and what they say."""

from __future__ import annotations

import math

from siting.compare.comparison import Outcome, RunFace, Verdict
from siting.config.base import Label

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
    return _unproven(cheaper, dearer) if verdict.outcome is Outcome.UNPROVEN else _open(verdict, cheaper, dearer)


def _settled(cheaper: RunFace, dearer: RunFace, least_cny: float, most_cny: float) -> Label:
    if math.isfinite(most_cny):
        range_en, range_zh = f"by {_between(least_cny, most_cny, 'en')}", f"差额为 {_between(least_cny, most_cny, 'zh')}"
    else:
        range_en, range_zh = f"by at least {least_cny:,.0f} CNY/yr", f"差额至少为每年 {least_cny:,.0f} 元"
    return Label(
        en=f"{cheaper.name} is cheaper than {dearer.name} whatever better plans are found, {range_en}.",
        zh=f"无论今后找到多好的方案，{cheaper.name} 的成本都低于 {dearer.name}，{range_zh}。",
    )


def _open(verdict: Verdict, cheaper: RunFace, dearer: RunFace) -> Label:
    gap_en = f"{abs(verdict.difference_cny):,.0f} CNY/yr"
    return Label(
        en=f"{cheaper.name}'s plan costs {gap_en} less than {dearer.name}'s, but the difference is within what the "
        f"solves leave open: with better plans either could turn out the cheaper.",
        zh=f"{cheaper.name} 的方案比 {dearer.name} 每年少 {abs(verdict.difference_cny):,.0f} 元，但差额在求解尚未排除的"
        f"范围之内：若找到更好的方案，两者孰低仍可能改变。",
    )


def _unproven(cheaper: RunFace, dearer: RunFace) -> Label:
    return Label(
        en=f"{cheaper.name}'s plan costs {dearer.cost_cny - cheaper.cost_cny:,.0f} CNY/yr less than {dearer.name}'s; "
        "nothing is proven about cheaper plans, because a run optimised something else than cost.",
        zh=f"{cheaper.name} 的方案比 {dearer.name} 每年少 {dearer.cost_cny - cheaper.cost_cny:,.0f} 元；"
        "因有方案以成本以外的目标求解，关于更低成本的方案没有证明。",
    )


def _same_problem(verdict: Verdict, first: RunFace, second: RunFace) -> Label:
    """Two runs of one problem share its bounds: the higher one holds for both."""
    cheaper, dearer = (first, second) if verdict.difference_cny >= 0 else (second, first)
    bound_cny = max(first.bound_cny, second.bound_cny)
    if abs(verdict.difference_cny) <= TOLERANCE * abs(cheaper.cost_cny):
        told = Label(en="their plans cost the same", zh="两个方案成本相同")
    else:
        told = Label(
            en=f"{cheaper.name}'s plan is the better one, by {abs(verdict.difference_cny):,.0f} CNY/yr",
            zh=f"{cheaper.name} 的方案更好，每年少 {abs(verdict.difference_cny):,.0f} 元",
        )
    proven = Label(en="", zh="")
    if math.isfinite(bound_cny):
        above_cny = max(0.0, cheaper.cost_cny - bound_cny)
        proven = Label(
            en=f"; no plan costs more than {above_cny:,.0f} CNY/yr less",
            zh=f"；任何方案最多每年再少 {above_cny:,.0f} 元",
        )
    return Label(
        en=f"{first.name} and {second.name} solve the same problem: {told.en}{proven.en}.",
        zh=f"{first.name} 与 {second.name} 求解的是同一问题：{told.zh}{proven.zh}。",
    )


def _between(least_cny: float, most_cny: float, language: str) -> str:
    """A range of money; one figure where it has no width."""
    if most_cny - least_cny <= TOLERANCE * abs(most_cny):
        return f"{most_cny:,.0f} CNY/yr" if language == "en" else f"每年 {most_cny:,.0f} 元"
    if language == "en":
        return f"{least_cny:,.0f} to {most_cny:,.0f} CNY/yr"
    return f"每年 {least_cny:,.0f} 至 {most_cny:,.0f} 元"
