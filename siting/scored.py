"""Any set of facilities scored by a config: what it costs with the best flows, and what it misses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.config import Config, Loaded
from siting.errors import ConfigError, InfeasibleError, did_you_mean, raise_faults
from siting.inputs.placed import Placed, read_placed
from siting.inputs.tables.wording import plain
from siting.instance import Bools, Floats, Groups, Instance, Target
from siting.language import text
from siting.plan import Solution, Status
from siting.prepare import Prepared
from siting.render.answers.scores import score_sections
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.summary import chain_summary
from siting.runs.provenance import input_digests, package_versions
from siting.solve.solve import solve
from siting.verify import district_figures, verify

TOO_LARGE_M2 = 1e12
"""An area that no site has: an option that needs it stays closed."""
WORTH_OF_A_TARGET = 10.0
"""Missing all of a target costs so many times what the facilities cost in all: targets come before cost."""
WORTH_CNY_PER_T = 2000.0


@dataclass(frozen=True)
class Scored:
    """A set of facilities with its best flows. `is_designated`: residents do not choose, as points would overflow."""

    results: Results
    is_designated: bool


def score_facilities(loaded: Loaded, prepared: Prepared, path: str | Path, *, seconds: float) -> Answer:
    """Score the facilities of a file by the targets and prices of a config: with the best flows that they allow.

    Nothing else opens. Targets that must hold are reached as far as these facilities can, before cost. Of several years
    the last is scored.

    Parameters
    ----------
    loaded, prepared
        The config, and what is made of it and its city.
    path
        CSV, Excel or GeoPackage with a column `id` of candidates, and `type` and `size` where it matters; the workbook
        or the folder of a run.
    seconds
        For the flows.

    Raises
    ------
    FileError, DataError
        If the file cannot be read or has no column of ids.
    ConfigError
        If an id, type or size is not known: all in one list.
    InfeasibleError
        If not even with all targets missed the facilities can do what must be done.
    """
    placed = read_placed(path)
    whole = prepared.instance
    instance = whole.at_stage(whole.n_stages - 1)
    chosen = _chosen(instance, placed, loaded.config)
    scored = _scored(loaded, prepared, chosen, seconds)
    results, stem = scored.results, f"score-{Path(path).resolve().stem}"
    sections = score_sections(results, n=len(placed), name=Path(path).name, is_designated=scored.is_designated)
    title = text("answers.score.title", name=Path(path).name)
    tables = {stem: results.targets, f"{stem}-costs": results.costs, f"{stem}-chains": results.chains.round(2)}
    summary = {
        "cost_cny": results.run.solution.cost_cny, "facilities": len(placed), "faults": list(results.faults),
        "is_designated": scored.is_designated,
        "chains": {one.chain.key: chain_summary(one) for one in results.chain_totals},
        "targets": pd.DataFrame(results.targets).astype(object).where(results.targets.notna(), None).to_dict("records"),
    }  # fmt: skip
    return Answer(results, stem, title, sections, tables, summary)


def _chosen(instance: Instance, placed: Sequence[Placed], config: Config) -> Bools:
    """Return which options may open, (n_options,): at each site those of the type and size in the file, if given."""
    ids, options = instance.sites.id.tolist(), instance.options
    types = {plain(name): {str(name)} for name in instance.facility_types}
    for _, name, facility_type in config.facilities.by_echelon():
        for label in (facility_type.label.en, facility_type.label.zh):
            types.setdefault(plain(label), set()).add(name)
    chosen, faults = np.zeros(instance.n_options, dtype=bool), []
    for one in placed:
        if one.id not in ids:
            faults.append(f"{one.where}: no candidate {one.id!r}; {did_you_mean(one.id, ids, 'take the row out')}")
            continue
        here = options.site == ids.index(one.id)
        if one.type is not None:
            named = sorted(types.get(plain(one.type), {one.type}))
            here &= np.isin(instance.facility_types[options.type], named)
        if one.size is not None:
            here &= np.array([plain(size) == plain(one.size) for size in options.size])
        if not here.any():
            faults.append(f"{one.where}: no {one.type or 'facility'} {one.size or ''} may stand at {one.id}; change it")
        chosen |= here
    raise_faults(faults, ConfigError)
    return chosen


def _scored(loaded: Loaded, prepared: Prepared, chosen: Bools, seconds: float) -> Scored:
    """Return the plan with the best flows, verified against the instance as it is."""
    whole, config = prepared.instance, loaded.config
    instance = whole.at_stage(whole.n_stages - 1)
    held = _held(instance, chosen)
    how: dict[str, Any] = {"engine": "exact", "time_limit_s": seconds, "gap": 1e-4, "threads": config.solve.threads}
    is_designated = False
    try:
        found = solve(held, **how)
    except InfeasibleError:
        if not held.assigns_nearest:
            raise
        is_designated = True
        found = solve(replace(held, assigns_nearest=False), **how)
    plan = found.plan
    verification = verify(instance, plan)
    cost_cny = verification.cost_cny
    solution = Solution(
        plans=(plan,), status=Status.TIME_LIMIT, value=cost_cny, bound=-np.inf, cost_cny=cost_cny, bound_cny=-np.inf,
        seconds=found.seconds, engine="facilities of a file", certificate=None,
    )  # fmt: skip
    record = RunRecord(
        config=config, figures=loaded.figures, instance=instance,
        geography=prepared.geography, solution=solution, verification=verification,
        district_figures=district_figures(instance, plan), versions=package_versions(),
        inputs=input_digests(loaded), stages=(), log="", checks=prepared.checks,
    )  # fmt: skip
    return Scored(Results(record), is_designated)


def _held(instance: Instance, chosen: Bools) -> Instance:
    """Return the problem in which only chosen options may open, one at each chosen site, and targets may be missed."""
    options, sites = instance.options, instance.sites
    must_open = np.zeros(instance.n_sites, dtype=bool)
    must_open[options.site[chosen]] = True
    area_m2 = np.where(chosen, np.minimum(options.area_m2, sites.area_m2[options.site]), TOO_LARGE_M2)
    nothing = np.zeros(instance.n_options)
    fixed_cny = options.investment_cny + options.land_cny + options.fixed_operation_cny
    worth_cny = float(fixed_cny[chosen].sum()) + WORTH_CNY_PER_T * float(instance.demand.tonnes.sum())
    return replace(
        instance,
        options=replace(options, area_m2=area_m2, min_load_t=nothing),
        sites=replace(sites, must_open=must_open),
        groups=Groups.none(),
        targets=tuple(_soft(one, worth_cny) for one in instance.targets if one.measure.record.is_soft),
    )


def _soft(target: Target, worth_cny: float) -> Target:
    """Return a hard target as a soft one whose penalty exceeds the cost of all facilities; a soft target unchanged."""
    if not target.is_hard:
        return target
    size: Floats | float = max(abs(target.asked), 1e-6)
    return replace(target, penalty_cny=WORTH_OF_A_TARGET * worth_cny / float(size))
