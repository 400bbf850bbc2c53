"""A plan if residents walk to the nearest open point instead of to the one it assigns: one table and its figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from siting.behaviour import LEAST_T, held_t, near_enough_m, walk_to_nearest
from siting.instance import Instance
from siting.language import Label, listed, text
from siting.language.quantities import difference, quantity
from siting.plan import Plan
from siting.verify.costs import running_terms
from siting.verify.tonnage import trace_tonnage
from siting.vocabulary import COST_TERMS, Echelon

FULL = 1e-6
LEAST_RESIDENTS = 0.5
"""Overload below this share of a capacity, and fewer residents, are rounding."""


@dataclass(frozen=True)
class WalkFigure:
    """A figure of a plan as it assigns residents (`planned`), and if they walk to the nearest open point."""

    key: str
    label: Label
    unit: str
    planned: float
    nearest: float


@dataclass(frozen=True, eq=False)
class Behaviour:
    """Figures of a plan if residents walk to the nearest open point.

    `loads` has one row for each open facility, the most overloaded first: `site`, `id`, `echelon`, `planned_t`,
    `load_if_nearest_t`, `held_t` (capacity over peak factor), `overload_t`, all t a year, and `overload_share`
    of `held_t`.
    `is_followed`: the plan is made for this behaviour, so nothing changes. `moved_residents` are assigned to a farther
    point, `new_residents` to none although a point is in reach; `left_residents` have none in reach. Costs are without
    penalties for missed targets; what exceeds a capacity is priced as if it were taken.
    """

    is_followed: bool
    plan: Plan
    loads: pd.DataFrame
    figures: tuple[WalkFigure, ...]
    moved_residents: float
    new_residents: float
    left_residents: float

    @property
    def values(self) -> Mapping[str, WalkFigure]:
        """The figures by key."""
        return {one.key: one for one in self.figures}

    @property
    def overloaded(self) -> pd.DataFrame:
        """The rows of `loads` above their capacity."""
        return self.loads[self.loads["overload_t"] > 0]

    @property
    def load_by_site_t(self) -> pd.Series[float]:
        """Load of each open facility by its site, t a year."""
        return self.loads.set_index("site")["load_if_nearest_t"]

    @property
    def has_walkers(self) -> bool:
        """Return whether anyone walks to a point; where nobody does there is nothing to say."""
        return self.values["served_residents"].nearest >= LEAST_RESIDENTS

    @property
    def changes(self) -> bool:
        """Return whether anyone walks elsewhere than assigned."""
        return max(self.moved_residents, self.new_residents) >= LEAST_RESIDENTS


def behaviour_of(instance: Instance, plan: Plan) -> Behaviour:
    """Return the figures of a plan of one stage if residents walk to the nearest open point."""
    walked = walk_to_nearest(instance, plan)
    loads = _load_table(instance, plan, walked)
    demand, walks = instance.demand, instance.walks
    residents = demand.residents[walks.demand]
    left_there = float(residents @ np.minimum(plan.assign, walked.assign))
    planned, served = float(residents @ plan.assign), float(residents @ walked.assign)
    return Behaviour(
        is_followed=instance.assigns_nearest,
        plan=walked,
        loads=loads,
        figures=tuple(_figures(instance, plan, walked, loads)),
        moved_residents=planned - left_there,
        new_residents=served - planned,
        left_residents=instance.residents - served,
    )


def _load_table(instance: Instance, plan: Plan, walked: Plan) -> pd.DataFrame:
    site = np.unique(instance.options.site[plan.is_open])
    planned_t, load_t = (trace_tonnage(instance, one).inflow_t[site].sum(axis=1) for one in (plan, walked))
    table = pd.DataFrame(
        {
            "site": site,
            "id": instance.sites.id[site],
            "echelon": [Echelon(one).key for one in instance.sites.echelon[site]],
            "planned_t": planned_t,
            "load_if_nearest_t": load_t,
            "held_t": held_t(instance, plan)[site],
        }
    )
    table["overload_t"] = _above(table["load_if_nearest_t"], table["held_t"])
    table["overload_share"] = table["overload_t"] / table["held_t"].clip(lower=LEAST_T)
    return table.sort_values(["overload_t", "site"], ascending=[False, True], kind="stable", ignore_index=True)


def _figures(instance: Instance, plan: Plan, walked: Plan, loads: pd.DataFrame) -> Iterator[WalkFigure]:
    over_t = {"planned": _above(loads["planned_t"], loads["held_t"]), "nearest": loads["overload_t"]}
    is_point = loads["echelon"] == Echelon.POINT.key
    before, after = (
        _whole(instance, one, float(over_t[name][is_point].sum()))
        for name, one in (("planned", plan), ("nearest", walked))
    )
    for key, unit in UNITS.items():
        label = COST_TERMS.get(key.removesuffix("_cny")) or text(f"behaviour.{key}")
        yield WalkFigure(key, label, unit, before[key], after[key])
    for one in Echelon:
        here = loads["echelon"] == one.key
        if here.any():
            many = {name: float((tonnes[here] > 0).sum()) for name, tonnes in over_t.items()}
            sums = {name: float(tonnes[here].sum()) for name, tonnes in over_t.items()}
            count, tonnes = (
                text(f"behaviour.{key}", facilities=one.label) for key in ("overloaded_facilities", "overload_t")
            )
            yield WalkFigure(f"overloaded_{one.key}", count, "facilities", **many)
            yield WalkFigure(f"overload_{one.key}_t", tonnes, "t/yr", **sums)


def _above(load_t: pd.Series[float], most_t: pd.Series[float]) -> pd.Series[float]:
    """Return the load above capacity, t a year; 0 if it is within rounding."""
    return (load_t - most_t).where(load_t > most_t * (1 + FULL) + LEAST_T, 0.0)


UNITS = {
    "served_residents": "residents",
    "mean_walk_m": "m",
    "brought_t": "t/yr",
    "held_t": "t/yr",
    "collected_t": "t/yr",
    "transport_cny": "CNY/yr",
    "collection_cny": "CNY/yr",
    "net_cost_cny": "CNY/yr",
}
"""Figures of the whole plan, with their units."""


def _whole(instance: Instance, plan: Plan, over_t: float) -> dict[str, float]:
    tonnage, walks = trace_tonnage(instance, plan), instance.walks
    terms_cny = running_terms(instance, plan, tonnage=tonnage)
    residents = instance.demand.residents[walks.demand] * plan.assign
    served, brought_t = float(residents.sum()), float(tonnage.household_t.sum())
    return {
        "served_residents": served,
        "mean_walk_m": float(residents @ walks.distance_m) / served if served > 0 else float("nan"),
        "brought_t": brought_t,
        "held_t": brought_t - over_t,
        "collected_t": float(tonnage.collected_t.sum()),
        "transport_cny": terms_cny["transport"],
        "collection_cny": terms_cny["collection"],
        "net_cost_cny": sum(terms_cny.values()),
    }


def verdict(instance: Instance, behaviour: Behaviour) -> Label:
    """Return one or two sentences on the effect on the plan."""
    if behaviour.is_followed:
        return text("behaviour.followed", tolerance=quantity(near_enough_m(instance), "m"))
    if not behaviour.changes:
        return text("behaviour.unchanged")
    figures, new = behaviour.values, behaviour.new_residents
    cost, brought, held = (figures[key] for key in ("net_cost_cny", "brought_t", "held_t"))
    return text(
        "behaviour.verdict",
        moved=quantity(behaviour.moved_residents, "residents"),
        served=quantity(figures["served_residents"].planned, "residents"),
        new=text("behaviour.new", residents=quantity(new, "residents")) if new >= LEAST_RESIDENTS else "",
        loads=_overloads(behaviour),
        brought=quantity(brought.nearest, brought.unit),
        planned=quantity(brought.planned, brought.unit),
        fits=text("behaviour.fits", tonnes=quantity(held.nearest, held.unit)) if held.nearest < brought.nearest else "",
        cost=difference(cost.nearest - cost.planned, cost.unit),
    )


def _overloads(behaviour: Behaviour) -> Label:
    """Return the number of facilities of each echelon above capacity, and their excess."""
    parts = []
    for one in Echelon:
        here = behaviour.loads["echelon"] == one.key
        over_t = behaviour.loads["overload_t"][here]
        n, tonnes = int((over_t > 0).sum()), quantity(float(over_t.sum()), "t/yr")
        if n:
            parts.append(text("behaviour.overloaded", n=n, all=int(here.sum()), facilities=one.label, tonnes=tonnes))
    return listed(parts) if parts else text("behaviour.none_overloaded")


def overload_warning(behaviour: Behaviour) -> Label | None:
    """Return a sentence on the number of points above capacity if residents choose; None if there are none."""
    figures = behaviour.values
    points = figures.get("overloaded_point")
    if behaviour.is_followed or points is None or not points.nearest:
        return None
    return text(
        "behaviour.warning",
        n=int(points.nearest),
        all=int((behaviour.loads["echelon"] == Echelon.POINT.key).sum()),
        tonnes=quantity(figures["overload_point_t"].nearest, "t/yr"),
    )


def behaviour_summary(behaviour: Behaviour) -> dict[str, Any]:
    """Return the section of `plan.json`: `planned` and `nearest` by figure, and residents who move."""
    return {
        "is_followed": behaviour.is_followed,
        "moved_residents": round(behaviour.moved_residents),
        "new_residents": round(behaviour.new_residents),
        "left_residents": round(behaviour.left_residents),
        "figures": {
            one.key: {"label": one.label.en, "planned": _number(one.planned), "nearest": _number(one.nearest)}
            | {"unit": one.unit}
            for one in behaviour.figures
        },
    }


def _number(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None
