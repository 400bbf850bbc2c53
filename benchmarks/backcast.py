"""Today's network of containers in a city against the best one on the same possible positions.

Run by hand: `python -m benchmarks.backcast --containers FILE --kinds batteries clothes --json FILE`. FILE is a CSV with
the columns `kind`, `lon`, `lat` and `capacity`, m3. The capacity of residual waste (`--demand-kind`) is the weight of a
demand node. The positions of all other kinds (`--candidates all`: of all kinds) are the candidate sites. Places with
the same coordinates are merged. Distances are straight lines. For each kind there is a row for

- today's network; where a README.md beside FILE lists its figures, a second table has the differences;
- the networks with as many places of minimum mean walk (p-median) and of maximum share within `--within` (MCLP), with
  the proven bound of each;
- the network with the fewest new places found that reaches half of either gain, and a proven lower bound on their
  number.

At most K new places among p is a p-median (MCLP) with a multiplier on that number: a demand node at each of today's
places pays it unless the place stays open. Each multiplier gives a network and, by its bound, a lower bound on K.
"""

from __future__ import annotations

import argparse
import dataclasses
import math
import re
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from benchmarks.measure import Row
from benchmarks.report import print_rows, write_rows
from siting.instance import Bools, Floats, Ints
from siting.locate import Located, mclp, p_median, straight_arcs
from siting.locate.arcs import Arcs, make_arcs
from siting.locate.io.places import nearest_needed
from siting.tours import detour_km, line_haul_km, local_density_per_km2

KINDS = ("glass", "paper", "plastic", "clothes", "oil", "batteries")
SHARES_M = (150, 300)
MISSING_M3 = 1.0
"""Capacity of a container of residual waste that has none in the table."""
STEPS = 7
"""Multipliers that are tried for half of a gain."""
STEP_SHARE, STEP_GAP = 0.25, 1e-4
"""Time limit of such a solve as a share of `--time-limit`, and its gap."""
FIGURES = re.compile(r"(\w+) ([\d.]+); ([\d.]+) %; ([\d.]+) %")
"""Mean walk, m, and shares within 150 and 300 m of a kind in a README."""
COLUMNS = (
    ("kind", "kind", ""),
    ("network", "network", ""),
    ("places", "places", ",d"),
    ("new", "new places", ",d"),
    ("least_new", "proven at least", ",d"),
    ("mean_m", "mean walk, m", ",.1f"),
    ("within_150", "within 150 m", ".1%"),
    ("within_300", "within 300 m", ".1%"),
    ("objective", "objective", ""),
    ("proven", "bound", ""),
    ("gap", "gap", ".2%"),
    ("round_km", "one round, km", ",.0f"),
    ("seconds", "s", ",.0f"),
)
CHECKS = (
    ("kind", "kind", ""),
    ("mean_m", "mean walk, m, off by", "+.1f"),
    ("within_150", "within 150 m, points", "+.2f"),
    ("within_300", "within 300 m, points", "+.2f"),
)


@dataclass(frozen=True)
class Round:
    """One round of collection: capacity of the vehicle and load of a container, m3."""

    vehicle_m3: float
    load_m3: float


LORRY, VAN = Round(24.0, 2.0), Round(5.0, 0.1)
ROUNDS = {"glass": LORRY, "paper": LORRY, "plastic": LORRY, "clothes": Round(12.0, 1.0), "oil": VAN, "batteries": VAN}
"""Vehicles by kind; assumptions."""


@dataclass(frozen=True)
class City:
    """Demand nodes and candidate sites, merged by position.

    Attributes
    ----------
    demand, sites
        The places, with `id`, in metric coordinates.
    weight
        Residual capacity of each demand node, m3.
    is_today
        For each kind, the sites at which its containers are today, (n_sites,).
    depot_m
        Where collection begins and ends, (2,).
    """

    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    weight: Floats
    is_today: dict[str, Bools]
    depot_m: Floats

    def walks_m(self, is_open: Bools) -> Floats:
        """Return the distance from each demand node to its nearest open site."""
        tree = KDTree(self.sites_m[is_open])
        return np.asarray(tree.query(_xy_m(self.demand))[0])

    def mean(self, figures: Floats) -> float:
        """Return the mean over demand by weight."""
        return float(self.weight @ figures / self.weight.sum())

    @property
    def sites_m(self) -> Floats:
        """Coordinates of the sites, (n_sites, 2)."""
        return _xy_m(self.sites)


