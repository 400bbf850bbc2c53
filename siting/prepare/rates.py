"""Cost of hauling on each link: the rate of its class, or of the cheapest vehicle that may go there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from siting.config.flows import LinkClass, RoadRight
from siting.config.materials import Material
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Demand, Floats, Ints, LinkRates, Links, Sites, Texts
from siting.prepare.routes import Routes
from siting.prepare.scope import named_districts
from siting.tours import Vehicle, haul_cny_per_t
from siting.vocabulary import LINK_CLASSES, LINKS

ALL_DAY_H = 24.0
MOST_NAMED = 5


@dataclass(frozen=True)
class RatedLinks:
    """Links from demand nodes (`direct`) and from sites, their rates, and a sentence on each class that lost some."""

    direct: Links
    haul: Links
    rates: LinkRates
    notes: tuple[str, ...]


def rated_links(
    config: Config, city: City, routes: Routes, *, demand: Demand, sites: Sites, districts: Texts
) -> RatedLinks:
    """Return the links with the rate of the cheapest vehicle that may use each; those that none may use are left out.

    Raises
    ------
    ConfigError
        If road rights name a district that is not known.
    """
    hours = _hours(config, city, districts.tolist())
    rates = {
        name: _plain(config, rate)
        for name in LINK_CLASSES
        if not config.transport.vehicles_on(name) and (rate := config.link_rate(name)) is not None
    }
    kept: list[Links] = []
    notes: list[str] = []
    for links, tail in ((routes.direct, demand), (routes.haul, sites)):
        open_h = {
            vehicle: np.minimum(there[tail.district[links.tail]], there[sites.district[links.head]])
            for vehicle, there in hours.items()
        }
        rated = replace(links, rate=_cheapest(config, links, open_h, rates))
        notes += _lost(rated, tail.id)
        kept.append(rated if (rated.rate >= 0).all() else rated.only(rated.rate >= 0))
    columns = (np.array([getattr(rate, field.name) for rate in rates.values()]) for field in fields(LinkRates)[1:])
    return RatedLinks(kept[0], kept[1], LinkRates(np.array(list(rates), dtype=str), *columns), tuple(notes))


@dataclass(frozen=True)
class Rate:
    """One row of `LinkRates`, fields as there; `haul_factor` (n_materials,)."""

    cny_per_tkm: float
    unload_cny_per_t: float
    kg_co2e_per_tkm: float
    h_per_tkm: float
    unload_h_per_t: float
    hours_per_year: float
    haul_factor: Floats


def _plain(config: Config, rate: LinkClass) -> Rate:
    """Return the rate of a class of links without a vehicle, whose hours are not known."""
    factor = np.array([material.haul_factor for material in config.materials.values()])
    return Rate(rate.cny_per_tkm or 0.0, rate.unload_cny_per_t, rate.kg_co2e_per_tkm, 0.0, 0.0, 0.0, factor)


def _of_vehicle(config: Config, name: str, waiting: float) -> Rate:
    """Return cost and time of a tonne in a vehicle whose crew is paid `waiting` times its working hours."""
    vehicle, given = _tour_vehicle(config, name, waiting), config.transport.vehicles[name]
    unload_cny = float(haul_cny_per_t(vehicle, 0.0, given.payload_t))
    return Rate(
        cny_per_tkm=float(haul_cny_per_t(vehicle, 1.0, given.payload_t)) - unload_cny,
        unload_cny_per_t=unload_cny,
        kg_co2e_per_tkm=2 * given.kg_co2e_per_km / given.payload_t,
        h_per_tkm=2 / given.haul_km_per_h / given.payload_t,
        unload_h_per_t=given.unload_h / given.payload_t,
        hours_per_year=given.hours_per_year / waiting,
        haul_factor=np.array([_factor(one, vehicle) for one in config.materials.values()]),
    )


@dataclass(frozen=True)
class RatedVehicle:
    """A vehicle of the config, its crew paid for waiting, and what it emits."""

    vehicle: Vehicle
    kg_co2e_per_km: float


def vehicle_of_rate(config: Config, rates: LinkRates, row: int) -> RatedVehicle | None:
    """Return the vehicle of a row of `LinkRates`; None where none is described."""
    for name, given in config.transport.vehicles.items():
        waiting = given.hours_per_year / rates.hours_per_year[row] if rates.hours_per_year[row] > 0 else 0.0
        if waiting and rates.vehicle[row] == _rate_name(config, name, waiting):
            return RatedVehicle(_tour_vehicle(config, name, waiting), given.kg_co2e_per_km)
    return None


def _tour_vehicle(config: Config, name: str, waiting: float) -> Vehicle:
    given = config.transport.vehicles[name]
    return Vehicle(
        given.payload_t,
        np.inf if given.payload_m3 is None else given.payload_m3,
        cny_per_km=given.cny_per_km,
        crew_cny_per_h=given.crew_cny_per_h * waiting,
        haul_km_per_h=given.haul_km_per_h,
        local_km_per_h=given.local_km_per_h,
        unload_h=given.unload_h,
    )


def _factor(material: Material, vehicle: Vehicle) -> float:
    """Return the payload over what the vehicle loads of a material; its `haul_factor` where no volume is known."""
    if material.density_t_per_m3 is None or np.isinf(vehicle.payload_m3):
        return material.haul_factor
    return vehicle.payload_t / float(vehicle.load_t(material.density_t_per_m3))


def _hours(config: Config, city: City, codes: list[str]) -> dict[str, Floats]:
    """Return the hours a day during which each vehicle may enter each district, (n_districts,); 0 where it may not."""
    faults: list[str] = []
    rules = [
        (named_districts(city, rule.districts, f"transport.road_rights.{number}.districts", faults), rule)
        for number, rule in enumerate(config.transport.road_rights)
    ]
    raise_faults(faults, ConfigError)
    return {
        vehicle: np.array([_hours_there(vehicle, [rule for named, rule in rules if code in named]) for code in codes])
        for vehicle in config.transport.vehicles
    }


def _hours_there(vehicle: str, rules: list[RoadRight]) -> float:
    """Return the hours by the rules of one district; all day where it has none."""
    if not rules:
        return ALL_DAY_H
    return max((rule.hours_per_day for rule in rules if vehicle in rule.vehicles), default=0.0)


def _cheapest(config: Config, links: Links, open_h: dict[str, Floats], rates: dict[str, Rate]) -> Ints:
    """Return the row of the cheapest rate of each link, −1 where no vehicle may go; new ones are added to `rates`."""
    rate = np.full(len(links.tail), -1, dtype=np.int64)
    for kind in np.unique(links.link_class).tolist():
        rows = np.flatnonzero(links.link_class == kind)
        vehicles = config.transport.vehicles_on(LINK_CLASSES[kind])
        if not vehicles:
            rate[rows] = list(rates).index(LINK_CLASSES[kind])
            continue
        km = links.distance_m[rows] / 1000
        choices = [_cost(config, vehicle, km, open_h[vehicle][rows]) for vehicle in vehicles]
        best = np.argmin([cost for cost, _ in choices], axis=0)
        for number, (vehicle, (cost, slower)) in enumerate(zip(vehicles, choices, strict=True)):
            used = (best == number) & np.isfinite(cost)
            for factor in np.unique(slower[used]).tolist():
                rate[rows[used & (slower == factor)]] = _row_of(config, vehicle, factor, rates)
    return rate


def _cost(config: Config, vehicle: str, km: Floats, open_h: Floats) -> tuple[Floats, Floats]:
    """Return CNY a tonne on each link, carbon price included (inf: may not go there), and the waiting factor."""
    waiting = np.maximum(1.0, config.transport.working_hours_per_day / np.where(open_h > 0, open_h, ALL_DAY_H))
    cost = np.full(len(km), np.inf)
    for factor in np.unique(waiting).tolist():
        rate, rows = _of_vehicle(config, vehicle, factor), (waiting == factor) & (open_h > 0)
        per_tkm = rate.cny_per_tkm + rate.kg_co2e_per_tkm * config.money.carbon_cny_per_t / 1000
        cost[rows] = km[rows] * per_tkm + rate.unload_cny_per_t
    return cost, waiting


def _row_of(config: Config, vehicle: str, factor: float, rates: dict[str, Rate]) -> int:
    """Return the row of a vehicle that waits so much, which is added where it is new."""
    name = _rate_name(config, vehicle, factor)
    if name not in rates:
        rates[name] = _of_vehicle(config, vehicle, factor)
    return list(rates).index(name)


def _rate_name(config: Config, vehicle: str, waiting: float) -> str:
    """Return the name of a row of `LinkRates`: the vehicle, and the hours a day that it may work where it waits."""
    return (
        vehicle
        if abs(waiting - 1.0) < 1e-9
        else f"{vehicle} ({config.transport.working_hours_per_day / waiting:g} h/day)"
    )


def _lost(links: Links, ids_of_tails: Texts) -> Iterator[str]:
    """Yield a sentence on the links of each class that no vehicle may use, and on the places that have no other."""
    for kind in np.unique(links.link_class[links.rate < 0]).tolist():
        of_class = links.link_class == kind
        name, rate, ids = LINK_CLASSES[kind], links.rate[of_class], ids_of_tails[links.tail[of_class]]
        start = LINKS[name].tail
        what = "demand nodes" if start is None else f"{start.name.lower()} sites"
        alone = sorted(set(ids[rate < 0].tolist()) - set(ids[rate >= 0].tolist()))
        shown = ", ".join(alone[:MOST_NAMED]) + (" …" if len(alone) > MOST_NAMED else "")
        rest = f"; {len(alone):,} {what} are left with none: {shown}" if alone else ""
        n_lost = int((rate < 0).sum())
        yield f"road rights: {n_lost:,} links {name} have no vehicle that may go there and are left out{rest}"
