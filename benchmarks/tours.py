"""Kilometres of collection tours at real points, by PyVRP, against what the planning model charges for them.

Run by hand: `python -m benchmarks.tours --points FILE --depot LON,LAT --vehicle-m3 24 --json FILE`. FILE is a CSV with
the columns `lon`, `lat` and, where known, `volume_l`: what one emptying loads. All points are emptied once. A row for
each size class and one for all says how many kilometres the tours have and how many are charged; a way between two
stops counts half for each, the ways from and to the depot by load times distance. Distances are straight lines, or
those along the streets of a city folder (`--network`).

`python -m benchmarks.tours --run RUN` does the same at the three stations of a plan that have the most points, with
what one emptying of each loads and what the plan is charged.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyvrp
from pyvrp.stop import MaxRuntime
from scipy.spatial.distance import cdist

from benchmarks.report import print_rows, write_rows
from benchmarks.travel import read_city
from siting.instance import Floats, Ints
from siting.problem import read_run
from siting.results.collection import station_rounds
from siting.tours import detour_km, line_haul_km, local_density_per_km2, savings_tours, stop_shares_km
from siting.travel import haul_pairs

CLASSES = 4
STATIONS = 3
VOLUME_L = 1000.0
COLUMNS = (
    ("size_class", "size class", ""),
    ("stops", "stops", ",d"),
    ("toured_km", "toured, km", ",.0f"),
    ("savings_km", "by savings, km", ",.0f"),
    ("charged_km", "charged, km", ",.0f"),
    ("charged_share", "charged / toured", ".1%"),
)


@dataclass(frozen=True)
class Stops:
    """Points to empty once: places in metric coordinates, (n_stops, 2), what each loads, l, and the depot."""

    xy_m: Floats
    volume_l: Floats
    depot_m: Floats


def read_stops(path: Path, depot: str, volume_l: float) -> Stops:
    """Read the points of a CSV; one without a volume loads `volume_l`."""
    table = pd.read_csv(path)
    volume = table["volume_l"].fillna(volume_l) if "volume_l" in table else pd.Series(volume_l, index=table.index)
    lon, lat = (float(part) for part in depot.split(","))
    places = gpd.GeoSeries.from_xy([lon, *table["lon"]], [lat, *table["lat"]], crs="EPSG:4326")
    xy_m = places.to_crs(places.iloc[1:].estimate_utm_crs()).get_coordinates().to_numpy()
    return Stops(xy_m[1:], volume.to_numpy(dtype=float), xy_m[0])


def distances_km(stops: Stops, network: Path | None) -> Floats:
    """Return the distance from each place to each, the depot first, km."""
    places_m = np.vstack([stops.depot_m, stops.xy_m])
    if network is None:
        return np.asarray(cdist(places_m, places_m) / 1000)
    pairs, _ = haul_pairs(read_city(network).network, places_m, places_m, nearest=len(places_m))
    km = np.full((len(places_m), len(places_m)), np.nan)
    km[pairs.origin, pairs.destination] = pairs.distance_m / 1000
    np.fill_diagonal(km, 0.0)
    if np.isnan(km).any():
        raise SystemExit(f"{network}: {int(np.isnan(km).sum()):,} pairs of points are not joined by its streets")
    return (km + km.T) / 2


def best_tours(km: Floats, volume_l: Floats, vehicle_l: float, seconds: float) -> tuple[Ints, Ints]:
    """Return stops, one tour after the other, and where each tour begins: PyVRP's, from tours by savings."""
    metres = np.rint(km * 1000).astype(np.int64)
    litres = np.ceil(np.round(volume_l, 3)).astype(np.int64)  # two halves fill a vehicle, whatever their last digit
    data = pyvrp.ProblemData(
        [pyvrp.Location(0, 0) for _ in km],
        [pyvrp.Client(location=n + 1, delivery=[int(load)]) for n, load in enumerate(litres)],
        [pyvrp.Depot(location=0)],
        [pyvrp.VehicleType(num_available=len(volume_l), capacity=[int(round(vehicle_l, 3))])],
        [metres],
        [np.zeros_like(metres)],
    )
    found = pyvrp.solve(data, MaxRuntime(seconds), seed=1, display=False)
    routes = [[stop.idx for stop in route if stop.is_client()] for route in found.best.routes()]
    return np.concatenate(routes).astype(np.int64), np.cumsum([0, *(len(route) for route in routes)])


