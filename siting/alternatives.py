"""Several good plans of one problem: what they share, where they differ, each a run of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.changed import site_label
from siting.errors import ConfigError
from siting.instance import Floats
from siting.language import text
from siting.plan import Solution, Status, relative_gap
from siting.pricing import Solved
from siting.pricing.alternatives import find_alternatives, large_sites
from siting.render.answers.alternatives import alternative_sections
from siting.results.record import Rollout, RunRecord
from siting.results.results import Results
from siting.verify import district_figures, verify_stages
from siting.vocabulary import Echelon


@dataclass(frozen=True)
class Alternatives:
    """Plans within a tolerance of a run's cost: `answer` sets them side by side, `records` are runs of their own."""

    answer: Answer
    records: tuple[RunRecord, ...]


def alternatives_of(
    results: Results,
    *,
    within: float,
    count: int,
    seconds: float,
    threads: int = 1,
    progress: Callable[[int], None] = lambda _: None,
) -> Alternatives:
    """Find up to `count` plans that cost at most `within` more than a run's and differ in a fifth of the large sites.

    Raises
    ------
    ConfigError
        If the tolerance or the number is below 0, what is optimised is no cost, or the run has no certificate.
    """
    if within < 0 or count < 1:
        raise ConfigError(f"within {within:g}, count {count}: give a share from 0 on and at least one plan")
    record = results.run
    solved = Solved.of(record.whole_instance, record.solution)
    seed = record.config.solve.seed
    found = find_alternatives(
        solved, within=within, count=count, seconds=seconds, threads=threads, seed=seed, tell=progress
    )
    records = tuple(_record(record, solved, values, number) for number, values in enumerate(found, 1))
    plans = _plan_table(solved, found)
    sites = _site_table(results, solved, found)
    sections = alternative_sections(results, plans, sites, within=within, count=count)
    tables = {"alternatives": plans, "alternatives-sites": sites}
    summary: dict[str, Any] = {"within": within, "plans": plans.to_dict("records"), "sites": sites.to_dict("records")}
    title = text("answers.alternatives.title")
    return Alternatives(Answer(results, "alternatives", title, sections, tables, summary), records)


def _record(record: RunRecord, solved: Solved, values: Floats, number: int) -> RunRecord:
    """Return a plan as a run: with the bound and certificate of the run, which hold for every plan of the problem."""
    instance, plans, cost_cny = solved.instance, solved.whole.plans_of(values), solved.cost_of(values)
    former = record.solution
    solution = Solution(
        plans=plans, status=Status.of_gap(relative_gap(cost_cny, former.bound), record.config.solve.gap),
        value=cost_cny, bound=min(former.bound, cost_cny), cost_cny=cost_cny,
        bound_cny=min(former.bound_cny, cost_cny), seconds=former.seconds, engine=former.engine,
        certificate=former.certificate, proven=min(former.proven, cost_cny), floor_cny=former.floor_cny,
        history=former.history,
    )  # fmt: skip
    verified = verify_stages(instance, plans)
    figures = tuple(district_figures(instance.at_stage(n), plan) for n, plan in enumerate(plans))
    name = f"{record.config.name}-alternative-{number}"
    return replace(
        record,
        config=record.config.model_copy(update={"name": name}),
        solution=solution,
        verification=verified[-1],
        district_figures=figures[-1],
        rollout=None if record.rollout is None else Rollout(instance, verified, figures),
    )


def _plan_table(solved: Solved, found: list[Floats]) -> pd.DataFrame:
    """Return one row for each plan, the run's first: cost, extra cost, and number of the run's sites left out."""
    base = large_sites(solved, solved.values)
    rows = []
    for number, values in enumerate([solved.values, *found]):
        sites, cost_cny = large_sites(solved, values), solved.cost_of(values)
        more_cny = cost_cny - solved.known.cost_cny
        rows.append(
            {
                "plan": number,
                "cost_cny_per_year": cost_cny,
                "more_cny_per_year": more_cny,
                "more_share": more_cny / max(abs(solved.known.cost_cny), 1e-9),
                "gap_share": relative_gap(cost_cny, solved.known.bound_cny),
                "sites": int(sites.sum()),
                "left": int((base & ~sites).sum()),
                "new": int((sites & ~base).sum()),
            }
        )
    return pd.DataFrame(rows)


def _site_table(results: Results, solved: Solved, found: list[Floats]) -> pd.DataFrame:
    """Return one row for each station, centre and base of any plan: `plans`, their number, and a column for each."""
    instance = results.run.instance
    has = np.array([large_sites(solved, values) for values in (solved.values, *found)])
    sites = np.flatnonzero(has.any(axis=0))
    sites = sites[np.lexsort((sites, -has.sum(axis=0)[sites], -instance.sites.echelon[sites]))]
    labels = [site_label(results, int(site)) for site in sites]
    table = pd.DataFrame(
        {
            "id": instance.sites.id[sites],
            "name_en": [one.en for one in labels],
            "name_zh": [one.zh for one in labels],
            "echelon": [Echelon(one).key for one in instance.sites.echelon[sites]],
            "plans": has[:, sites].sum(axis=0),
        }
    )
    for number, row in enumerate(has):
        table[f"plan_{number}"] = row[sites]
    places = results.run.geography.sites.geometry
    return table.assign(lon=places.x.to_numpy()[sites], lat=places.y.to_numpy()[sites])
