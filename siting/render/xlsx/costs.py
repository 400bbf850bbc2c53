"""Sheets of money: cost a year by term, and what is paid once."""

from __future__ import annotations

from siting.language import Label
from siting.render.xlsx.page import MONEY, MONEY_A_YEAR, SITES, Column, Page, Row, Total, head, in_10k
from siting.results.actions import ACTION_LABELS, ActionRow
from siting.results.labels import COST_TERM_LABELS
from siting.results.record import RunRecord, stage_records
from siting.results.wording import ECHELON_LABELS
from siting.vocabulary import Echelon

PAID_ACTIONS = ("build", "upgrade", "move")


def cost_page(run: RunRecord) -> Page:
    """Cost by term of each year or case, the sum, and the share of what is spent."""
    records = stage_records(run)
    terms = [record.verification.cost_terms_cny for record in records.values()]
    spent = sum(value for value in terms[-1].values() if value > 0) or 1.0
    rows: list[Row] = []
    for term in terms[-1]:
        values = [one[term] for one in terms]
        if any(values):
            share = values[-1] / spent if values[-1] > 0 else None
            rows.append((COST_TERM_LABELS[term], *(in_10k(value) for value in values), share))
    costs = [record.verification.cost_cny for record in records.values()]
    rows.append(Total((Label(en="net cost", zh="年净成本"), *(in_10k(cost) for cost in costs), None)))
    names = [Label(en=f"cost {name}".strip(), zh=f"{name} 费用".strip()) for name in records]
    return Page(
        name=Label(en="Costs", zh="成本"),
        title=Label(en="Cost a year by term", zh="年成本构成"),
        columns=(
            head("费用项", "term"),
            *(Column(name, "money", MONEY_A_YEAR) for name in names),
            head("占支出比例", "share of spending", "share"),
        ),
        rows=tuple(rows),
        notes=(
            Label(
                en="Income (sales, subsidies) is negative. Investment and land are annuities over their lives."
                " Shares are of what is spent, income not counted.",
                zh="收入（销售、补贴）为负值；建设投资与用地按使用年限折算为年金；占比以支出合计为基数，不计收入。",
            ),
        ),
        is_list=False,
        frozen=1,
    )


def investment_page(rows: tuple[ActionRow, ...]) -> Page:
    """What is paid once, by year, echelon and action; the sums of the action list."""
    groups: dict[tuple[int, int, str], list[float]] = {}
    for row in rows:
        if row.work is None or not (row.action in PAID_ACTIONS or row.work.investment_cny):
            continue
        key = (row.year or 0, -Echelon[row.work.echelon.upper()], row.action)
        group = groups.setdefault(key, [0, 0.0, 0.0])
        for place, value in enumerate((1, row.work.investment_cny, row.work.land_cny)):
            group[place] += value
    lines = tuple(_invested(key, groups[key]) for key in sorted(groups))
    sums = [sum(group[place] for group in groups.values()) for place in range(3)]
    total = Total((Label(en="all", zh="合计"), None, None, sums[0], *(in_10k(v) for v in (*sums[1:], sum(sums[1:])))))
    return Page(
        name=Label(en="Investment", zh="投资"),
        title=Label(en="What is paid once, by year", zh="一次性投入（按年份）"),
        columns=(
            head("年份", "year", "year"),
            head("层级", "echelon"),
            head("措施", "action"),
            head("数量", "number", "whole", SITES),
            head("建设投资", "investment", "money", MONEY),
            head("用地", "land", "money", MONEY),
            head("合计", "both", "money", MONEY),
        ),
        rows=(*lines, total),
    )


def _invested(key: tuple[int, int, str], sums: list[float]) -> Row:
    year, echelon, action = key
    return (
        year or None, ECHELON_LABELS[Echelon(-echelon)], ACTION_LABELS[action], sums[0],
        in_10k(sums[1]), in_10k(sums[2]), in_10k(sums[1] + sums[2]),
    )  # fmt: skip
