"""What the plan costs: the terms from spending over income to the net cost, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from markupsafe import Markup

from siting.language import Label
from siting.language.quantities import Scale, quantity, scale_of
from siting.render.colours import BLUE, DARK, GREEN, ORANGE, PURPLE, SKY
from siting.render.html.charts import Axis, Bar, Frame, Part, draw_bars
from siting.render.html.report.parts import Cell, Column, Section, Sentence, Table, cells, draw, told
from siting.results.record import RunRecord
from siting.vocabulary import COST_TERMS

PENALTY = "shortfall_penalty"
GROUPS = (
    (Label(en="building and land", zh="建设与土地"), BLUE, ("investment", "land", "closing")),
    (Label(en="operation", zh="运营"), ORANGE, ("fixed_operation", "unit_operation", "access")),
    (Label(en="transport", zh="运输"), SKY, ("transport",)),
    (Label(en="paid for material", zh="物料收购"), PURPLE, ("purchase",)),
    (Label(en="other", zh="其他"), DARK, ("residue_disposal", "product_disposal", "carbon", "avoided_carbon", PENALTY)),
    (Label(en="income", zh="收入"), GREEN, ("sales", "subsidy")),
)
NET = Label(en="net cost", zh="净成本")
SPENDING, INCOME = Label(en="spending", zh="支出"), Label(en="income", zh="收入")
SPENT_SHARE = Label(en="share of spending", zh="占支出比例")


def cost_section(run: RunRecord) -> Section:
    """Cost by term as a waterfall and as a table."""
    terms = {term: cny for term, cny in run.verification.cost_terms_cny.items() if cny}
    scale = scale_of([*terms.values(), run.verification.cost_cny], "CNY/yr", digits=5)
    chart = draw(lambda language: _waterfall(terms, scale, language))
    return Section("cost", Label(en="Cost by term", zh="成本构成"), (_lead(run), chart, _table(terms, scale)))


def _lead(run: RunRecord) -> Sentence:
    cost = quantity(run.verification.cost_cny, "CNY/yr")
    penalty_cny = run.verification.cost_terms_cny.get(PENALTY, 0.0)
    english = f"The net cost is {cost.en}: what is spent, investment and land spread over their life, less income."
    chinese = f"年净成本为{cost.zh}：即各项支出（建设投资与土地费用按使用年限折算）减去收入。"
    if penalty_cny:
        penalty = quantity(penalty_cny, "CNY/yr")
        english += f" Of it {penalty.en} is the penalty by which missed soft targets are weighed; nobody pays it."
        chinese += f"其中{penalty.zh}为软性目标未达成的惩罚值，并非实际支出。"
    return Sentence(Label(en=english, zh=chinese))


def _waterfall(terms: Mapping[str, float], scale: Scale, language: str) -> Markup:
    """Terms from the largest spending down, then income, then what remains."""
    ordered = sorted(terms.items(), key=lambda term: (term[1] < 0, -abs(term[1])))
    reached = [0.0]
    for _, cny in ordered:
        reached.append(reached[-1] + cny)
    bars = [
        _step(told(COST_TERMS[term], language), told(scale.number(cny), language), ends, term == PENALTY)
        for (term, cny), ends in zip(ordered, pairwise(reached), strict=True)
    ]
    net = told(scale.number(reached[-1]), language)
    bars.append(Bar(told(NET, language), net, (Part(0.0, reached[-1], BLUE),), is_strong=True))
    axis = Axis.over(reached, told(scale.unit, language), lambda tick: told(scale.tick(tick), language))
    legend = [(told(SPENDING, language), DARK)]
    legend += [(told(INCOME, language), GREEN)] * any(cny < 0 for cny in terms.values())
    legend.append((told(NET, language), BLUE))
    title = {"en": "Cost by term", "zh": "成本构成"}[language]
    about = "；".join(f"{bar.label} {bar.told}" for bar in bars) + f" ({axis.name})"
    return draw_bars(Frame(title, about, tuple(legend)), axis, bars)


def _step(label: str, number: str, ends: tuple[float, float], is_penalty: bool) -> Bar:
    colour = PURPLE if is_penalty else GREEN if ends[1] < ends[0] else DARK
    return Bar(label, number, (Part(*ends, colour, f"{label}: {number}"),))


def draw_stacked(costs: Mapping[str, Mapping[str, float]], title: Label, language: str) -> Markup:
    """The cost of each of several years, or of one, by group of terms: spending to the right, income to the left."""
    net = {name: sum(terms.values()) for name, terms in costs.items()}
    scale = scale_of(net.values(), "CNY/yr")
    grouped = {name: _by_group(terms) for name, terms in costs.items()}
    bars = [_stack(name, grouped[name], (scale, net[name]), language) for name in costs]
    ends = [part.end for bar in bars for part in bar.parts]
    axis = Axis.over(ends, told(scale.unit, language), lambda tick: told(scale.tick(tick), language))
    used = [group for group in GROUPS if any(cny[group[0].en] for cny in grouped.values())]
    legend = tuple((told(label, language), colour) for label, colour, _ in used)
    about = "; ".join(f"{bar.label} {bar.told}" for bar in bars)
    return draw_bars(Frame(told(title, language), about, legend), axis, bars)


def _by_group(terms: Mapping[str, float]) -> dict[str, float]:
    return {label.en: sum(terms.get(term, 0.0) for term in of) for label, _, of in GROUPS}


def _stack(name: str, groups: Mapping[str, float], net: tuple[Scale, float], language: str) -> Bar:
    """One bar with a mark at the net cost."""
    scale, net_cny = net
    parts, ends = [], [0.0, 0.0]  # how far it reaches to the left and to the right
    for label, colour, _ in GROUPS:
        cny = groups[label.en]
        side = int(cny > 0)
        parts.append(
            Part(ends[side], ends[side] + cny, colour, f"{told(label, language)}: {told(scale.number(cny), language)}")
        )
        ends[side] += cny
    told_net = {"en": "net ", "zh": "净成本 "}[language] + told(scale.number(net_cny), language)
    return Bar(name, told_net, tuple(part for part in parts if part.start != part.end), mark=net_cny)


def _table(terms: Mapping[str, float], scale: Scale) -> Table:
    spent = sum(cny for cny in terms.values() if cny > 0)
    rows = [
        cells([COST_TERMS[term], scale.number(cny), quantity(cny / spent, "share") if cny > 0 else INCOME])
        for term, cny in terms.items()
    ]
    net = scale.number(sum(terms.values()))
    rows.append(tuple(Cell(text, "strong") for text in (NET, net, Label(en="", zh=""))))
    columns = (
        Column(Label(en="term", zh="项目")),
        Column(Label(en="a year", zh="每年"), scale.unit, is_number=True),
        Column(SPENT_SHARE, is_number=True),
    )
    return Table(Label(en="Cost by term", zh="成本构成表"), columns, tuple(rows))
