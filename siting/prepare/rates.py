"""What hauling costs on each link: the rate of its class, or of the cheapest vehicle that may go there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from siting.config.flows import LinkClass, RoadRight, Transport
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Bools, Demand, Floats, Ints, LinkRates, Links, Sites, Texts
from siting.prepare.routes import Routes
from siting.prepare.scope import named_districts
from siting.vocabulary import LINK_CLASSES, LINKS, DemandKind

ALL_DAY_H = 24.0
MOST_NAMED = 5


@dataclass(frozen=True)
class Rated:
    """The links that some vehicle may use, with the rate of the cheapest, the rates, and a word on those left out."""

    direct: Links
    haul: Links
    rates: LinkRates
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Ends:
    """Links with the districts of their ends, and the ids of their tails."""

    links: Links
    tail_district: Ints
    head_district: Ints
    tail_id: Texts


def rated_links(config: Config, city: City, routes: Routes, *, demand: Demand, sites: Sites) -> Rated:
    """Return the links with the rate of the cheapest vehicle that may use each, without those that none may use.

    Raises
    ------
    ConfigError
        If road rights name a district that is not known.
    """
    hours = _hours(config, city, routes.district_codes)
    rates = _class_rates(config)
    notes: list[str] = []
    kept = []
    for links, tail in ((routes.direct, demand), (routes.haul, sites)):
        ends_of = _Ends(links, tail.district[links.tail], sites.district[links.head], tail.id[links.tail])
        kept.append(_cheapest(config, ends_of, hours, rates, notes))
    return Rated(kept[0], kept[1], _rate_rows(rates), tuple(notes))


def _class_rates(config: Config) -> dict[str, LinkClass]:
    """The rate of each class of link that has one and no vehicles of its own, by name."""
    rates = {name: config.link_rate(name) for name in LINK_CLASSES if not _vehicles_on(config.transport, name)}
    return {name: rate for name, rate in rates.items() if rate is not None}


def _vehicles_on(transport: Transport, name: str) -> list[str]:
    """The vehicles that are used on a class of link."""
    of_all = (
        LINKS[name].given_by is not DemandKind.BOOKED
    )  # booked pick-up has a rate of its own, unless a vehicle is named for it
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


def _cheapest(
    config: Config, ends: _Ends, hours: dict[str, Floats], rates: dict[str, LinkClass], notes: list[str]
) -> Links:
    """The links with the rate of the cheapest vehicle; what is used first is added to `rates`, what is lost noted."""
    links = ends.links
    rate = np.full(len(links.tail), -1, dtype=np.int64)
    for kind in np.unique(links.link_class).tolist():
        name, rows = LINK_CLASSES[kind], np.flatnonzero(links.link_class == kind)
        vehicles = _vehicles_on(config.transport, name)
        if not vehicles:
            rate[rows] = list(rates).index(name)
            continue
        choices = list(_choices(config, ends, rows, hours, vehicles))
        best = np.argmin([cost for cost, _ in choices], axis=0)
        for number, vehicle in enumerate(vehicles):
            cost, slower = choices[number]
            used = (best == number) & np.isfinite(cost)
            for factor in np.unique(slower[used]).tolist():
                rate[rows[used & (slower == factor)]] = _row_of(config, vehicle, factor, rates)
        notes += _lost(name, ends.tail_id[rows], rate[rows] < 0)
    kept = rate >= 0
    columns = {field.name: getattr(replace(links, rate=rate), field.name)[kept] for field in fields(Links)}
    return Links(**columns)


def _choices(
    config: Config, ends: _Ends, rows: Ints, hours: dict[str, Floats], vehicles: list[str]
) -> Iterator[tuple[Floats, Floats]]:
    """For each vehicle: CNY a tonne on each link, carbon price included (inf: may not go there); the waiting factor."""
    km = ends.links.distance_m[rows] / 1000
    for name in vehicles:
        vehicle = config.transport.vehicles[name]
        open_h = np.minimum(hours[name][ends.tail_district[rows]], hours[name][ends.head_district[rows]])
        slower = np.maximum(1.0, config.transport.working_hours_per_day / np.where(open_h > 0, open_h, ALL_DAY_H))
        carbon = vehicle.kg_co2e_per_tkm * config.money.carbon_cny_per_t / 1000
        cost = km * (vehicle.cny_per_tkm * slower + carbon) + vehicle.handling_cny_per_t
        yield np.where(open_h > 0, cost, np.inf), slower


def _row_of(config: Config, vehicle: str, factor: float, rates: dict[str, LinkClass]) -> int:
    """The row of a vehicle that waits so much, which is added where it is new."""
    hours = config.transport.working_hours_per_day / factor
    name = vehicle if factor == 1.0 else f"{vehicle} ({hours:g} h/day)"
    if name not in rates:
        rate = config.transport.vehicles[vehicle]
        rates[name] = rate.model_copy(update={"cny_per_tkm": rate.cny_per_tkm * factor})
    return list(rates).index(name)


def _lost(name: str, tail_id: Texts, is_lost: Bools) -> Iterator[str]:
    """A word on the links that no vehicle may use, and on the places that have no other."""
    if not is_lost.any():
        return
    start = LINKS[name].tail
    what = "demand nodes" if start is None else f"{start.name.lower()} sites"
    alone = sorted(set(tail_id[is_lost].tolist()) - set(tail_id[~is_lost].tolist()))
    shown = ", ".join(alone[:MOST_NAMED]) + (" …" if len(alone) > MOST_NAMED else "")
    rest = f"; {len(alone):,} {what} are left with none: {shown}" if alone else ""
    yield f"road rights: {int(is_lost.sum()):,} links {name} have no vehicle that may go there and are left out{rest}"


def _rate_rows(rates: dict[str, LinkClass]) -> LinkRates:
    """Rates as arrays, under their names."""
    return LinkRates(
        vehicle=np.array(list(rates), dtype=str),
        cny_per_tkm=np.array([rate.cny_per_tkm for rate in rates.values()]),
        handling_cny_per_t=np.array([rate.handling_cny_per_t for rate in rates.values()]),
        kg_co2e_per_tkm=np.array([rate.kg_co2e_per_tkm for rate in rates.values()]),
    )
