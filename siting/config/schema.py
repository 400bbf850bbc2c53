"""The closed schema of a config: every key, its unit and range. An unknown key is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.config.decisions import Decision, with_decided
from siting.config.facilities import Facilities
from siting.config.flows import (
    Bases,
    Emptying,
    LinkClass,
    Participation,
    Shared,
    Subsidy,
    Transport,
    base_faults,
    tour_faults,
)
from siting.config.horizon import Horizon, PlaceFactors, Uncertainty, horizon_faults
from siting.config.layout import Layout
from siting.config.materials import Material
from siting.config.payers import Payers
from siting.config.standards import Standard
from siting.config.targets import Goal, Pareto, TargetLine, id_faults
from siting.errors import unknown
from siting.language import Label
from siting.vocabulary import CHAINS, LINKS, DemandKind, EchelonName, Measure

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""Names of configs and scenarios, which are names of folders."""
ExistingAction = Literal["keep", "may_close", "may_upgrade", "free"]
AVERAGES = {
    "cost_cny_per_t": tuple(CHAINS), "emissions_kg_co2e_per_t": tuple(CHAINS), "cost_cny_per_resident": ("households",)
}  # fmt: skip
"""Figures that are told by chain, with the chains that have them."""


class Scope(Closed):
    """Part of the city to plan; everything when left out."""

    districts: tuple[str, ...] = Field((), description="district codes whose residents and points are planned")
    haul_sites_within_km: Positive = Field(
        30.0, description="stations and centres within this distance of the districts are candidates too"
    )
    generators: bool | tuple[str, ...] = Field(
        True, description="whether commercial and industrial generators are included; or a list of their materials"
    )


class Travel(Closed):
    """Pairs of places that the model considers."""

    walk_cutoff_m: Positive
    walk_shortcut_m: NotNegative = Field(150.0, description="straight distance within which a footpath is assumed, m")
    stations_per_point: Annotated[int, Field(ge=1)] = Field(
        12, description="nearest stations considered at first in a large city, for speed; bounds hold for all hauls"
    )
    centres_per_station: Annotated[int, Field(ge=1)] = Field(25, description="as stations_per_point")
    centres_per_generator: Annotated[int, Field(ge=1)] = Field(20, description="as stations_per_point")
    stations_per_generator: Annotated[int, Field(ge=1)] = Field(
        12, description="as stations_per_point; also of each cell with booked pick-up"
    )
    bases_per_site: Annotated[int, Field(ge=1)] = Field(
        5, description="as stations_per_point; of each centre, station and generator"
    )
    haul_cutoff_km: Positive = Field(80.0, description="longest haul allowed")

    @staticmethod
    def nearest_key(link_class: str) -> str:
        """Return the key that says how many heads are considered for each tail of a class of links."""
        keys = {
            "point_to_transfer": "stations_per_point",
            "transfer_to_sorting": "centres_per_station",
            "generator_to_sorting": "centres_per_generator",
            "generator_to_transfer": "stations_per_generator",
            "door_to_transfer": "stations_per_generator",
        }
        return keys.get(link_class, "bases_per_site")


class Money(Closed):
    """Finance and city-wide prices."""

    discount_rate: Share
    land_term_years: Positive
    disposal_cny_per_t: NotNegative = 0.0
    carbon_cny_per_t: NotNegative = 0.0
    avoided_cny_per_t: NotNegative = Field(0.0, description="value of a tonne of CO2e avoided by products")
    grid_kg_co2e_per_kwh: NotNegative = 0.0


class ExistingSite(Closed):
    """Existing facility at a candidate site, of a type and size of `facilities`."""

    id: str
    type: str
    size: str


class SiteChoices(Closed):
    """Sites that must or must not be open, by candidate id."""

    must_open: tuple[str, ...] = Field((), description="sites that must be open")
    must_close: tuple[str, ...] = Field(
        (), description="sites that must be closed; an existing facility is closed at its closing cost"
    )
    existing: tuple[ExistingSite, ...] = Field(
        (), description="existing facilities, in addition to those of the candidates table"
    )
    decisions: tuple[Decision, ...] = Field(
        (), description="decisions of reviewers, as saved by the map; `siting run CONFIG --with FILE` adds a file"
    )

    _decided = model_validator(mode="before")(with_decided)


