"""How sure the plan is: how the solve ended, what the gap means in money, and what the figures rest on."""

from __future__ import annotations

import math

from siting.language import Label
from siting.language.quantities import quantity
from siting.plan import Status
from siting.render.html.report.parts import Cell, Column, Section, Sentence, Table, cells, same
from siting.results.keyfigures import KeyFigure, key_figures
from siting.results.record import RunRecord
from siting.results.wording import ENDINGS, closing_sentence

INSIDE, OUTSIDE = Cell(Label(en="inside", zh="范围内"), "holds"), Cell(Label(en="outside", zh="范围外"), "soft")
NO_VERDICT = Cell(Label(en="", zh=""))


def solve_section(run: RunRecord) -> Section:
    """How the solve ended and what could still be saved."""
    solution = run.solution
    ending, seconds = ENDINGS[solution.status], quantity(solution.seconds, "s")
    how = Label(
        en=f"{ending.en} after {seconds.en}, engine “{solution.engine}”, seed {run.config.solve.seed}.",
        zh=f"{ending.zh}，用时{seconds.zh}，求解引擎“{solution.engine}”，随机种子{run.config.solve.seed}。",
    )
    checked = Label(
        en="Costs, tonnes and targets were recomputed after the solve by code that knows nothing of the solver"
        " (`siting verify` does it again). A large gap says that little is known about better plans, not that there are"
        " any. The gap speaks of the model; demand, prices and the willingness to walk are uncertain by more than a few"
        " per cent.",
        zh="求解后，成本、吨数与各项目标均由独立于求解器的程序重新计算（可用 siting verify 再次核验）。"
        "差距较大只说明对更优方案所知不多，并不说明一定存在更优方案。差距只反映模型本身；需求、价格与居民步行意愿的不确定性通常大于百分之几。",
    )
    pieces = [Sentence(saving(run), "key"), Sentence(how), Sentence(checked, "note")]
    return Section("solve", Label(en="How the solve ended", zh="求解结果与可信度"), tuple(pieces))


def saving(run: RunRecord) -> Label:
    """What the gap means in money: what no plan can cost less than, and what could still be saved."""
    solution = run.solution
    if run.goals:
        return closing_sentence(solution, run.goals)
    cost = quantity(solution.cost_cny, "CNY/yr")
    if not math.isfinite(solution.bound_cny):
        return Label(
            en=f"The plan costs {cost.en}; nothing is proven about cheaper plans.",
            zh=f"方案净成本{cost.zh}；尚未证明是否存在更省的方案。",
        )
    above_cny = max(0.0, solution.cost_cny - solution.bound_cny)
    if solution.status is Status.OPTIMAL or not above_cny:
        return Label(
            en="This is the cheapest plan, and that is proven: under these assumptions and targets no plan costs less"
            f" than {cost.en}.",
            zh=f"本方案即为最省方案：在相同假设和目标下，任何方案的净成本都不低于{cost.zh}，已获证明。",
        )
    bound, above = quantity(solution.bound_cny, "CNY/yr"), quantity(above_cny, "CNY/yr")
    share = quantity(solution.gap, "share")
    return Label(
        en=f"No plan that meets these targets under these assumptions can cost less than {bound.en}; at most {above.en}"
        f" ({share.en} of the cost) could still be saved.",
        zh=f"在相同假设和目标下，任何方案的净成本都不低于{bound.zh}；最多还可节约{above.zh}（占成本的{share.zh}）。",
    )


def figure_section(run: RunRecord) -> Section:
    """Key figures beside the published ranges that the config gives."""
    rows = [_figure_row(figure) for figure in key_figures(run) if not math.isnan(figure.value)]
    columns = (
        Column(Label(en="figure", zh="指标")),
        Column(Label(en="plan", zh="方案值"), is_number=True),
        Column(Label(en="published range", zh="公开资料范围"), is_number=True),
        Column(Label(en="beside it", zh="对照")),
        Column(Label(en="source", zh="来源"), is_long=True),
    )
    caption = Label(en="Key figures beside published ranges", zh="关键指标与公开资料对照")
    lead = Label(
        en="A figure outside its published range asks for an explanation, not for disbelief.",
        zh="超出公开资料范围的指标需要说明原因。",
    )
    table = Table(caption, columns, tuple(rows), is_wide=True)
    return Section("figures", Label(en="Key figures", zh="关键指标"), (Sentence(lead, "note"), table))


def _figure_row(figure: KeyFigure) -> tuple[Cell, ...]:
    unit, published = figure.reader_unit, figure.published
    value = Cell(quantity(figure.value, unit), "strong")
    if published is None:
        return cells([figure.label, value, same(""), NO_VERDICT, same("")])
    low, high = quantity(published.low, unit), quantity(published.high, unit)
    between = Label(en=f"{low.en} – {high.en}", zh=f"{low.zh}～{high.zh}")
    verdict = {True: INSIDE, False: OUTSIDE, None: NO_VERDICT}[figure.is_plausible]
    return cells([figure.label, value, between, verdict, same(published.source or "")])
