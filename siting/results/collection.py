"""Collection tours of a plan: vehicles, hours, kilometres and visits by station and district, cost by type of point.

A point's visits are shared among its stations by the tonnes that go to each. Haul is the way there and back of full
vehicles. To check what is charged, tours are built by savings at each station: one round that empties every point once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from siting.instance import Floats, Instance, Ints, Links
from siting.plan import Plan
from siting.results.record import RunRecord
from siting.tours import MIN_DENSITY_PER_KM2, MOST_SHARED, density_at_places, haul_circuity, savings_tours
from siting.tours import detour_km as detour_km_of
from siting.verify.costs import laden_t, visits_made
from siting.verify.tonnage import sum_by, trace_tonnage
from siting.vocabulary import LINK_CLASSES, Echelon

DAYS_A_YEAR = 365.0
LEAST_T = 1e-6
SUMMED = ("tonnes", "visits_per_day", "km", "hours", "drivers", "vehicles", "cny")
"""Columns that add up; km, hours and CNY a year."""


@dataclass(frozen=True, eq=False)
class Collection:
    """Tours of a plan.

    `stations` and `districts` have one row for each that is served or emptied, `id` (a code for districts) and the
    columns of `SUMMED`; `vehicles` are whole ones by station, and hours over those of one by district. `types` has one
    row for each type of point: `type`, `tonnes`, `visits_per_day`, `cny` (haul included) and `cny_per_t`.
    `door_t` and `door_cny` are those of pick-up at doors. `toured_km` and `charged_km` are of one round of all points;
    detours are the mean of the visits that are no full load, as charged and at the density of the points opened, km.
    """

    stations: pd.DataFrame
    districts: pd.DataFrame
    types: pd.DataFrame
    door_t: float
    door_cny: float
    toured_km: float
    charged_km: float
    charged_detour_km: float
    own_detour_km: float

    @property
    def table(self) -> pd.DataFrame:
        """Rows of stations, then of districts, rounded; `unit` says which."""
        parts = {"station": self.stations, "district": self.districts}
        whole = pd.concat([part.assign(unit=name) for name, part in parts.items()], ignore_index=True)
        decimals = dict.fromkeys(SUMMED, 1) | {"drivers": 3, "vehicles": 3, "cny": 0}
        return whole[["unit", "id", *SUMMED]].round(decimals)

    @property
    def cny_per_t(self) -> float:
        """Cost of emptying and haul to stations by the tonne."""
        tonnes = float(self.stations["tonnes"].sum())
        return float(self.stations["cny"].sum()) / tonnes if tonnes > 0 else float("nan")

    @property
    def toured_share(self) -> float:
        """Kilometres of tours over those that are charged."""
        return self.toured_km / self.charged_km if self.charged_km > 0 else float("nan")


def collection_of(run: RunRecord) -> Collection | None:
    """Return the tours of a run of one stage; None where no vehicle is described that empties points or doors."""
    instance, plan = run.instance, run.solution.plan
    if not len(instance.visits.at) and not len(instance.door_visits.at):
        return None
    legs = pd.concat([_legs(run, instance.haul, plan.haul_t), _legs(run, instance.direct, plan.direct_t)])
    stations = legs.groupby("head", as_index=False)[list(SUMMED)].sum()
    stations.insert(0, "id", instance.sites.id[stations.pop("head")])
    stations["vehicles"] = np.ceil(stations["vehicles"] - LEAST_T)
    districts = legs.groupby("district", as_index=False)[list(SUMMED)].sum()
    districts.insert(0, "id", instance.districts[districts.pop("district")])
    of_points, of_doors = legs[legs["type"] >= 0], legs[legs["type"] < 0]
    return Collection(
        stations=stations,
        districts=districts,
        types=_types(instance, of_points),
        door_t=float(of_doors["tonnes"].sum()),
        door_cny=float(of_doors["cny"].sum()),
        **_rounds(run, of_points),
    )


def _legs(run: RunRecord, links: Links, flow_t: Floats) -> pd.DataFrame:
    """Return one row for each link in use by which points or doors are emptied, with its share of their visits."""
    instance, plan = run.instance, run.solution.plan
    of_points = links is instance.haul
    link_class = LINK_CLASSES.index("point_to_transfer" if of_points else "door_to_transfer")
    tonnes, rates = flow_t.sum(axis=1), instance.link_rates
    used = np.flatnonzero(
        (links.link_class == link_class) & (tonnes > LEAST_T) & (rates.hours_per_year[links.rate] > 0)
    )
    tail, rate, distance_km = links.tail[used], links.rate[used], links.distance_m[used] / 1000
    visits = _visits_by_tail(instance, plan, of_points=of_points)
    share = tonnes[used] / sum_by(links.tail, tonnes, len(visits))[tail]
    laden, made = laden_t(instance, links, flow_t)[used], visits.loc[tail].mul(share, axis=0)
    haul_km = laden * _km_per_tkm(run, rate) * distance_km
    hours = made["h"].to_numpy() + laden * (rates.h_per_tkm[rate] * distance_km + rates.unload_h_per_t[rate])
    haul_cny = laden * (rates.cny_per_tkm[rate] * distance_km + rates.unload_cny_per_t[rate])
    places = instance.sites if of_points else instance.demand
    option_type = _open_type(instance, plan)
    return pd.DataFrame(
        {
            "tail": tail,
            "head": links.head[used],
            "district": places.district[tail],
            "type": option_type[tail] if of_points else -1,
            "rate": rate,
            "distance_km": distance_km,
            "laden_t": laden,
            "tonnes": tonnes[used],
            "visits": made["visits"].to_numpy(),
            "visits_per_day": made["visits"].to_numpy() / DAYS_A_YEAR,
            "detour_km": made["km"].to_numpy(),
            "km": made["km"].to_numpy() + haul_km,
            "hours": hours,
            "drivers": hours / rates.hours_per_year[rate],
            "vehicles": hours / rates.hours_per_year[rate],
            "cny": made["cny"].to_numpy() + haul_cny,
        }
    )


def _visits_by_tail(instance: Instance, plan: Plan, *, of_points: bool) -> pd.DataFrame:
    """Return visits a year with their km, hours and cost by site, or by demand node."""
    points, doors = visits_made(instance, plan, trace_tonnage(instance, plan))
    visits, made = points if of_points else doors
    place = instance.options.site[visits.at] if of_points else visits.at
    n = instance.n_sites if of_points else instance.n_demand
    figures = {"visits": made, "km": made * visits.km, "h": made * visits.h, "cny": made * visits.cny}
    return pd.DataFrame({name: sum_by(place, figure, n) for name, figure in figures.items()})


def _open_type(instance: Instance, plan: Plan) -> Ints:
    """Return the type that is open at each site, −1 for none, (n_sites,)."""
    type_ = np.full(instance.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(plan.is_open)
    type_[instance.options.site[opened]] = instance.options.type[opened]
    return type_


def _km_per_tkm(run: RunRecord, rate: Ints) -> Floats:
    """Return kilometres, there and back, of a t·km of each rate; the name of a rate begins with its vehicle's."""
    names, vehicles = run.instance.link_rates.vehicle, run.config.transport.vehicles
    payload_t = np.full(len(names), np.inf)
    for row, name in enumerate(names.tolist()):
        vehicle = vehicles.get(name) or vehicles.get(name.rpartition(" (")[0])
        payload_t[row] = np.inf if vehicle is None else vehicle.payload_t
    return 2 / payload_t[rate]


