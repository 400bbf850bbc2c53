"""`sweep.html`: the scenarios of a config in order of cost, what a budget buys, and the sites that stay."""

from __future__ import annotations

from siting.language import Label, text
from siting.language.quantities import quantity, scale_of
from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.curve import Axes, Line, Point, draw_curve
from siting.render.html.charts.frame import Axis, Frame, round_ticks
from siting.render.html.report.page import page_environment
from siting.render.html.report.parts import Piece, Section, Sentence
from siting.render.palette import BLUE, SKY
from siting.render.sweep import ladder_table, order_table, site_table
from siting.results.sweep.sweep import Sweep

MOST_BARS = 60


def draw_sweep(sweep: Sweep, *, with_links: bool) -> str:
    """Return the page of a sweep; with links to the report of each run where it lies beside their folders."""
    environment, style, script = page_environment()
    sections = [
        _order(sweep, with_links=with_links),
        _differences(sweep),
        _ladder(sweep),
        _sites(sweep),
        _without_plan(sweep),
    ]
    return environment.get_template("evaluation.html.j2").render(
        languages=("en", "zh"),
        title=text("sweep.title", title=sweep.title),
        plan=text("sweep.plan", plans=sweep.n_plans, n=len(sweep.outcomes)),
        city=sweep.city,
        sections=[section for section in sections if section is not None],
        style=style,
        script=script,
    )


def _order(sweep: Sweep, *, with_links: bool) -> Section:
    best = sweep.by_cost[0]
    lead: list[Piece] = []
    if best.has_plan and not sweep.is_of_cities:
        lead = [Sentence(text("sweep.lead", name=best.title, cost=quantity(best.paid_cny, "CNY/yr")), "key")]
    pieces = (*lead, Sentence(text("sweep.order.note"), "note"), order_table(sweep, with_links=with_links))
    return Section("order", text("sweep.order.title"), pieces)


def _differences(sweep: Sweep) -> Section | None:
    """Return the proven intervals of the differences in cost, the cheapest scenario on top."""
    base = sweep.base
    found = [(one, interval) for one in sweep.by_cost if (interval := sweep.difference(one)) is not None][:MOST_BARS]
    if base is None or not found:
        return None
    ends = [value for _, one in found for value in (one.found, max(one.low, -abs(base.cost_cny)), one.high)]
    axis = Axis.of_scale(ends, scale_of(ends, "CNY/yr"))
    bars = [
        Bar(
            one.title,
            text(
                "sweep.difference.number",
                found=quantity(interval.found, "CNY/yr", signed=True),
                share=quantity(interval.found / abs(base.cost_cny), "share", signed=True),
            ),
            (Part(max(interval.low, axis.ticks[0]), interval.high, SKY),),
            mark=interval.found,
        )
        for one, interval in found
    ]
    chart = draw_bars(Frame(text("sweep.difference.chart")), axis, bars)
    return Section(
        "difference", text("sweep.difference.title"), (Sentence(text("sweep.difference.note"), "note"), chart)
    )


def _ladder(sweep: Sweep) -> Section | None:
    if len(sweep.ladder) < 2:
        return None
    rungs, within_m = sweep.ladder, next(one.figures["within_m"] for one in sweep.outcomes if one.has_plan)
    costs = [one.cost_cny for one in rungs]
    scale, room = scale_of(costs, "CNY/yr"), 0.1 * (costs[-1] - costs[0])
    across = Axis(round_ticks(costs[0], costs[-1] + room), scale.unit, scale.tick)
    lowest = min(one.covered_share for one in rungs)
    up = Axis(round_ticks(lowest, max(one.covered_share for one in rungs)), text("sweep.ladder.share"), _per_cent)
    places: list[tuple[float, float]] = []
    for rung in rungs:
        if places:
            places.append((rung.cost_cny, places[-1][1]))
        places.append((rung.cost_cny, rung.covered_share))
    places.append((across.ticks[-1], places[-1][1]))
    line = Line(text("sweep.ladder.title"), tuple(places), BLUE)
    points = [Point(one.cost_cny, one.covered_share, one.name, holds=True) for one in rungs]
    title = text("sweep.ladder.chart", within_m=within_m)
    chart = draw_curve(Frame(title, description=text("sweep.ladder.note")), Axes(across, up), [line], points)
    pieces = (Sentence(text("sweep.ladder.note"), "note"), chart, ladder_table(sweep))
    return Section("ladder", text("sweep.ladder.title"), pieces)


def _per_cent(share: float) -> str:
    return f"{100 * share:g}"


def _sites(sweep: Sweep) -> Section | None:
    if sweep.n_plans < 2 or not sweep.site_counts:
        return None
    pieces = (Sentence(text("sweep.sites.note", n=sweep.n_plans), "note"), site_table(sweep))
    return Section("sites", text("sweep.sites.title"), pieces)


def _without_plan(sweep: Sweep) -> Section | None:
    lines = [
        Sentence(Label(f"{one.title.en}: {one.message}", f"{one.title.zh}：{one.message}"), "missed")
        for one in sweep.by_cost
        if not one.has_plan
    ]
    return Section("failed", text("sweep.failed.title"), tuple(lines)) if lines else None
