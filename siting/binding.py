"""Explain what binds a target: cost of its next step, residents not yet counted, and sites that could serve them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.changed import changed_sites, site_label
from siting.errors import ConfigError, did_you_mean
from siting.instance import Target
from siting.language import text
from siting.model.linear import MODEL_CNY
from siting.pricing import (
    Difference,
    Known,
    PricedTarget,
    Solved,
    closed_candidates,
    difference,
    next_value,
    price_target,
    residents_gained,
    residents_left,
)
from siting.render.answers.targets import TargetFacts, target_sections
from siting.results.results import Results
from siting.results.targets import target_label
from siting.results.units import unit_label

MOST_CANDIDATES = 20
SAME_CNY = 1.0
"""A next step that costs less than this changes nothing."""


def explain_target(results: Results, id_: str, *, seconds: float, threads: int = 1) -> Answer:
    """Report what binds a target: the price of its next step, residents not counted yet, and sites that could serve it.

    Raises
    ------
    ConfigError
        If there is no such target, what is optimised is no cost, or the run has no certificate.
    """
    record = results.run
    targets = record.whole_instance.targets
    known = [one.id for one in targets]
    if id_ not in known:
        there_are = f"there are {', '.join(known)}"
        raise ConfigError(f"target {id_}: unknown; {did_you_mean(id_, known, there_are)}")
    target = [one for one in targets if one.id == id_][-1]
    solved = Solved.of(record.whole_instance, record.solution)
    value, seed = next_value(target), record.config.solve.seed
    priced = None if value is None else price_target(solved, target, value, seconds=seconds, threads=threads, seed=seed)
    gap = None if priced is None else _gap(solved, priced)
    facts = TargetFacts(
        label=target_label(record.config, record.instance, target),
        unit=unit_label(record, target.unit),
        target=target,
        reached=[row.reached for row in results.target_rows if row.id == id_][-1],
        next=value,
        gap=gap,
        state=_state(target, gap),
        missing=_missing(results, solved, target),
        candidates=_candidates(results, solved, target),
        changes=changed_sites(results, solved, None if priced is None else priced.values),
    )
    name = f"target-{id_}"
    title = text("answers.target.title", target=facts.label, unit=facts.unit)
    tables = {f"{name}-candidates": facts.candidates, f"{name}-changes": facts.changes}
    return Answer(results, name, title, target_sections(facts), tables, _summary(facts))


def _gap(solved: Solved, priced: PricedTarget) -> Difference:
    base = Known(min(solved.known.cost_cny, priced.known.cost_cny), solved.known.bound_cny)
    how = {"estimate_cny": priced.estimate_cny, "most_cny": priced.most_cny}
    return replace(difference(base, priced.known, is_harder=True, **how), plan_cny=priced.plan_cny)


def _state(target: Target, gap: Difference | None) -> str:
    """Return whether the target binds: `no_next`, `slack`, `missed` (its penalty binds) or `binds`."""
    if gap is None:
        return "no_next"
    if gap.plan_cny < SAME_CNY:
        return "slack"
    return "missed" if not target.is_hard and gap.plan_cny > gap.most_cny - SAME_CNY else "binds"


def _missing(results: Results, solved: Solved, target: Target) -> pd.DataFrame:
    """Return residents of the unit who are not counted, by district, and how many have a closed candidate in reach."""
    columns = ["district_en", "district_zh", "left", "near"]
    if target.measure.record.counted not in ("residents", "tonnes"):
        return pd.DataFrame(columns=columns)
    instance, plan = results.last.run.instance, solved.whole.plans_of(solved.values)[-1]
    left = residents_left(instance, target, plan)
    closed, walks = np.zeros(instance.n_sites, dtype=bool), instance.walks
    closed[closed_candidates(solved, target)] = True
    within_m = np.inf if target.within_m is None else target.within_m
    is_near = np.zeros(instance.n_demand, dtype=bool)
    is_near[walks.demand[closed[walks.site] & (walks.distance_m <= within_m)]] = True
    rows = []
    for district, code in enumerate(instance.districts):
        here = left * (instance.demand.district == district)
        if here.sum() >= 1:
            label = results.district_labels[str(code)]
            rows.append((label.en, label.zh, float(here.sum()), float(here[is_near].sum())))
    return pd.DataFrame(rows, columns=columns).sort_values("left", ascending=False).reset_index(drop=True)


def _candidates(results: Results, solved: Solved, target: Target) -> pd.DataFrame:
    """Return the closed sites that could add to the target, those with the lowest reduced cost per unit first."""
    instance, plan = results.last.run.instance, solved.whole.plans_of(solved.values)[-1]
    gain, sites = residents_gained(instance, target, plan), closed_candidates(solved, target)
    if target.measure.record.counted == "residents":
        sites = sites[gain[sites] > 0]
    sites, rise = sites[:MOST_CANDIDATES], solved.terms.dearer_opened.sum(axis=0) * MODEL_CNY
    labels = [site_label(results, int(site)) for site in sites]
    return pd.DataFrame(
        {
            "id": instance.sites.id[sites],
            "name_en": [one.en for one in labels],
            "name_zh": [one.zh for one in labels],
            "residents_gained": gain[sites],
            "bound_rises_cny_per_year": rise[sites],
        }
    )


def _summary(facts: TargetFacts) -> dict[str, Any]:
    gap = vars(facts.gap) if facts.gap is not None else {}
    figures = {f"{name}_per_year": value if math.isfinite(value) else None for name, value in gap.items()}
    return {
        "id": facts.target.id, "asked": facts.target.value, "reached": facts.reached, "next": facts.next,
        "state": facts.state, **figures, "missing": facts.missing.to_dict("records"),
        "candidates": facts.candidates.to_dict("records"), "changes": facts.changes.to_dict("records"),
    }  # fmt: skip
