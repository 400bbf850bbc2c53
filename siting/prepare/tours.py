"""Visits of collection tours to points and doors, priced for a density of points.

The density around a point follows from the plan, the plan from what visits cost. So visits are priced for a density
that is assumed, first that of the candidates times the share of them that targets ask to be opened, then that of the
points that a plan has opened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from siting.config.schema import Config
from siting.inputs.city import City
from siting.instance import Bools, Demand, Floats, Instance, Ints, LinkRates, Links, Visits
from siting.prepare.options import Feasible, Variant
from siting.prepare.prices import growth_factors
from siting.prepare.rates import RatedLinks, vehicle_of_rate
from siting.prepare.roads import xy_m
from siting.prepare.scope import Places
from siting.tours import (
    MIN_DENSITY_PER_KM2,
    MOST_SHARED,
    Vehicle,
    density_at_places,
    detour_km,
    haul_circuity,
    visit_cny,
)
from siting.vocabulary import LINK_CLASSES, DemandKind, Echelon, Measure

WEEKS_A_YEAR, DAYS_A_YEAR = 52, 365
MIXED_SHARE = 0.5
"""Share of the points asked that are taken to be on tours where both kinds may be built."""


@dataclass(frozen=True)
class Stops:
    """Visits without their detours: `at`, `rate`, `per_year` and `per_t` as in `Visits`; `vehicle` has one a rate.

    `stop_h` and `load_t` (n_visits,), 0 where the load is not known; `circuity` is the road over the straight distance
    between stops.
    """

    at: Ints
    rate: Ints
    per_year: Floats
    per_t: Floats
    stop_h: Floats
    load_t: Floats
    vehicle: tuple[Vehicle | None, ...]
    kg_co2e_per_km: Floats
    circuity: float

    def priced(self, density_per_km2: Floats) -> Visits:
        """Return the visits where stops lie `density_per_km2` (n_visits,) around each."""
        density = np.maximum(density_per_km2, MIN_DENSITY_PER_KM2)
        km, h, cny = np.zeros((3, len(self.at)))
        for number, vehicle in enumerate(self.vehicle):
            rows = self.rate == number
            if vehicle is not None and rows.any():
                km[rows] = detour_km(density[rows], self.circuity, self.load_t[rows] / vehicle.payload_t)
                h[rows] = self.stop_h[rows] + km[rows] / vehicle.local_km_per_h
                cny[rows] = visit_cny(vehicle, self.stop_h[rows], km[rows])
        return Visits(self.at, self.rate, self.per_year, self.per_t, km, h, cny, km * self.kg_co2e_per_km[self.rate])


@dataclass(frozen=True)
class Tours:
    """Visits to points and doors. `xy_m` (n_sites, 2); `growth` is the factor of transport prices of each stage."""

    points: Stops
    doors: Visits
    xy_m: Floats
    growth: tuple[float, ...]

    def _on_tours(self, instance: Instance) -> Bools:
        """Return whether a load of each option is small enough to share a vehicle with another, (n_options,)."""
        payload_t = np.array([np.inf if one is None else one.payload_t for one in self.points.vehicle])
        on_tours = np.zeros(instance.n_options, dtype=bool)
        on_tours[self.points.at] = self.points.load_t <= MOST_SHARED * payload_t[self.points.rate]
        return on_tours

    def at_asked(self, instance: Instance) -> Instance:
        """Return the instance with visits priced for the candidates times the share that targets ask to be opened."""
        on_tours, may_stand = self._on_tours(instance), np.zeros(instance.n_sites, dtype=bool)
        may_stand[instance.options.site[on_tours]] = True
        n_places = len(np.unique(self.xy_m[may_stand], axis=0))
        share = min(1.0, _asked_points(instance, on_tours) / max(1, n_places))
        return self._with(instance, share * self._density(instance, may_stand))

    def at_open(self, instance: Instance, is_open: Bools) -> Instance:
        """Return the instance with visits priced for the points that `is_open` (n_options,) opens."""
        opened = np.zeros(instance.n_sites, dtype=bool)
        opened[instance.options.site[is_open & self._on_tours(instance)]] = True
        return self._with(instance, self._density(instance, opened))

    def _with(self, instance: Instance, density_per_km2: Floats) -> Instance:
        """Enter visits for a density around each site, (n_sites,)."""
        visits = self.points.priced(density_per_km2[instance.options.site[self.points.at]])
        stages = instance.stages
        if stages is not None and stages.prices:
            prices = tuple(
                replace(priced, visits=_dearer(visits, factor), door_visits=_dearer(self.doors, factor))
                for priced, factor in zip(stages.prices, self.growth, strict=True)
            )
            stages = replace(stages, prices=prices)
        return replace(instance, visits=visits, door_visits=self.doors, stages=stages)

    def _density(self, instance: Instance, counts: Bools) -> Floats:
        """Return points that count per km² around each site, without itself, (n_sites,); 0 at sites of no point."""
        density, points = np.zeros(instance.n_sites), _point_sites(instance)
        density[points] = density_at_places(self.xy_m[points], counts[points])
        return density


def tours_of(config: Config, city: City, places: Places, feasible: Feasible, rated: RatedLinks) -> Tours | None:
    """Return the visits to points and doors; None where no vehicle is described that makes any."""
    if not any(config.transport.vehicles_on(name) for name in ("point_to_transfer", "door_to_transfer")):
        return None
    at_sites = xy_m(city, places.candidates)
    circuity = config.transport.circuity or haul_circuity(at_sites, rated.haul)
    site_rate = _rate_of_tails(rated.haul, len(at_sites), "point_to_transfer")
    growth = growth_factors(config.horizon, config.horizon.prices.transport)
    return Tours(_of_points(config, feasible, site_rate, rated.rates, circuity), Visits.none(), at_sites, growth)


def with_doors(tours: Tours, config: Config, cells: pd.DataFrame, demand: Demand, rated: RatedLinks) -> Tours:
    """Return the tours with stops at doors: orders a day and km² of a cell are their density.

    `cells` has the row of the cell of each booked demand node, in their order.
    """
    booked = config.participation.booked
    if booked is None or booked.emptying is None or not booked.emptying.load_t:
        return tours
    rate = _rate_of_tails(rated.direct, len(demand.id), "door_to_transfer")
    node = np.flatnonzero((demand.kind == DemandKind.BOOKED) & (rate >= 0))
    of_node = np.full(len(demand.id), np.nan)
    of_node[demand.kind == DemandKind.BOOKED] = (cells["cell_size_m"].to_numpy(dtype=float) / 1000) ** 2
    per_t = rated.rates.haul_factor[rate[node]] / booked.emptying.load_t
    orders = (demand.tonnes[node] * per_t).sum(axis=1) / DAYS_A_YEAR
    none, ones = np.zeros(len(node)), np.ones(len(node))
    stops = replace(
        tours.points, at=node, rate=rate[node], per_year=none, per_t=per_t, stop_h=booked.emptying.stop_h * ones,
        load_t=booked.emptying.load_t * ones,
    )  # fmt: skip
    return replace(tours, doors=stops.priced(orders / of_node[node]))


def _of_points(config: Config, feasible: Feasible, site_rate: Ints, rates: LinkRates, circuity: float) -> Stops:
    rate = np.where(feasible.where(lambda one: one.size.emptying is not None), site_rate[feasible.site], -1)
    option = np.flatnonzero(rate >= 0)
    load_t, per_year, stop_h = (
        feasible.column(figure)[option].astype(float) for figure in (_load_t, _per_year, _stop_h)
    )
    by_load = np.divide(1.0, load_t, out=np.zeros(len(option)), where=(load_t > 0) & (per_year == 0))
    vehicles = [vehicle_of_rate(config, rates, row) for row in range(len(rates.vehicle))]
    return Stops(
        at=option,
        rate=rate[option],
        per_year=per_year,
        per_t=by_load[:, None] * rates.haul_factor[rate[option]],
        stop_h=stop_h,
        load_t=load_t,
        vehicle=tuple(None if one is None else one.vehicle for one in vehicles),
        kg_co2e_per_km=np.array([0.0 if one is None else one.kg_co2e_per_km for one in vehicles]),
        circuity=circuity,
    )


def _load_t(variant: Variant) -> float:
    """Return t of a visit of a size; 0 where it is not known."""
    if variant.type.mobile is not None:
        return variant.type.mobile.load_t_per_visit
    return 0.0 if variant.size.emptying is None else variant.size.emptying.load_t or 0.0


def _per_year(variant: Variant) -> float:
    """Return visits a year of a size that is visited a fixed number of times; 0 where it is emptied by load."""
    if variant.type.mobile is not None:
        return WEEKS_A_YEAR * (variant.size.visits_per_week or 0.0)
    return 0.0 if variant.size.emptying is None else variant.size.emptying.visits_per_year or 0.0


def _stop_h(variant: Variant) -> float:
    return 0.0 if variant.size.emptying is None else variant.size.emptying.stop_h


def _rate_of_tails(links: Links, n_tails: int, link_class: str) -> Ints:
    """Return the rate of the shortest link of a class from each tail, −1 where it has none, (n_tails,)."""
    rate = np.full(n_tails, -1, dtype=np.int64)
    rows = np.flatnonzero(links.link_class == LINK_CLASSES.index(link_class))
    farthest_first = rows[np.argsort(-links.distance_m[rows], kind="stable")]
    rate[links.tail[farthest_first]] = links.rate[farthest_first]
    return rate


def _point_sites(instance: Instance) -> Ints:
    return np.flatnonzero(instance.sites.echelon == Echelon.POINT)


def _asked_points(instance: Instance, on_tours: Bools) -> float:
    """Return the points on tours that targets ask for; where none counts points, those that what is offered fills.

    Of a count of all types half is taken to be on tours where some are and some are emptied by full loads.
    """
    options, is_point = instance.options, instance.option_echelon() == Echelon.POINT
    type_on_tours = np.zeros(len(instance.facility_types), dtype=bool)
    type_on_tours[options.type[on_tours]] = True
    part = 1.0 if on_tours[is_point].all() else MIXED_SHARE
    of_points = [
        one
        for one in instance.targets
        if one.measure is Measure.COUNT and one.is_at_least and one.echelon is Echelon.POINT
    ]
    last = max((one.year for one in of_points), default=0)
    asked: dict[tuple[bool, bool], float] = {}
    for target in (one for one in of_points if one.year in (0, last)):
        is_whole, counts_all = bool(target.in_unit_site.all()), bool(target.counts_type.all())
        counted = target.value * (part if counts_all else float((type_on_tours & target.counts_type).any()))
        asked[is_whole, counts_all] = asked.get((is_whole, counts_all), 0.0) + counted
    if max(asked.values(), default=0.0) > 0:
        return max(asked.values())
    brought_t = float(instance.demand.tonnes[instance.demand.is_household].sum())
    return max(1.0, part * brought_t / float(options.capacity_t[is_point].max(initial=1.0)))


def _dearer(visits: Visits, factor: float) -> Visits:
    return replace(visits, cny=visits.cny * factor)
