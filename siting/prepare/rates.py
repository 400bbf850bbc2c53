"""Cost of hauling on each link: the rate of its class, or of the cheapest vehicle that may go there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

import numpy as np

from siting.config.flows import LinkClass, RoadRight, Transport
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Demand, Floats, Ints, LinkRates, Links, Sites, Texts
from siting.prepare.routes import Routes
from siting.prepare.scope import named_districts
from siting.vocabulary import LINK_CLASSES, LINKS, DemandKind

ALL_DAY_H = 24.0
MOST_NAMED = 5


def rated_links(
    config: Config, city: City, routes: Routes, *, demand: Demand, sites: Sites, districts: Texts
) -> tuple[Links, Links, LinkRates, list[str]]:
    """Return the links from demand nodes and from sites with the rate of the cheapest vehicle that may use each.

    The rates follow, and a sentence on each class of links of which no vehicle may use some: these are left out.

    Raises
    ------
    ConfigError
        If road rights name a district that is not known.
    """
    hours = _hours(config, city, districts.tolist())
    rates = {
        name: rate
        for name in LINK_CLASSES
        if not _vehicles_on(config.transport, name) and (rate := config.link_rate(name)) is not None
    }
    kept: list[Links] = []
    notes: list[str] = []
    for links, tail in ((routes.direct, demand), (routes.haul, sites)):
        open_h = {
            vehicle: np.minimum(there[tail.district[links.tail]], there[sites.district[links.head]])
            for vehicle, there in hours.items()
        }
        rated = replace(links, rate=_cheapest(config, links, open_h, rates))
        notes += _lost(rated, tail.id[links.tail])
        kept.append(Links(*(getattr(rated, field.name)[rated.rate >= 0] for field in fields(Links))))
    columns = (
        np.array([getattr(rate, name) for rate in rates.values()])
        for name in ("cny_per_tkm", "handling_cny_per_t", "kg_co2e_per_tkm")
    )
    return kept[0], kept[1], LinkRates(np.array(list(rates), dtype=str), *columns), notes


def _vehicles_on(transport: Transport, name: str) -> list[str]:
    """The vehicles that are used on a class of link; a vehicle for all of them is not used at doors."""
    of_all = LINKS[name].given_by is not DemandKind.BOOKED
    return [
        one for one, vehicle in transport.vehicles.items() if name in vehicle.links or (of_all and not vehicle.links)
    ]


def _hours(config: Config, city: City, codes: list[str]) -> dict[str, Floats]:
    """Hours a day during which each vehicle may enter each district, (n_districts,); 0 where it may not."""
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
    """By the rules of one district; all day where it has none."""
    if not rules:
        return ALL_DAY_H
    return max((rule.hours_per_day for rule in rules if vehicle in rule.vehicles), default=0.0)


def _cheapest(config: Config, links: Links, open_h: dict[str, Floats], rates: dict[str, LinkClass]) -> Ints:
    """Return the row of the cheapest rate of each link, −1 where no vehicle may go; new ones are added to `rates`."""
    rate = np.full(len(links.tail), -1, dtype=np.int64)
    for kind in np.unique(links.link_class).tolist():
        rows = np.flatnonzero(links.link_class == kind)
        vehicles = _vehicles_on(config.transport, LINK_CLASSES[kind])
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
    rate = config.transport.vehicles[vehicle]
    slower = np.maximum(1.0, config.transport.working_hours_per_day / np.where(open_h > 0, open_h, ALL_DAY_H))
    carbon = rate.kg_co2e_per_tkm * config.money.carbon_cny_per_t / 1000
    return np.where(open_h > 0, km * (rate.cny_per_tkm * slower + carbon) + rate.handling_cny_per_t, np.inf), slower


def _row_of(config: Config, vehicle: str, factor: float, rates: dict[str, LinkClass]) -> int:
    """The row of a vehicle that waits so much, which is added where it is new."""
    hours = config.transport.working_hours_per_day / factor
    name = vehicle if factor == 1.0 else f"{vehicle} ({hours:g} h/day)"
    if name not in rates:
        rate = config.transport.vehicles[vehicle]
        rates[name] = rate.model_copy(update={"cny_per_tkm": rate.cny_per_tkm * factor})
    return list(rates).index(name)


def _lost(links: Links, tail_id: Texts) -> Iterator[str]:
    """Yield a sentence on the links of each class that no vehicle may use, and on the places that have no other."""
    for kind in np.unique(links.link_class[links.rate < 0]).tolist():
        name, rate, ids = LINK_CLASSES[kind], links.rate[links.link_class == kind], tail_id[links.link_class == kind]
        start = LINKS[name].tail
        what = "demand nodes" if start is None else f"{start.name.lower()} sites"
        alone = sorted(set(ids[rate < 0].tolist()) - set(ids[rate >= 0].tolist()))
        shown = ", ".join(alone[:MOST_NAMED]) + (" …" if len(alone) > MOST_NAMED else "")
        rest = f"; {len(alone):,} {what} are left with none: {shown}" if alone else ""
        n_lost = int((rate < 0).sum())
        yield f"road rights: {n_lost:,} links {name} have no vehicle that may go there and are left out{rest}"
