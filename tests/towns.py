"""Two small cities and the bases of their region, written to a folder: shared by tests of regions."""

from itertools import pairwise

import geopandas as gpd
import pandas as pd
import shapely
import yaml

from tests.small_city import CRS_METRIC, SOUTH_M, WEST_M, WGS84, _frame, small_config, write_small_city

TOWNS = ("east", "west")
MATERIALS = ("fibre", "ingot")
DELIVERS = {"paper": {"fibre": 0.9}, "metal": {"ingot": 1.0}}


def base_tables():
    """A line of places: a town at either end, a base beside each and one between them."""
    at_m = [0.0, 40_000.0, 20_000.0, 2_000.0, 38_000.0]
    nodes = _frame({"node": range(5)}, at_m, [0.0] * 5)
    order = [0, 3, 2, 4, 1]
    points = nodes.geometry.to_numpy()
    edges = {
        "u": order[:-1], "v": order[1:], "road_class": "primary",
        "length_m": [abs(at_m[u] - at_m[v]) for u, v in pairwise(order)], "walkable": True,
    }  # fmt: skip
    lines = [shapely.LineString([points[u], points[v]]) for u, v in pairwise(order)]
    boxes = [(-500, -500, 19_000, 500), (19_000, -500, 41_000, 500)]
    districts = gpd.GeoDataFrame(
        {"code": TOWNS, "name_en": ["East", "West"], "name_zh": ["东", "西"], "ring": "outer", "residents": [100, 100]},
        geometry=[shapely.box(WEST_M + a, SOUTH_M + b, WEST_M + c, SOUTH_M + d) for a, b, c, d in boxes],
        crs=CRS_METRIC,
    ).to_crs(WGS84)  # fmt: skip
    cells = {
        "id": ["C-east", "C-west"], "district": TOWNS, "settlement": "urban", "residents": [100.0, 100.0],
        "households": [40.0, 40.0], "cell_x_m": [WEST_M - 500, WEST_M + 39_500], "cell_y_m": SOUTH_M - 500,
        "cell_size_m": 1000.0,
    }  # fmt: skip
    offers = {
        "id": [f"{town}-{material}" for town in TOWNS for material in MATERIALS],
        "district": ["east"] * 2 + ["west"] * 2,
        "kind": "industrial", "material": MATERIALS * 2, "tonnes": [400.0, 900.0, 400.0, 900.0],
    }  # fmt: skip
    sites = {
        "id": ["B-middle", "B-east", "B-west"], "district": ["east", "east", "west"], "echelon": "base",
        "kind": "processing_park", "osm_class": "assumed", "area_m2": 9000.0, "land_price_cny_per_m2": 300.0,
        "role": "candidate",
    }  # fmt: skip
    water = gpd.GeoDataFrame({"kind": pd.Series(dtype=str), "name": pd.Series(dtype=str)}, geometry=[], crs=WGS84)
    return {
        "districts": districts, "demand": _frame(cells, [0.0, 40_000.0], [0.0, 0.0]),
        "generators": _frame(offers, [0.0, 0.0, 40_000.0, 40_000.0], [0.0] * 4),
        "candidates": _frame(sites, at_m[2:], [0.0] * 3), "road_nodes": nodes,
        "road_edges": gpd.GeoDataFrame(edges, geometry=lines, crs=WGS84), "water": water,
    }  # fmt: skip


def base_config():
    """Bases for both materials, cheaper by the tonne when they are large."""

    def size(capacity_t, capex_cny):
        return {"capacity_t": capacity_t, "capex_cny": capex_cny, "opex_cny": capex_cny / 20, "area_m2": 5000}

    sizes = {"small": size(1500, 2_000_000), "large": size(4000, 3_600_000)}
    works = {"label": {"en": "Works", "zh": "基地"}, "life_years": 20, "min_load_share": 0, "sizes": sizes}
    link = {"cny_per_tkm": 1.2}
    small = small_config()
    return {
        **{key: small[key] for key in ("year", "money", "parameters")},
        "name": "bases", "title": {"en": "Bases", "zh": "基地"}, "city": "city", "runs": "runs",
        "materials": {name: {"label": {"en": name, "zh": name}, "residue_share": 0.05} for name in MATERIALS},
        "participation": {"at_zero": 0, "decay_length_m": 1000},
        "travel": {"walk_cutoff_m": 1000, "bases_per_site": 3, "haul_cutoff_km": 100},
        "facilities": {"point": {}, "transfer": {}, "sorting": {}, "base": {"works": works}},
        "transport": {
            **dict.fromkeys(("point_to_transfer", "transfer_to_sorting", "generator_to_sorting"), link),
            "generator_to_base": link,
        },
        "targets": [], "solve": {"engine": "exact", "time_limit_s": 60, "gap": 0},
    }  # fmt: skip


def write_towns(folder):
    """Write both towns, the bases and the config of the region; return the path of the last."""
    for town, least_t in zip(TOWNS, (1500, 1900), strict=True):
        config = small_config() | {"name": town, "solve": {"engine": "exact", "time_limit_s": 60, "gap": 0.0}}
        config["targets"][-1] = {"unit": "city", "measure": "processed_t", "at_least": least_t}
        write_small_city(folder / town, config=config)
    write_small_city(folder / "bases", tables=base_tables(), config=base_config())
    region = {
        "name": "towns", "title": {"en": "Two towns", "zh": "两镇"}, "bases": "bases/plan.yaml",
        "cities": {town: {"config": f"{town}/plan.yaml", "delivers": DELIVERS} for town in TOWNS}, "runs": "runs",
    }  # fmt: skip
    path = folder / "region.yaml"
    path.write_text(yaml.safe_dump(region, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
