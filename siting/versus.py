"""Why two runs differ: which changed figure moves which cost with the plan held, and which sites when planned anew."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.changed import site_label
from siting.config import Config
from siting.config.targets import target_lines
from siting.errors import ConfigError, SitingError
from siting.instance import Instance, Ints
from siting.language import text
from siting.plan import Plan, open_option_of_site, plan_shapes
from siting.render.answers.versus import versus_sections
from siting.results.results import Results
from siting.solve.solve import solve
from siting.solve.start import Start
from siting.verify import verify_stages, whole_cost_cny
from siting.vocabulary import COST_TERMS, Echelon

UNCOMPARED = ("solve", "runs", "name", "title", "pareto", "city", "scenarios")
"""Sections of a config that move no cost by themselves."""
MOST_SINGLE = 24
"""With more changed figures than this they are taken together by section and its first key."""
Make = Callable[[Mapping[str, Any]], Instance]
"""Makes the instance of the first run's config with other keys."""


@dataclass(frozen=True)
class Change:
    """A changed part of a config: its key, its values, and the keys by which the first config takes the second's."""

    key: str
    was: Any
    now: Any
    keys: Mapping[str, Any]


@dataclass(frozen=True)
class Held:
    """Cost of a plan under an instance, CNY a year, and by term; nan and none if its sites are not in the instance."""

    cost_cny: float
    terms_cny: Mapping[str, float]


def explain_versus(first: Results, second: Results, make: Make, *, seconds: float = 0.0) -> Answer:
    """Report which changed figure moves which cost from the `first` run to the `second`, and which sites.

    Parameters
    ----------
    first, second
        The runs.
    make
        Returns the instance of the first run's config with other keys.
    seconds
        For planning anew with each figure alone; 0: sites are told without the figures that move them.

    Raises
    ------
    ConfigError
        If the runs are of other cities, or nothing of their configs differs.
    """
    configs = first.run.config, second.run.config
    if configs[0].city.name != configs[1].city.name:
        raise ConfigError(f"versus: runs of other cities ({configs[0].city.name}, {configs[1].city.name})")
    changes = changed_parts(*configs)
    if not changes:
        raise ConfigError("versus: the configs of the two runs do not differ; their plans do by time, gap or seed only")
    plans = first.run.solution.plans
    base = held(make({}), plans)
    moved = _moved_sites(first, second)
    rows = [_row(change, base, make, first, moved, seconds) for change in changes]
    together = held(make(_together(changes)), plans)
    figures = pd.DataFrame(rows, columns=["key", "was", "now", "moves_cny_per_year", "terms", "sites"])
    sites = _site_table(first, moved, rows, asked=seconds > 0)
    totals = {
        "first_cny": base.cost_cny, "together_cny": together.cost_cny, "second_cny": second.run.solution.cost_cny,
    }  # fmt: skip
    sections = versus_sections(figures, sites, totals, first=first.name, second=second.name, is_planned=seconds > 0)
    name = f"versus-{second.name}"
    told = figures.astype(object).where(figures.notna(), None)
    known = {key: value if math.isfinite(value) else None for key, value in totals.items()}
    summary = {"totals": known, "figures": told.to_dict("records"), "sites": sites.to_dict("records")}
    title = text("answers.versus.title", first=first.name, second=second.name)
    return Answer(first, name, title, sections, {name: figures, f"{name}-sites": sites}, summary)


def changed_parts(first: Config, second: Config) -> list[Change]:
    """Return the figures and targets in which two configs differ, or their sections where they are many."""
    old, new = (_sections(config) for config in (first, second))
    changes = _target_changes(first, second)
    paths = _differing(old, new, ())
    if len(paths) + len(changes) > MOST_SINGLE:
        paths = list(dict.fromkeys(path[:2] for path in paths))
    for path in paths:
        was, now = _at(old, path), _at(new, path)
        keys: Any = now
        for name in reversed(path):
            keys = {name: keys}
        changes.append(Change(".".join(path), was, now, keys))
    return changes


def _sections(config: Config) -> dict[str, Any]:
    raw = config.model_dump(mode="json", exclude_none=True)
    return {name: part for name, part in raw.items() if name not in (*UNCOMPARED, "targets")}


def _differing(old: Any, new: Any, path: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the paths of the smallest parts that differ; lists are parts as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        names = dict.fromkeys((*old, *new))
        return [one for name in names for one in _differing(old.get(name), new.get(name), (*path, name))]
    return [] if old == new else [path]


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _target_changes(first: Config, second: Config) -> list[Change]:
    """Return one change for each target that is added, left out, or asks for something else."""
    old, new = (
        {
            name: line.model_dump(mode="json", exclude_none=True) | {"id": name}
            for name, line in target_lines(config.targets).items()
        }
        for config in (first, second)
    )
    changes = []
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) == new.get(name):
            continue
        lines = {one: new.get(name) if one == name else old[one] for one in dict.fromkeys((*old, name))}
        kept = [line for line in lines.values() if line is not None]
        changes.append(Change(f"targets.{name}", _asked(old.get(name)), _asked(new.get(name)), {"targets": kept}))
    return changes


def _asked(line: Mapping[str, Any] | None) -> Any:
    """Return the required value of a line of targets, as text."""
    return None if line is None else line.get("at_least", line.get("at_most"))


