"""The outcome of one scenario of a sweep: its figures, or why there is no plan."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from siting.config import Change
from siting.language import Label
from siting.results.results import Results
from siting.results.summary import number
from siting.vocabulary import Echelon

DECIMALS = 6
ROUNDING = 1e-9
EVERYWHERE = 1e-9
"""Residents that each place counts as, for a city without any."""


class Ending(enum.StrEnum):
    """Reason for the end of a scenario."""

    PLAN = "plan"
    INFEASIBLE = "infeasible"
    OUT_OF_TIME = "out_of_time"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Return whether the same scenario would end in the same way again; all others are solved again."""
        return self in (Ending.PLAN, Ending.INFEASIBLE)


@dataclass(frozen=True)
class Place:
    """The city of a plan: its name, the mean position of its residents in degrees, and whether it is synthetic.

    `source` is the line that must be shown wherever its data are.
    """

    name: Label
    lon: float
    lat: float
    is_made_up: bool
    source: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self) | {"name": self.name.as_dict()}


@dataclass(frozen=True)
class Reached:
    """A target: its period, case, id and unit in `key`, the side, what is planned for with the margin, and reached."""

    key: str
    is_at_least: bool
    planned: float
    reached: float

    def is_reached_by(self, value: float) -> bool:
        """Return whether a value is enough."""
        slack = ROUNDING * max(1.0, abs(self.planned))
        return value >= self.planned - slack if self.is_at_least else value <= self.planned + slack


@dataclass(frozen=True)
class Outcome:
    """One scenario of a sweep.

    Attributes
    ----------
    name, title
        Of the scenario; its run is the folder of this name.
    digest
        Of config and inputs: another one is another problem.
    ending, message
        How it ended, and why there is no plan.
    changes
        What it changes of the config.
    figures
        `cost_cny`, `paid_cny` (without penalties), `bound_cny` and `floor_cny` a year, `gap`, `decidable_gap`,
        `residents`, `investment_cny`, `covered_share` within `within_m`, `collected_t`, `targets`, `targets_held`,
        `seconds`, and `open_<echelon>`; none without a plan.
    status
        How the solve ended.
    targets
        What was planned for and is reached of each target.
    sites
        Ids of the open sites by echelon.
    place
        The city; None without a plan, and of sweeps of earlier versions.
    """

    name: str
    title: Label
    digest: str
    ending: Ending
    message: str = ""
    changes: tuple[Change, ...] = ()
    status: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    targets: tuple[Reached, ...] = ()
    sites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    place: Place | None = None

    @property
    def has_plan(self) -> bool:
        """Return whether there is a plan."""
        return self.ending is Ending.PLAN

    @property
    def cost_cny(self) -> float:
        """Cost as it was minimised, penalties of missed soft targets counted, CNY a year; inf without a plan."""
        return self.figures.get("cost_cny", math.inf)

    @property
    def paid_cny(self) -> float:
        """Net cost without penalties, CNY a year; inf without a plan."""
        return self.figures.get("paid_cny", self.cost_cny)

    @property
    def bound_cny(self) -> float:
        """Proven lower bound on the cost, CNY a year; −inf if not known."""
        return self.figures.get("bound_cny", -math.inf)

    @property
    def changes_targets_only(self) -> bool:
        """Return whether it differs from the config in targets only, so that its plan can be compared with others."""
        return all(change.key.startswith("targets.") for change in self.changes)

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        finite = {key: number(value, DECIMALS) for key, value in self.figures.items()}
        return {
            "name": self.name,
            "title": self.title.as_dict(),
            "digest": self.digest,
            "ending": str(self.ending),
            "message": self.message,
            "status": self.status,
            "changes": [asdict(change) for change in self.changes],
            "figures": {key: value for key, value in finite.items() if value is not None},
            "targets": [asdict(target) for target in self.targets],
            "sites": {echelon: list(ids) for echelon, ids in self.sites.items()},
            "place": None if self.place is None else self.place.as_dict(),
        }

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Outcome:
        """Restore an outcome from `as_dict`."""
        place = raw.get("place")
        return cls(
            name=raw["name"],
            title=Label(**raw["title"]),
            digest=raw["digest"],
            ending=Ending(raw["ending"]),
            message=raw["message"],
            changes=tuple(Change(**change) for change in raw["changes"]),
            status=raw["status"],
            figures=raw["figures"],
            targets=tuple(Reached(**target) for target in raw.get("targets", ())),
            sites={echelon: tuple(ids) for echelon, ids in raw["sites"].items()},
            place=None if place is None else Place(**place | {"name": Label(**place["name"])}),
        )


def plan_figures(results: Results) -> dict[str, float]:
    """Return the figures of a plan that a sweep lists."""
    run, last = results.run, results.last
    opened = {f"open_{echelon.key}": float(n) for echelon, n in last.open_counts.items()}
    targets = results.target_rows
    return {
        "cost_cny": run.solution.cost_cny,
        "paid_cny": results.paid_cny,
        "bound_cny": run.solution.bound_cny,
        "gap": run.solution.gap,
        "floor_cny": run.solution.floor_cny,
        "decidable_gap": run.solution.decidable_gap,
        "residents": run.instance.residents,
        "investment_cny": results.invested_cny,
        "within_m": last.shown_distance_m,
        "covered_share": last.share_within(last.shown_distance_m),
        "collected_t": last.collected_t,
        "targets": float(len(targets)),
        "targets_held": float(sum(row.holds for row in targets)),
        "seconds": run.solution.seconds,
        **opened,
    }


def reached_of(results: Results) -> tuple[Reached, ...]:
    """Return what a plan reaches of each target."""
    return tuple(
        Reached(
            "|".join((row.period, row.case, row.id, row.unit)), row.is_at_least,
            row.asked + (row.planned_margin if row.is_at_least else -row.planned_margin), float(row.reached),
        )
        for row in results.target_rows
    )  # fmt: skip


def place_of(results: Results) -> Place:
    """Return the city of a plan."""
    geography = results.run.geography
    weight = geography.demand["residents"].to_numpy(dtype=float) + EVERYWHERE
    lon, lat = (
        float(np.average(of, weights=weight)) for of in (geography.demand.geometry.x, geography.demand.geometry.y)
    )
    source = next(iter(geography.attributions), "")
    return Place(results.city, round(lon, DECIMALS), round(lat, DECIMALS), geography.is_made_up, source)


def open_sites(results: Results) -> dict[str, tuple[str, ...]]:
    """Return the ids of the open sites by echelon, of the last period."""
    facilities = results.last.open_facilities
    return {
        echelon.key: tuple(sorted(facilities.loc[facilities["echelon"] == echelon.key, "id"].astype(str)))
        for echelon in Echelon
        if (facilities["echelon"] == echelon.key).any()
    }
