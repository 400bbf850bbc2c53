"""The folder of a planned region: `region.json` with prices, outputs and totals, and tables of rounds and prices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siting.errors import FileError
from siting.files import write_csv, write_json
from siting.instance import Floats
from siting.region.rounds import BASES, PRICED, RegionPlan

MARKER = "region.json"


def write_region(plan: RegionPlan, folder: Path) -> None:
    """Write `region.json`, `rounds.csv` and `prices.csv` beside the run folders of the last round.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    write_csv(folder / "rounds.csv", rounds_table(plan))
    write_csv(folder / "prices.csv", prices_table(plan))
    write_json(folder / MARKER, _summary(plan))


def read_summary(folder: Path) -> dict[str, Any]:
    """Return the content of region.json.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    path = folder / MARKER
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{path}: cannot be read ({error}); plan the region again") from error
    return found


def rounds_table(plan: RegionPlan) -> pd.DataFrame:
    """Return one row a round: costs, CNY a year, and the largest changes, shares."""
    rows = [
        {
            "round": number,
            **{f"{code}_cny": cny for code, cny in zip(plan.bases.codes, one.city_cny.tolist(), strict=True)},
            "bases_cny": one.base_cny,
            "cost_cny": one.cost_cny,
            "price_change": one.price_change,
            "output_change": one.output_change,
        }
        for number, one in enumerate(plan.rounds, start=1)
    ]
    return pd.DataFrame(rows)


def prices_table(plan: RegionPlan) -> pd.DataFrame:
    """Return one row for each round, city and material: price, CNY/t, and what is delivered, t a year."""
    rows = [
        {
            "round": number,
            "city": plan.bases.codes[city],
            "material": plan.bases.materials[column],
            "price_cny_per_t": one.prices[city, column],
            "delivered_t": one.output_t[city, column],
        }
        for number, one in enumerate(plan.rounds, start=1)
        for city, column in np.argwhere(plan.bases.is_tied).tolist()
    ]
    return pd.DataFrame(rows, columns=["round", "city", "material", "price_cny_per_t", "delivered_t"])


def _summary(plan: RegionPlan) -> dict[str, Any]:
    last, at = plan.rounds[-1], f"round-{len(plan.rounds)}"
    cities = {
        city.code: {
            "run": f"{at}/{city.code}",
            "delivers": {name: dict(shares) for name, shares in plan.config.cities[city.code].delivers.items()},
            "cost_cny": float(last.city_cny[row]),
            "bound_at_prices_cny": float(plan.city_bound_cny[row]),
            "own_sales_cny_per_t": {name: one.sales_cny_per_t for name, one in city.problem.config.materials.items()},
            "prices_cny_per_t": _by_material(plan, last.prices[row], row),
            "delivered_t": _by_material(plan, last.output_t[row], row),
        }
        for row, city in enumerate(plan.cities)
    }
    return {
        "name": plan.config.name,
        "title": {"en": plan.config.title.en, "zh": plan.config.title.zh},
        "cities": cities,
        "bases": {"run": f"{at}/{BASES}", "cost_cny": last.base_cny},
        "bases_at_prices": {"run": PRICED, "bound_cny": plan.base_bound_cny},
        "cost_cny": plan.cost_cny,
        "bound_cny": plan.bound_cny,
        "gap": plan.gap,
        "rounds": len(plan.rounds),
        "is_settled": plan.is_settled,
    }


def _by_material(plan: RegionPlan, values: Floats, row: int) -> dict[str, float]:
    return {
        name: float(values[column])
        for column, name in enumerate(plan.bases.materials)
        if plan.bases.is_tied[row, column]
    }
