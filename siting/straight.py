"""Price of the milestones of a roll-out in its last year, as an answer."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from siting.answer import Answer
from siting.changed import changed_sites
from siting.language import text
from siting.plan import open_option_of_site
from siting.pricing.straight import Straight, price_straight
from siting.render.answers.straight import straight_sections
from siting.results.results import Results
from siting.vocabulary import Echelon


def price_straight_run(results: Results, *, seconds: float | None = None, threads: int | None = None) -> Answer:
    """Plan the last year of a roll-out alone, and tell by how much the roll-out costs more in that year.

    By default with time and work of the run.

    Raises
    ------
    ConfigError
        If the run plans one year, the objective is no cost, or the run has no certificate.
    """
    record = results.run
    settings: dict[str, Any] = record.config.solve.model_dump()
    if seconds is not None:
        settings |= {"time_limit_s": seconds, "work": None}
    if threads is not None:
        settings["threads"] = threads
    found = price_straight(record.whole_instance, record.solution.plans, **settings)
    counts, changes = _counts(found), changed_sites(results, found.solved, found.values)
    row = {
        "year": found.solved.instance.year,
        "steps_cny_per_year": found.solved.cost_of(found.solved.values),
        "straight_cny_per_year": found.known.cost_cny,
        "bound_cny_per_year": found.known.bound_cny,
        "least_cny_per_year": found.gap.least_cny,
        "most_cny_per_year": found.gap.most_cny,
    }
    years = record.whole_instance.stages.year.tolist() if record.whole_instance.stages is not None else []
    summary: dict[str, Any] = {key: value if math.isfinite(value) else None for key, value in row.items()}
    summary |= {"facilities": counts.to_dict("records"), "changes": changes.to_dict("records")}
    title = text("answers.straight.title", year=row["year"])
    sections = straight_sections(row, years[:-1], counts, changes)
    tables = {"straight": pd.DataFrame([row]), "straight-facilities": counts, "straight-changes": changes}
    return Answer(results, "straight", title, sections, tables, summary)


def _counts(found: Straight) -> pd.DataFrame:
    """Return the number of facilities of each echelon in both plans: `echelon`, `steps`, `straight`."""
    solved = found.solved
    instance = solved.instance
    best = solved.values if found.values is None else found.values
    columns = {
        name: open_option_of_site(instance, solved.whole.plans_of(values)[-1]) >= 0
        for name, values in (("steps", solved.values), ("straight", best))
    }
    rows = [
        {"echelon": one.key}
        | {name: int((is_open & (instance.sites.echelon == one)).sum()) for name, is_open in columns.items()}
        for one in Echelon
    ]
    table = pd.DataFrame(rows)
    return table[table[["steps", "straight"]].any(axis=1)].reset_index(drop=True)