def _types(instance: Instance, legs: pd.DataFrame) -> pd.DataFrame:
    """Return tonnes, visits and cost of each type of point that is emptied."""
    table = legs.groupby("type", as_index=False)[["tonnes", "visits_per_day", "cny"]].sum()
    table["type"] = instance.facility_types[table["type"].to_numpy(dtype=np.int64)]
    table["cny_per_t"] = table["cny"] / table["tonnes"]
    return table


@dataclass(frozen=True, eq=False)
class Round:
    """One round of a station: each of its points emptied once. Arrays (n_stops,) unless said.

    `km` (n_stops + 1, n_stops + 1) are distances from each place to each, the station first: to points along the
    roads, between points straight lines times the circuity. `charged_km` is what the model charges for each stop.
    """

    station: str
    km: Floats
    load_t: Floats
    capacity_t: float
    charged_km: Floats


def station_rounds(run: RunRecord) -> tuple[Round, ...]:
    """Return one round of all points of each station; a point that two stations share is of that with more of it."""
    stops, at_m, circuity = _stops(run, _legs(run, run.instance.haul, run.solution.plan.haul_t))
    rounds = []
    for _, own in stops.groupby(["head", "rate"]):
        place = at_m[own["tail"].to_numpy()]
        km = np.zeros((len(own) + 1, len(own) + 1))
        km[0, 1:] = km[1:, 0] = own["distance_km"]
        km[1:, 1:] = circuity * np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) / 1000
        charged_km = own["stop_km"] + 2 * own["distance_km"] * own["load_share"]
        station = str(run.instance.sites.id[own["head"].iloc[0]])
        load_t, capacity_t = own["load_t"].to_numpy(dtype=float), float(own["capacity_t"].iloc[0])
        rounds.append(Round(station, km, load_t, capacity_t, charged_km.to_numpy(dtype=float)))
    return tuple(rounds)


