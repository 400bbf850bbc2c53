"""The headline of a plan: the network in one sentence, and six numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.language import Label
from siting.language.quantities import quantity
from siting.render.html.report.coverage import share_within
from siting.render.html.report.districts import shown_distance_m
from siting.render.html.report.parts import listed, same
from siting.results.keyfigures import key_figures
from siting.results.record import RunRecord
from siting.results.rollout import stage_table
from siting.vocabulary import Echelon

ONE_LABELS = {
    Echelon.POINT: "recycling point",
    Echelon.TRANSFER: "transfer station",
    Echelon.SORTING: "sorting centre",
    Echelon.BASE: "processing base",
}
DEAREST, MEAN = Label(en="dearest case", zh="最高情景"), Label(en="mean of the cases", zh="各情景平均")
COUNTERS_ZH = {Echelon.POINT: "个", Echelon.TRANSFER: "座", Echelon.SORTING: "座", Echelon.BASE: "座"}


@dataclass(frozen=True)
class Tile:
    """A headline number; `key` names it as plan.json does."""

    key: str
    label: Label
    number: Label
    note: Label


def network_sentence(run: RunRecord) -> Label:
    """The network in one sentence."""
    opened, year = open_facilities(run), run.instance.year
    network = listed(
        Label(
            en=f"{n:,} {ONE_LABELS[one] if n == 1 else one.label.en}",
            zh=f"{one.label.zh}{n:,}{COUNTERS_ZH[one]}",
        )
        for one, n in opened.items()
    )
    residents = quantity(run.instance.residents, "residents")
    collected = quantity(float(run.verification.collected_t.sum()), "t")
    city = Label(en=run.geography.city_name_en, zh=run.geography.city_name_zh)
    return Label(
        en=f"In {year}, {network.en or 'no facility'} in {city.en} serve an area of {residents.en} residents and take"
        f" {collected.en} of recyclables a year.",
        zh=f"到{year}年，{city.zh}规划{network.zh or '设施0处'}，规划范围居民{residents.zh}，"
        f"年回收可回收物{collected.zh}。",
    )


def headline_tiles(run: RunRecord) -> tuple[Tile, ...]:
    """Money, tonnes and nearness: what a decision maker asks first."""
    figures = {figure.key: figure.value for figure in key_figures(run)}
    collected_t, offered_t = float(run.verification.collected_t.sum()), float(run.instance.demand.tonnes.sum())
    share = quantity(collected_t / offered_t if offered_t else None, "share")
    within_m = shown_distance_m(run.instance)
    near = float(share_within(run.instance, run.solution.plan, np.array([within_m]))[0])
    walk = quantity(figures["mean_walk_m"], "m")
    once = Label(en="paid once, land included", zh="一次性投入，含土地")
    of_year = _of_year(run)
    return (
        Tile("cost_cny", Label(en="Net cost a year", zh="年净成本"),
             _bare(quantity(run.solution.cost_cny, "CNY/yr"), " a year", "/年"), _cost_note(run)),
        Tile("investment_cny", Label(en="Investment", zh="建设投资"), quantity(invested_cny(run), "CNY"), once),
        Tile("cost_cny_per_resident", Label(en="Cost per resident", zh="人均成本"),
             _bare(quantity(figures["cost_cny_per_resident"], "CNY per resident"), " per resident a year", "/人·年"),
             Label(en=f"a year{of_year.en}", zh=f"每年{of_year.zh}")),
        Tile("cost_cny_per_t", Label(en="Cost per tonne", zh="每吨成本"),
             _bare(quantity(figures["cost_cny_per_t"], "CNY/t"), "/t", "/吨"),
             Label(en=f"of what is collected{of_year.en}", zh=f"按回收量计{of_year.zh}")),
        Tile("collected_t", Label(en="Collected a year", zh="年回收量"), quantity(collected_t, "t"),
             Label(en=f"{share.en} of what arises", zh=f"占产生量的{share.zh}")),
        Tile("within_share", Label(en=f"Residents within {within_m:g} m", zh=f"{within_m:g}米内覆盖居民"),
             quantity(near, "share"), Label(en=f"mean walk {walk.en}", zh=f"平均步行{walk.zh}")),
    )  # fmt: skip


def _cost_note(run: RunRecord) -> Label:
    if run.rollout is None:
        return Label(en="investment spread over its life", zh="投资按使用年限折算")
    stages, last = run.rollout.stages, quantity(run.verification.cost_cny, "CNY/yr")
    if stages.is_nested:
        over = Label(en="equal annual cost of all years", zh="各年等效年成本")
    else:
        over = DEAREST if stages.is_robust else MEAN
    name = stages.name[-1]
    return Label(en=f"{over.en}; {name}: {last.en.removesuffix(' a year')}", zh=f"{over.zh}；{name}：{last.zh}")


def _bare(label: Label, en: str, zh: str) -> Label:
    """A quantity without the end that its tile's label already says."""
    return Label(en=label.en.removesuffix(en), zh=label.zh.removesuffix(zh))


def _of_year(run: RunRecord) -> Label:
    """Which of several stages a figure is of."""
    if run.rollout is None:
        return same("")
    name = run.rollout.stages.name[-1]
    return Label(en=f", {name}", zh=f"（{name}）")


def invested_cny(run: RunRecord) -> float:
    """What is paid once for all that opens, land included, over all years."""
    if run.rollout is not None:
        opening = stage_table(run)["investment_cny"]
        return float(opening.sum() if run.rollout.stages.is_nested else opening.iloc[-1])
    options = run.instance.options
    return float(options.capex_cny @ (run.solution.plan.is_open & ~options.is_existing))


def facility_counts(run: RunRecord) -> tuple[tuple[str, Label, Label], ...]:
    """Echelon, label and number for the legend of the map."""
    return tuple((one.key, one.label, quantity(n, "facilities")) for one, n in open_facilities(run).items())


def open_facilities(run: RunRecord) -> dict[Echelon, int]:
    """Open facilities by echelon, those with none left out."""
    echelon = run.instance.option_echelon()[run.solution.plan.is_open]
    return {one: int((echelon == one).sum()) for one in Echelon if (echelon == one).any()}
