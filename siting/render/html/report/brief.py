"""The first page, for the decision maker: what, where, how much, by when, which targets hold, how sure."""

from __future__ import annotations

from dataclasses import dataclass

from siting.language import Label
from siting.language.quantities import quantity
from siting.render.html.report.citymap import city_map
from siting.render.html.report.costs import draw_stacked
from siting.render.html.report.headline import Tile, facility_counts, headline_tiles, network_sentence
from siting.render.html.report.origins import synthetic_warning
from siting.render.html.report.parts import Cell, Chart, Column, Table, cells, draw, same
from siting.render.html.report.targets import (
    all_outcomes,
    margin,
    standing,
    target_cells,
    target_columns,
    tightest_first,
)
from siting.render.html.report.trust import saving
from siting.results.record import RunRecord, TargetOutcome, stage_records
from siting.results.rollout import stage_column, stage_table
from siting.results.targets import outcome_label
from siting.results.units import district_of_unit, unit_label
from siting.results.wording import action_sentence
from siting.vocabulary import Echelon

MOST_TARGETS = 8
WHICH, WHEN = Label(en="Which targets hold", zh="目标完成情况"), Label(en="By when", zh="分期安排")
CASES = Label(en="Cases of demand", zh="需求情景")
WHERE_MONEY_GOES = Label(en="Where the money goes", zh="资金用途")


@dataclass(frozen=True)
class Brief:
    """The first page. `years` where there are several, else `money`; `faults` counts broken rules."""

    what: Label
    tiles: tuple[Tile, ...]
    map: Chart
    counts: tuple[tuple[str, Label, Label], ...]
    standing: Label
    tone: str
    targets: Table | None
    more: Label | None
    districts: Label | None
    years: Table | None
    money: Chart | None
    actions: Label | None
    saving: Label
    warning: Label | None
    faults: int


def first_page(run: RunRecord) -> Brief:
    """Everything that stands on the first page."""
    outcomes = all_outcomes(run)
    table, more = _targets(run)
    has_existing = bool(run.instance.options.is_existing.any())
    return Brief(
        what=network_sentence(run),
        tiles=headline_tiles(run),
        map=city_map(run),
        counts=facility_counts(run),
        standing=standing(run),
        tone=_tone(outcomes),
        targets=table,
        more=more,
        districts=_districts(run),
        years=_years(run),
        money=None if run.rollout is not None else _money(run),
        actions=action_sentence(run.instance, run.solution.plan) if has_existing else None,
        saving=saving(run),
        warning=synthetic_warning(run),
        faults=sum(len(record.verification.faults) for record in stage_records(run).values()),
    )


def _tone(outcomes: list[TargetOutcome]) -> str:
    """Whether all targets hold, all that must hold, or not even those."""
    missed = [one.target.is_hard for one in outcomes if not one.holds]
    return "missed" if any(missed) else "soft" if missed else "holds"


def _targets(run: RunRecord) -> tuple[Table | None, Label | None]:
    """The missed, then those of the city, the tightest first; how many more there are."""
    ranked = []
    for number, (name, record) in enumerate(stage_records(run).items()):
        for rank, one in enumerate(tightest_first(record.verification.targets)):
            is_district = district_of_unit(run, one.target.unit) >= 0
            ranked.append(((one.holds, is_district, -number, rank), name, record, one))
    ranked.sort(key=lambda entry: entry[0])
    rows = []
    for _, name, record, one in ranked[:MOST_TARGETS]:
        when = f" ({name})" if name else ""
        unit, what = unit_label(record, one.target.unit), outcome_label(record, one.target)
        whose = same("") if one.target.unit == "city" else Label(en=f"{unit.en}: ", zh=f"{unit.zh}：")
        what = Label(en=f"{whose.en}{what.en}{when}", zh=f"{whose.zh}{what.zh}{when}")
        rows.append(cells([what, *target_cells(record, one)[2:]]))
    left = len(ranked) - len(rows)
    more = Label(en=f"{left:,} more in the scorecard.", zh=f"其余{left:,}项见目标完成情况。") if left else None
    return (Table(WHICH, target_columns()[1:], tuple(rows)) if rows else None), more


def _districts(run: RunRecord) -> Label | None:
    """How the targets of districts stand, and which is the tightest."""
    of_districts = [one for one in all_outcomes(run) if district_of_unit(run, one.target.unit) >= 0]
    if not of_districts:
        return None
    held, tightest = sum(one.holds for one in of_districts), tightest_first(of_districts)[0]
    unit, what, left = unit_label(run, tightest.target.unit), outcome_label(run, tightest.target), margin(tightest)
    return Label(
        en=f"Districts: {held:,} of {len(of_districts):,} targets hold; the tightest is {unit.en}, {what.en}"
        f" (margin {left.en}).",
        zh=f"各区目标：{len(of_districts):,}项中{held:,}项达成；余量最小的是{unit.zh}“{what.zh}”（余量{left.zh}）。",
    )


def _money(run: RunRecord) -> Chart:
    """Where the money goes, as one bar."""
    terms = run.verification.cost_terms_cny
    return draw(lambda language: draw_stacked({str(run.instance.year): terms}, WHERE_MONEY_GOES, language))


def _years(run: RunRecord) -> Table | None:
    """What stands and what is paid by when."""
    if run.rollout is None:
        return None
    table = stage_table(run)
    used = [one for one in Echelon if table[f"open_{one.key}"].any()]
    rows = [
        cells(
            [
                Cell(same(row[stage_column(run)]), "strong"),
                *(quantity(row[f"open_{one.key}"], "facilities") for one in used),
                quantity(row["investment_cny"], "CNY"), quantity(row["cost_cny"], "CNY"),
                quantity(row["collected_t"], "t"),
            ]
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    heads = [
        Label(en="paid once for it", zh="一次性投资"),
        Label(en="net cost a year", zh="年净成本"),
        Label(en="collected a year", zh="年回收量"),
    ]
    is_nested = run.rollout.stages.is_nested
    columns = (
        Column(Label(en="by", zh="年份") if is_nested else Label(en="case", zh="情景")),
        *(Column(one.label, is_number=True) for one in used),
        *(Column(head, is_number=True) for head in heads),
    )
    return Table(WHEN if is_nested else CASES, columns, tuple(rows))
