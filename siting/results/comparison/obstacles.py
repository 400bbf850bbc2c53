"""Obstacles to comparing two runs, among them the settings in which their configs differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.config.schema import Config
from siting.instance import Floats, Instance
from siting.language import Label, text
from siting.language.quantities import quantity
from siting.results.comparison.comparison import Obstacle, Part, RunFace, Setting
from siting.results.comparison.figures import keyed_targets
from siting.results.demand import cell_rows
from siting.results.record import RunRecord
from siting.results.results import Results

SAME_PLACE_DEG = 5e-5
"""About 5 m: places of one id that lie further apart are two places."""
SAME_SHARE = 1e-6
MOST_PATHS = 3
OF_AREA = frozenset({Part.SITES, Part.TARGETS, Part.TOTALS, Part.STREAMS, Part.MONEY, Part.WHOLE, Part.VERDICT})
"""Parts that cannot be compared where the areas differ: all but rates and shares."""
OF_STREAMS = frozenset({Part.STREAMS, Part.MONEY, Part.WHOLE, Part.RATES, Part.VERDICT})
OF_VERDICT = frozenset({Part.VERDICT})
NO_REASON = {"name", "title", "city", "runs", "targets", "plausible", "pareto"}
"""Sections that change no plan, or stand in a table of their own."""


@dataclass(frozen=True)
class Sides:
    """Two runs and who they are."""

    first: Results
    second: Results
    a: RunFace
    b: RunFace

    @property
    def runs(self) -> tuple[RunRecord, RunRecord]:
        """The two runs."""
        return self.first.run, self.second.run

    def obstacle(self, kind: str, blocks: frozenset[Part] = frozenset(), **values: Any) -> Obstacle:
        """Return an obstacle with its reason from the catalogue, in which `a` and `b` are the names of the runs."""
        return Obstacle(kind, self.reason(kind, **values), blocks)

    def reason(self, key: str, **values: Any) -> Label:
        """Return a reason from the catalogue."""
        return text(f"comparison.obstacle.{key}", **{"a": self.a.name, "b": self.b.name, **values})


def obstacles_between(sides: Sides) -> tuple[Obstacle, ...]:
    """Return the obstacles to comparing two runs, the gravest first."""
    of_area = tuple(_area(sides))
    checks: tuple[Callable[[Sides], Iterator[Obstacle]], ...] = (_materials, _periods, _year_and_version)
    if not any(one.blocks == OF_AREA for one in of_area):
        checks = (*checks, _strength, _demand, _settings)
    found = [*of_area, *(one for check in (*checks, _faults) for one in check(sides))]
    return tuple(sorted(found, key=lambda one: -len(one.blocks)))


def _area(sides: Sides) -> Iterator[Obstacle]:
    """Yield runs of other cities, other parts of one, or sites of one name in two places."""
    first, second = sides.runs
    ours, theirs = _cells(first), _cells(second)
    common = ours.index.intersection(theirs.index)
    shared = common[_is_near(ours.loc[common], theirs.loc[common])]
    if len(shared) == 0:
        is_other = sides.a.city != sides.b.city
        reason = sides.reason("city" if is_other else "no_common_cell", city_a=sides.a.city, city_b=sides.b.city)
        yield Obstacle("city" if is_other else "area", reason, OF_AREA)
        return
    if len(shared) < max(len(ours), len(theirs)):
        left = [quantity(float(one["residents"].drop(shared).sum()), "residents") for one in (ours, theirs)]
        yield sides.obstacle("area", OF_AREA, ours=left[0], theirs=left[1])
    yield from _site_ids(sides)


def _cells(run: RunRecord) -> pd.DataFrame:
    frame = run.geography.demand.iloc[cell_rows(run.instance)]
    columns = {"x": frame.geometry.x, "y": frame.geometry.y, "residents": frame["residents"]}
    return pd.DataFrame(columns).set_axis(frame["id"].astype(str))


def _is_near(ours: pd.DataFrame, theirs: pd.DataFrame) -> np.ndarray:
    far = np.maximum(np.abs(ours["x"] - theirs["x"]), np.abs(ours["y"] - theirs["y"]))
    return np.asarray(far <= SAME_PLACE_DEG)


def _site_ids(sides: Sides) -> Iterator[Obstacle]:
    """Yield the sites of one id that lie in two places, so that ids say nothing; or other candidates."""
    sites = [run.geography.sites for run in sides.runs]
    ours, theirs = (one.geometry.get_coordinates().set_axis(one["id"].astype(str)) for one in sites)
    common = ours.index.intersection(theirs.index)
    n_far = int((~_is_near(ours.loc[common], theirs.loc[common])).sum())
    n_ours, n_theirs = len(ours.index.difference(theirs.index)), len(theirs.index.difference(ours.index))
    if n_far:
        yield sides.obstacle("sites", frozenset({Part.SITES}), n_far=n_far, n_common=len(common))
    elif n_ours or n_theirs:
        yield sides.obstacle("candidates", ours=n_ours, theirs=n_theirs)


def _materials(sides: Sides) -> Iterator[Obstacle]:
    ours, theirs = ([str(name) for name in run.instance.materials.id] for run in sides.runs)
    if set(ours) != set(theirs):
        lists = [Label(", ".join(names), "、".join(names)) for names in (ours, theirs)]
        yield sides.obstacle("materials", OF_STREAMS, ours=lists[0], theirs=lists[1])


def _periods(sides: Sides) -> Iterator[Obstacle]:
    """Yield one run with years or cases that the other has not: their whole costs are sums over other periods."""
    results = (sides.first, sides.second)
    ours, theirs = (", ".join(one.by_period) if one.has_periods else str(one.run.instance.year) for one in results)
    if ours != theirs and any(one.has_periods for one in results):
        yield sides.obstacle("stages", OF_VERDICT | {Part.WHOLE}, ours=ours, theirs=theirs)


def _year_and_version(sides: Sides) -> Iterator[Obstacle]:
    for kind in ("year", "version"):
        ours, theirs = getattr(sides.a, kind), getattr(sides.b, kind)
        if ours != theirs:
            yield sides.obstacle(kind, OF_VERDICT, ours=ours, theirs=theirs)


def _strength(sides: Sides) -> Iterator[Obstacle]:
    """Yield the targets that are hard in one run and soft in the other: only one cost contains a penalty."""
    ours, theirs = (keyed_targets(one.last.target_rows) for one in (sides.first, sides.second))
    n_other = sum(ours[key].is_hard != theirs[key].is_hard for key in ours.keys() & theirs.keys())
    if n_other:
        yield sides.obstacle("strength", OF_VERDICT, number=n_other)


def _demand(sides: Sides) -> Iterator[Obstacle]:
    (people_a, tonnes_a), (people_b, tonnes_b) = (
        (run.instance.residents, float(run.instance.demand.tonnes.sum())) for run in sides.runs
    )
    if any(abs(a - b) > SAME_SHARE * max(a, b) for a, b in ((people_a, people_b), (tonnes_a, tonnes_b))):
        yield sides.obstacle(
            "demand",
            residents_a=quantity(people_a, "residents"),
            residents_b=quantity(people_b, "residents"),
            tonnes_a=quantity(tonnes_a, "t/yr"),
            tonnes_b=quantity(tonnes_b, "t/yr"),
        )


def _settings(sides: Sides) -> Iterator[Obstacle]:
    """Yield the figures of the configs that differ beside the targets: part of every difference comes from them."""
    differing = compare_settings([run.config for run in sides.runs])
    paths = [one.path for one in differing if one.path.split(".")[0] not in {"solve", "year", "horizon"}]
    if paths:
        listed = ", ".join(paths[:MOST_PATHS]) + (" …" if len(paths) > MOST_PATHS else "")
        yield sides.obstacle("settings", number=len(paths), listed=listed)


def _faults(sides: Sides) -> Iterator[Obstacle]:
    for face in (sides.a, sides.b):
        if face.faults:
            yield sides.obstacle("faults", OF_VERDICT, a=face.name, number=len(face.faults))


def compare_settings(configs: Sequence[Config]) -> tuple[Setting, ...]:
    """Return the keys that differ, in the order of the config; targets are compared by themselves."""
    flat = [dict(_flat(config.model_dump(mode="json", exclude_none=True, exclude=NO_REASON), "")) for config in configs]
    paths = list(dict.fromkeys(path for one in flat for path in one))
    rows = [(path, tuple(one.get(path, "") for one in flat)) for path in paths]
    return tuple(Setting(path, values) for path, values in rows if len(set(values)) > 1)


def is_same_question(first: Config, second: Config) -> bool:
    """Return whether two configs ask the same, however it is solved."""
    asked = [config.model_dump(mode="json", exclude=NO_REASON - {"targets"} | {"solve"}) for config in (first, second)]
    return bool(asked[0] == asked[1])


def _flat(node: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield each value of a nested section under its dotted key, as text; labels are left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "label":
                yield from _flat(value, f"{at}.{key}" if at else str(key))
    elif isinstance(node, list) and any(isinstance(one, dict) for one in node):
        for number, value in enumerate(node):
            yield from _flat(value, f"{at}.{number}")
    else:
        yield at, _text(node)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _asked(instance: Instance) -> Floats:
    return np.array([one.value for one in instance.targets])


def is_same_problem(first: Instance, second: Instance) -> bool:
    """Return whether two instances are alike in what they hold, link and ask.

    Their configs say the rest of what they ask; plans of a front ask more than their config.
    """
    pairs = (
        (_asked(first), _asked(second)),
        (first.demand.id, second.demand.id),
        (first.demand.tonnes, second.demand.tonnes),
        (first.sites.id, second.sites.id),
        (first.options.site, second.options.site),
        (first.walks.distance_m, second.walks.distance_m),
        (first.direct.distance_m, second.direct.distance_m),
        (first.haul.distance_m, second.haul.distance_m),
    )
    return all(np.array_equal(a, b) for a, b in pairs)
