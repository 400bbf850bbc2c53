"""What the network emits, and how far material is hauled."""

from __future__ import annotations

from markupsafe import Markup

from siting.language import Label, text
from siting.language.quantities import quantity, scale_of
from siting.render.colours import DARK, SKY
from siting.render.html.charts import Axis, Bar, Frame, Part, draw_bars
from siting.render.html.report.parts import Column, Piece, Section, Sentence, Table, cells, draw, told
from siting.results.keyfigures import key_figures
from siting.results.record import RunRecord
from siting.vocabulary import LINKS

TITLE = Label(en="Emissions and haulage", zh="碳排放与运输")
COLOURS = {"transport": SKY, "operation": DARK}


def emission_section(run: RunRecord) -> Section:
    """Emissions of transport and operation, and tonne-kilometres by class of link."""
    pieces: list[Piece] = [_lead(run), draw(lambda language: _chart(run, language))]
    if run.verification.tonne_km:
        pieces.append(_hauls(run))
    return Section("emissions", TITLE, tuple(pieces))


def _tonnes(run: RunRecord) -> dict[str, float]:
    return {name: kg / 1000 for name, kg in run.verification.emissions_kg_co2e.items()}


def _lead(run: RunRecord) -> Sentence:
    total = quantity(sum(_tonnes(run).values()), "t CO2e/yr")
    figures = {figure.key: figure.value for figure in key_figures(run)}
    per_t = quantity(figures["emissions_kg_co2e_per_t"], "kg CO2e/t")
    english = f"Transport and the electricity of facilities emit {total.en}, {per_t.en} collected."
    chinese = f"运输与设施用电年排放{total.zh.removesuffix('/年')}，即每吨回收量{per_t.zh.removesuffix('/吨')}。"
    if "avoided_t_co2e" in figures:
        avoided = quantity(figures["avoided_t_co2e"], "t CO2e/yr")
        english += f" The product replaces new material and so avoids {avoided.en} elsewhere."
        chinese += f"再生产品替代原生材料，可减少排放{avoided.zh}。"
    return Sentence(Label(en=english, zh=chinese))


def _chart(run: RunRecord, language: str) -> Markup:
    tonnes = _tonnes(run)
    scale = scale_of(tonnes.values(), "t CO2e/yr")
    axis = Axis.over([*tonnes.values()], told(scale.unit, language), lambda tick: told(scale.tick(tick), language))
    bars = [
        Bar(
            told(text(f"results.emissions.{name}"), language),
            told(scale.number(t), language),
            (Part(0.0, t, COLOURS[name]),),
        )
        for name, t in tonnes.items()
    ]
    about = "; ".join(f"{bar.label} {bar.told}" for bar in bars)
    return draw_bars(Frame(told(TITLE, language), about), axis, bars)


def _hauls(run: RunRecord) -> Table:
    moved = {name: tkm for name, tkm in run.verification.tonne_km.items() if tkm}
    scale = scale_of(moved.values(), "t-km/yr")
    means = {figure.key: figure.value for figure in key_figures(run)}
    rows = [
        cells([LINKS[name].label, scale.number(tkm), quantity(means.get(f"haul_km_{name}"), "km")])
        for name, tkm in moved.items()
    ]
    columns = (
        Column(Label(en="way", zh="运输环节")),
        Column(Label(en="haulage", zh="周转量"), scale.unit, is_number=True),
        Column(Label(en="mean haul, one way", zh="平均运距（单程）"), is_number=True),
    )
    return Table(Label(en="Haulage by class of link", zh="各环节运输周转量"), columns, tuple(rows))
