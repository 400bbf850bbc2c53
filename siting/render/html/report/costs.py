"""Costs of a plan by chain and by term, from spending over income to the net cost; its emissions and haulage."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from siting.language import Label, text
from siting.language.quantities import Scale, quantity, scale_of
from siting.render.chains import chain_facilities, chain_meanings, chain_overview, chain_terms, payer_overview
from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.frame import Axis, Frame
from siting.render.html.charts.svg import Chart, Text
from siting.render.html.report.parts import Piece, Section, Sentence, join_labels
from siting.render.palette import BLUE, DARK, GREEN, ORANGE, PURPLE, SKY
from siting.render.table import Table, column, columns
from siting.results.results import Results
from siting.vocabulary import COST_TERMS, LINKS, PENALTY

GROUPS = {
    "building": (BLUE, ("investment", "land", "closing")),
    "operation": (ORANGE, ("fixed_operation", "unit_operation", "access")),
    "transport": (SKY, ("transport", "collection")),
    "purchase": (PURPLE, ("purchase",)),
    "other": (DARK, ("residue_disposal", "product_disposal", "carbon", "avoided_carbon")),
    "income": (GREEN, ("sales", "subsidy")),
}
"""Groups of terms of the stacked chart, with their colours."""
EMISSION_COLOURS = {"transport": SKY, "operation": DARK}


def cost_section(results: Results) -> Section:
    """Return the costs of the last period by term, as a waterfall and as a table."""
    costs = results.last.costs
    costs = costs[costs["cny_per_year"] != 0]
    terms = dict(zip(costs["term"], costs["cny_per_year"], strict=True))
    penalty_cny = terms.pop(PENALTY, 0.0)
    net_cny = results.run.verification.paid_cny
    scale = scale_of([*terms.values(), net_cny], "CNY/yr", digits=5)
    lead = text(
        "report.costs.lead",
        cost=quantity(net_cny, "CNY/yr"),
        covers=text("report.costs.covers") if len(results.chain_totals) > 1 else "",
        penalty=text("report.costs.penalty", penalty=quantity(penalty_cny, "CNY/yr")) if penalty_cny else "",
    )
    pieces = (Sentence(lead), _waterfall(terms, scale, penalty_cny), chain_terms(results, text("report.costs.caption")))
    return Section("cost", text("report.costs.title"), pieces)


def _waterfall(terms: Mapping[str, float], scale: Scale, penalty_cny: float) -> Chart:
    """Draw terms from the largest spending down, then income, then what remains; penalties apart, on top of it."""
    ordered = sorted(terms.items(), key=lambda term: (term[1] < 0, -abs(term[1])))
    reached = [0.0]
    for _, cny in ordered:
        reached.append(reached[-1] + cny)
    bars = []
    for (term, cny), (start, end) in zip(ordered, pairwise(reached), strict=True):
        label, number = COST_TERMS[term], scale.number(cny)
        colour = GREEN if cny < 0 else DARK
        bars.append(Bar(label, number, (Part(start, end, colour, _named(label, number)),)))
    net, net_cny = text("report.costs.net"), reached[-1]
    bars.append(Bar(net, scale.number(net_cny), (Part(0.0, net_cny, BLUE),), is_strong=True))
    if penalty_cny:
        end_cny = net_cny + penalty_cny
        bars.append(Bar(COST_TERMS[PENALTY], scale.number(penalty_cny), (Part(net_cny, end_cny, PURPLE),)))
        reached.append(end_cny)
    legend: dict[Text, str] = {text("report.costs.spending"): DARK}
    if any(cny < 0 for cny in terms.values()):
        legend[text("report.costs.income")] = GREEN
    legend[net] = BLUE
    return draw_bars(Frame(text("report.costs.title"), legend), Axis.of_scale(reached, scale), bars)


def _named(label: Label, number: Label) -> Label:
    """Return the tooltip of a segment of a bar."""
    return text("charts.named_number", name=label, number=number)


def draw_chains(results: Results) -> Chart:
    """Draw the cost of each chain of the last period by group."""
    costs: dict[Text, Mapping[str, float]] = {one.chain.label: one.cost_terms_cny for one in results.last.chain_totals}
    return draw_stacked(costs, text("report.brief.money"))


def draw_stacked(costs: Mapping[Text, Mapping[str, float]], title: Label) -> Chart:
    """Draw the cost of each of several chains or periods by group: spending to the right, income to the left."""
    scale = scale_of([sum(terms.values()) for terms in costs.values()], "CNY/yr")
    grouped = {
        name: {group: sum(terms.get(term, 0.0) for term in of) for group, (_, of) in GROUPS.items()}
        for name, terms in costs.items()
    }
    bars = [_stack(name, groups, scale) for name, groups in grouped.items()]
    ends = [part.end for bar in bars for part in bar.parts]
    used = [group for group in GROUPS if any(groups[group] for groups in grouped.values())]
    legend: dict[Text, str] = {text(f"report.costs.group.{group}"): GROUPS[group][0] for group in used}
    return draw_bars(Frame(title, legend), Axis.of_scale(ends, scale), bars)


def _stack(name: Text, groups: Mapping[str, float], scale: Scale) -> Bar:
    parts, ends = [], [0.0, 0.0]  # extent to the left and to the right
    for group, cny in groups.items():
        side = int(cny > 0)
        if cny:
            name_of = _named(text(f"report.costs.group.{group}"), scale.number(cny))
            parts.append(Part(ends[side], ends[side] + cny, GROUPS[group][0], name_of))
        ends[side] += cny
    net_cny = sum(ends)
    number = text("report.costs.net_number", number=scale.number(net_cny))
    return Bar(name, number, tuple(parts), mark=net_cny)


def chain_section(results: Results) -> Section:
    """Return cost, tonnes and investment by chain, payers, and facilities that chains share."""
    pieces: list[Piece] = [Sentence(chain_meanings(results)), chain_overview(results)]
    if len(results.chain_totals) > 1:
        pieces += [Sentence(text("chains.split")), draw_chains(results), chain_facilities(results)]
    pieces += [payer_overview(results), Sentence(text("chains.payers_rule"), "note")]
    return Section("chains", text("chains.title"), tuple(pieces))


def emission_section(results: Results) -> Section:
    """Return emissions of transport and operation, and tonne-kilometres by class of link."""
    figures = results.figure_values
    avoided: Label | str = ""
    if "avoided_t_co2e" in figures:
        avoided = text("report.emissions.avoided", avoided=quantity(figures["avoided_t_co2e"], "t CO2e/yr"))
    lead = text(
        "report.emissions.lead",
        total=bare(quantity(sum(results.emissions_t.values()), "t CO2e/yr"), "year"),
        per_t=join_labels(
            text(
                "report.emissions.per_t",
                chain=one.chain.label,
                per_t=quantity(one.emissions_kg_co2e_per_t, "kg CO2e/t"),
            )
            for one in results.last.chain_totals
        ),
        avoided=avoided,
    )
    pieces: list[Piece] = [Sentence(lead), _emission_chart(results.emissions_t)]
    if results.run.verification.tonne_km:
        pieces.append(_haulage(results))
    return Section("emissions", text("report.emissions.title"), tuple(pieces))


def bare(label: Label, end: str) -> Label:
    """Return a quantity without the end of its unit, a key of `report.unit_end`, which the words beside it give."""
    ending = text(f"report.unit_end.{end}")
    return Label(label.en.removesuffix(ending.en), label.zh.removesuffix(ending.zh))


def _emission_chart(tonnes: Mapping[str, float]) -> Chart:
    scale = scale_of(tonnes.values(), "t CO2e/yr")
    bars = [
        Bar(text(f"results.emissions.{name}"), scale.number(t), (Part(0.0, t, EMISSION_COLOURS[name]),))
        for name, t in tonnes.items()
    ]
    axis = Axis.of_scale([*tonnes.values()], scale)
    return draw_bars(Frame(text("report.emissions.title")), axis, bars)


def _haulage(results: Results) -> Table:
    moved = {name: tkm for name, tkm in results.run.verification.tonne_km.items() if tkm}
    scale = scale_of(moved.values(), "t-km/yr")
    rows = [
        (LINKS[name].label, scale.number(tkm), quantity(results.figure_values.get(f"haul_km_{name}"), "km"))
        for name, tkm in moved.items()
    ]
    link, mean = columns("report.emissions", link="text", mean_haul="any")
    heads = (link, column("report.emissions.haulage", "any", scale.unit), mean)
    return Table(text("report.emissions.caption"), heads, tuple(rows))
