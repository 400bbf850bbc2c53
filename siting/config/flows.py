"""Sections about what moves: who brings it, in which vehicle, where it may go, and what is paid for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.errors import unknown
from siting.vocabulary import LINKS, ConfigLinkName, DemandKind

HoursADay = Annotated[float, Field(gt=0, le=24)]


class Step(Closed):
    """One step of participation: who lives within this walk of the point, and further than the step before."""

    within_m: Positive
    share: Share


OLD_HANDLING = (
    "handling_cny_per_t is gone; describe the vehicle in transport.vehicles and give the sizes of points `emptying`, or"
    " write unload_cny_per_t for what a tonne costs whatever the distance"
)


class Emptying(Closed):
    """Visits of a vehicle: one for each load, or a fixed number a year."""

    load_t: Positive | None = Field(
        None, description="t of one visit; without visits_per_year there are as many visits as what is brought fills"
    )
    visits_per_year: Positive | None = Field(None, description="visits a year whatever is brought")
    stop_h: NotNegative = Field(description="hours of the vehicle at the stop")


class LinkClass(Closed):
    """Cost of hauling on one class of link; the t-km rate is for the loaded way, empty return included."""

    cny_per_tkm: NotNegative | None = Field(None, description="needed where no vehicle is on the links")
    unload_cny_per_t: NotNegative = Field(0.0, description="for each tonne whatever the distance")
    kg_co2e_per_tkm: NotNegative = 0.0

    @model_validator(mode="before")
    @classmethod
    def _has_no_handling(cls, raw: object) -> object:
        if isinstance(raw, dict) and "handling_cny_per_t" in raw:
            raise ValueError(OLD_HANDLING)
        return raw


class Booked(LinkClass):
    """Booked pick-up at the door: the share of what arises that goes straight to a transfer station, by settlement."""

    urban: Share = 0.0
    rural: Share = 0.0
    emptying: Emptying | None = Field(
        None, description="what a door gives, and the stop there; needed where a vehicle is on door_to_transfer"
    )


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


class Vehicle(Closed):
    """Type of vehicle. A tonne pays for the way there and back and for unloading, by the load of a full vehicle."""

    payload_t: Positive
    payload_m3: Positive | None = Field(
        None, description="limits the load of materials that have a density_t_per_m3; no limit when left out"
    )
    cny_per_km: NotNegative = Field(description="vehicle without crew")
    crew_cny_per_h: NotNegative = Field(description="all that ride along")
    haul_km_per_h: Positive = Field(description="mean speed between station and points")
    local_km_per_h: Positive = Field(description="mean speed from stop to stop")
    unload_h: NotNegative = Field(description="hours to unload once")
    hours_per_year: Positive = Field(description="hours that one vehicle works")
    kg_co2e_per_km: NotNegative = 0.0
    links: tuple[ConfigLinkName, ...] = Field(
        (), description="link classes it is used on; all but door_to_transfer when left out"
    )

    @model_validator(mode="before")
    @classmethod
    def _is_physical(cls, raw: object) -> object:
        given = raw if isinstance(raw, dict) else {}
        old = [name for name in ("cny_per_tkm", "handling_cny_per_t", "kg_co2e_per_tkm") if name in given]
        if old:
            raise ValueError(
                f"{old[0]} is not of a vehicle; write payload_t, cny_per_km, crew_cny_per_h, haul_km_per_h,"
                " local_km_per_h, unload_h, hours_per_year and kg_co2e_per_km: its rate follows"
            )
        return raw


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

    point_to_transfer: LinkClass = LinkClass()
    transfer_to_sorting: LinkClass = LinkClass()
    generator_to_sorting: LinkClass = LinkClass()
    generator_to_transfer: SmallLink | None = None
    generator_to_base: LargeLink | None = None
    transfer_to_base: LinkClass | None = None
    sorting_to_base: LinkClass | None = None
    vehicles: dict[str, Vehicle] = Field(
        default_factory=dict, description="where given, they take the place of the rate of the link classes they are on"
    )
    road_rights: tuple[RoadRight, ...] = ()
    working_hours_per_day: HoursADay = 8.0
    circuity: Annotated[float, Field(ge=1, le=5)] | None = Field(
        None, description="road over straight distance between stops; that of the hauls from points when left out"
    )

    def vehicles_on(self, name: str) -> list[str]:
        """Return the vehicles that are used on a class of links; one for all of them is not used at doors."""
        of_all = LINKS[name].given_by is not DemandKind.BOOKED
        return [
            one for one, vehicle in self.vehicles.items() if name in vehicle.links or (of_all and not vehicle.links)
        ]

    @model_validator(mode="after")
    def _vehicles_are_known(self) -> Transport:
        faults = [
            fault
            for number, rule in enumerate(self.road_rights)
            for fault in unknown(f"road_rights.{number}", "vehicle", rule.vehicles, self.vehicles)
        ]
        faults += [
            f"{name}.cny_per_tkm: missing; give it, or a vehicle in transport.vehicles whose links name {name}"
            for name in LINKS
            if (rate := getattr(self, name, None)) and rate.cny_per_tkm is None and not self.vehicles_on(name)
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


def tour_faults(transport: Transport, booked: Booked | None, sizes: dict[str, Emptying | None]) -> Iterator[str]:
    """Yield what tours lack; `sizes` are those of points by their place in the config."""
    on_points, on_doors = (transport.vehicles_on(name) for name in ("point_to_transfer", "door_to_transfer"))
    example = "emptying: {load_t: …, stop_h: …}"
    for at, emptying in sizes.items():
        if on_points and emptying is None:
            yield f"{at}.emptying: missing, but transport.vehicles.{on_points[0]} empties it; add {example}"
        if emptying is not None and not on_points:
            yield f"{at}.emptying: no vehicle makes its visits; add one on point_to_transfer to transport.vehicles"
    if booked is None:
        return
    at = "participation.booked"
    if not on_doors and booked.cny_per_tkm is None:
        yield f"{at}.cny_per_tkm: missing; give it, or a vehicle on door_to_transfer in transport.vehicles"
    if on_doors and (booked.emptying is None or not booked.emptying.load_t or booked.emptying.visits_per_year):
        yield f"{at}.emptying: transport.vehicles.{on_doors[0]} stops at doors; give {example}, load_t by the door"
    if booked.emptying is not None and not on_doors:
        yield f"{at}.emptying: no vehicle stops at doors; add one on door_to_transfer to transport.vehicles"