class NearPlan(Closed):
    """Facilities that the earlier run opens in one of its periods."""

    period: str = Field("", description="name of the planning year or case; empty where the run has one")
    year: Annotated[int, Field(ge=2000, le=2100)]
    facilities: dict[str, dict[str, tuple[str, ...]]] = Field(
        description="ids of candidates by type and size of what opens there"
    )


class Near(Closed):
    """An earlier run that targets of `changes` count against; `siting run CONFIG --near RUN` enters it."""

    run: str = Field(description="name of the run")
    plans: Annotated[tuple[NearPlan, ...], Field(min_length=1)] = Field(
        description="one for each of its periods; a period counts against that of its name, else of the nearest year"
    )


class Existing(Closed):
    """Changes allowed to existing facilities; by default all are kept.

    The choice of a facility: by its id here, else `existing_action` in the candidates table, else by its echelon,
    else `default`.
    """

    default: ExistingAction = "keep"
    by_echelon: dict[EchelonName, ExistingAction] = Field(default_factory=dict)
    keep: tuple[str, ...] = ()
    may_close: tuple[str, ...] = ()
    may_upgrade: tuple[str, ...] = ()
    free: tuple[str, ...] = Field((), description="may be closed or upgraded")
    closing_cny: dict[EchelonName, NotNegative] = Field(
        default_factory=dict, description="one-off cost of closing one, by echelon; 0 by default"
    )
    closing_term_years: Positive | None = Field(
        None, description="years over which the closing cost is spread; by default money.land_term_years"
    )
    upgrade_cost_share: Annotated[float, Field(ge=0, le=2)] = Field(
        1.0, description="cost of an upgrade, as a share of the capex of the new size"
    )

    def named(self) -> dict[str, ExistingAction]:
        """Return the choice of each facility that is named by id."""
        return {one: action for action in get_args(ExistingAction) for one in getattr(self, action)}

    @model_validator(mode="after")
    def _is_named_once(self) -> Existing:
        ids = [*self.keep, *self.may_close, *self.may_upgrade, *self.free]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"{twice[0]!r} is named twice; keep it in one of keep, may_close, may_upgrade, free")
        return self


class Solve(Closed):
    """Settings of the solver."""

    engine: Literal["auto", "exact", "city"] = "auto"
    solver: str = Field("highs", description="solver of the exact engine, by its PuLP name")
    time_limit_s: Positive = 600.0
    work: Positive | None = Field(
        None,
        description="counted work that ends the solve, about 1 per second; repeatable unless time ends it first",
    )
    gap: Share = Field(0.005, description="stop at this proven gap, (cost − bound) / cost")
    threads: Annotated[int, Field(ge=1)] = 2
    seed: Annotated[int, Field(ge=0)] = 1


class Range(Closed):
    """Published range of a figure of the plan, with its source."""

    low: float
    high: float
    source: str


