"""Answers about sites as sections: how sure all are, and one of them in full."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from siting.certificate import Certainty
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.pricing import Difference
from siting.render.answers.prices import MONEY, interval
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Row, Table, Total, Value, column, columns
from siting.vocabulary import Echelon

MOST_ENDS = 12
"""Places that a site is sent to, or sends to, in its table."""


@dataclass(frozen=True)
class SiteFacts:
    """Answer about a site. Tables as `siting.sites` makes them; `costs` in CNY a year by term."""

    id: str
    name: Label
    echelon: Echelon
    is_open: bool
    certainty: str
    gap: Difference
    costs: Mapping[str, float]
    served: Mapping[str, float]
    senders: pd.DataFrame
    receivers: pd.DataFrame
    options: pd.DataFrame
    changes: pd.DataFrame


def certainty_sections(sites: pd.DataFrame, *, cost_cny: float, gap_cny: float) -> tuple[Section, ...]:
    """Return the sections about all stations, centres and bases."""
    counts = {str(one): int((sites["certainty"] == one).sum()) for one in Certainty}
    how = text("answers.sites.how", cost=quantity(cost_cny, MONEY), gap=quantity(gap_cny, MONEY))
    said = (Sentence(text("answers.sites.lead", n=len(sites), **counts), "lead"), Sentence(how, "note"))
    return (
        Section("conclusion", text("answers.sites.conclusion"), said),
        Section("sites", text("answers.sites.section"), (certainty_rows(sites),)),
    )


def certainty_rows(sites: pd.DataFrame) -> Table:
    """Return one row for each site, with by how much the bound rises with it the other way."""
    rows = tuple(
        (
            one["id"], Label(one["name_en"], one["name_zh"]), Echelon.named(one["echelon"]).short,
            Label(one["district_en"], one["district_zh"]), bool(one["is_open"]),
            _whole(one["bound_rises_cny_per_year"]), text(f"answers.certainty.{one['certainty']}"),
        )
        for one in sites.to_dict("records")
    )  # fmt: skip
    heads = (
        *columns("answers.sites", id="text", name="text", echelon="text", district="text", is_open="text"),
        column("answers.sites.rise", "whole", text("answers.money")),
        column("answers.sites.certainty"),
    )
    return Table(NOTHING, heads, rows, is_wide=True, frozen=1)


def site_sections(facts: SiteFacts) -> tuple[Section, ...]:
    """Return the sections about one site."""
    sections = [Section("conclusion", text("answers.site.conclusion"), tuple(_said(facts)))]
    if facts.costs:
        sections.append(Section("costs", text("answers.site.costs"), (_costs_said(facts), _cost_rows(facts))))
    for name, ends in (("senders", facts.senders), ("receivers", facts.receivers)):
        if len(ends):
            sections.append(Section(name, text(f"answers.site.{name}"), (_ends_rows(ends),)))
    sections.append(Section("options", text("answers.site.options"), (_option_rows(facts.options),)))
    if math.isfinite(facts.gap.plan_cny):
        piece = change_rows(facts.changes) if len(facts.changes) else Sentence(text("answers.site.nothing"))
        sections.append(Section("changes", text("answers.site.changes"), (piece,)))
    return tuple(sections)


def decision_sections(decisions: pd.DataFrame, comments: Sequence[tuple[str, str, str]]) -> tuple[Section, ...]:
    """Return the sections about decisions with their prices, and comments as (site, who, what)."""
    n_kept = int(decisions["follows_already"].sum())
    lead = text("answers.decisions.lead", n=len(decisions), kept=n_kept, comments=len(comments))
    said = (Sentence(lead, "lead"), Sentence(text("answers.decisions.how"), "note"))
    sections = [Section("conclusion", text("answers.decisions.conclusion"), said)]
    if len(decisions):
        table = (_decision_rows(decisions),)
        sections.append(Section("decisions", text("answers.decisions.section"), table))
    if comments:
        heads = columns("answers.decisions", site="text", who="text", why="text")
        rows = tuple(comments)
        sections.append(Section("comments", text("answers.decisions.comments"), (Table(NOTHING, heads, rows),)))
    return tuple(sections)


def _decision_rows(decisions: pd.DataFrame) -> Table:
    rows = []
    for one in decisions.to_dict("records"):
        has_plan = math.isfinite(one["plan_cny_per_year"])
        is_proven = math.isinf(one["least_cny_per_year"])
        note = "follows" if one["follows_already"] else "" if has_plan else "no_plan" if is_proven else "not_found"
        figures = (_whole(one[f"{name}_cny_per_year"]) for name in ("plan", "least", "most"))
        held = text(f"answers.decisions.{'open' if one['holds_open'] else 'closed'}")
        told = text(f"answers.decisions.note_{note}") if note else ""
        rows.append((one["site"], text(f"map.decide_{one['decision']}"), held, one["who"], one["why"], *figures, told))
    texts = dict.fromkeys(("site", "decision", "held", "who", "why"), "text")
    unit = text("answers.money")
    money = (column(f"answers.prices.{name}", "whole", unit) for name in ("plan", "least", "most"))
    heads = (*columns("answers.decisions", **texts), *money, column("answers.prices.note"))
    return Table(NOTHING, heads, tuple(rows), is_wide=True, frozen=1)


def _said(facts: SiteFacts) -> list[Sentence]:
    gap, way = facts.gap, "without" if facts.is_open else "with"
    said = [text(f"answers.site.{'open' if facts.is_open else 'closed'}", name=facts.name, id=facts.id)]
    said += [_serves(facts)] if facts.is_open else []
    certainty = text("answers.site.certainty", certainty=text(f"answers.certainty.{facts.certainty}"))
    if math.isinf(gap.least_cny) and gap.least_cny > 0:
        worth = text(f"answers.site.no_plan_{way}")
    else:
        within = interval({f"{name}_per_year": value for name, value in asdict(gap).items()})
        key = f"answers.site.{way}" if math.isfinite(gap.plan_cny) else f"answers.site.not_found_{way}"
        worth = text(key, plan=quantity(gap.plan_cny, MONEY, signed=True), interval=within)
    lead = [Sentence(one, "lead") for one in said]
    estimate = quantity(gap.estimate_cny, MONEY, signed=True)
    more = [] if math.isinf(gap.estimate_cny) else [Sentence(text("answers.site.estimate", estimate=estimate), "note")]
    return [*lead, Sentence(worth, "key"), Sentence(certainty), *more]


def _serves(facts: SiteFacts) -> Label:
    served = facts.served
    tonnes = quantity(served["tonnes"], "t/yr")
    if facts.echelon is Echelon.POINT:
        residents, walk = quantity(served["residents"], "residents"), quantity(served["mean_walk_m"], "m")
        return text("answers.site.serves_point", residents=residents, walk=walk, tonnes=tonnes)
    load = quantity(served["load_share"], "share")
    return text("answers.site.serves", tonnes=tonnes, n=len(facts.senders), load=load)


def _costs_said(facts: SiteFacts) -> Sentence:
    total, tonnes = sum(facts.costs.values()), facts.served["tonnes"]
    per_t = quantity(total / tonnes if tonnes else math.nan, "CNY/t")
    return Sentence(text("answers.site.costs_lead", cost=quantity(total, MONEY), per_t=per_t))


def _cost_rows(facts: SiteFacts) -> Table:
    rows: list[Row] = [(text(f"answers.site.terms.{name}"), cny) for name, cny in facts.costs.items()]
    rows.append(Total((text("charts.together"), sum(facts.costs.values()))))
    return Table(NOTHING, columns("answers.site", term="text", cny="whole"), tuple(rows), is_list=False)


def _ends_rows(ends: pd.DataFrame) -> Table:
    shown = ends.head(MOST_ENDS)
    rows = tuple(shown[["id", "tonnes", "distance_km"]].itertuples(index=False, name=None))
    return Table(NOTHING, columns("answers.site", id="text", tonnes="tenth", km="tenth"), rows)


def _option_rows(options: pd.DataFrame) -> Table:
    rows = tuple(
        (
            Label(one["type_en"], one["type_zh"]), one["size"], one["capacity_t"], one["fixed_cny_per_year"],
            one["investment_cny"],
        )
        for one in options.to_dict("records")
    )  # fmt: skip
    heads = columns("answers.site", type="text", size="text", capacity="whole", fixed="whole", capex="whole")
    return Table(NOTHING, heads, rows)


def change_rows(changes: pd.DataFrame) -> Table:
    """Return one row for each site that a plan opens, closes or changes."""
    rows = tuple(
        (
            one["id"], Label(one["name_en"], one["name_zh"]), Echelon.named(one["echelon"]).short,
            text(f"answers.site.{one['change']}"),
        )
        for one in changes.to_dict("records")
    )  # fmt: skip
    return Table(NOTHING, columns("answers.site", id="text", place="text", echelon="text", action="text"), rows)


def _whole(value: float) -> Value:
    return round(float(value)) if math.isfinite(value) else None
