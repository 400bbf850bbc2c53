"""How many residents have their point how near: a curve, for each year where there are several."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from markupsafe import Markup

from siting.instance import Floats, Instance
from siting.language import Label
from siting.language.quantities import quantity
from siting.plan import Plan
from siting.render.colours import SERIES
from siting.render.html.charts import Axis, Frame, Line, Point, draw_curve
from siting.render.html.report.parts import Section, Sentence, draw, same, told
from siting.results.record import RunRecord, TargetOutcome, stage_records
from siting.vocabulary import Measure

STEP_M, ROUND_M, BEYOND = 25.0, 100.0, 1.05
TITLE = Label(en="Coverage by walking distance", zh="覆盖率与步行距离")
ACROSS = Label(en="walk to the point along the streets, m", zh="沿道路步行至回收点的距离（米）")
UP = Label(en="share of residents, %", zh="居民比例（%）")


def share_within(instance: Instance, plan: Plan, distances_m: Floats) -> Floats:
    """Share of all residents that are assigned to a point within each of `distances_m` (n,), ascending."""
    walks = instance.walks
    order = np.argsort(walks.distance_m, kind="stable")
    assigned = (instance.demand.residents[walks.demand] * plan.assign)[order]
    so_far = np.concatenate([[0.0], np.cumsum(assigned)])
    reached: Floats = so_far[np.searchsorted(walks.distance_m[order], distances_m, side="right")]
    return reached / max(instance.residents, 1.0)


def coverage_section(run: RunRecord) -> Section:
    """The curve with the city's targets on it."""
    records = stage_records(run)
    curves = {name: coverage_curve(record) for name, record in records.items()}
    asked = [one for one in run.verification.targets if _is_on_curve(one)]
    chart = draw(lambda language: _chart(curves, asked, language))
    return Section("coverage", TITLE, (_lead(run), chart))


def _is_on_curve(outcome: TargetOutcome) -> bool:
    """Whether a target asks that residents of the whole city have any point within a distance."""
    target = outcome.target
    is_whole = bool(target.in_unit_demand.all() and target.counts_type.all()) and target.is_at_least
    return target.measure is Measure.COVERAGE and target.within_m is not None and is_whole


def coverage_curve(run: RunRecord) -> tuple[tuple[float, float], ...]:
    """Share of residents with their point within each distance, m, up to the longest walk."""
    longest_m = float(run.instance.walks.distance_m[run.solution.plan.assign > 0].max(initial=ROUND_M))
    last_m = ROUND_M * np.ceil(longest_m / ROUND_M)
    distances_m = np.arange(0.0, last_m + STEP_M / 2, STEP_M)
    shares = share_within(run.instance, run.solution.plan, distances_m)
    return tuple(zip(distances_m.tolist(), shares.tolist(), strict=True))


def _lead(run: RunRecord) -> Sentence:
    instance, plan = run.instance, run.solution.plan
    served, near = (
        quantity(float(share), "share") for share in share_within(instance, plan, np.array([np.inf, 500.0]))
    )
    return Sentence(
        Label(
            en=f"{served.en} of residents are assigned to a recycling point; {near.en} walk 500 m or less to theirs."
            " Walks are measured along the streets.",
            zh=f"{served.zh}的居民有对应的回收点，其中步行500米以内的占全部居民的{near.zh}。距离沿道路量算。",
        )
    )


def _chart(curves: Mapping[str, tuple[tuple[float, float], ...]], asked: list[TargetOutcome], language: str) -> Markup:
    end_m = BEYOND * max([places[-1][0] for places in curves.values()] + [one.target.within_m or 0.0 for one in asked])
    across = Axis.over([end_m], told(ACROSS, language), lambda tick: f"{tick:,.0f}")
    up = Axis((0.0, 0.25, 0.5, 0.75, 1.0), told(UP, language), lambda tick: f"{100 * tick:.0f}")
    lines = [
        Line(name, (*places, (across.ticks[-1], places[-1][1])), SERIES[number % len(SERIES)])
        for number, (name, places) in enumerate(curves.items())
    ]
    points = [
        Point(one.target.within_m or 0.0, one.target.value, told(_asked(one), language), one.holds) for one in asked
    ]
    legend = tuple((line.name, line.colour) for line in lines) if len(lines) > 1 else ()
    at_m = sorted({point.x for point in points} | {500.0, 1000.0})
    last = list(curves.values())[-1]
    about = "; ".join(f"{x:,.0f} m: {100 * next(y for d, y in last[::-1] if d <= x):.1f} %" for x in at_m)
    return draw_curve(Frame(told(TITLE, language), about, legend), (across, up), lines, points)


def _asked(outcome: TargetOutcome) -> Label:
    value = quantity(outcome.target.value, "share")
    return Label(en=f"target {value.en}", zh=f"目标{value.zh}") if outcome.target.value else same("")
