"""The figures that a plan rests on, by how far each can be trusted."""

from __future__ import annotations

from collections import Counter

from markupsafe import Markup

from siting.config.parameters import STATUSES
from siting.language import Label
from siting.language.quantities import quantity
from siting.render.colours import BLUE, ORANGE, SKY
from siting.render.html.charts import Axis, Bar, Frame, Part, draw_bars
from siting.render.html.report.parts import Cell, Column, Piece, Section, Sentence, Table, cells, draw, same, told
from siting.results.assumptions import status_label
from siting.results.record import RunRecord

STATUS_COLOURS = {"published": BLUE, "recalled": SKY, "assumption": ORANGE}


def assumption_section(run: RunRecord) -> Section:
    """The figures that the plan rests on, counted by status and listed."""
    title = Label(en="Assumptions", zh="参数与假设")
    counts = Counter(figure.parameter.status for figure in run.figures)
    lead = Label(
        en=f"{len(run.figures):,} figures of the config are listed with where they come from: "
        + ", ".join(f"{counts[one]:,} {status_label(one).en.split(',')[0]}" for one in STATUSES)
        + ". Figures without a source stand in config.yaml alone.",
        zh=f"以下列出{len(run.figures):,}个参数及其来源："
        + "，".join(f"{status_label(one).zh}{counts[one]:,}个" for one in STATUSES)
        + "。未注明来源的参数见 config.yaml。",
    )
    pieces: list[Piece] = [Sentence(lead)]
    if run.figures:
        pieces += [draw(lambda language: _counted(counts, language)), _assumptions(run)]
    return Section("assumptions", title, tuple(pieces))


def _counted(counts: Counter[str], language: str) -> Markup:
    title = {"en": "Figures by status", "zh": "参数按可信程度分类"}[language]
    bars = [
        Bar(told(status_label(one), language), f"{counts[one]:,}", (Part(0.0, counts[one], STATUS_COLOURS[one]),))
        for one in STATUSES
    ]
    name = {"en": "number of figures", "zh": "参数个数"}[language]
    axis = Axis.over([*map(float, counts.values())], name, lambda tick: f"{tick:,.0f}", ticks=4)
    return draw_bars(Frame(title, "; ".join(f"{bar.label} {bar.told}" for bar in bars)), axis, bars)


def _assumptions(run: RunRecord) -> Table:
    """Assumptions first: they are what a reader should doubt."""
    ordered = sorted(run.figures, key=lambda figure: (-STATUSES.index(figure.parameter.status), figure.path))
    rows = [
        cells(
            [
                same(figure.path), quantity(figure.value, "", digits=6),
                Cell(status_label(figure.parameter.status), "" if figure.parameter.status == "published" else "soft"),
                same(figure.parameter.source), same(figure.parameter.note),
            ]
        )
        for figure in ordered
    ]  # fmt: skip
    columns = (
        Column(Label(en="key of the config", zh="配置项"), is_long=True),
        Column(Label(en="value", zh="取值"), is_number=True),
        Column(Label(en="status", zh="可信程度")),
        Column(Label(en="source", zh="来源"), is_long=True),
        Column(Label(en="note", zh="说明"), is_long=True),
    )
    return Table(Label(en="Figures and their sources", zh="参数来源表"), columns, tuple(rows), is_wide=True)
