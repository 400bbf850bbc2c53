"""Build the region Beijing–Tianjin–Hebei: `python data/region-jjj/build.py` writes the tables of city anew.

Residents are real (2020 census by county, counties.csv); all other figures are derived from them by the rules in
README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from synthetic import CIRCUITY, delivered_t, straight_roads  # noqa: E402 — a module beside this folder

CRS_METRIC, WGS84 = "EPSG:32650", "EPSG:4326"
DISC_M = 6_000.0
"""Radius of the disc that represents a county on the map: no border of a county, city or province is drawn."""
SITES_PER_CITY = 3
"""Candidate sites in each city of Hebei."""
CITIES = {
    "北京市": "Beijing",
    "天津市": "Tianjin",
    "石家庄市": "Shijiazhuang",
    "唐山市": "Tangshan",
    "秦皇岛市": "Qinhuangdao",
    "保定市": "Baoding",
    "张家口市": "Zhangjiakou",
    "承德市": "Chengde",
    "沧州市": "Cangzhou",
    "廊坊市": "Langfang",
}
HUBS = {
    "ziya": ("天津市", "天津子牙经济技术开发区", 116.84, 38.85, 800_000.0, 480.0),
    "dongjiang": ("天津市", "东疆综合保税区", 117.80, 38.98, 200_000.0, 491.0),
}
"""Id → city, name, longitude, latitude, area of land (m²), price of land (CNY/m²): the sites that tianjin-2024 II-13
names. Areas are assumed."""
LAND_M2, LAND_CNY_PER_M2 = 300_000.0, 466.0
"""Land of every other site; assumed."""


def build(folder: Path) -> None:
    """Write all tables into a folder."""
    counties = pd.read_csv(HERE / "counties.csv", dtype={"code": str}, encoding="utf-8")
    at_m = _metres(counties["lon"], counties["lat"])
    candidates = _candidates(counties)
    nodes_m = np.vstack([at_m, _metres(candidates["lon"], candidates["lat"])])
    tables = {
        "districts": _districts(counties, at_m),
        "demand": _demand(counties, at_m),
        "generators": _generators(counties),
        "candidates": gpd.GeoDataFrame(
            candidates.drop(columns=["lon", "lat"]),
            geometry=gpd.points_from_xy(candidates["lon"], candidates["lat"]),
            crs=WGS84,
        ),
        "road_nodes": _frame({"node": np.arange(len(nodes_m))}, nodes_m),
        "road_edges": _roads(nodes_m),
        "water": gpd.GeoDataFrame({"kind": pd.Series(dtype=str), "name": pd.Series(dtype=str)}, geometry=[], crs=WGS84),
    }
    folder.mkdir(exist_ok=True)
    for stem, table in tables.items():
        table.to_parquet(folder / f"{stem}.parquet", compression="zstd")
    meta = yaml.safe_dump(_about(counties), allow_unicode=True, sort_keys=False, width=120)
    (folder / "city.yaml").write_text(meta, encoding="utf-8")


def _metres(lon: pd.Series, lat: pd.Series) -> NDArray[np.float64]:
    places = gpd.GeoSeries.from_xy(lon, lat, crs=WGS84).to_crs(CRS_METRIC)
    return np.column_stack([places.x, places.y])


def _frame(table: dict[str, object], at_m: NDArray[np.float64]) -> gpd.GeoDataFrame:
    points = gpd.points_from_xy(*at_m.T)
    return gpd.GeoDataFrame(pd.DataFrame(table), geometry=points, crs=CRS_METRIC).to_crs(WGS84)


def _districts(counties: pd.DataFrame, at_m: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Return the cities as discs around their counties."""
    hubs = pd.DataFrame(HUBS.values()).iloc[:, [0, 2, 3]].set_axis(["city", "lon", "lat"], axis=1)
    places_m = np.vstack([at_m, _metres(hubs["lon"], hubs["lat"])])
    discs = gpd.GeoSeries(gpd.points_from_xy(*places_m.T), crs=CRS_METRIC).buffer(DISC_M, quad_segs=4)
    names = pd.concat([counties["city"], hubs["city"]], ignore_index=True)
    of_city = gpd.GeoDataFrame({"name_zh": names}, geometry=discs).dissolve("name_zh").loc[list(CITIES)]
    residents = counties.groupby("city")["residents"].sum()
    table = {
        "code": [CITIES[name].lower() for name in of_city.index],
        "name_en": [CITIES[name] for name in of_city.index],
        "name_zh": list(of_city.index),
        "ring": "outer",
        "residents": [int(residents[name]) for name in of_city.index],
        "area_km2": np.round(of_city.area.to_numpy() / 1e6, 1),
    }
    return gpd.GeoDataFrame(table, geometry=of_city.geometry.to_numpy(), crs=CRS_METRIC).to_crs(WGS84)