def size_classes(volume_l: Floats) -> pd.Series[str]:
    """Name the size class of each stop: by its volume where there are few, by quarters of the stops elsewhere."""
    m3 = pd.Series(volume_l / 1000)
    if m3.nunique() <= CLASSES:
        return m3.map("{:g} m3".format)
    edges = m3.quantile(np.linspace(0, 1, CLASSES + 1)).drop_duplicates().to_numpy()
    names = [f"{low:g} to {high:g} m3" for low, high in itertools.pairwise(edges)]
    return pd.cut(m3, edges, labels=names, include_lowest=True).astype(str)


def compare(stops: Stops, km: Floats, vehicle_l: float, seconds: float) -> list[dict[str, object]]:
    """Return a row for each size class and one for all: stops, kilometres of the tours, kilometres charged."""
    order, start = best_tours(km, stops.volume_l, vehicle_l, seconds)
    toured = stop_shares_km(order, start, km, stops.volume_l)
    straight = cdist(stops.xy_m, stops.xy_m) / 1000
    circuity = float(np.median((km[1:, 1:] / np.where(straight > 0.05, straight, np.nan))[straight > 0.05]))
    charged = line_haul_km(km[0, 1:], stops.volume_l, vehicle_l) + detour_km(
        local_density_per_km2(stops.xy_m), circuity, stops.volume_l / vehicle_l
    )
    by_savings = savings_tours(km, stops.volume_l, vehicle_l).stop_km
    table = pd.DataFrame({"size_class": size_classes(stops.volume_l), "toured_km": toured, "charged_km": charged})
    table["savings_km"] = by_savings
    groups = [*table.groupby("size_class", sort=False), ("all", table)]
    return [
        {
            "size_class": name,
            "stops": len(rows),
            **{column: round(float(rows[column].sum()), 1) for column in ("toured_km", "charged_km", "savings_km")},
            "charged_share": round(float(rows["charged_km"].sum() / rows["toured_km"].sum()), 4),
        }
        for name, rows in groups
    ]


def compare_run(folder: Path, seconds: float) -> list[dict[str, object]]:
    """Return a row for each of the stations of a plan with the most points, and one for these together."""
    rounds = sorted(station_rounds(read_run(folder).record), key=lambda one: -len(one.load_t))[:STATIONS]
    rows: list[dict[str, object]] = []
    for one in rounds:
        order, start = best_tours(one.km, 1000 * one.load_t, 1000 * one.capacity_t, seconds)
        toured_km = float(stop_shares_km(order, start, one.km, one.load_t).sum())
        savings_km = savings_tours(one.km, one.load_t, one.capacity_t).km
        rows.append(_run_row(one.station, len(one.load_t), toured_km, savings_km, float(one.charged_km.sum())))
    sums = [sum(float(str(row[name])) for row in rows) for name in ("stops", "toured_km", "savings_km", "charged_km")]
    return [*rows, _run_row("together", int(sums[0]), *sums[1:])]


def _run_row(name: str, stops: int, toured_km: float, savings_km: float, charged_km: float) -> dict[str, object]:
    km = {"toured_km": toured_km, "savings_km": savings_km, "charged_km": charged_km}
    share = {"charged_share": round(charged_km / toured_km, 4)}
    return {"size_class": name, "stops": stops} | {key: round(value, 1) for key, value in km.items()} | share


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="run folder: tours at three stations of its plan")
    parser.add_argument("--points", type=Path, help="CSV with lon, lat and, where known, volume_l")
    parser.add_argument("--depot", help="where tours begin and end, LON,LAT")
    parser.add_argument("--vehicle-m3", type=float, help="what a lorry loads, m3")
    parser.add_argument("--volume-l", type=float, default=VOLUME_L, help="load of a point without a volume, l")
    parser.add_argument("--network", type=Path, help="city folder whose streets are driven, instead of straight lines")
    parser.add_argument("--seconds", type=float, default=60.0, help="time for PyVRP")
    parser.add_argument("--json", type=Path, help="rows with date, machine and versions")
    given = parser.parse_args()
    if given.run is not None:
        rows = compare_run(given.run, given.seconds)
        print_rows("Kilometres of one round at stations of a plan", COLUMNS, rows)
        write_rows(given.json, rows)
        return
    if None in (given.points, given.depot, given.vehicle_m3):
        parser.error("give --points, --depot and --vehicle-m3, or --run")
    stops = read_stops(given.points, given.depot, given.volume_l)
    if stops.volume_l.max() > 1000 * given.vehicle_m3:
        raise SystemExit(f"a point loads {stops.volume_l.max():,.0f} l, a lorry {1000 * given.vehicle_m3:,.0f} l")
    rows = compare(stops, distances_km(stops, given.network), 1000 * given.vehicle_m3, given.seconds)
    print_rows("Kilometres of one round of all points", COLUMNS, rows)
    write_rows(given.json, rows)


if __name__ == "__main__":
    main()
