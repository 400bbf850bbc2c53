"""The least subsidy at which the network of a run pays for itself, told as an answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.changed import changed_sites
from siting.errors import ConfigError, did_you_mean
from siting.instance import Bools, Instance
from siting.language import Label, text
from siting.pricing import Solved
from siting.pricing.breakeven import LEAST_T, Breakeven, find_breakeven
from siting.pricing.districts import district_costs
from siting.render.answers.breakeven import breakeven_sections
from siting.results.results import Results
from siting.vocabulary import Measure

DISTRICT_FIGURES = ("tonnes", "cost_cny", "needed_more_cny_per_t", "balance_cny")
ALL = "all"
"""Name that stands for every material."""


def break_even(
    results: Results,
    material: str,
    *,
    seconds: float,
    threads: int = 1,
    progress: Callable[[float, float], None] = lambda _least, _most: None,
) -> Answer:
    """Find the least subsidy a collected tonne of a material, or of `all`, at which the network pays for itself.

    Raises
    ------
    ConfigError
        If there is no such material, a target limits subsidies, the dearest case is minimised, what is optimised is no
        cost, or the run has no certificate.
    """
    record = results.run
    instance = record.whole_instance
    materials = _materials(instance, material)
    _require_plain(instance)
    solved = Solved.of(instance, record.solution)
    found = find_breakeven(
        solved, materials, seconds=seconds, threads=threads, seed=record.config.solve.seed, tell=progress
    )
    today = instance.materials.subsidy_cny_per_t[:, materials]
    now = float(today.flat[0]) if np.ptp(today) == 0 else math.nan
    penalty_cny = results.run.verification.cost_terms_cny["shortfall_penalty"]
    changes = changed_sites(results, solved, found.values)
    districts = _by_district(results, solved, materials, found)
    labels = results.material_labels
    label = text("answers.breakeven.all") if material == ALL else labels.get(material, Label(material, material))
    row = {
        "material": material, "subsidy_today_cny_per_t": now, "least_more_cny_per_t": found.least,
        "most_more_cny_per_t": found.most, "plan_cost_cny": found.cost_cny, "plan_tonnes": found.tonnes,
        "run_cost_cny": solved.known.cost_cny, "run_penalty_cny": penalty_cny,
    }  # fmt: skip
    table = pd.DataFrame([row])
    name = f"breakeven-{material}"
    summary: dict[str, Any] = {key: value if _is_told(value) else None for key, value in row.items()}
    summary["changes"] = changes.to_dict("records")
    summary["districts"] = [
        {key: value if _is_told(value) else None for key, value in one.items()} for one in districts.to_dict("records")
    ]
    title = text("answers.breakeven.title", material=label)
    sections = breakeven_sections(row, changes, districts, label)
    tables = {name: table, f"{name}-districts": districts, f"{name}-changes": changes}
    return Answer(results, name, title, sections, tables, summary)


def _by_district(results: Results, solved: Solved, materials: Bools, found: Breakeven) -> pd.DataFrame:
    """Return one row for each district, of the plan that breaks even at the upper end; no row if none is known.

    Columns: `district`, its names, `tonnes` of the materials collected a year, `cost_cny` a year, the subsidy
    `needed_more_cny_per_t` (nan where nothing is collected, below 0 where none is needed), and `balance_cny` a year:
    what it receives above its cost if all districts are paid `found.most`. The balances sum to 0 where that is above 0.
    """
    labels = results.district_labels
    codes = solved.instance.districts.tolist() if math.isfinite(found.most) else []
    columns = {"district": codes}
    columns |= {f"district_{lang}": [getattr(labels[code], lang) for code in codes] for lang in ("en", "zh")}
    if not codes:
        return pd.DataFrame({**columns, **{name: [] for name in DISTRICT_FIGURES}})
    costs = district_costs(solved.instance, solved.whole.plans_of(found.values), materials)
    needed = np.divide(costs.cost_cny, costs.tonnes, out=np.full(len(codes), np.nan), where=costs.tonnes > LEAST_T)
    figures = (costs.tonnes, costs.cost_cny, needed, found.most * costs.tonnes - costs.cost_cny)
    return pd.DataFrame({**columns, **dict(zip(DISTRICT_FIGURES, figures, strict=True))})


def _is_told(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _materials(instance: Instance, material: str) -> Bools:
    """Return whether each material is meant."""
    ids = instance.materials.id.tolist()
    if material != ALL and material not in ids:
        there_are = f"there are {', '.join(ids)}, and {ALL}"
        raise ConfigError(f"material {material}: unknown; {did_you_mean(material, ids, there_are)}")
    return np.array([material in (ALL, one) for one in ids])


def _require_plain(instance: Instance) -> None:
    """Refuse what makes the cost of a plan other than linear in the subsidy."""
    limits = [one.id for one in instance.targets if one.measure is Measure.SUBSIDY]
    if limits:
        raise ConfigError(f"target {limits[0]}: limits subsidies, which are what is looked for; leave it out")
    if instance.stages is not None and instance.stages.is_robust:
        raise ConfigError(
            "uncertainty: the dearest case is minimised; take the mean of the cases to look for a subsidy"
        )