def _xy_m(places: gpd.GeoDataFrame) -> Floats:
    return np.asarray(places.geometry.get_coordinates())


def read_containers(path: Path, *, demand_kind: str, candidates: str = "other", depot: str | None = None) -> City:
    """Read a table of containers; without a depot it is the weighted centre of demand."""
    table = pd.read_csv(path, usecols=["kind", "lon", "lat", "capacity"])
    is_demand = table["kind"] == demand_kind
    has_capacity = bool(table.loc[is_demand, "capacity"].gt(0).any())
    table["capacity"] = table["capacity"].fillna(MISSING_M3)
    if not has_capacity:
        raise SystemExit(f"{path}: no capacity of kind {demand_kind!r}; name the residual waste by --demand-kind")
    nodes = table[is_demand].groupby(["lon", "lat"], as_index=False)["capacity"].sum()
    nodes = nodes[nodes["capacity"] > 0]
    listed = table if candidates == "all" else table[~is_demand]
    by_place = listed.groupby(["lon", "lat"])["kind"]
    kinds = by_place.agg(set).reset_index()
    demand = _places(nodes, None)
    sites = _places(kinds, demand.crs)
    weight = nodes["capacity"].to_numpy(dtype=float)
    is_today = {
        kind: np.array([kind in held for held in kinds["kind"]], dtype=bool)
        for kind in listed["kind"].unique()
        if kind != demand_kind
    }
    depot_m = np.average(_xy_m(demand), axis=0, weights=weight)
    if depot is not None:
        lon, lat = (float(part) for part in depot.split(","))
        depot_m = (
            gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").to_crs(demand.crs).get_coordinates().to_numpy()[0]
        )
    return City(demand, sites, weight, is_today, depot_m)


def _places(table: pd.DataFrame, crs: object) -> gpd.GeoDataFrame:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(table["lon"], table["lat"]), crs="EPSG:4326")
    return points.to_crs(points.estimate_utm_crs() if crs is None else crs).assign(id=np.arange(len(points)))


@dataclass(frozen=True)
class Task:
    """A kind of container in a city, and whether to minimize the walk or to cover within a distance.

    The value of a network is the mean walk, m, or the share of demand not within `within_m`: both to be minimized.
    """

    city: City
    kind: str
    within_m: float | None

    @property
    def is_today(self) -> Bools:
        """Today's sites."""
        return self.city.is_today[self.kind]

    def value(self, is_open: Bools) -> float:
        """Return the value of a network."""
        walks_m = self.city.walks_m(is_open)
        return self.city.mean(walks_m if self.within_m is None else (walks_m > self.within_m).astype(float))

    def new(self, is_open: Bools) -> int:
        """Count the places that are open and were not before."""
        return int((is_open & ~self.is_today).sum())

    def arcs(self) -> Arcs:
        """Return distances from demand nodes to sites."""
        city = self.city
        nearest = nearest_needed(len(city.demand), len(city.sites), int(self.is_today.sum()))
        if self.within_m is not None:
            return straight_arcs(city.demand, city.sites, within_m=self.within_m)
        return straight_arcs(city.demand, city.sites, nearest=nearest)


@dataclass(frozen=True)
class Network:
    """Open sites, (n_sites,), the proven bound on value + multiplier × new places, and seconds."""

    is_open: Bools
    bound: float
    multiplier: float
    seconds: float


