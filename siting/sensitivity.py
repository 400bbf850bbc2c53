"""Sensitivity of the cost of a plan, and of its stations and centres, to figures that are assumed or recalled."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.answer import Answer
from siting.config import Loaded
from siting.errors import ConfigError, SitingError
from siting.instance import Instance
from siting.language import text
from siting.plan import Plan, open_option_of_site
from siting.render.answers.sensitivity import sensitivity_sections
from siting.results.results import Results
from siting.solve.solve import solve
from siting.solve.start import Start
from siting.verify import verify_stages
from siting.versus import held
from siting.vocabulary import Echelon

DOUBTED = ("assumption", "recalled")
"""Status of figures that are tried at the ends of their ranges."""
PLANNED_S = 5.0
"""Time limit of a new plan of a small problem, s."""
HALVINGS = 3
"""Values tried between a figure and an end of its range at which sites flip, to find the first that flips one."""
NO_FLIPS: dict[str, Any] = {"flips": [], "first_flips": [], "first_flip_at": math.nan}
Make = Callable[[Mapping[str, Any]], Instance]
"""Makes the instance of the config with other parameters, by key."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Ranged:
    """A parameter that a config uses, with the ends of its range."""

    key: str
    unit: str
    status: str
    source: str
    value: float
    low: float
    high: float


def doubted_parameters(loaded: Loaded) -> list[Ranged]:
    """Return the parameters of the table that a config uses, are assumed or recalled, and have a range."""
    found: dict[str, Ranged] = {}
    for figure in loaded.figures:
        one = figure.parameter
        if one.key and one.status in DOUBTED and one.low is not None and one.high is not None:
            found[one.key] = Ranged(one.key, one.unit, one.status, one.source, one.value, one.low, one.high)
    return [one for one in found.values() if one.low < one.high]


def sensitivity_of(
    results: Results,
    figures: Sequence[Ranged],
    make: Make,
    *,
    seconds: float = 0.0,
    most: int = 10,
    progress: Progress = lambda _key, _done, _n: None,
) -> Answer:
    """Report how the cost of a plan changes at the ends of each figure's range, and which sites open or close.

    Parameters
    ----------
    results
        The results of a run of the config.
    figures
        The figures to try, one at a time.
    make
        Returns the instance of the config with other parameters.
    seconds
        For planning anew at each end of the `most` figures that move the cost most, or with which the plan no longer
        holds, and between for the first value that flips a site; 0: no plan is made.
    most
        So many figures are planned anew with.
    progress
        Called with the key of each figure tried, the number done and the number of all.

    Raises
    ------
    ConfigError
        If no figure of the config is assumed or recalled with a range.
    """
    if not figures:
        raise ConfigError("sensitivity: no figure of the config is assumed or recalled and has a low and a high end")
    plans, base_instance = results.run.solution.plans, make({})
    base = held(base_instance, plans)
    n = len(figures) + (min(most, len(figures)) if seconds > 0 else 0)
    rows = []
    for number, one in enumerate(figures, 1):
        rows.append(_row(one, base.cost_cny, make, plans))
        progress(one.key, number, n)
    rows.sort(key=lambda row: (not (row["low_broken"] or row["high_broken"]), -row["swing_cny_per_year"]))
    if seconds > 0:
        settled = _planned(base_instance, plans, seconds)
        for number, row in enumerate(rows[:most], len(figures) + 1):
            if settled is not None:
                row.update(_Anew(base_instance, settled, make, seconds).row(row))
            progress(row["key"], number, n)
    table = pd.DataFrame(rows)
    told = table.astype(object).where(table.notna(), None)
    summary = {"cost_cny": base.cost_cny, "figures": told.to_dict("records")}
    sections = sensitivity_sections(table, base_cny=base.cost_cny, n_planned=min(most, len(rows)) if seconds > 0 else 0)
    flat = table.assign(**{name: [" ".join(one) for one in table[name]] for name in ("flips", "first_flips")})
    return Answer(results, "sensitivity", text("answers.sensitivity.title"), sections, {"sensitivity": flat}, summary)