def _stops(run: RunRecord, legs: pd.DataFrame) -> tuple[pd.DataFrame, Floats, float]:
    """Return the legs by which points are mainly emptied, with one emptying of each; places, m, and the circuity."""
    geography, instance = run.measured_geography, run.instance
    at_m = shapely.get_coordinates(geography.sites.geometry.to_crs(geography.crs_metric).to_numpy())
    circuity = run.config.transport.circuity or haul_circuity(at_m, instance.haul)
    main = legs[legs["visits"] > 0].sort_values("tonnes", ascending=False).drop_duplicates("tail")
    capacity_t = 2 / _km_per_tkm(run, main["rate"].to_numpy())
    main = main.assign(capacity_t=capacity_t, load_t=np.minimum(main["laden_t"] / main["visits"], capacity_t))
    return (
        main.assign(stop_km=main["detour_km"] / main["visits"], load_share=main["load_t"] / capacity_t),
        at_m,
        circuity,
    )


def _rounds(run: RunRecord, legs: pd.DataFrame) -> dict[str, float]:
    """Return the km of tours that empty each point once, those charged, and the mean detours."""
    rounds, (stops, at_m, circuity) = station_rounds(run), _stops(run, legs)
    density = _density_on_tours(run.instance, at_m, stops)[stops["tail"].to_numpy()]
    own_km = detour_km_of(np.maximum(density, MIN_DENSITY_PER_KM2), circuity, stops["load_share"].to_numpy())
    beside = stops["visits"].to_numpy() * (stops["stop_km"] > 0)
    total = float(beside.sum())
    return {
        "toured_km": sum(savings_tours(one.km, one.load_t, one.capacity_t).km for one in rounds),
        "charged_km": sum(float(one.charged_km.sum()) for one in rounds),
        "charged_detour_km": float(stops["stop_km"] @ beside) / total if total > 0 else 0.0,
        "own_detour_km": float(own_km @ beside) / total if total > 0 else 0.0,
    }


def _density_on_tours(instance: Instance, at_m: Floats, stops: pd.DataFrame) -> Floats:
    """Return points per km² around each site that share tours with others, (n_sites,); 0 at sites of no point."""
    points, on_tours = instance.sites.echelon == Echelon.POINT, np.zeros(instance.n_sites, dtype=bool)
    on_tours[stops.loc[stops["load_share"] <= MOST_SHARED, "tail"].to_numpy()] = True
    density = np.zeros(instance.n_sites)
    density[points] = density_at_places(at_m[points], on_tours[points])
    return density
