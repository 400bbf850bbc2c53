"""Draw the made-up county: `python data/county/draw.py` writes the tables of data/county/city anew.

Nothing here is a survey. The county lies in the sea off West Africa, so that nobody takes it for a real one.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from numpy.typing import NDArray
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

FOLDER = Path(__file__).parent / "city"
CRS_METRIC, WGS84 = "EPSG:32631", "EPSG:4326"
MIDDLE_M = np.array([300_000.0, 130_000.0])
TOWN_M, COUNTY_M, STEP_M, BLOCK_M = 3_000.0, 16_000.0, 500.0, 250.0
DETOUR = 1.15
TOWN_RESIDENTS, SEAT_RESIDENTS, VILLAGES_PER_TOWNSHIP = 110_000, 6_000, 11
DISTRICTS = {
    "t0": ("Town", "城关镇", "inner", (-TOWN_M, -TOWN_M, TOWN_M, TOWN_M)),
    "t1": ("North", "北乡", "outer", (-TOWN_M, TOWN_M, COUNTY_M, COUNTY_M)),
    "t2": ("East", "东乡", "outer", (TOWN_M, -COUNTY_M, COUNTY_M, TOWN_M)),
    "t3": ("South", "南乡", "outer", (-COUNTY_M, -COUNTY_M, TOWN_M, -TOWN_M)),
    "t4": ("West", "西乡", "outer", (-COUNTY_M, -TOWN_M, -TOWN_M, COUNTY_M)),
}
SEATS_M = np.array([[5_000, 9_000], [9_500, -5_000], [-5_500, -9_000], [-9_000, 5_500]], dtype=float)
SITES_M = np.array(
    [[6_500, 1_500], [-6_000, -1_500], [1_500, 6_500], [-2_000, -7_500], [11_500, 9_500], [7_000, -9_500]], dtype=float
)
"""Places outside of town for works: two industrial parks, two treatment sites, two quarries."""
POINTS = {"village": (60, 150, 100.0), "community": (30, 200, 1_500.0), "dealer": (80, 300, 1_500.0)}
"""Kinds of point: smallest and largest land in m2, price of land in CNY/m2."""
OFFERS = {  # material: kind, places in town, places in townships, t a year in all
    "construction_waste": ("industrial", 18, 8, 430_000.0),
    "kitchen_waste": ("commercial", 40, 4, 9_200.0),
    "traction_batteries": ("commercial", 7, 1, 160.0),
}
Points = NDArray[np.float64]


def draw(folder: Path) -> None:
    """Draw all tables with a fixed seed and write them into a folder."""
    rng = np.random.default_rng(2027)
    villages_m, of_township = _villages(rng)
    demand = _demand(rng, villages_m, of_township)
    nodes, edges = _roads(villages_m)
    tables = {
        "districts": _districts(demand),
        "demand": demand,
        "generators": _generators(rng, demand),
        "candidates": _candidates(rng, demand, villages_m),
        "road_nodes": nodes,
        "road_edges": edges,
        "water": gpd.GeoDataFrame({"kind": pd.Series(dtype=str), "name": pd.Series(dtype=str)}, geometry=[], crs=WGS84),
    }
    folder.mkdir(exist_ok=True)
    for stem, table in tables.items():
        table.to_parquet(folder / f"{stem}.parquet", compression="zstd")
    meta = yaml.safe_dump(_about(demand), allow_unicode=True, sort_keys=False, width=120)
    (folder / "city.yaml").write_text(meta, encoding="utf-8")


def _about(demand: gpd.GeoDataFrame) -> dict[str, object]:
    """What city.yaml says: every table is made up."""
    methods = {
        "districts": "A square of 32 km: the town in the middle, four townships around it",
        "demand": "Town: 500 m squares, thinner outwards; townships: a seat and 11 villages each, at random places",
        "generators": "Tonnes of the county by resident (README.md), dealt to random places in town and at seats",
        "candidates": "At villages, at squares drawn by residents, at seats and at six sites outside of town",
        "road_nodes": "A grid of 250 m in town; villages, seats and sites joined by the shortest tree and a second way",
        "road_edges": "As the nodes; outside of town 15 % longer than the straight line",
        "water": "None",
    }
    about = {
        stem: {"origin": "made up by data/county/draw.py", "licence": "MIT", "date": "2027", "method": method,
               "nature": "synthetic", "flaws": ["Made up: no such county, place or facility exists."]}
        for stem, method in methods.items()
    }  # fmt: skip
    return {
        "id": "county",
        "name_en": "Made-up county",
        "name_zh": "虚构县",
        "crs_metric": CRS_METRIC,
        "population": int(demand["residents"].sum()),
        "attribution": "Made-up county: no real place. 虚构数据，并无此县。",
        "tables": about,
    }


def _frame(table: dict[str, object], at_m: Points) -> gpd.GeoDataFrame:
    """Return a table of points at these places around the middle of the county."""
    points = gpd.points_from_xy(*(np.asarray(at_m, dtype=float) + MIDDLE_M).T)
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=points, crs=CRS_METRIC).to_crs(WGS84)


def _township_of(at_m: Points) -> list[str]:
    """Return the code of the district of each place."""
    boxes = {code: shapely.box(*bounds) for code, (*_, bounds) in DISTRICTS.items()}
    return [next(code for code, box in boxes.items() if box.intersects(shapely.Point(place))) for place in at_m]


def _villages(rng: np.random.Generator) -> tuple[Points, list[str]]:
    """Return seats and villages of the townships, at least 1.5 km apart, with the code of each one's township."""
    places, codes = list(SEATS_M), list(DISTRICTS)[1:]
    for code in list(DISTRICTS)[1:]:
        west, south, east, north = DISTRICTS[code][3]
        while codes.count(code) < VILLAGES_PER_TOWNSHIP + 1:
            place = rng.uniform([west + 700, south + 700], [east - 700, north - 700])
            if np.hypot(*(np.array(places) - place).T).min() >= 1_500:
                places.append(place)
                codes.append(code)
    return np.round(np.array(places)), codes


