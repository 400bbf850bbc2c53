"""Sentences and labels in English and Chinese that more than one output shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from siting.instance import Instance, Stages
from siting.language import Label
from siting.language.quantities import quantity
from siting.plan import Plan, Solution, Status, site_actions
from siting.results.record import GoalFigure
from siting.vocabulary import Echelon, Measure

ECHELON_LABELS = {
    Echelon.POINT: Label(en="recycling points", zh="回收点"),
    Echelon.TRANSFER: Label(en="transfer stations", zh="中转站"),
    Echelon.SORTING: Label(en="sorting centres", zh="分拣中心"),
    Echelon.BASE: Label(en="processing bases", zh="加工利用基地"),
}

CITY_MEASURES = {
    Measure.WALK: Label(en="mean walk to the point", zh="居民平均步行距离"),
    Measure.WORST_WALK: Label(en="longest walk to the point", zh="居民最远步行距离"),
    Measure.LEAST_COVERAGE: Label(en="coverage of the worst-served district", zh="覆盖率最低的区"),
    Measure.COVERAGE_RANGE: Label(en="range of coverage across districts", zh="各区覆盖率极差"),
    Measure.COVERAGE_GINI: Label(en="Gini coefficient of coverage across districts", zh="各区覆盖率基尼系数"),
    Measure.COST: Label(en="net cost", zh="年净成本"),
    Measure.OPERATION: Label(en="cost of operation", zh="年运行成本"),
    Measure.SUBSIDY: Label(en="subsidies", zh="补贴"),
    Measure.EMISSIONS: Label(en="emissions", zh="碳排放"),
    Measure.NET_EMISSIONS: Label(en="emissions less avoided", zh="净碳排放"),
}

GOAL_LABELS = CITY_MEASURES | {
    Measure.COUNT: Label(en="number of facilities", zh="设施数量"),
    Measure.COVERAGE: Label(en="share of residents within", zh="覆盖居民比例"),
    Measure.COLLECTED: Label(en="tonnes collected", zh="回收量"),
    Measure.PROCESSED: Label(en="tonnes processed", zh="分拣量"),
    Measure.VEHICLES: Label(en="vehicles", zh="车辆数"),
    Measure.INVESTMENT: Label(en="investment", zh="投资"),
}

STAGE_COLUMNS = {True: "year", False: "case"}
"""The column that says which stage a row is of, by whether stages are years."""
STAGE_WORDS = {True: Label(en="years", zh="年份"), False: Label(en="cases", zh="情景")}

ENDINGS = {
    Status.OPTIMAL: Label(en="Solved to the end", zh="求解完成"),
    Status.GAP_REACHED: Label(en="Stopped when the asked gap was proven", zh="达到设定的最优差距后停止"),
    Status.TIME_LIMIT: Label(en="Stopped at the time limit", zh="达到时间上限后停止"),
    Status.INTERRUPTED: Label(en="Stopped by the user", zh="被用户中断"),
}


def closing_sentence(solution: Solution, goals: Sequence[GoalFigure] = ()) -> Label:
    """How the solve ended: what was optimised, what is proven about it, and the gap in per cent and in CNY."""
    if goals:
        return _goal_sentence(solution, goals)
    cost, bound = solution.cost_cny, solution.bound_cny
    ending = ENDINGS[solution.status]
    above_cny = max(0.0, cost - bound)
    if not math.isfinite(bound):
        proven = Label(en="nothing is proven about cheaper plans", zh="尚无下界证明")
    else:
        proven = Label(
            en=f"no plan under these assumptions costs less than {bound:,.0f} CNY/yr, so this one is at most "
            f"{100 * solution.gap:.2f} % of its cost ({above_cny:,.0f} CNY/yr) above the cheapest",
            zh=f"在同样假设下任何方案的年成本都不低于 {bound:,.0f} 元，"
            f"本方案与最优方案的差距不超过其成本的 {100 * solution.gap:.2f} %（每年 {above_cny:,.0f} 元）",
        )
    return Label(
        en=f"{ending.en} after {solution.seconds:,.0f} s: the plan costs {cost:,.0f} CNY/yr; {proven.en}.",
        zh=f"{ending.zh}（{solution.seconds:,.0f} 秒）：方案年成本 {cost:,.0f} 元；{proven.zh}。",
    )


def action_sentence(instance: Instance, plan: Plan) -> Label:
    """What becomes of the facilities that stand today, and how many come."""
    action = site_actions(instance, plan)
    kept, upgraded, closed, built = (int((action == one).sum()) for one in ("keep", "upgrade", "close", "build"))
    return Label(
        en=f"Of {kept + upgraded + closed:,} facilities today {kept:,} are kept, {upgraded:,} upgraded and"
        f" {closed:,} closed; {built:,} are built",
        zh=f"现有设施 {kept + upgraded + closed:,} 处：保留 {kept:,} 处，改造升级 {upgraded:,} 处，关闭 {closed:,} 处；"
        f"新建 {built:,} 处",
    )


def _goal_sentence(solution: Solution, goals: Sequence[GoalFigure]) -> Label:
    """How a solve with goals of its own ended: each goal with its proven bound, then the cost."""
    ending, told = ENDINGS[solution.status], [_goal_label(goal) for goal in goals]
    cost, is_mean = quantity(solution.cost_cny, "CNY/yr"), len(solution.plans) > 1
    optimised_en = "the mean of years or cases by their weights" if is_mean else "in this order"
    optimised_zh = "优化各年份或情景的加权平均" if is_mean else "依次优化"
    return Label(
        en=f"{ending.en} after {solution.seconds:,.0f} s. Optimised {optimised_en}: "
        f"{'; '.join(goal.en for goal in told)}. The plan costs {cost.en}.",
        zh=f"{ending.zh}（{solution.seconds:,.0f} 秒）。{optimised_zh}：{'；'.join(goal.zh for goal in told)}。"
        f"方案净成本{cost.zh}。",
    )


def _goal_label(goal: GoalFigure) -> Label:
    """One goal: its name, what was reached and what no plan can beat."""
    name, unit = GOAL_LABELS[goal.measure], goal.measure.unit
    within = "" if goal.within_m is None else f"{goal.within_m:,.0f}"
    value, bound = quantity(goal.value, unit), quantity(goal.bound, unit)
    side_en, side_zh = ("more", "高于") if goal.is_maximised else ("less", "低于")
    return Label(
        en=f"{'most' if goal.is_maximised else 'least'} {name.en}{within and f' {within} m'}: {value.en} (no plan has"
        f" {side_en} than {bound.en})",
        zh=f"{within and f'{within}米内'}{name.zh}{value.zh}（任何方案都不会{side_zh}{bound.zh}）",
    )


def rollout_sentence(stages: Stages, costs_cny: Sequence[float]) -> Label:
    """What the cost of several years or cases means; `costs_cny` are those of each."""
    names = [str(name) for name in stages.name]
    if stages.is_robust:
        dearest = names[int(np.argmax(costs_cny))]
        return Label(
            en=f"The cost is that of the dearest of {len(names)} cases of demand, {dearest}.",
            zh=f"成本为 {len(names)} 种需求情景中最高者（{dearest}）。",
        )
    told = [quantity(cost_cny, "CNY/yr") for cost_cny in costs_cny]
    shares = [quantity(float(weight), "share") for weight in stages.weight]
    rows = list(zip(names, told, shares, strict=True))
    listed_en = "; ".join(f"{name}: {cost.en.removesuffix(' a year')} ({share.en})" for name, cost, share in rows)
    listed_zh = "；".join(f"{name}：{cost.zh}（{share.zh}）" for name, cost, share in rows)
    if stages.is_nested:
        return Label(
            en=f"The cost is an equivalent annual cost, that of each planning year by its share of the discounted"
            f" years: {listed_en}.",
            zh=f"成本为等效年成本，即各规划年成本按其折现权重加总：{listed_zh}。",
        )
    return Label(
        en=f"The cost is the mean of the cases of demand by their weights: {listed_en}.",
        zh=f"成本为各需求情景成本的加权平均：{listed_zh}。",
    )


def shown_sentence(stages: Stages) -> Label:
    """Which of several years or cases a single picture shows."""
    name = str(stages.name[-1])
    if stages.is_nested:
        return Label(en=f"Shown is {name}, the last planning year.", zh=f"图中所示为最后一个规划年（{name}年）。")
    return Label(en=f"Shown is the last case of demand, {name}.", zh=f"图中所示为最后一种需求情景（{name}）。")