def _together(changes: list[Change]) -> dict[str, Any]:
    """Return the keys of all changes; of targets, which each change gives as a whole list, every one is changed."""
    keys: dict[str, Any] = {}
    lists = [change.keys["targets"] for change in changes if "targets" in change.keys]
    for change in changes:
        keys = _merged(keys, {name: part for name, part in change.keys.items() if name != "targets"})
    if lists:
        names = [change.key.removeprefix("targets.") for change in changes if "targets" in change.keys]
        own = {name: line for name, kept in zip(names, lists, strict=True) for line in kept if line["id"] == name}
        others = [line for line in lists[0] if line["id"] not in names]
        keys["targets"] = [*others, *own.values()]
    return keys


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return one | {name: _merged(one.get(name), part) for name, part in other.items()}
    return other


def held(instance: Instance, plans: tuple[Plan, ...]) -> Held:
    """Return the cost of plans under an instance, even if they break its rules."""
    stages = [instance.at_stage(number) for number in range(instance.n_stages)]
    found = [{name: array.shape for name, array in vars(plan).items()} for plan in plans]
    if found != [plan_shapes(stage) for stage in stages]:
        return Held(math.nan, {})
    verified = verify_stages(instance, plans)
    weight = [1.0] if instance.stages is None else instance.stages.weight.tolist()
    terms = {
        term: sum(share * one.cost_terms_cny[term] for share, one in zip(weight, verified, strict=True))
        for term in COST_TERMS
    }
    return Held(whole_cost_cny(instance, verified), terms)


def _row(
    change: Change, base: Held, make: Make, first: Results, moved: Mapping[int, str], seconds: float
) -> dict[str, Any]:
    """Return the effect of one change: cost and terms for the fixed plan, and sites that match the second run."""
    row = {"key": change.key, "was": _told(change.was), "now": _told(change.now)}
    try:
        instance = make(change.keys)
    except SitingError:  # the config does not accept this figure without others
        return row | {"moves_cny_per_year": math.nan, "terms": {}, "sites": []}
    alone = held(instance, first.run.solution.plans)
    terms = {term: cny - base.terms_cny[term] for term, cny in alone.terms_cny.items()}
    told = {term: round(cny, 2) for term, cny in terms.items() if abs(cny) >= 1}
    sites = _like_second(instance, first, moved, seconds) if seconds > 0 else []
    return row | {"moves_cny_per_year": alone.cost_cny - base.cost_cny, "terms": told, "sites": sites}


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def _moved_sites(first: Results, second: Results) -> dict[int, str]:
    """Return the sites that the second run opens, closes or changes, by their row in the first run's instance."""
    instances = first.run.instance, second.run.instance
    old, other = (open_option_of_site(run.run.instance, run.run.solution.plan) for run in (first, second))
    rows = {str(one): row for row, one in enumerate(instances[1].sites.id)}
    moved = {}
    for site, id_ in enumerate(instances[0].sites.id):
        row = rows.get(str(id_))
        before, after = old[site] >= 0, row is not None and other[row] >= 0
        if before != after:
            moved[site] = "opened" if after else "closed_now"
        elif before and row is not None and _facility(instances[0], old[site]) != _facility(instances[1], other[row]):
            moved[site] = "resized"
    return moved


def _facility(instance: Instance, option: int) -> tuple[str, str]:
    options = instance.options
    return str(instance.facility_types[options.type[option]]), str(options.size[option])


def _like_second(instance: Instance, first: Results, moved: Mapping[int, str], seconds: float) -> list[str]:
    """Return the ids of the sites that a plan made anew opens or closes as the second run does."""
    ids = first.run.instance.sites.id
    if instance.sites.id.tolist() != ids.tolist():
        return []
    how: dict[str, Any] = {"threads": 1, "seed": first.run.config.solve.seed, "gap": 1e-4}
    try:
        begun = Start(first.run.whole_instance, first.run.solution.plans)
        found = solve(instance, time_limit_s=seconds, start=begun, **how)
    except SitingError:
        return []
    last = instance.at_stage(instance.n_stages - 1)
    now: Ints = open_option_of_site(last, found.plan)
    then = open_option_of_site(first.run.instance, first.run.solution.plan)
    change = np.where((then < 0) & (now >= 0), "opened", np.where((then >= 0) & (now < 0), "closed_now", ""))
    return [str(ids[site]) for site, way in moved.items() if change[site] == way]


def _site_table(first: Results, moved: Mapping[int, str], rows: list[dict[str, Any]], *, asked: bool) -> pd.DataFrame:
    """Return one row for each site that differs, the last echelons first, with the figures that move it alone."""
    instance = first.run.instance
    order = sorted(moved, key=lambda site: (-int(instance.sites.echelon[site]), site))
    table = []
    for site in order:
        id_, label = str(instance.sites.id[site]), site_label(first, site)
        by = [row["key"] for row in rows if id_ in row["sites"]]
        echelon = Echelon(int(instance.sites.echelon[site])).key
        table.append((id_, label.en, label.zh, echelon, moved[site], ", ".join(by) if asked else ""))
    return pd.DataFrame(table, columns=["id", "name_en", "name_zh", "echelon", "change", "moved_by"])
