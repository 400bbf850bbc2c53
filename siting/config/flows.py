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
    """One step of participation: applies to walks up to `within_m` and above the step before."""

    within_m: Positive
    share: Share


OLD_HANDLING = (
    "handling_cny_per_t is gone; describe the vehicle in transport.vehicles and give the sizes of points `emptying`, or"
    " write unload_cny_per_t for what a tonne costs whatever the distance"
)


class Emptying(Closed):
    """Visits of a vehicle: one for each load, or a fixed number a year."""

    load_t: Positive | None = Field(
        None, description="t of one visit; without visits_per_year the number of visits follows from the tonnes"
    )
    visits_per_year: Positive | None = Field(None, description="visits a year, independent of the tonnes")
    stop_h: NotNegative = Field(description="hours of the vehicle at the stop")


class LinkClass(Closed):
    """Transport cost on one class of link; the t-km rate applies to the loaded way and includes the empty return."""

    cny_per_tkm: NotNegative | None = Field(None, description="required where no vehicle is assigned to the links")
    unload_cny_per_t: NotNegative = Field(0.0, description="per tonne, independent of the distance")
    kg_co2e_per_tkm: NotNegative = 0.0

    @model_validator(mode="before")
    @classmethod
    def _has_no_handling(cls, raw: object) -> object:
        if isinstance(raw, dict) and "handling_cny_per_t" in raw:
            raise ValueError(OLD_HANDLING)
        return raw


class Booked(LinkClass):
    """Booked pick-up at the door: share of household recyclables hauled to a transfer station, by settlement."""

    urban: Share = 0.0
    rural: Share = 0.0
    emptying: Emptying | None = Field(
        None, description="load and stop at a door; required where a vehicle is assigned to door_to_transfer"
    )


class Participation(Closed):
    """Share of their recyclables that residents bring: `at_zero × exp(−distance / decay_length_m)`, or by steps."""

    at_zero: Share | None = None
    decay_length_m: Positive | None = None
    steps: tuple[Step, ...] = Field((), description="0 beyond the last step")
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
    """Small generators that deliver to a transfer station."""

    up_to_t: Positive | None = Field(None, description="largest such generator, t/yr; all by default")


class LargeLink(LinkClass):
    """Large generators that deliver directly to a processing base."""

    from_t: NotNegative = Field(0.0, description="smallest such generator, t/yr")


class Vehicle(Closed):
    """Vehicle type. The cost of a round trip with unloading is divided by the load of a full vehicle."""

    payload_t: Positive
    payload_m3: Positive | None = Field(
        None, description="limits the load of materials that have a density_t_per_m3; no limit by default"
    )
    cny_per_km: NotNegative = Field(description="cost of the vehicle without its crew")
    crew_cny_per_h: NotNegative = Field(description="cost of the whole crew")
    haul_km_per_h: Positive = Field(description="mean speed between station and points")
    local_km_per_h: Positive = Field(description="mean speed from stop to stop")
    unload_h: NotNegative = Field(description="hours per unloading")
    hours_per_year: Positive = Field(description="working hours of one vehicle")
    kg_co2e_per_km: NotNegative = 0.0
    links: tuple[ConfigLinkName, ...] = Field(
        (), description="link classes that it serves; by default all but door_to_transfer"
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
    """Vehicles that may enter some districts, and the hours per day.

    A district that no rule names is open to all at all hours; one that a rule names, to those only that some rule of it
    names.
    """

    districts: Annotated[tuple[str, ...], Field(min_length=1)]
    vehicles: Annotated[tuple[str, ...], Field(min_length=1)]
    hours_per_day: HoursADay = 24.0


class Transport(Closed):
    """Transport by class of link; classes that are left out do not exist."""

    point_to_transfer: LinkClass = LinkClass()
    transfer_to_sorting: LinkClass = LinkClass()
    generator_to_sorting: LinkClass = LinkClass()
    generator_to_transfer: SmallLink | None = None
    generator_to_base: LargeLink | None = None
    transfer_to_base: LinkClass | None = None
    sorting_to_base: LinkClass | None = None
    vehicles: dict[str, Vehicle] = Field(
        default_factory=dict, description="vehicles by name; they replace the rates of the link classes that they serve"
    )
    road_rights: tuple[RoadRight, ...] = ()
    working_hours_per_day: HoursADay = 8.0
    circuity: Annotated[float, Field(ge=1, le=5)] | None = Field(
        None,
        description="road over straight distance between stops; by default that of the hauls from points",
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
    """Sites of processing bases, in addition to the candidates of echelon base in the city folder."""

    kinds: tuple[str, ...] = Field(
        (), description="sorting candidates of these kinds may become a base instead of a sorting centre"
    )
    sites: tuple[BaseSite, ...] = ()


class Shared(Closed):
    """Waste collection sites that a facility can share (integration of the waste and recycling networks)."""

    kinds: tuple[str, ...] = Field((), description="kinds of candidate sites that are shared")
    ids: tuple[str, ...] = Field((), description="shared candidates, by id")
    share: Share = Field(
        1.0, description="share of the candidates of these kinds that are shared, spread evenly over their ids"
    )
    capex_factor: NotNegative = 1.0
    opex_factor: NotNegative = 1.0
    land_factor: NotNegative = 1.0


class Subsidy(Closed):
    """Subsidy of a material in some districts; replaces the subsidy of the material."""

    material: str
    districts: tuple[str, ...] = Field((), description="codes or names; all by default")
    cny_per_t: NotNegative


def base_faults(bases: Bases, transport: Transport, types: set[str], to_base: list[str]) -> Iterator[str]:
    """Yield missing settings of bases; `types` are those of bases, `to_base` the materials hauled to a base."""
    links = [name for name in ("generator_to_base", "transfer_to_base", "sorting_to_base") if getattr(transport, name)]
    if to_base and transport.sorting_to_base is None:
        yield f"transport.sorting_to_base: missing, but materials.{to_base[0]}.to_base is true; add it"
    if not types and (links or to_base or bases.kinds or bases.sites):
        asked = f"transport.{links[0]}" if links else f"materials.{to_base[0]}.to_base" if to_base else "bases"
        yield f"facilities.base: missing, but {asked} needs a type of base; add one"
    if types and not links:
        yield "transport: nothing leads to facilities.base; add sorting_to_base or generator_to_base"


def tour_faults(transport: Transport, booked: Booked | None, sizes: dict[str, Emptying | None]) -> Iterator[str]:
    """Yield missing settings of tours; `sizes` are those of points by their key in the config."""
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