def _demand(rng: np.random.Generator, villages_m: Points, of_township: list[str]) -> gpd.GeoDataFrame:
    """Return town squares by a density that falls outwards, then one square for each seat and village."""
    across = np.arange(-TOWN_M + STEP_M / 2, TOWN_M, STEP_M)
    squares_m = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 2)
    squares_m = squares_m[np.hypot(*squares_m.T) < 2_800]
    weight = np.exp(-np.hypot(*squares_m.T) / 1_600) * rng.lognormal(0, 0.4, len(squares_m))
    in_town = np.rint(weight / weight.sum() * TOWN_RESIDENTS).astype(int)
    outside = np.clip(np.rint(rng.lognormal(np.log(1_800), 0.4, len(villages_m))), 700, 4_000).astype(int)
    outside[: len(SEATS_M)] = SEAT_RESIDENTS
    at_m, residents = np.vstack([squares_m, villages_m]), np.concatenate([in_town, outside])
    is_urban = np.arange(len(at_m)) < len(squares_m) + len(SEATS_M)
    corner_m = at_m - STEP_M / 2 + MIDDLE_M
    table = {
        "id": [f"cell-{n:03d}" for n in range(len(at_m))],
        "district": ["t0"] * len(squares_m) + of_township,
        "settlement": np.where(is_urban, "urban", "rural"),
        "residents": residents,
        "households": np.round(residents / 2.6, 1),
        "cell_x_m": corner_m[:, 0],
        "cell_y_m": corner_m[:, 1],
        "cell_size_m": STEP_M,
    }
    return _frame(table, at_m)


