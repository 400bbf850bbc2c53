"""Several periods (planning years, or cases of demand) side by side: a row for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.chains import split_investment_cny
from siting.plan import Plan, paid_once_cny
from siting.results.record import RunRecord
from siting.verify.districts import coverage_distances_m
from siting.vocabulary import Chain, Echelon

if TYPE_CHECKING:
    from siting.results.results import Results


def period_table(results: Results) -> pd.DataFrame:
    """Return one row for each period, with columns as in docs/reference/run-folder.md; empty if there is one only."""
    run = results.run
    if run.rollout is None:
        return pd.DataFrame()
    plans, rows = run.solution.plans, []
    for number, (name, one) in enumerate(results.by_period.items()):
        before = plans[number - 1] if number and results.are_years else None
        weight = float(run.rollout.stages.weight[number])
        rows.append({"period": name, "weight": weight} | _row(one.run, before) | _by_chain(one, before))
    return pd.DataFrame(rows)


def stacked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put tables of periods below one another, with the name of the period in the first column."""
    return pd.DataFrame(pd.concat([table.assign(period=name)[["period", *table]] for name, table in tables.items()]))


def stacked_shapes(tables: Mapping[str, gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put tables with geometry below one another, as `stacked` does; the index counts from 0."""
    return gpd.GeoDataFrame(stacked(tables).reset_index(drop=True), geometry="geometry", crs="EPSG:4326")


def _by_chain(one: Results, before: Plan | None) -> dict[str, float]:
    """Return cost, tonnes and investment of each chain."""
    invested_cny = split_investment_cny(one.run.instance, one.run.solution.plan, one.chain_shares, before)
    by_chain: dict[str, float] = {}
    for total, once_cny in zip(one.chain_totals, invested_cny.tolist(), strict=True):
        figures = {
            "collected_{}_t": total.collected_t,
            "cost_{}_cny": total.cost_cny,
            "paid_{}_cny": total.paid_cny,
            "investment_{}_cny": once_cny,
        }
        by_chain |= {name.format(total.chain.key): value for name, value in figures.items()}
    return by_chain


def invested_by_chain(periods: pd.DataFrame, *, over_all: bool) -> dict[Chain, float]:
    """Return the investment of each chain, CNY: over all years, or in the last demand scenario."""
    columns = {chain: periods.get(f"investment_{chain.key}_cny") for chain in Chain}
    return {chain: float(cny.sum() if over_all else cny.iloc[-1]) for chain, cny in columns.items() if cny is not None}


def _row(run: RunRecord, before: Plan | None) -> dict[str, Any]:
    instance, verified, plan = run.instance, run.verification, run.solution.plan
    is_new = plan.is_open & ~instance.options.is_existing
    opens = is_new if before is None else is_new & ~before.is_open
    closes = np.zeros_like(opens) if before is None else before.is_open & ~plan.is_open
    echelon = instance.option_echelon()
    targets = [outcome.target for outcome in verified.targets]
    return {
        "residents": instance.residents,
        "offered_t": float(instance.demand.tonnes.sum()),
        "collected_t": float(verified.collected_t.sum()),
        "processed_t": float(verified.processed_t.sum()),
        **{f"open_{e.key}": int((plan.is_open & (echelon == e)).sum()) for e in Echelon},
        "opening": int(opens.sum()),
        "closing": int(closes.sum()),
        "investment_cny": float(paid_once_cny(instance, plan, before).sum()),
        "cost_cny": verified.cost_cny,
        "paid_cny": verified.paid_cny,
        **{f"{term}_cny_per_year": cny + 0.0 for term, cny in verified.cost_terms_cny.items()},
        "emissions_kg_co2e": sum(verified.emissions_kg_co2e.values()),
        **_coverage(run),
        "targets": len(targets),
        "targets_held": sum(outcome.holds for outcome in verified.targets),
        "hard_missed": sum(outcome.target.is_hard and not outcome.holds for outcome in verified.targets),
    }


def _coverage(run: RunRecord) -> dict[str, float]:
    figures, residents = run.district_figures, max(1.0, run.instance.residents)
    served = {"served_share": float(np.sum(figures["assigned_residents"])) / residents}
    return served | {
        f"within_{distance:g}_m_share": float(np.sum(figures[f"residents_within_{distance:g}_m"])) / residents
        for distance in coverage_distances_m(run.instance)
    }
