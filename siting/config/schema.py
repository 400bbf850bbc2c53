"""The closed schema of a config: every key, its unit and range. An unknown key is an error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
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
from siting.config.horizon import Horizon, Uncertainty, horizon_faults
from siting.config.layout import Layout
from siting.config.materials import Material
from siting.config.payers import Payers
from siting.config.standards import Standard
from siting.config.targets import Goal, Pareto, TargetLine, id_faults
from siting.errors import unknown
from siting.language import Label
from siting.vocabulary import CHAINS, LINKS, DemandKind, EchelonName, Measure

ExistingAction = Literal["keep", "may_close", "may_upgrade", "free"]
AVERAGES = {
    "cost_cny_per_t": tuple(CHAINS), "emissions_kg_co2e_per_t": tuple(CHAINS), "cost_cny_per_resident": ("households",)
}  # fmt: skip
"""Figures that are told by chain, with the chains that have them."""


class Scope(Closed):
    """Part of the city to plan; everything when left out."""

    districts: tuple[str, ...] = Field((), description="district codes whose residents and points are planned")
    haul_sites_within_km: Positive = Field(
        30.0, description="stations and centres this near to the districts are candidates too"
    )
    generators: bool | tuple[str, ...] = Field(
        True, description="whether commercial and industrial generators are planned; or the materials of those that are"
    )


class Travel(Closed):
    """Which pairs of places are considered."""

    walk_cutoff_m: Positive
    walk_shortcut_m: NotNegative = Field(150.0, description="within this straight distance a footpath is assumed")
    stations_per_point: Annotated[int, Field(ge=1)] = 12
    centres_per_station: Annotated[int, Field(ge=1)] = 25
    centres_per_generator: Annotated[int, Field(ge=1)] = 20
    stations_per_generator: Annotated[int, Field(ge=1)] = Field(12, description="also of each cell with booked pick-up")
    bases_per_site: Annotated[int, Field(ge=1)] = Field(5, description="of each centre, station and generator")
    haul_cutoff_km: Positive = 80.0

    @staticmethod
    def nearest_key(link_class: str) -> str:
        """The key that says how many heads are considered for each tail of a class of links."""
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
    avoided_cny_per_t: NotNegative = Field(
        0.0, description="what a tonne of CO2e that product saves elsewhere is worth"
    )
    grid_kg_co2e_per_kwh: NotNegative = 0.0


class ExistingSite(Closed):
    """A facility that stands today at a candidate's place; its type and size are those of `facilities`."""

    id: str
    type: str
    size: str


class SiteChoices(Closed):
    """Sites that must or must not be open, by candidate id."""

    must_open: tuple[str, ...] = ()
    must_close: tuple[str, ...] = Field((), description="never open; what stands there is closed at its closing cost")
    existing: tuple[ExistingSite, ...] = Field(
        (), description="facilities that stand today, beside those of the candidates table"
    )


class Existing(Closed):
    """Changes allowed to facilities that stand today; they all stay where this section is left out.

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
        default_factory=dict, description="paid once to close one; 0 for an echelon that is left out"
    )
    closing_term_years: Positive | None = Field(
        None, description="years that the cost of closing is spread over; money.land_term_years where left out"
    )
    upgrade_cost_share: Annotated[float, Field(ge=0, le=2)] = Field(
        1.0, description="what an upgrade costs, as a share of the capex of the new size"
    )

    def named(self) -> dict[str, ExistingAction]:
        """The choice of each facility that is named by id."""
        return {one: action for action in get_args(ExistingAction) for one in getattr(self, action)}

    @model_validator(mode="after")
    def _is_named_once(self) -> Existing:
        ids = [*self.keep, *self.may_close, *self.may_upgrade, *self.free]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"{twice[0]!r} is named twice; keep it in one of keep, may_close, may_upgrade, free")
        return self


class Solve(Closed):
    """How to solve."""

    engine: Literal["auto", "exact", "city"] = "auto"
    solver: str = Field("highs", description="solver that PuLP hands the exact model to")
    time_limit_s: Positive = 600.0
    gap: Share = Field(0.005, description="stop when (cost − bound) / cost is proven to be this small")
    threads: Annotated[int, Field(ge=1)] = 2
    seed: Annotated[int, Field(ge=0)] = 1


class Range(Closed):
    """Published range of a figure of the plan, with its source."""

    low: float
    high: float
    source: str


class Config(Closed):
    """A whole config. Paths are absolute once loaded."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    title: Label
    city: Path
    year: Annotated[int, Field(ge=2000, le=2100)]
    scope: Scope = Scope()
    materials: Annotated[dict[str, Material], Field(min_length=1)]
    participation: Participation
    travel: Travel
    facilities: Facilities
    bases: Bases = Bases()
    assignment: Literal["designated", "nearest"] = Field(
        "nearest", description="whether residents use the nearest open points, or the plan says which point serves whom"
    )
    assignment_tolerance_m: Annotated[float, Field(ge=0)] = Field(
        200.0, description="m that residents may walk farther than to their nearest open point, under `nearest`"
    )
    shared: Shared | None = None
    subsidies: tuple[Subsidy, ...] = ()
    transport: Transport
    money: Money
    payers: Payers = Payers()
    targets: tuple[TargetLine, ...] = ()
    objective: tuple[Goal, ...] = Field((), description="goals in order of importance; least cost when left out")
    pareto: Pareto | None = None
    horizon: Horizon = Horizon()
    uncertainty: Uncertainty = Uncertainty()
    sites: SiteChoices = SiteChoices()
    existing: Existing = Existing()
    layout: Layout = Layout()
    standards: tuple[Standard, ...] = Field((), description="packs of standards to check by, or to hold plans to")
    solve: Solve = Solve()
    plausible: dict[str, Range] = Field(
        default_factory=dict,
        description="published ranges that the plan's figures are printed beside, by key of docs/run-folder.md",
    )
    runs: Path = Field(Path("runs"), description="folder that run folders go to")

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
