"""A made-up city folder and its config, small enough to plan in a second: two districts on a grid of streets."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml

CRS_METRIC, WGS84 = "EPSG:32650", "EPSG:4326"
WEST_M, SOUTH_M, STEP_M, N_WIDE = 517_000.0, 4_328_000.0, 500.0, 7
TABLES = ("districts", "demand", "generators", "candidates", "road_nodes", "road_edges", "water")


def _frame(table, x_m, y_m):
    points = gpd.points_from_xy(WEST_M + np.asarray(x_m, dtype=float), SOUTH_M + np.asarray(y_m, dtype=float))
    return gpd.GeoDataFrame(table, geometry=points, crs=CRS_METRIC).to_crs(WGS84)


def _districts():
    middle, end = STEP_M * 3, STEP_M * 6 + 200
    boxes = [shapely.box(-200, -200, middle, 2200), shapely.box(middle, -200, end, 2200)]
    table = {"code": ["d1", "d2"], "name_en": ["West", "East"], "name_zh": ["西区", "东区"], "ring": ["inner", "outer"]}
    shapes = [shapely.transform(box, lambda xy: xy + np.array([WEST_M, SOUTH_M])) for box in boxes]
    return gpd.GeoDataFrame(table | {"residents": [6000, 6000]}, geometry=shapes, crs=CRS_METRIC).to_crs(WGS84)


def _demand():
    x_m, y_m = np.repeat(STEP_M * np.arange(6), 2) + 250, np.tile([250.0, 1250.0], 6)
    table = {
        "id": [f"cell-{n}" for n in range(12)],
        "district": ["d1"] * 6 + ["d2"] * 6,
        "settlement": "urban",
        "residents": np.full(12, 1000),
        "households": np.full(12, 400.0),
        "cell_x_m": WEST_M + x_m - 250,
        "cell_y_m": SOUTH_M + y_m - 250,
        "cell_size_m": 500.0,
    }
    return _frame(table, x_m, y_m)


def _candidates():
    x_m = [*(STEP_M * np.repeat(np.arange(5) + 0.6, 2)), 100, 1600, 2900, 900, 2600]
    y_m = [*np.tile([300.0, 1200.0], 5), 1900, 2000, 1900, 2050, 2050]
    kinds = ["community"] * 10 + ["roadside_lot"] * 3 + ["industrial_land"] * 2
    table = {
        "id": [f"P{n}" for n in range(10)] + ["T0", "T1", "T2", "S0", "S1"],
        "district": ["d1" if x < STEP_M * 3 else "d2" for x in x_m],
        "echelon": ["point"] * 10 + ["transfer"] * 3 + ["sorting"] * 2,
        "kind": kinds,
        "osm_class": "made_up",
        "name": [f"地点 {n}" for n in range(15)],
        "area_m2": [30.0] * 10 + [2000.0] * 3 + [30_000.0] * 2,
        "land_price_cny_per_m2": [500.0] * 15,
        "role": "candidate",
    }
    return _frame(table, x_m, y_m)


def _generators():
    table = {"id": ["G0", "G1"], "district": ["d1", "d2"], "kind": ["commercial", "industrial"], "material": "metal"}
    return _frame(table | {"tonnes": [800.0, 1500.0]}, [600, 2400], [1800, 900])


def _roads():
    column, line = np.meshgrid(np.arange(N_WIDE), np.arange(5))
    nodes = _frame({"node": np.arange(N_WIDE * 5)}, column.ravel() * STEP_M, line.ravel() * STEP_M)
    number = np.arange(N_WIDE * 5).reshape(5, N_WIDE)
    ends = np.vstack(
        [
            np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()]),
            np.column_stack([number[:-1].ravel(), number[1:].ravel()]),
        ]
    )
    points = nodes.geometry.to_numpy()
    lines = [shapely.LineString([points[u], points[v]]) for u, v in ends]
    table = {"u": ends[:, 0], "v": ends[:, 1], "road_class": "primary", "length_m": STEP_M, "walkable": True}
    return nodes, gpd.GeoDataFrame(table, geometry=lines, crs=WGS84)


def small_tables():
    """The tables of the city by stem, to be changed before they are written."""
    nodes, edges = _roads()
    water = gpd.GeoDataFrame({"kind": pd.Series(dtype=str), "name": pd.Series(dtype=str)}, geometry=[], crs=WGS84)
    return {
        "districts": _districts(),
        "demand": _demand(),
        "generators": _generators(),
        "candidates": _candidates(),
        "road_nodes": nodes,
        "road_edges": edges,
        "water": water,
    }


def small_config():
    """The config as plain data, to be changed before it is written."""

    def facility(capacity_t, capex_cny, area_m2):
        size = {"capacity_t": capacity_t, "capex_cny": capex_cny, "opex_cny": capex_cny / 10, "area_m2": area_m2}
        kind = {"label": {"en": "One", "zh": "一"}, "life_years": 10, "sizes": {"only": size}}
        return kind | {"min_load_share": 0}  # sizes of a real city, and a few residents

    link = {"cny_per_tkm": 1.5, "unload_cny_per_t": 5.0, "kg_co2e_per_tkm": 0.1}
    return {
        "name": "small",
        "title": {"en": "A small city", "zh": "小城"},
        "city": "city",
        "parameters": "parameters.csv",
        "year": 2027,
        "runs": "runs",
        "materials": {
            "paper": {"label": {"en": "Paper", "zh": "废纸"}, "kg_per_resident_day": 0.2, "residue_share": 0.1},
            "metal": {"label": {"en": "Metal", "zh": "金属"}},
        },
        "assignment": "designated",
        "participation": {"at_zero": 0.6, "decay_length_m": 900},
        "travel": {"walk_cutoff_m": 1200},
        "facilities": {
            "point": {"kiosk": facility(200, 50_000, 12)},
            "transfer": {"station": facility(1500, 400_000, 400)},
            "sorting": {"centre": facility(8000, 3_000_000, 5000)},
        },
        "transport": dict.fromkeys(("point_to_transfer", "transfer_to_sorting", "generator_to_sorting"), link),
        "money": {"discount_rate": {"from": "rate"}, "land_term_years": 40, "disposal_cny_per_t": 100},
        "targets": [
            {"unit": "city", "measure": "count", "echelon": "point", "at_least": 4},
            {"unit": "each_district", "measure": "served", "within_m": 700, "at_least": 0.6},
            {"unit": "city", "measure": "processed_t", "at_least": 1500},
        ],
        "solve": {"engine": "exact", "time_limit_s": 60, "gap": 0.001},
    }


def write_small_city(folder: Path, *, tables=None, config=None) -> Path:
    """Write city, parameter table and config into `folder`; the path of the config."""
    city = folder / "city"
    city.mkdir(parents=True)
    for stem, table in (tables or small_tables()).items():
        table.to_parquet(city / f"{stem}.parquet")
    about = {
        stem: {"origin": "made up", "licence": "none", "nature": "synthetic", "method": "A grid."} for stem in TABLES
    }
    meta = {"id": "small", "name_en": "Small", "name_zh": "小城", "crs_metric": CRS_METRIC, "tables": about}
    (city / "city.yaml").write_text(yaml.safe_dump(meta, allow_unicode=True), encoding="utf-8")
    rows = "key,value,low,high,unit,year,source,status,note\nrate,0.08,,,1/yr,2006,a book,published,\n"
    (folder / "parameters.csv").write_text(rows, encoding="utf-8")
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(config or small_config(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