def _demand(counties: pd.DataFrame, at_m: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Return one cell with the residents of each county. They bring no material here; maps and reports count them."""
    table = {
        "id": "county-" + counties["code"],
        "district": counties["city"].map(CITIES).str.lower(),
        "settlement": "urban",
        "residents": counties["residents"],
        "households": (counties["residents"] / 2.6).round(1),
        "cell_x_m": at_m[:, 0] - 500.0,
        "cell_y_m": at_m[:, 1] - 500.0,
        "cell_size_m": 1000.0,
    }
    return _frame(table, at_m)


def _generators(counties: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the tonnes that the sorting centres of each county deliver, as generators at the place of the county."""
    parts = [
        pd.DataFrame(
            {
                "id": f"{material}-" + counties["code"],
                "district": counties["city"].map(CITIES).str.lower(),
                "kind": "industrial",
                "material": material,
                "tonnes": tonnes,
                "lon": counties["lon"],
                "lat": counties["lat"],
            }
        )
        for material, tonnes in delivered_t(counties["residents"]).items()
    ]
    table = pd.concat(parts, ignore_index=True)
    places = gpd.points_from_xy(table.pop("lon"), table.pop("lat"))
    return gpd.GeoDataFrame(table, geometry=places, crs=WGS84)


def _candidates(counties: pd.DataFrame) -> pd.DataFrame:
    """Return candidate sites of bases: the hubs in the policy, and the most populous counties of each city of Hebei."""
    hebei = counties[~counties["city"].isin(["北京市", "天津市"])]
    chosen = hebei.sort_values("residents", ascending=False).groupby("city").head(SITES_PER_CITY).sort_values("code")
    rows = [
        ("B-" + key, CITIES[city].lower(), name, lon, lat, area_m2, price)
        for key, (city, name, lon, lat, area_m2, price) in HUBS.items()
    ]
    rows += [
        ("B-" + code, CITIES[city].lower(), name, lon + 0.05, lat, LAND_M2, LAND_CNY_PER_M2)
        for code, city, name, lon, lat in chosen[["code", "city", "name", "lon", "lat"]].itertuples(index=False)
    ]
    columns = ["id", "district", "name", "lon", "lat", "area_m2", "land_price_cny_per_m2"]
    return pd.DataFrame(rows, columns=columns).assign(
        echelon="base", kind="processing_park", osm_class="assumed", role="candidate"
    )


def _roads(nodes_m: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Return straight roads between neighbouring places; there is no road table."""
    table = straight_roads(nodes_m)
    lines = shapely.linestrings(nodes_m[table[["u", "v"]].to_numpy()])
    return gpd.GeoDataFrame(table, geometry=lines, crs=CRS_METRIC).to_crs(WGS84)


def _about(counties: pd.DataFrame) -> dict[str, object]:
    """Return the content of city.yaml: names, and the origin of each table."""
    census = "2020 census by county"
    told = {
        "districts": (census, "derived", "Ten cities, drawn as discs of 6 km around their counties: no borders"),
        "demand": (census, "derived", "One place for each county: the densest mapped place, or a point inside"),
        "generators": ("none", "synthetic", "Each county has its residents' share of national recovery in 2022"),
        "candidates": (
            "tianjin-2024 II-13; census",
            "synthetic",
            "Ziya, Dongjiang, and the three most populous counties of each Hebei city; land assumed",
        ),
        "road_nodes": ("none", "synthetic", "Counties and sites"),
        "road_edges": ("none", "synthetic", f"Straight lines between neighbouring places × {CIRCUITY}"),
        "water": ("none", "synthetic", "None"),
    }
    common = {
        "licence": "facts; ODbL 1.0 (points: © OpenStreetMap contributors)",
        "date": "2020-11-01",
        "flaws": ["A screening of the region: see data/region-jjj/README.md"],
    }
    tables = {
        stem: {"origin": origin, "method": method, "nature": nature} | common
        for stem, (origin, nature, method) in told.items()
    }
    return {
        "id": "region-jjj",
        "name_en": "Beijing–Tianjin–Hebei",
        "name_zh": "京津冀",
        "crs_metric": CRS_METRIC,
        "population": int(counties["residents"].sum()),
        "attribution": "© OpenStreetMap contributors. Points of counties derive from OpenStreetMap, ODbL 1.0.",
        "tables": tables,
    }


if __name__ == "__main__":
    build(HERE / "city")
