"""`plan.json`: the whole plan in figures."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from typing import Any

import numpy as np

from siting.results.keyfigures import KeyFigure, key_figures
from siting.results.record import RunRecord, stage_records
from siting.vocabulary import Echelon

SCHEMA_VERSION = 2


def plan_summary(run: RunRecord) -> dict[str, Any]:
    """The content of `plan.json`; keys as in docs/run-folder.md. A figure that does not exist is None."""
    solution = run.solution
    is_years = run.rollout is not None and run.rollout.stages.is_nested
    return {
        "schema_version": SCHEMA_VERSION,
        "name": run.config.name,
        "title": run.config.title.as_dict(),
        "city": run.geography.city_name_en,
        "status": str(solution.status),
        "engine": solution.engine,
        "seed": run.config.solve.seed,
        "cost_cny": number(solution.cost_cny, 0),
        "bound_cny": number(solution.bound_cny, 0),
        "gap": number(solution.gap, 6),
        "seconds": number(solution.seconds, 1),
        "stages": [{"name": s.name, "seconds": round(s.seconds, 2), "peak_mb": round(s.peak_mb)} for s in run.stages],
        **stage_summary(run),
        "years": _stages(run) if is_years else [],
        "cases": [] if is_years else _stages(run),
        "notes": list(run.geography.notes),
        "attributions": list(run.geography.attributions),
    }


def _stages(run: RunRecord) -> list[dict[str, Any]]:
    """Each year or case of a run that planned several."""
    if run.rollout is None:
        return []
    weights = [number(float(weight), 6) for weight in run.rollout.stages.weight]
    records = zip(weights, stage_records(run).items(), strict=True)
    return [
        {"name": name, "weight": weight, "cost_cny": number(one.verification.cost_cny, 0), **stage_summary(one)}
        for weight, (name, one) in records
    ]


def stage_summary(run: RunRecord) -> dict[str, Any]:
    """What `plan.json` says of one year or case: of the last where there are several."""
    verified = run.verification
    return {
        "year": run.instance.year,
        "residents": number(run.instance.residents, 0),
        "cost_terms_cny": {term: number(value, 0) for term, value in verified.cost_terms_cny.items()},
        "facilities": _counts(run),
        "tonnes": _tonnes(run),
        "tonne_km": {name: number(value, 0) for name, value in verified.tonne_km.items()},
        "emissions_kg_co2e": {name: number(value, 0) for name, value in verified.emissions_kg_co2e.items()},
        "goals": [
            dataclasses.asdict(goal) | {"value": number(goal.value, 6), "bound": number(goal.bound, 6)}
            for goal in run.goals
        ],
        "targets": {
            "number": len(verified.targets),
            "hold": sum(outcome.holds for outcome in verified.targets),
            "hard_missed": sum(outcome.target.is_hard and not outcome.holds for outcome in verified.targets),
        },
        "faults": list(verified.faults),
        "key_figures": {figure.key: _figure(figure) for figure in key_figures(run)},
    }


def number(value: float, decimals: int) -> float | int | None:
    """`value` rounded for JSON, which knows neither nan nor infinity: None for these.

    >>> number(12.34, 1), number(12.34, 0), number(float("inf"), 0)
    (12.3, 12, None)
    """
    if not math.isfinite(value):
        return None
    return round(float(value), decimals) if decimals else round(float(value))


def _counts(run: RunRecord) -> dict[str, Any]:
    """Open facilities by echelon, and within it by type and size."""
    instance, opened = run.instance, np.flatnonzero(run.solution.plan.is_open)
    echelon = instance.option_echelon()[opened]
    kinds = zip(instance.facility_types[instance.options.type[opened]], instance.options.size[opened], strict=True)
    names = [f"{kind}/{size}" for kind, size in kinds]
    return {
        one.key: {
            "open": int((echelon == one).sum()),
            "by_type_and_size": dict(
                sorted(Counter(n for n, e in zip(names, echelon, strict=True) if e == one).items())
            ),
        }
        for one in Echelon
        if one < Echelon.BASE or (instance.sites.echelon == one).any()
    }


def _tonnes(run: RunRecord) -> dict[str, Any]:
    """Tonnes a year by material: offered by demand nodes, collected, and processed by sorting centres."""
    parts = {
        "offered": run.instance.demand.tonnes.sum(axis=0),
        "collected": run.verification.collected_t,
        "processed": run.verification.processed_t,
    }
    ids = [str(name) for name in run.instance.materials.id]
    return {
        name: {"total": number(float(tonnes.sum()), 1), **{m: number(t, 1) for m, t in zip(ids, tonnes, strict=True)}}
        for name, tonnes in parts.items()
    }


def _figure(figure: KeyFigure) -> dict[str, Any]:
    published = figure.published
    return {
        "label": figure.label.en,
        "value": number(figure.value, 4),
        "unit": figure.unit,
        "low": None if published is None else published.low,
        "high": None if published is None else published.high,
        "source": None if published is None else published.source,
        "is_plausible": figure.is_plausible,
    }
