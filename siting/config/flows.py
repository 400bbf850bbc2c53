"""Sections about what moves: who brings it, in which vehicle, where it may go, and what is paid for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.errors import unknown
from siting.vocabulary import ConfigLinkName

HoursADay = Annotated[float, Field(gt=0, le=24)]


class Step(Closed):
    """One step of participation: who lives within this walk of the point, and further than the step before."""

    within_m: Positive
    share: Share


class LinkClass(Closed):
    """Cost of hauling on one class of link; the t-km rate is for the loaded way, empty return included."""

    cny_per_tkm: NotNegative
    handling_cny_per_t: NotNegative = 0.0
    kg_co2e_per_tkm: NotNegative = 0.0


class Booked(LinkClass):
    """Booked pick-up at the door: the share of what arises that goes straight to a transfer station, by settlement."""

    urban: Share = 0.0
    rural: Share = 0.0


class Participation(Closed):
    """Share of their recyclables that residents bring: `at_zero × exp(−distance / decay_length_m)`, or by steps."""

    at_zero: Share | None = None
    decay_length_m: Positive | None = None
    steps: tuple[Step, ...] = Field((), description="beyond the last of them nobody comes")
    booked: Booked | None = None

    @model_validator(mode="after")
    def _is_one_curve(self) -> Participation:
        if bool(self.steps) == (self.at_zero is not None or self.decay_length_m is not None):
            raise ValueError("give either at_zero and decay_length_m, or steps")
        if not self.steps and (self.at_zero is None or self.decay_length_m is None):
            raise ValueError("at_zero and decay_length_m go together; give both")
        distances = [step.within_m for step in self.steps]
        shares = [step.share for step in self.steps]
        if distances != sorted(set(distances)):
            raise ValueError("steps: within_m must grow from step to step")
        if shares != sorted(shares, reverse=True):
            raise ValueError("steps: share must not grow with distance")
        return self


class SmallLink(LinkClass):
    """Small generators that bring what they have to a transfer station."""

    up_to_t: Positive | None = Field(None, description="largest generator that does, t/yr; all when left out")


class LargeLink(LinkClass):
    """Large generators whose material goes straight to a processing base: point to point."""

    from_t: NotNegative = Field(0.0, description="smallest generator that does, t/yr")


class Vehicle(LinkClass):
    """One class of vehicle, on the links that it is used on."""

    links: tuple[ConfigLinkName, ...] = Field(
        (), description="link classes it is used on; all but door_to_transfer when left out"
    )


class RoadRight(Closed):
    """Which vehicles may enter these districts, and during how many hours of the day.

    A district that no rule names is open to all at all hours; one that a rule names, to those only that some rule of it
    names.
    """

    districts: Annotated[tuple[str, ...], Field(min_length=1)]
    vehicles: Annotated[tuple[str, ...], Field(min_length=1)]
    hours_per_day: HoursADay = 24.0


class Transport(Closed):
    """Haul by class of link; links of a class that is left out do not exist."""

    point_to_transfer: LinkClass
    transfer_to_sorting: LinkClass
    generator_to_sorting: LinkClass
    generator_to_transfer: SmallLink | None = None
    generator_to_base: LargeLink | None = None
    transfer_to_base: LinkClass | None = None
    sorting_to_base: LinkClass | None = None
    vehicles: dict[str, Vehicle] = Field(
        default_factory=dict, description="where given, they take the place of the rate of the link classes they are on"
    )
    road_rights: tuple[RoadRight, ...] = ()
    working_hours_per_day: HoursADay = 8.0

    @model_validator(mode="after")
    def _vehicles_are_known(self) -> Transport:
        faults = [
            fault
            for number, rule in enumerate(self.road_rights)
            for fault in unknown(f"road_rights.{number}", "vehicle", rule.vehicles, self.vehicles)
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return self


class BaseSite(Closed):
    """A place for a processing base, WGS-84; it may lie outside the city."""

    id: Annotated[str, Field(min_length=1)]
    name: str = ""
    lon: Annotated[float, Field(ge=-180, le=180)]
    lat: Annotated[float, Field(ge=-90, le=90)]
    area_m2: Positive
    land_price_cny_per_m2: NotNegative = 0.0
    role: Literal["candidate", "required"] = "candidate"


class Bases(Closed):
    """Where a processing base may stand, beside the candidates of echelon base in the city folder."""

    kinds: tuple[str, ...] = Field(
        (), description="sorting candidates of these kinds may hold a base instead of a sorting centre"
    )
    sites: tuple[BaseSite, ...] = ()


class Shared(Closed):
    """Outlets of household waste that a facility can share: two networks in one."""

    kinds: tuple[str, ...] = Field((), description="kinds of candidate site that are such outlets")
    ids: tuple[str, ...] = Field((), description="candidates that are, by id")
    share: Share = Field(1.0, description="share of the candidates of these kinds that are, spread over their ids")
    capex_factor: NotNegative = 1.0
    opex_factor: NotNegative = 1.0
    land_factor: NotNegative = 1.0


class Subsidy(Closed):
    """Subsidy of a material in some districts, in place of the material's own subsidy."""

    material: str
    districts: tuple[str, ...] = Field((), description="codes or names; all when left out")
    cny_per_t: NotNegative


def base_faults(bases: Bases, transport: Transport, types: set[str], to_base: list[str]) -> Iterator[str]:
    """Yield what is missing around bases; `types` are those of base, `to_base` the materials that go on to one."""
    links = [name for name in ("generator_to_base", "transfer_to_base", "sorting_to_base") if getattr(transport, name)]
    if to_base and transport.sorting_to_base is None:
        yield f"transport.sorting_to_base: missing, but materials.{to_base[0]}.to_base is true; add it"
    if not types and (links or to_base or bases.kinds or bases.sites):
        asked = f"transport.{links[0]}" if links else f"materials.{to_base[0]}.to_base" if to_base else "bases"
        yield f"facilities.base: missing, but {asked} needs a type of base; add one"
    if types and not links:
        yield "transport: nothing leads to facilities.base; add sorting_to_base or generator_to_base"
