"""Two or more runs side by side: what each costs, reaches and opens, and what can be concluded from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

from siting.results.comparison.comparison import Comparison, Pair, Part, RunFace
from siting.results.comparison.figures import compare_figures, compare_targets
from siting.results.comparison.obstacles import (
    Sides,
    compare_settings,
    is_same_problem,
    is_same_question,
    obstacles_between,
)
from siting.results.comparison.sites import OpenSite, compare_sites, open_sites, places_m
from siting.results.comparison.verdict import judge_costs
from siting.results.comparison.walks import compare_walks
from siting.results.moves import MOVE_WITHIN_M
from siting.results.record import RunRecord
from siting.results.results import Results


def compare_runs(
    runs: Sequence[RunRecord | Results],
    *,
    names: Sequence[str] = (),
    moved_within_m: Mapping[str, float] | None = None,
) -> Comparison:
    """Compare runs, each two of them.

    Parameters
    ----------
    runs
        Two runs or more, or their results. Of one with several periods the last is compared, the cost as a whole.
    names
        What the runs are called; left out: the names of their configs. Equal names are told apart by numbers.
    moved_within_m
        How near to a site of one run alone one of the other alone must lie to count as moved, m, by echelon; left
        out: `MOVE_WITHIN_M`.

    Raises
    ------
    ValueError
        If there are fewer than two runs.
    """
    if len(runs) < 2:
        raise ValueError("a comparison needs at least two runs")
    results = [one if isinstance(one, Results) else Results(one) for one in runs]
    unique = distinct_names(names or [one.run.config.name for one in results])
    faces = tuple(_face(one, name) for one, name in zip(results, unique, strict=True))
    opened = [open_sites(one) for one in results]
    pairs = tuple(
        _pair(i, j, Sides(results[i], results[j], faces[i], faces[j]), opened, moved_within_m or MOVE_WITHIN_M)
        for i, j in combinations(range(len(results)), 2)
    )
    ids = [{site.id for site in sites} for sites in opened]
    in_all = tuple(site.id for site in opened[0] if all(site.id in of_run for of_run in ids))
    return Comparison(
        runs=faces,
        figures=compare_figures(results),
        targets=compare_targets(results),
        settings=compare_settings([one.run.config for one in results]),
        pairs=pairs,
        in_all=in_all if all(pair.sites is not None for pair in pairs) else None,
    )


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names with a number behind those that repeat.

    >>> distinct_names(["a", "b", "a"])
    ('a', 'b', 'a (2)')
    """
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(made)


def _face(results: Results, name: str) -> RunFace:
    run, solution = results.run, results.run.solution
    return RunFace(
        name=name,
        title=results.title,
        city=results.city,
        year=run.instance.year,
        version=run.versions.get("siting", ""),
        status=str(solution.status),
        cost_cny=solution.cost_cny,
        bound_cny=solution.bound_cny,
        gap=solution.gap if math.isfinite(solution.bound_cny) else math.inf,
        floor_cny=solution.floor_cny,
        decidable_gap=solution.decidable_gap,
        faults=tuple(run.verification.faults),
        penalty_cny=results.penalty_cny,
    )


def _pair(
    i: int, j: int, sides: Sides, opened: Sequence[tuple[OpenSite, ...]], moved_within_m: Mapping[str, float]
) -> Pair:
    first, second = sides.runs
    obstacles = obstacles_between(sides)
    blocked = frozenset[Part]().union(*(obstacle.blocks for obstacle in obstacles))
    verdict = sites = walks = None
    if Part.VERDICT not in blocked:
        same = is_same_question(first.config, second.config)
        same = same and is_same_problem(first.whole_instance, second.whole_instance)
        verdict = judge_costs(sides.a, sides.b, is_same_problem=same)
    if Part.SITES not in blocked:
        crs = first.geography.crs_metric
        xy_m = places_m(opened[i], first, crs), places_m(opened[j], second, crs)
        sites = compare_sites(opened[i], opened[j], xy_m=xy_m, moved_within_m=moved_within_m)
    if Part.TOTALS not in blocked:
        walks = compare_walks(first, second)
    return Pair(i, j, obstacles, verdict, sites, walks)