def solve(task: Task, arcs: Arcs, *, multiplier: float, time_limit_s: float, gap: float = 1e-6) -> Network:
    """Minimize value + multiplier × new places over networks with as many places as today's."""
    total, p = float(task.city.weight.sum()), int(task.is_today.sum())
    today = np.flatnonzero(task.is_today) if multiplier > 0 else np.empty(0, dtype=np.int64)
    weights = np.concatenate([task.city.weight / total, np.full(len(today), multiplier)])
    found: Located
    if task.within_m is None:
        # the last site, always open, serves the nodes of today's places that are closed
        other = arcs.n_sites
        found = p_median(
            _with_today(arcs, today, other), weights, p=p + 1, fixed=[other], time_limit_s=time_limit_s, gap=gap
        )
        bound = found.bound
    else:
        found = mclp(
            _with_today(arcs, today, None), task.within_m, p, weights=weights, time_limit_s=time_limit_s, gap=gap
        )
        bound = float(weights.sum()) - found.bound
    is_open = np.zeros(arcs.n_sites, dtype=bool)
    is_open[found.chosen[found.chosen < arcs.n_sites]] = True
    return Network(is_open, bound, multiplier, found.seconds)


def _with_today(arcs: Arcs, today: Ints, other: int | None) -> Arcs:
    """Add a node at each of today's sites, and for them a site at distance 1, if any."""
    n_nodes, n_today = arcs.n_nodes, len(today)
    added = n_nodes + np.arange(n_today)
    node, site, cost = [arcs.node, added], [arcs.site, today], [arcs.cost, np.zeros(n_today)]
    if other is not None:
        node, site = [*node, added], [*site, np.full(n_today, other)]
        cost = [*cost, np.ones(n_today)]
    return make_arcs(
        np.concatenate(node),
        np.concatenate(site),
        np.concatenate(cost),
        shape=(n_nodes + n_today, arcs.n_sites + (other is not None)),
        beyond=np.concatenate([arcs.beyond, np.full(n_today, np.inf)]),
    )


def half_gain(task: Task, arcs: Arcs, best: Network, time_limit_s: float) -> tuple[Network | None, int]:
    """Return the network found with the fewest new places and half the gain of `best`, and a lower bound on them."""
    now, then = task.value(task.is_today), task.value(best.is_open)
    target = (now + then) / 2
    if not then < now:
        return None, 0
    fewest, least, seconds = best, 1, 0.0
    # gains diminish: at half of the gain a place adds at least the mean of the second half, at most all of the first
    low, high = (now - target) / task.new(best.is_open), now - target
    for _ in range(STEPS):
        middle = math.sqrt(low * high)
        tried = solve(task, arcs, multiplier=middle, time_limit_s=STEP_SHARE * time_limit_s, gap=STEP_GAP)
        seconds += tried.seconds
        least = max(least, math.ceil((tried.bound - target) / middle - 1e-6))
        reaches = task.value(tried.is_open) <= target + 1e-9
        if reaches and task.new(tried.is_open) < task.new(fewest.is_open):
            fewest = tried
        low, high = (middle, high) if reaches else (low, middle)
        if task.new(fewest.is_open) <= least:
            break
    return dataclasses.replace(fewest, seconds=seconds), least


def describe(task: Task, network: str, is_open: Bools, collection: Round) -> Row:
    """Return the figures of a network."""
    city, kind = task.city, task.kind
    walks_m = city.walks_m(is_open)
    shares = {f"within_{m}": round(city.mean((walks_m <= m).astype(float)), 5) for m in SHARES_M}
    return {
        "kind": kind,
        "network": network,
        "places": int(is_open.sum()),
        "new": task.new(is_open),
        "mean_m": round(city.mean(walks_m), 2),
        **shares,
        "vehicle_m3": collection.vehicle_m3,
        "load_m3": collection.load_m3,
        "round_km": round(round_km(city, is_open, collection), 1),
    }


def round_km(city: City, is_open: Bools, collection: Round) -> float:
    """Return the kilometres charged for emptying every place once, straight lines."""
    xy_m = city.sites_m[is_open]
    from_depot_km = np.hypot(*(xy_m - city.depot_m).T) / 1000
    detours_km = detour_km(local_density_per_km2(xy_m)) if len(xy_m) > 1 else np.zeros(1)
    haul_km = line_haul_km(from_depot_km, np.full(len(xy_m), collection.load_m3), collection.vehicle_m3)
    return float((haul_km + detours_km).sum())


