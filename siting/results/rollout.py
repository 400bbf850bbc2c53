"""Several years, or cases of demand, side by side: a row for each, and when facilities open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.instance import Instance, Ints
from siting.plan import Plan, paid_once_cny
from siting.results.facilities import facility_table
from siting.results.record import RunRecord, stage_records
from siting.results.wording import STAGE_COLUMNS
from siting.verify.districts import coverage_distances_m
from siting.vocabulary import Echelon

Table = Callable[[RunRecord], pd.DataFrame]


def stage_column(run: RunRecord) -> str:
    """The column that says which stage a row is of: `year` or `case`; empty where there is one stage only."""
    return "" if run.rollout is None else STAGE_COLUMNS[run.rollout.stages.is_nested]


def over_stages(run: RunRecord, table: Table) -> pd.DataFrame:
    """The table of each stage below one another, with its stage in the first column; as it is where there is one."""
    if run.rollout is None:
        return table(run)
    column, parts = stage_column(run), []
    for name, record in stage_records(run).items():
        part = table(record)
        if column in part:
            part[column] = name
        else:
            part.insert(0, column, name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def all_facilities(run: RunRecord) -> gpd.GeoDataFrame:
    """One row for each facility of any stage, as it is in the last stage that tells of it.

    `opened` is the year in which a new facility opens, `closed` that by which an existing one has closed; missing for
    what stands from the beginning, and to the end. With stages, `throughput_<stage>_t` is what it takes in each.
    """
    tables = {name: facility_table(record, with_closed=True) for name, record in stage_records(run).items()}
    whole = pd.concat(tables.values(), ignore_index=True).drop_duplicates("option", keep="last")
    whole = gpd.GeoDataFrame(whole.sort_values(["site", "option"]).reset_index(drop=True), crs="EPSG:4326")
    years = np.array([run.instance.year]) if run.rollout is None else run.rollout.stages.year
    opened, closed = opening_years(run.instance, years, run.solution.plans)
    option, place = whole["option"].to_numpy(), whole.columns.get_loc("nature")
    for name, of_option in (("closed", closed), ("opened", opened)):
        whole.insert(place, name, pd.Series(of_option[option]).where(of_option[option] > 0).astype("Int64"))
    for name, table in tables.items() if run.rollout is not None else ():
        whole[f"throughput_{name}_t"] = whole["option"].map(table.set_index("option")["throughput_t"])
    return whole


def opening_years(instance: Instance, years: Ints, plans: Sequence[Plan]) -> tuple[Ints, Ints]:
    """The year in which each option opens and that by which it has closed, (n_options,) each; 0: neither."""
    is_open = np.array([plan.is_open for plan in plans])
    ever, is_existing = is_open.any(axis=0), instance.options.is_existing
    n_left = is_open[::-1].argmax(axis=0)  # years after the last one in which it is open
    opened = np.where(ever & ~is_existing, years[is_open.argmax(axis=0)], 0)
    closed = np.where(ever & (n_left > 0), years[np.minimum(len(years) - n_left, len(years) - 1)], 0)
    return opened, np.where(is_existing & ~ever, years[0], closed)


def stage_table(run: RunRecord) -> pd.DataFrame:
    """One row for each year or case; columns as in docs/run-folder.md. Empty where there is one stage only."""
    if run.rollout is None:
        return pd.DataFrame()
    records, plans = stage_records(run), run.solution.plans
    rows = []
    for number, (name, record) in enumerate(records.items()):
        before = plans[number - 1] if number and run.rollout.stages.is_nested else None
        weight = float(run.rollout.stages.weight[number])
        rows.append({stage_column(run): name, "weight": weight} | _row(record, before))
    return pd.DataFrame(rows)


def _row(run: RunRecord, before: Plan | None) -> dict[str, Any]:
    """The figures of one stage; `before` is the plan of the year before."""
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
        **{f"{term}_cny_per_year": cny + 0.0 for term, cny in verified.cost_terms_cny.items()},
        "emissions_kg_co2e": sum(verified.emissions_kg_co2e.values()),
        **_coverage(run),
        "targets": len(targets),
        "targets_held": sum(outcome.holds for outcome in verified.targets),
        "hard_missed": sum(outcome.target.is_hard and not outcome.holds for outcome in verified.targets),
    }


def _coverage(run: RunRecord) -> dict[str, float]:
    """Share of residents assigned to a point, and to one within each distance."""
    figures, residents = run.district_figures, max(1.0, run.instance.residents)
    served = {"served_share": float(np.sum(figures["assigned_residents"])) / residents}
    return served | {
        f"within_{distance:g}_m_share": float(np.sum(figures[f"residents_within_{distance:g}_m"])) / residents
        for distance in coverage_distances_m(run.instance)
    }