class Config(Closed):
    """A whole config. Paths are absolute once loaded."""

    name: Annotated[str, Field(pattern=NAME)]
    title: Label
    city: Path
    year: Annotated[int, Field(ge=2000, le=2100)]
    scope: Scope = Scope()
    materials: Annotated[dict[str, Material], Field(min_length=1)]
    participation: Participation
    demand: PlaceFactors = Field(PlaceFactors(), description="factors on the residents and tonnes of the city folder")
    travel: Travel
    facilities: Facilities
    bases: Bases = Bases()
    assignment: Literal["designated", "nearest"] = Field(
        "nearest",
        description="`nearest`: residents use their nearest open points; `designated`: the plan assigns them",
    )
    assignment_tolerance_m: Annotated[float, Field(ge=0)] = Field(
        200.0, description="extra walk accepted beyond the nearest open point under `nearest`, m"
    )
    shared: Shared | None = None
    subsidies: tuple[Subsidy, ...] = ()
    transport: Transport
    money: Money
    payers: Payers = Payers()
    targets: tuple[TargetLine, ...] = ()
    objective: tuple[Goal, ...] = Field((), description="goals in order of importance; minimum cost by default")
    pareto: Pareto | None = None
    horizon: Horizon = Horizon()
    uncertainty: Uncertainty = Uncertainty()
    sites: SiteChoices = SiteChoices()
    near: Near | None = Field(None, description="earlier run that targets of `changes` count against")
    existing: Existing = Existing()
    layout: Layout = Layout()
    standards: tuple[Standard, ...] = Field(
        (), description="standards packs to check plans against, or to use as constraints"
    )
    solve: Solve = Solve()
    plausible: dict[str, Range] = Field(
        default_factory=dict,
        description="published ranges printed beside the plan's figures, by key of docs/reference/run-folder.md",
    )
    runs: Path = Field(Path("runs"), description="folder of the run folders")

    @field_validator("plausible")
    @classmethod
    def _is_of_a_chain(cls, ranges: dict[str, Range]) -> dict[str, Range]:
        faults = [
            f"{key} is a figure of each chain; write {' or '.join(f'{key}.{one}' for one in chains)}"
            for key, chains in AVERAGES.items()
            if key in ranges
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return ranges

    @model_validator(mode="after")
    def _names_are_known(self) -> Config:
        echelons = {name: echelon for echelon, name, _ in self.facilities.by_echelon()}
        to_base = [name for name, material in self.materials.items() if material.to_base]
        faults = [
            *self._unknown_materials(),
            *self._idle_goals(),
            *self._changes_of_nothing(),
            *id_faults(self.targets),
            *(
                fault
                for number, line in enumerate(self.targets)
                if line.type is not None
                for fault in unknown(f"targets.{number}.type", "facility type", [line.type], echelons)
            ),
            *self.facilities.faults(self.materials, to_base),
            *base_faults(self.bases, self.transport, set(self.facilities.base), to_base),
            *tour_faults(self.transport, self.participation.booked, self._emptying_of_points()),
            *self.layout.faults(echelons),
            *horizon_faults(
                self.horizon,
                self.uncertainty,
                self.demand,
                year=self.year,
                target_years=[line.year for line in self.targets],
                materials=sorted(self.materials),
                goals=[goal.measure for goal in self._goals()],
            ),
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def link_rate(self, link_class: str) -> LinkClass | None:
        """Return the rate of a class of links; None where the config has none of them."""
        if LINKS[link_class].given_by is DemandKind.BOOKED:
            return self.participation.booked
        rate: LinkClass | None = getattr(self.transport, link_class, None)
        return rate

    def _emptying_of_points(self) -> dict[str, Emptying | None]:
        return {
            f"facilities.point.{name}.sizes.{size_name}": size.emptying
            for name, kind in self.facilities.point.items()
            for size_name, size in kind.sizes.items()
        }

    @property
    def front_goals(self) -> tuple[Goal, ...]:
        """Goals of the Pareto front; empty where there is none."""
        return self.pareto.goals if self.pareto else ()

    def _goals(self) -> list[Goal]:
        return [*self.objective, *self.front_goals]

    def _idle_goals(self) -> Iterator[str]:
        asked = {line.measure for line in self.targets if line.at_least}
        asked |= {goal.maximise for goal in self._goals() if goal.maximise}
        serves = any(measure.record.asks_for_service for measure in asked)
        for goal in self._goals():
            is_met = serves or (goal.minimise is Measure.COVERAGE_RANGE and Measure.COVERAGE in asked)
            if goal.needs_service and not is_met:
                yield (
                    f"objective: least {goal.minimise} is reached by serving nobody; add a target that asks for"
                    " service, such as served at_least"
                )

    def _changes_of_nothing(self) -> Iterator[str]:
        for number, line in enumerate(self.targets):
            if line.measure is Measure.CHANGES and self.near is None:
                yield (
                    f"targets.{number}: changes are counted against an earlier run, and there is no section `near`;"
                    " `siting run CONFIG --near RUN --at-most-changes 20` enters one"
                )

    def _unknown_materials(self) -> Iterator[str]:
        known = self.materials
        for echelon, name, kind in self.facilities.by_echelon():
            unit = kind.unit_opex_cny_per_t
            named = [*kind.accepts, *(unit if isinstance(unit, dict) else ())]
            yield from unknown(f"facilities.{echelon}.{name}", "material", named, known)
        for number, subsidy in enumerate(self.subsidies):
            yield from unknown(f"subsidies.{number}.material", "material", [subsidy.material], known)
        for number, line in enumerate(self.targets):
            if line.material is not None:
                yield from unknown(f"targets.{number}.material", "material", [line.material], known)