def _districts(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    residents = demand.groupby("district")["residents"].sum()
    codes = list(DISTRICTS)
    boxes = [shapely.transform(shapely.box(*DISTRICTS[code][3]), lambda xy: xy + MIDDLE_M) for code in codes]
    table = {
        "code": codes,
        "name_en": [DISTRICTS[code][0] for code in codes],
        "name_zh": [DISTRICTS[code][1] for code in codes],
        "ring": [DISTRICTS[code][2] for code in codes],
        "residents": [int(residents[code]) for code in codes],
        "area_km2": [round(box.area / 1e6, 2) for box in boxes],
    }
    return gpd.GeoDataFrame(table, geometry=boxes, crs=CRS_METRIC).to_crs(WGS84)


def _in_town(rng: np.random.Generator, demand: gpd.GeoDataFrame, n: int, *, each_once: bool = False) -> Points:
    """Return places somewhere in town squares drawn by residents; `each_once`: at most one in a square."""
    town = demand[demand["district"] == "t0"]
    chosen = rng.choice(len(town), n, replace=not each_once, p=town["residents"] / town["residents"].sum())
    corner_m = town[["cell_x_m", "cell_y_m"]].to_numpy()[chosen] - MIDDLE_M
    return corner_m + rng.uniform(30, STEP_M - 30, (n, 2))


def _at_seats(rng: np.random.Generator, n: int, spread_m: float = 250.0) -> Points:
    """Return places around the seats in turn."""
    return SEATS_M[np.arange(n) % len(SEATS_M)] + rng.uniform(-spread_m, spread_m, (n, 2))


def _generators(rng: np.random.Generator, demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return building sites, canteens and battery outlets, each stream's tonnes dealt out at random."""
    parts = []
    for material, (kind, n_town, n_seats, total_t) in OFFERS.items():
        at_m = np.vstack([_in_town(rng, demand, n_town), _at_seats(rng, n_seats)])
        share = rng.lognormal(0, 0.7, len(at_m))
        table = {
            "id": [f"synthetic-{material.split('_')[0]}-{n + 1:02d}" for n in range(len(at_m))],
            "district": _township_of(at_m),
            "kind": kind,
            "material": material,
            "tonnes": np.round(share / share.sum() * total_t, 1),
        }
        parts.append(_frame(table, at_m))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)


def _candidates(rng: np.random.Generator, demand: gpd.GeoDataFrame, villages_m: Points) -> gpd.GeoDataFrame:
    """Return places for points at villages, estates and dealers; for stations at seats and around town; for works."""
    edge_m = np.array([[2_800, -400], [-2_800, 600], [300, 2_800], [-600, -2_800]], dtype=float)
    parts = [
        _sites(rng, "point", "village", villages_m + 60, POINTS["village"]),
        _sites(rng, "point", "community", _in_town(rng, demand, 90, each_once=True), POINTS["community"]),
        _sites(rng, "point", "dealer", np.vstack([_in_town(rng, demand, 14), _at_seats(rng, 4)]), POINTS["dealer"]),
        _sites(
            rng,
            "transfer",
            "coop_station",
            np.vstack([SEATS_M + 150, [[2_700, 300], [-2_700, -300]]]),
            (1_500, 3_000, 300.0),
        ),
        _sites(rng, "transfer", "storage_yard", edge_m, (3_000, 8_000, 500.0)),
        _sites(rng, "transfer", "transit_site", np.vstack([edge_m * 1.4, SEATS_M + 900]), (8_000, 20_000, 300.0)),
        _sites(rng, "sorting", "industrial_park", SITES_M[:2], (40_000, 60_000, 350.0)),
        _sites(rng, "sorting", "treatment_site", SITES_M[2:4], (25_000, 40_000, 300.0)),
        _sites(rng, "sorting", "quarry", SITES_M[4:], (140_000, 160_000, 120.0)),
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)


def _sites(
    rng: np.random.Generator, echelon: str, kind: str, at_m: Points, land: tuple[float, float, float]
) -> gpd.GeoDataFrame:
    """Return candidates of one kind, with `land`: smallest and largest area, price."""
    low_m2, high_m2, price = land
    table = {
        "id": [f"{kind}-{n + 1:02d}" for n in range(len(at_m))],
        "district": _township_of(at_m),
        "echelon": echelon,
        "kind": kind,
        "osm_class": "made_up",
        "name": None,
        "area_m2": np.round(rng.uniform(low_m2, high_m2, len(at_m))),
        "land_price_cny_per_m2": price,
        "role": "candidate",
    }
    return _frame(table, at_m)


def _roads(villages_m: Points) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return a grid in town, and ways from its edge to seats, villages and sites."""
    line = np.arange(-TOWN_M, TOWN_M + 1, BLOCK_M)
    grid_m = np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    number = np.arange(len(grid_m)).reshape(len(line), -1)
    in_town = [np.column_stack([a.ravel(), b.ravel()]) for a, b in
               ((number[:, :-1], number[:, 1:]), (number[:-1], number[1:]))]  # fmt: skip
    outside_m = np.vstack([villages_m, SITES_M])
    gates = np.flatnonzero((np.abs(grid_m) == TOWN_M).any(axis=1) & (grid_m == 0).any(axis=1))
    joined = np.concatenate([gates, len(grid_m) + np.arange(len(outside_m))])
    at_m = np.vstack([grid_m, outside_m])
    apart_m = cdist(at_m[joined], at_m[joined])
    tree = np.argwhere(minimum_spanning_tree(apart_m).toarray() > 0)
    second = np.column_stack([np.arange(len(joined)), np.argsort(apart_m, axis=1)[:, 2]])
    ways = np.unique(np.sort(np.vstack([tree, second]), axis=1), axis=0)
    ends = np.vstack([*in_town, joined[ways]])
    is_grid = np.arange(len(ends)) < sum(map(len, in_town))
    nodes = _frame({"node": np.arange(len(at_m))}, at_m)
    points = nodes.geometry.to_numpy()
    straight_m = np.hypot(*(at_m[ends[:, 0]] - at_m[ends[:, 1]]).T)
    table = {
        "u": ends[:, 0],
        "v": ends[:, 1],
        "road_class": np.where(is_grid, "residential", "secondary"),
        "length_m": np.round(straight_m * np.where(is_grid, 1.0, DETOUR), 1),
        "walkable": True,
    }
    lines = [shapely.LineString([points[u], points[v]]) for u, v in ends]
    return nodes, gpd.GeoDataFrame(table, geometry=lines, crs=WGS84)


if __name__ == "__main__":
    draw(FOLDER)