def _row(one: Ranged, base_cny: float, make: Make, plans: tuple[Plan, ...]) -> dict[str, Any]:
    """Return the change of cost, CNY a year, at either end, and the number of rules and hard targets violated there."""
    row: dict[str, Any] = vars(one) | NO_FLIPS
    for end, value in (("low", one.low), ("high", one.high)):
        try:
            instance = make({one.key: value})
        except SitingError:  # the config does not accept the value
            row |= {f"{end}_moves_cny_per_year": math.nan, f"{end}_broken": 0}
            continue
        cost_cny = held(instance, plans).cost_cny
        broken = sum(len(each.faults) for each in verify_stages(instance, plans)) if math.isfinite(cost_cny) else 0
        row |= {f"{end}_moves_cny_per_year": cost_cny - base_cny, f"{end}_broken": broken}
    ends = [0.0, *(row[f"{end}_moves_cny_per_year"] for end in ("low", "high"))]
    row["swing_cny_per_year"] = float(np.nanmax(ends) - np.nanmin(ends))
    return row


def _planned(instance: Instance, plans: tuple[Plan, ...], seconds: float) -> tuple[Plan, ...] | None:
    """Return the plans made anew from others within `seconds`; None where there are none."""
    try:
        return solve(instance, time_limit_s=seconds, start=Start(instance, plans), gap=1e-4, threads=1).plans
    except SitingError:
        return None


@dataclass(frozen=True)
class _Anew:
    """New plans with one figure changed, each made within `seconds` from `settled`, the plans without a change."""

    instance: Instance
    settled: tuple[Plan, ...]
    make: Make
    seconds: float

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the sites that flip at either end of a figure's range, and which flip first, at which value."""
        found, firsts = list[str](), list[tuple[float, list[str]]]()
        for end in ("low", "high"):
            flips = self.flips(row["key"], row[end])
            found += flips
            if flips:
                firsts.append(self.first(row["key"], row["value"], row[end], flips))
        if not found:
            return NO_FLIPS
        at, flips = min(firsts, key=lambda one: abs(one[0] - row["value"]))
        return {"flips": list(dict.fromkeys(found)), "first_flips": flips, "first_flip_at": at}

    def first(self, key: str, value: float, end: float, flips: list[str]) -> tuple[float, list[str]]:
        """Return the value nearest to a figure's own, of those tried up to an end, at which sites flip, and these."""
        still = value
        for _ in range(HALVINGS):
            middle = (still + end) / 2
            between = self.flips(key, middle)
            if between:
                end, flips = middle, between
            else:
                still = middle
        return end, flips

    def flips(self, key: str, value: float) -> list[str]:
        """Return the ids of sites that a plan opens or closes with another value, `+` or `−` before each.

        None where the value is refused, and where that plan is better without the change too: it was found late.
        """
        try:
            changed = self.make({key: value})
        except SitingError:
            return []
        plans = _planned(changed, self.settled, self.seconds)
        if plans is None or changed.sites.id.tolist() != self.instance.sites.id.tolist() or self._is_better(plans):
            return []
        last = changed.at_stage(changed.n_stages - 1)
        old, new = (open_option_of_site(last, one[-1]) >= 0 for one in (self.settled, plans))
        flipped = np.flatnonzero((old != new) & (last.sites.echelon > Echelon.POINT))
        return [f"{'+' if new[site] else '−'}{last.sites.id[site]}" for site in flipped]

    def _is_better(self, plans: tuple[Plan, ...]) -> bool:
        """Return whether plans hold without the change, and cost less than those that were made without it."""
        costs = [held(self.instance, one).cost_cny for one in (plans, self.settled)]
        return costs[0] < costs[1] and not any(each.faults for each in verify_stages(self.instance, plans))