def backcast(city: City, kind: str, collection: Round, *, within_m: float, time_limit_s: float) -> list[Row]:
    """Return the rows of a kind: today, the best networks, and those with half of the gain."""
    rows = [describe(Task(city, kind, None), "today", city.is_today[kind], collection)]
    for task in (Task(city, kind, None), Task(city, kind, within_m)):
        objective = "mean walk" if task.within_m is None else f"within {task.within_m:g} m"
        arcs = task.arcs()
        best = solve(task, arcs, multiplier=0.0, time_limit_s=time_limit_s)
        rows.append(
            describe(task, "best", best.is_open, collection)
            | {"objective": objective, "proven": shown(task, best.bound), "bound": best.bound}
            | {"gap": _gap(task, task.value(best.is_open), best.bound), "seconds": round(best.seconds, 1)}
        )
        half, least = half_gain(task, arcs, best, time_limit_s)
        if half is not None:
            rows.append(
                describe(task, "half the gain", half.is_open, collection)
                | {"objective": objective, "least_new": least, "multiplier": half.multiplier}
                | {"seconds": round(half.seconds, 1)}
            )
    return rows


def shown(task: Task, bound: float) -> str:
    """Return the bound as text in the unit of the objective."""
    return f"≥ {bound:,.1f} m" if task.within_m is None else f"≤ {1 - bound:.1%}"


def _gap(task: Task, value: float, bound: float) -> float:
    whole = value if task.within_m is None else 1 - value
    return max(0.0, (value - bound) / whole) if whole > 0 else 0.0


def differences(readme: Path, rows: list[Row]) -> list[Row]:
    """Return today's figures minus those that a README lists as `kind mean; share %; share %`."""
    if not readme.exists():
        return []
    listed = {kind: figures for kind, *figures in FIGURES.findall(readme.read_text(encoding="utf-8"))}
    return [
        {"kind": row["kind"]}
        | {
            name: round(row[name] * factor - float(figure), 3)
            for name, factor, figure in zip(
                ("mean_m", "within_150", "within_300"), (1, 100, 100), listed[row["kind"]], strict=True
            )
        }
        for row in rows
        if row["network"] == "today" and row["kind"] in listed
    ]


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="seconds for each best network")
    options.add_argument("--json", type=Path, metavar="FILE", help="write the rows with machine and versions")
    options.add_argument("--containers", type=Path, required=True, help="CSV with kind, lon, lat and capacity, m3")
    options.add_argument("--kinds", nargs="+", help="kinds to compare; the usual ones that the file has if left out")
    options.add_argument("--demand-kind", default="trash", help="kind whose capacity is the demand")
    options.add_argument("--candidates", choices=("other", "all"), default="other", help="positions of which kinds")
    options.add_argument("--within", type=float, default=300.0, help="distance of the covering network, m")
    options.add_argument("--depot", help="where collection begins and ends, LON,LAT; else the centre of demand")
    options.add_argument("--vehicle-m3", type=float, help="what a vehicle loads, m3; else by kind")
    options.add_argument("--load-m3", type=float, help="what one emptying loads, m3; else by kind")
    return options


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark."""
    given = parser().parse_args(arguments)
    city = read_containers(
        given.containers, demand_kind=given.demand_kind, candidates=given.candidates, depot=given.depot
    )
    kinds = given.kinds or [kind for kind in KINDS if kind in city.is_today]
    missing = [kind for kind in kinds if kind not in city.is_today]
    if missing:
        raise SystemExit(f"{given.containers}: no kind {', '.join(missing)}; it has {', '.join(city.is_today)}")
    rows: list[Row] = []
    for kind in kinds:
        usual = ROUNDS.get(kind, LORRY)
        collection = Round(given.vehicle_m3 or usual.vehicle_m3, given.load_m3 or usual.load_m3)
        rows += backcast(city, kind, collection, within_m=given.within, time_limit_s=given.time_limit)
        write_rows(given.json, rows)
    print_rows("Today's network against the best with as many places", COLUMNS, rows)
    checks = differences(given.containers.with_name("README.md"), rows)
    if checks:
        print_rows("Today's figures against the README beside the file", CHECKS, checks)


if __name__ == "__main__":
    main()
