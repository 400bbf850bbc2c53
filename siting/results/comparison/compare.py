"""Two or more runs side by side: what each costs, reaches and opens, and what can be concluded from it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from siting.instance import Floats
from siting.language import Label
from siting.results.comparison.comparison import Comparison, Pair, Part, RunFace
from siting.results.comparison.figures import compare_figures
from siting.results.comparison.obstacles import is_same_problem, obstacles_between
from siting.results.comparison.settings import compare_settings, is_same_question
from siting.results.comparison.sites import OpenSite, compare_sites, open_sites
from siting.results.comparison.targets import compare_targets
from siting.results.comparison.verdict import judge_costs
from siting.results.comparison.walks import compare_walks
from siting.results.moves import MOVE_WITHIN_M
from siting.results.record import RunRecord


def compare_runs(
    records: Sequence[RunRecord], *, names: Sequence[str] = (), moved_within_m: Mapping[str, float] | None = None
) -> Comparison:
    """Compare runs, each two of them.

    Parameters
    ----------
    records
        Two runs or more. Of one with several years or cases the last is compared, the cost as a whole.
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
    if len(records) < 2:
        raise ValueError("a comparison needs at least two runs")
    called = distinct_names(names or [record.config.name for record in records])
    faces = tuple(_face(record, name) for record, name in zip(records, called, strict=True))
    within_m = moved_within_m or MOVE_WITHIN_M
    opened = [open_sites(record) for record in records]
    pairs = tuple(
        _pair((i, j), records, (faces[i], faces[j]), opened, within_m) for i, j in combinations(range(len(records)), 2)
    )
    return Comparison(
        runs=faces,
        figures=compare_figures(records),
        targets=compare_targets(records),
        settings=compare_settings([record.config for record in records]),
        pairs=pairs,
        in_all=_in_all(opened) if all(pair.sites is not None for pair in pairs) else None,
    )


def distinct_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names with a number behind those that repeat.

    >>> distinct_names(["a", "b", "a"])
    ('a', 'b', 'a (2)')
    """
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        seen[name] += 1
        made.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(made)


def _face(record: RunRecord, name: str) -> RunFace:
    solution, geography = record.solution, record.geography
    return RunFace(
        name=name,
        title=record.config.title,
        city=Label(en=geography.city_name_en, zh=geography.city_name_zh),
        year=record.instance.year,
        version=record.versions.get("siting", ""),
        status=str(solution.status),
        cost_cny=solution.cost_cny,
        bound_cny=solution.bound_cny,
        gap=solution.gap if math.isfinite(solution.bound_cny) else math.inf,
        faults=tuple(record.verification.faults),
    )


def _pair(
    numbers: tuple[int, int],
    records: Sequence[RunRecord],
    faces: tuple[RunFace, RunFace],
    opened: Sequence[tuple[OpenSite, ...]],
    moved_within_m: Mapping[str, float],
) -> Pair:
    i, j = numbers
    first, second = records[i], records[j]
    obstacles = obstacles_between(first, second, faces)
    blocked = frozenset[Part]().union(*(obstacle.blocks for obstacle in obstacles))
    verdict = sites = walks = None
    if Part.VERDICT not in blocked:
        same = is_same_question(first.config, second.config)
        same = same and is_same_problem(first.whole_instance, second.whole_instance)
        verdict = judge_costs(*faces, is_same_problem=same)
    if Part.SITES not in blocked:
        crs = first.geography.crs_metric
        xy_m = _places_m(first, opened[i], crs), _places_m(second, opened[j], crs)
        sites = compare_sites(opened[i], opened[j], xy_m=xy_m, moved_within_m=moved_within_m)
    if Part.TOTALS not in blocked:
        walks = compare_walks(first, second)
    return Pair(i, j, obstacles, verdict, sites, walks)


def _places_m(record: RunRecord, sites: Sequence[OpenSite], crs: str) -> Floats:
    """Where open sites stand, m, (n, 2)."""
    if not sites:
        return np.empty((0, 2))
    rows = record.geography.sites.set_index("id").geometry.loc[[site.id for site in sites]].to_crs(crs)
    return np.column_stack([rows.x, rows.y])


def _in_all(opened: Sequence[tuple[OpenSite, ...]]) -> tuple[str, ...]:
    ids = [{site.id for site in sites} for sites in opened]
    return tuple(site.id for site in opened[0] if all(site.id in of_run for of_run in ids))
