"""`plan.json`: the whole plan in figures."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from siting.chains import ChainTotals
from siting.results.behaviour import behaviour_summary
from siting.results.costs import PayerTotals
from siting.results.results import Results

SCHEMA_VERSION = 5


def plan_summary(results: Results) -> dict[str, Any]:
    """Return the content of `plan.json`; keys as in docs/reference/run-folder.md. A missing figure is None."""
    run, solution = results.run, results.run.solution
    return {
        "schema_version": SCHEMA_VERSION,
        "name": run.config.name,
        "title": run.config.title.as_dict(),
        "city": run.geography.city_name_en,
        "status": str(solution.status),
        "engine": solution.engine,
        "seed": run.config.solve.seed,
        "cost_cny": number(solution.cost_cny, 0),
        "paid_cny": number(results.paid_cny, 0),
        "bound_cny": number(solution.bound_cny, 0),
        "proven_bound_cny": number(solution.proven if math.isfinite(solution.bound_cny) else math.nan, 0),
        "is_proven": solution.is_proven,
        "gap": number(solution.gap, 6),
        "floor_cny": number(solution.floor_cny, 0),
        "decidable_gap": number(solution.decidable_gap, 6),
        "seconds": number(solution.seconds, 1),
        "work": number(solution.work, 1),
        "work_limit": None if solution.work_limit is None else number(solution.work_limit, 1),
        "is_repeatable": solution.is_repeatable,
        "stages": [{"name": s.name, "seconds": round(s.seconds, 2), "peak_mb": round(s.peak_mb)} for s in run.stages],
        **_period_summary(results),
        "years": _periods(results) if results.are_years else [],
        "cases": [] if results.are_years else _periods(results),
        "changes": [dataclasses.asdict(change) for change in run.changes],
        "notes": list(run.geography.notes),
        "attributions": list(run.geography.attributions),
    }


def _periods(results: Results) -> list[dict[str, Any]]:
    rollout = results.run.rollout
    if rollout is None:
        return []
    weights = [number(float(weight), 6) for weight in rollout.stages.weight]
    return [
        {
            "name": name,
            "weight": weight,
            "cost_cny": number(one.run.verification.cost_cny, 0),
            "paid_cny": number(one.run.verification.paid_cny, 0),
            **_period_summary(one),
        }
        for weight, (name, one) in zip(weights, results.by_period.items(), strict=True)
    ]


def _period_summary(results: Results) -> dict[str, Any]:
    """Return the content of `plan.json` for one period."""
    run, verified = results.run, results.run.verification
    return {
        "year": run.instance.year,
        "residents": number(run.instance.residents, 0),
        "chains": {one.chain.key: chain_summary(one) for one in results.chain_totals},
        "payers": {str(one.payer): _payer(one) for one in results.payer_totals},
        "cost_terms_cny": {term: number(value, 0) for term, value in verified.cost_terms_cny.items()},
        "facilities": results.facility_counts,
        "tonnes": {
            name: {"total": number(sum(by_material.values()), 1)} | {m: number(t, 1) for m, t in by_material.items()}
            for name, by_material in results.tonnes.items()
        },
        "tonne_km": {name: number(value, 0) for name, value in verified.tonne_km.items()},
        "emissions_kg_co2e": {name: number(value, 0) for name, value in verified.emissions_kg_co2e.items()},
        "goals": [
            dataclasses.asdict(goal) | {"value": exact(goal.value), "bound": exact(goal.bound)} for goal in run.goals
        ],
        "targets": {
            "number": len(verified.targets),
            "hold": sum(outcome.holds for outcome in verified.targets),
            "hard_missed": sum(outcome.target.is_hard and not outcome.holds for outcome in verified.targets),
        },
        "behaviour": behaviour_summary(results.behaviour),
        "faults": list(verified.faults),
        "key_figures": {
            one.key: {"label": one.label.en, "value": number(one.value, 4), "unit": one.unit} | one.range_columns
            for one in results.figures
        },
    }


def chain_summary(one: ChainTotals) -> dict[str, Any]:
    """Return the content of `plan.json` for a chain."""
    used = {echelon for counts in (one.whole, one.shared) for echelon, n in counts.items() if n}
    return {
        "residents": number(one.residents, 0),
        "offered_t": number(one.offered_t, 1),
        "collected_t": number(one.collected_t, 1),
        "cost_cny": number(one.cost_cny, 0),
        "paid_cny": number(one.paid_cny, 0),
        "cost_cny_per_t": number(one.cost_cny_per_t, 4),
        "cost_cny_per_resident": number(one.cost_cny_per_resident, 4),
        "investment_cny": number(one.investment_cny, 0),
        "cost_terms_cny": {term: number(value, 0) for term, value in one.cost_terms_cny.items()},
        "emissions_kg_co2e": {name: number(value, 0) for name, value in one.emissions_kg_co2e.items()},
        "facilities": {e.key: {"whole": one.whole[e], "shared": one.shared[e]} for e in sorted(used)},
    }


def _payer(one: PayerTotals) -> dict[str, Any]:
    return {
        **{f"{chain.key}_cny": number(cny, 0) for chain, cny in one.by_chain.items()},
        "subsidies_cny": number(one.subsidies_cny, 0),
        "cost_cny": number(one.cost_cny, 0),
        "investment_cny": number(one.investment_cny, 0),
    }


def exact(value: float) -> float | None:
    """Return `value` for JSON with all its digits: None for nan and infinity."""
    return float(value) if math.isfinite(value) else None


def number(value: float, decimals: int) -> float | int | None:
    """Round `value` for JSON, which has neither nan nor infinity: None for these.

    >>> number(12.34, 1), number(12.34, 0), number(float("inf"), 0)
    (12.3, 12, None)
    """
    if not math.isfinite(value):
        return None
    return round(float(value), decimals) if decimals else round(float(value))
