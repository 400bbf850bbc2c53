"""Sites of a run explained: how sure each is, and what one of them serves, costs, and is worth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.changed import changed_sites, site_label
from siting.config.decisions import read_decisions
from siting.errors import ConfigError, did_you_mean, raise_faults, unknown
from siting.language import text
from siting.model.linear import MODEL_CNY
from siting.plan import built_capacity_t, open_option_of_site, site_inflow_t
from siting.pricing import Difference, Known, Solved, certainties, difference, open_at_last, price_site
from siting.render.answers.sites import SiteFacts, certainty_sections, decision_sections, site_sections
from siting.results.results import Results
from siting.vocabulary import Echelon

LEAST_T = 1e-3


def certainty_table(results: Results, solved: Solved, *, with_points: bool = False) -> pd.DataFrame:
    """Return the certainty of stations, centres and bases, or of all sites; by echelon, the most certain first."""
    instance, sure = solved.instance, certainties(solved)
    chosen = np.flatnonzero((instance.sites.echelon > Echelon.POINT) | with_points)
    labels = [site_label(results, int(site)) for site in chosen]
    districts = [results.district_labels[str(code)] for code in instance.districts[instance.sites.district[chosen]]]
    table = pd.DataFrame(
        {
            "id": instance.sites.id[chosen],
            "name_en": [one.en for one in labels],
            "name_zh": [one.zh for one in labels],
            "echelon": [Echelon(one).key for one in instance.sites.echelon[chosen]],
            "district_en": [one.en for one in districts],
            "district_zh": [one.zh for one in districts],
            "is_open": sure.is_open[chosen],
            "bound_rises_cny_per_year": MODEL_CNY * sure.rise[chosen],
            "certainty": [str(one) for one in sure.certainty[chosen]],
        }
    )
    order = np.lexsort((-sure.rise[chosen], ~sure.is_open[chosen], -instance.sites.echelon[chosen]))
    return table.iloc[order].reset_index(drop=True)


def explain_sites(results: Results) -> Answer:
    """Report the stations, centres and bases proven to be in every cheaper plan or in none, likely, or exchangeable.

    Raises
    ------
    ConfigError
        If what is optimised is no cost, or the run has no certificate.
    """
    solved = Solved.of(results.run.whole_instance, results.run.solution)
    table = certainty_table(results, solved)
    gap_cny = solved.known.cost_cny - solved.terms.bound * MODEL_CNY
    sections = certainty_sections(table, cost_cny=solved.known.cost_cny, gap_cny=gap_cny)
    rows = table.replace([np.inf], None).to_dict("records")
    summary = {"cost_cny": solved.known.cost_cny, "bound_cny": solved.terms.bound * MODEL_CNY, "sites": rows}
    return Answer(results, "sites", text("answers.sites.title"), sections, {"sites": table}, summary)


def explain_site(results: Results, id_: str, *, seconds: float, threads: int = 1) -> Answer:
    """Report whom a site serves, its cost, and the best plan without it, or with it if it is closed.

    Raises
    ------
    ConfigError
        If there is no such site, what is optimised is no cost, or the run has no certificate.
    """
    ids = results.run.whole_instance.sites.id.tolist()
    if id_ not in ids:
        raise ConfigError(f"site {id_}: unknown; {did_you_mean(id_, ids, 'see facilities.csv')}")
    solved = Solved.of(results.run.whole_instance, results.run.solution)
    site = ids.index(id_)
    priced = price_site(solved, site, seconds=seconds, threads=threads, seed=results.run.config.solve.seed)
    base = Known(min(solved.known.cost_cny, priced.known.cost_cny), solved.known.bound_cny)
    gap = difference(base, priced.known, is_harder=True, estimate_cny=priced.estimate_cny)
    certainty = str(certainties(solved).certainty[site])
    facts = SiteFacts(
        id=id_,
        name=site_label(results, site),
        echelon=Echelon(int(results.run.instance.sites.echelon[site])),
        is_open=priced.is_open,
        certainty=certainty,
        gap=gap,
        costs=_costs(results, site) if priced.is_open else {},
        served=_served(results, site),
        senders=_ends(results, site, "to", "from"),
        receivers=_ends(results, site, "from", "to"),
        options=_options(results, site),
        changes=changed_sites(results, solved, priced.values),
    )
    title = text("answers.site.title", id=id_, name=facts.name)
    tables = {f"site-{id_}": _one_row(facts, gap), f"site-{id_}-changes": facts.changes}
    summary = {"id": id_, **_figures(facts, gap), "changes": facts.changes.to_dict("records")}
    return Answer(results, f"site-{id_}", title, site_sections(facts), tables, summary)


def explain_decisions(results: Results, paths: Sequence[str | Path], *, seconds: float, threads: int = 1) -> Answer:
    """Price what reviewers decided about sites of a plan, each decision by itself.

    A decision that the plan follows already costs nothing; of another it tells the best plan that follows it.

    Raises
    ------
    FileError
        If a file cannot be read.
    ConfigError
        If decisions contradict each other or name no site, or the plan cannot be asked: see `explain_site`.
    """
    taken = read_decisions(paths)
    ids = results.run.whole_instance.sites.id.tolist()
    raise_faults(unknown("decisions", "site", [site for one in taken for site in one.holds], ids), ConfigError)
    solved = Solved.of(results.run.whole_instance, results.run.solution)
    how = {"seconds": seconds, "threads": threads, "seed": results.run.config.solve.seed}
    rows = []
    for one in taken:
        for id_, is_open in one.holds.items():
            site = ids.index(id_)
            row = {"site": id_, "decision": one.decision, "holds_open": is_open, "who": one.who, "when": one.when}
            rows.append(row | {"why": one.why} | _price_of(solved, site, is_open=is_open, **how))
    comments = [one for one in taken if not one.holds]
    columns = ["site", "decision", "holds_open", "who", "when", "why", "follows_already", *PRICE]
    table = pd.DataFrame(rows, columns=columns)
    sections = decision_sections(table, [(one.site, one.who, one.why) for one in comments])
    told = table.replace([np.inf, -np.inf], np.nan).astype(object).where(lambda cells: cells.notna(), None)
    summary = {"decisions": told.to_dict("records"), "comments": [one.model_dump() for one in comments]}
    return Answer(results, "decisions", text("answers.decisions.title"), sections, {"decisions": table}, summary)


PRICE = ("plan_cny_per_year", "least_cny_per_year", "most_cny_per_year", "estimate_cny_per_year")


def _price_of(solved: Solved, site: int, *, is_open: bool, **how: Any) -> dict[str, Any]:
    """Return the cost of fixing a site open, or closed; 0 if the plan has it in this state."""
    if bool(open_at_last(solved)[site]) == is_open:
        return {"follows_already": True} | dict.fromkeys(PRICE, 0.0)
    priced = price_site(solved, site, **how)
    base = Known(min(solved.known.cost_cny, priced.known.cost_cny), solved.known.bound_cny)
    gap = difference(base, priced.known, is_harder=True, estimate_cny=priced.estimate_cny)
    return {"follows_already": False} | {name: getattr(gap, name.removesuffix("_per_year")) for name in PRICE}


def _figures(facts: SiteFacts, gap: Difference) -> dict[str, Any]:
    values = {
        "estimate_cny_per_year": gap.estimate_cny, "plan_cny_per_year": gap.plan_cny,
        "least_cny_per_year": gap.least_cny, "most_cny_per_year": gap.most_cny,
        **{f"{name}_cny_per_year": cny for name, cny in facts.costs.items()}, **facts.served,
    }  # fmt: skip
    known = {name: value if math.isfinite(value) else None for name, value in values.items()}
    return {"is_open": facts.is_open, "certainty": facts.certainty, **known}


def _one_row(facts: SiteFacts, gap: Difference) -> pd.DataFrame:
    return pd.DataFrame([{"id": facts.id, "echelon": facts.echelon.key, **_figures(facts, gap)}])


def _costs(results: Results, site: int) -> dict[str, float]:
    """Return the cost of an open site by term, CNY a year, with the hauls that leave it."""
    one = results.last.facilities_today
    row = one[(one["site"] == site)].iloc[-1]
    flows = results.last.flows
    hauls = float(flows.loc[flows["from"] == row["id"], "cny"].sum())
    names = {"investment": "investment", "land": "land", "fixed": "fixed_operation", "unit": "unit_operation"}
    return {name: float(row[f"{column}_cny_per_year"]) for name, column in names.items()} | {"hauls": hauls}


def _served(results: Results, site: int) -> dict[str, float]:
    """Return the tonnes, residents and mean walk of what a site takes; its load as a share of its capacity."""
    instance, plan = results.last.run.instance, results.last.run.solution.plan
    option = open_option_of_site(instance, plan)[site]
    tonnes = float(site_inflow_t(instance, plan)[site].sum())
    at = instance.walks.site == site
    residents = instance.demand.residents[instance.walks.demand[at]] * plan.assign[at]
    total = float(residents.sum())
    walk_m = float(residents @ instance.walks.distance_m[at]) / total if total else math.nan
    load = tonnes / float(built_capacity_t(instance, plan)[option]) if option >= 0 else math.nan
    return {"tonnes": tonnes, "residents": total, "mean_walk_m": walk_m, "load_share": load}


def _ends(results: Results, site: int, this: str, other: str) -> pd.DataFrame:
    """Return the places that send to a site or receive from it: `id`, `tonnes`, `distance_km`, by tonnes."""
    flows, id_ = results.last.flows, results.run.instance.sites.id[site]
    own = flows[flows[this] == id_]
    grouped = own.groupby(other, as_index=False).agg(tonnes=("tonnes", "sum"), distance_km=("distance_km", "max"))
    renamed: pd.DataFrame = grouped.rename(columns={other: "id"}).sort_values("tonnes", ascending=False)
    return renamed.reset_index(drop=True)


def _options(results: Results, site: int) -> pd.DataFrame:
    """Return the facilities that may stand at a site."""
    instance = results.run.instance
    options, at = instance.options, np.flatnonzero(instance.options.site == site)
    fixed = options.investment_cny[at] + options.land_cny[at] + options.fixed_operation_cny[at]
    types = instance.facility_types[options.type[at]]
    return pd.DataFrame(
        {
            "type_en": [results.type_labels[str(one)].en for one in types],
            "type_zh": [results.type_labels[str(one)].zh for one in types],
            "size": options.size[at],
            "capacity_t": options.capacity_t[at],
            "fixed_cny_per_year": fixed,
            "investment_cny": options.capex_cny[at],
        }
    )
