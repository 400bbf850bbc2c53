"""Build the towns of the national programme: `python data/national/build.py` writes their city folders into `towns`.

Residents and the area of each city are real (cities.csv, districts.csv); all places are made up, by the rules in
README.md. `python data/national/build.py 510100 440300` builds those cities only; `jjj`, `yrd`, `prd` and `cdcq` name
the agglomerations.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import yaml
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))
from synthetic import delivered_t, straight_roads  # noqa: E402 — a module beside this folder

WGS84 = "EPSG:4326"
UNIT_RESIDENTS = 20_000
"""Residents of a ten-minute living circle; GB 50180-2018 gives 15,000 to 25,000."""
UNIT_M, POINT_M, APART_M = 500.0, (80.0, 400.0), 1_150.0
"""Lengths of a living circle, m: half the side of its square; the nearest and farthest point from its centre; the
distance between urban circles."""
POINTS_PER_UNIT, UNITS_PER_STATION = 6, 4
CENTRES_PER_MILLION, FEWEST_CENTRES = 4.0, 6
GENERATORS_PER_MILLION, FEWEST_GENERATORS = 4.0, 4
"""Sites of sorting centres, and generators of each material, for each million residents, and the minimum of each."""
URBAN_KM2, RURAL_KM2 = 10_000.0, 300.0
"""Residents per km² by which the area of a city is divided among its districts."""
COUNTED_APART = ("130629", "130632", "130638", "130682")
"""Counties that the census total of Baoding excludes: those of Xiong'an, and Dingzhou."""
TIANJIN_RESIDENTS = 13_866_009
OFFERED_T = {"scrap_metal": 5_395_000.0, "commercial_mix": 2_905_000.0}
"""Tonnes a year that industry and commerce of Tianjin offer in configs/tianjin-2027.yaml; other cities in proportion to
residents."""
AGGLOMERATIONS = {
    "jjj": ("Beijing–Tianjin–Hebei", "京津冀"),
    "yrd": ("Yangtze River Delta", "长三角"),
    "prd": ("Pearl River Delta", "珠三角"),
    "cdcq": ("Chengdu–Chongqing", "成渝"),
}
RESIDENTS_PER_BASE, FEWEST_BASES, BASE_M2, BASE_CNY_PER_M2 = 2_500_000, 2, 400_000.0, 466.0
"""Sites of processing bases: residents of a city per site, the minimum number in a city, land area, price of land."""
LINE = (
    "Synthetic town: only residents and the area of the city are real (2020 census)."
    " 虚构城镇，仅人口与面积属实（2020年普查）。"
)
FLAW = "Synthetic: only residents and the area of the city are real; see data/national/README.md"
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """Metric grid of a town: UTM zone, and its middle in it."""

    crs: str
    middle_m: Points

    @classmethod
    def at(cls, lon: float, lat: float) -> Ground:
        """Return the grid around a place."""
        crs = f"EPSG:{32601 + int((lon + 180) // 6)}"
        place = gpd.GeoSeries.from_xy([lon], [lat], crs=WGS84).to_crs(crs)
        return cls(crs, np.array([place.x.iloc[0], place.y.iloc[0]]))

    def frame(self, table: dict[str, object] | pd.DataFrame, at_m: Points) -> gpd.GeoDataFrame:
        """Return a table of points at places around the middle."""
        points = gpd.points_from_xy(*(np.asarray(at_m, dtype=float) + self.middle_m).T)
        return gpd.GeoDataFrame(pd.DataFrame(table), geometry=points, crs=self.crs).to_crs(WGS84)


def read_cities() -> pd.DataFrame:
    """Return the 60 cities by code."""
    return pd.read_csv(HERE / "cities.csv", dtype={"code": str}, encoding="utf-8").set_index("code", drop=False)


def districts_of(city: pd.Series) -> pd.DataFrame:
    """Return the districts of a city with their residents; residents of no listed district form one more district."""
    table = pd.read_csv(HERE / "districts.csv", dtype={"city": str, "code": str}, encoding="utf-8")
    own = table[(table["city"] == city["code"]) & ~table["code"].isin(COUNTED_APART)]
    own = own.drop(columns="city").reset_index(drop=True)
    lacking, urban = (int(city[key] - own[key].sum()) for key in ("residents", "urban_residents"))
    if lacking > 0.005 * city["residents"]:
        urban = min(max(urban, 0), lacking)
        rest = [city["code"][:4] + "99", "其余" if len(own) else city["name_zh"], lacking, urban]
        own.loc[len(own)] = [*rest, round(lacking / city["household_size"])]
    return own


def build_town(city: pd.Series, folder: Path) -> None:
    """Write the city folder of one town; the code of the city is the random seed."""
    rng = np.random.default_rng(int(city["code"]))
    ground, districts = Ground.at(city["lon"], city["lat"]), districts_of(city)
    middle_m, radius_m = _layout(districts, float(city["area_km2"]) * 1e6)
    units = _units(rng, districts, middle_m, radius_m)
    unit_m = units[["x", "y"]].to_numpy()
    corner_m = unit_m + ground.middle_m - UNIT_M
    centre_m, centre_of = _outside(
        rng, districts, middle_m, radius_m, _number(city, CENTRES_PER_MILLION, FEWEST_CENTRES)
    )
    nodes_m = np.vstack([unit_m, centre_m])
    codes, n = districts["code"].to_numpy(), len(units)
    discs = [
        shapely.Point(*(at + ground.middle_m)).buffer(r, quad_segs=6) for at, r in zip(middle_m, radius_m, strict=True)
    ]
    tables = {
        "districts": gpd.GeoDataFrame(
            {"code": codes, "name_en": districts["name_zh"], "name_zh": districts["name_zh"], "ring": "outer",
             "residents": districts["residents"], "area_km2": np.round(np.pi * radius_m**2 / 1e6, 1)},
            geometry=discs, crs=ground.crs,
        ).to_crs(WGS84),
        "demand": ground.frame(
            {"id": [f"unit-{k:04d}" for k in range(n)], "district": codes[units["district"]],
             "settlement": np.where(units["is_urban"], "urban", "rural"), "residents": units["residents"],
             "households": np.round(units["residents"] / city["household_size"], 1),
             "cell_x_m": corner_m[:, 0], "cell_y_m": corner_m[:, 1], "cell_size_m": 2 * UNIT_M},
            unit_m,
        ),
        "generators": _generators(rng, ground, city, (nodes_m, np.append(units["district"], centre_of)), codes),
        "candidates": _candidates(rng, ground, units, (centre_m, centre_of), codes),
        "road_nodes": ground.frame({"node": np.arange(len(nodes_m))}, nodes_m),
        "road_edges": _ways(ground, nodes_m),
        "water": _no_water(),
    }  # fmt: skip
    names = {"id": f"national-{city['code']}", "name_en": city["name_en"], "name_zh": city["name_zh"]}
    _write(folder, tables, names | {"crs_metric": ground.crs, "population": int(districts["residents"].sum())})


def _number(city: pd.Series, per_million: float, fewest: int) -> int:
    return max(fewest, round(per_million * city["residents"] / 1e6))


def _layout(districts: pd.DataFrame, area_m2: float) -> tuple[Points, Points]:
    """Return centres (n_districts, 2) and radii of discs on a spiral, from the most urban district outwards."""
    urban = districts["urban_residents"].to_numpy(dtype=float)
    rural = districts["residents"].to_numpy(dtype=float) - urban
    land = urban / URBAN_KM2 + rural / RURAL_KM2
    own_m2 = area_m2 * land / land.sum()
    order = np.argsort(-urban / np.maximum(urban + rural, 1) - 1e-9 * urban, kind="stable")
    within = np.cumsum(own_m2[order]) - own_m2[order] / 2
    away_m, turn = np.sqrt(within / np.pi), np.arange(len(order)) * np.pi * (3 - np.sqrt(5))
    away_m[0] = 0.0 if len(order) < 3 else away_m[0]
    middle_m = np.empty((len(order), 2))
    middle_m[order] = away_m[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    return middle_m, np.sqrt(own_m2 / np.pi)


def _units(rng: np.random.Generator, districts: pd.DataFrame, middle_m: Points, radius_m: Points) -> pd.DataFrame:
    """Return living circles: urban ones in a block at the centre of their district, rural ones anywhere in it."""
    rows = []
    for number, (urban, residents) in enumerate(districts[["urban_residents", "residents"]].itertuples(index=False)):
        for is_urban, people in ((True, urban), (False, residents - urban)):
            if people <= 0:
                continue
            n = max(1, round(people / UNIT_RESIDENTS))
            turn = np.arange(n) * np.pi * (3 - np.sqrt(5)) if is_urban else rng.uniform(0, 2 * np.pi, n)
            away = (
                APART_M * np.sqrt((np.arange(n) + 0.5) / np.pi)
                if is_urban
                else radius_m[number] * np.sqrt(rng.random(n))
            )
            at_m = middle_m[number] + away[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
            shares = np.diff(np.round(np.linspace(0, people, n + 1))).astype(int)
            rows += [(number, is_urban, share, *place) for share, place in zip(shares, np.round(at_m, 1), strict=True)]
    table = pd.DataFrame(rows, columns=["district", "is_urban", "residents", "x", "y"])
    return table.drop_duplicates(["x", "y"]).reset_index(drop=True)


def _outside(
    rng: np.random.Generator, districts: pd.DataFrame, middle_m: Points, radius_m: Points, n: int
) -> tuple[Points, NDArray[np.int64]]:
    """Return sites of centres (n, 2) near the edge of districts, drawn by residents, and the district of each."""
    residents = districts["residents"].to_numpy(dtype=float)
    of = rng.choice(len(residents), n, p=residents / residents.sum())
    turn = rng.uniform(0, 2 * np.pi, n)
    away = radius_m[of] * rng.uniform(0.6, 0.95, n)
    return np.round(middle_m[of] + away[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]), 1), of


def _generators(
    rng: np.random.Generator, ground: Ground, city: pd.Series, places: tuple[Points, NDArray[np.int64]], codes: Points
) -> gpd.GeoDataFrame:
    """Return the generators: Tianjin's tonnes in proportion to residents, divided among places at random."""
    nodes_m, of = places
    parts = []
    for material, total_t in OFFERED_T.items():
        n = _number(city, GENERATORS_PER_MILLION, FEWEST_GENERATORS)
        chosen = rng.choice(len(nodes_m), n, replace=n > len(nodes_m))
        share = rng.lognormal(0, 0.5, n)
        table = {
            "id": [f"{material}-{k:03d}" for k in range(n)], "district": codes[of[chosen]], "kind": "industrial",
            "material": material,
            "tonnes": np.round(total_t * city["residents"] / TIANJIN_RESIDENTS * share / share.sum(), 1),
        }  # fmt: skip
        parts.append(ground.frame(table, nodes_m[chosen] + rng.uniform(50, 200, (n, 2))))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)


def _candidates(
    rng: np.random.Generator,
    ground: Ground,
    units: pd.DataFrame,
    centres: tuple[Points, NDArray[np.int64]],
    codes: Points,
) -> gpd.GeoDataFrame:
    """Return candidates: six points in each circle, a station for four circles, centres at the edge of districts."""
    unit_m, of = units[["x", "y"]].to_numpy(), units["district"].to_numpy()
    at, turn = (
        np.repeat(np.arange(len(units)), POINTS_PER_UNIT),
        rng.uniform(0, 2 * np.pi, len(units) * POINTS_PER_UNIT),
    )
    away = rng.uniform(*POINT_M, len(at))[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
    near = np.arange(0, len(units), UNITS_PER_STATION)
    parts = [
        ("point", "P", "community", unit_m[at] + away, codes[of[at]], 24.0, 900.0),
        ("transfer", "T", "idle_land", unit_m[near] + 300.0, codes[of[near]], 2_000.0, 800.0),
        ("sorting", "S", "industrial_land", centres[0] + 60.0, codes[centres[1]], 60_000.0, 520.0),
    ]
    frames = [
        ground.frame(
            {"id": [f"{letter}{k:05d}" for k in range(len(at_m))], "district": district, "echelon": echelon,
             "kind": kind, "osm_class": "synthetic", "name": None, "area_m2": land_m2,
             "land_price_cny_per_m2": price, "role": "candidate"},
            at_m,
        )
        for echelon, letter, kind, at_m, district, land_m2, price in parts
    ]  # fmt: skip
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=WGS84)


def _ways(ground: Ground, nodes_m: Points) -> gpd.GeoDataFrame:
    """Return straight roads between neighbouring places."""
    table = straight_roads(nodes_m)
    lines = shapely.linestrings((nodes_m + ground.middle_m)[table[["u", "v"]].to_numpy()])
    return gpd.GeoDataFrame(table, geometry=lines, crs=ground.crs).to_crs(WGS84)


def _no_water() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"kind": pd.Series(dtype=str), "name": pd.Series(dtype=str)}, geometry=[], crs=WGS84)


def build_agglomeration(key: str, cities: pd.DataFrame, folder: Path) -> None:
    """Write an agglomeration as one city folder: its cities, the tonnes they deliver, and candidate sites of bases."""
    own = cities[cities["agglomeration"] == key]
    ground = Ground.at(own["lon"].mean(), own["lat"].mean())
    places = gpd.GeoSeries.from_xy(own["lon"], own["lat"], crs=WGS84).to_crs(ground.crs)
    at_m = np.column_stack([places.x, places.y]) - ground.middle_m
    codes = own["code"].to_numpy()
    bases = np.maximum(FEWEST_BASES, (own["residents"] / RESIDENTS_PER_BASE).round().to_numpy(dtype=int))
    turn = np.concatenate([2 * np.pi * np.arange(k) / k for k in bases])
    sites_m = np.repeat(at_m, bases, axis=0) + 10_000.0 * np.column_stack([np.cos(turn), np.sin(turn)])
    nodes_m = np.vstack([at_m, sites_m])
    discs = [shapely.Point(*(place + ground.middle_m)).buffer(15_000.0, quad_segs=6) for place in at_m]
    tables = {
        "districts": gpd.GeoDataFrame(
            {"code": codes, "name_en": own["name_en"], "name_zh": own["name_zh"], "ring": "outer",
             "residents": own["residents"], "area_km2": own["area_km2"]}, geometry=discs, crs=ground.crs,
        ).to_crs(WGS84),
        "demand": ground.frame(
            {"id": "city-" + own["code"], "district": codes, "settlement": "urban", "residents": own["residents"],
             "households": np.round(own["residents"] / own["household_size"], 1), "cell_x_m": places.x - UNIT_M,
             "cell_y_m": places.y - UNIT_M, "cell_size_m": 2 * UNIT_M}, at_m,
        ),
        "generators": _delivered(ground, own, at_m),
        "candidates": ground.frame(
            {"id": [f"B-{code}-{k + 1:02d}" for code, m in zip(codes, bases, strict=True) for k in range(m)],
             "district": np.repeat(codes, bases), "echelon": "base", "kind": "processing_park",
             "osm_class": "synthetic", "name": None, "area_m2": BASE_M2, "land_price_cny_per_m2": BASE_CNY_PER_M2,
             "role": "candidate"}, sites_m,
        ),
        "road_nodes": ground.frame({"node": np.arange(len(nodes_m))}, nodes_m),
        "road_edges": _ways(ground, nodes_m),
        "water": _no_water(),
    }  # fmt: skip
    names = dict(zip(("name_en", "name_zh"), AGGLOMERATIONS[key], strict=True))
    meta = {"id": f"national-{key}", **names, "crs_metric": ground.crs, "population": int(own["residents"].sum())}
    _write(folder, tables, meta)


def _delivered(ground: Ground, cities: pd.DataFrame, at_m: Points) -> gpd.GeoDataFrame:
    """Return the tonnes that the sorting centres of each city deliver, as generators at the place of the city."""
    parts = [
        ground.frame(
            {
                "id": f"{material}-" + cities["code"],
                "district": cities["code"],
                "kind": "industrial",
                "material": material,
                "tonnes": tonnes,
            },
            at_m,
        )
        for material, tonnes in delivered_t(cities["residents"]).items()
    ]
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84)


def _write(folder: Path, tables: dict[str, gpd.GeoDataFrame], meta: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stem, table in tables.items():
        table.to_parquet(folder / f"{stem}.parquet", compression="zstd")
    told = {
        "origin": "2020 census, as collected by Dong, Du and Liu (2022); data/national/build.py", "licence": "MIT",
        "date": "2020-11-01", "nature": "synthetic", "method": "Drawn by the rules of data/national/README.md",
        "flaws": [FLAW],
    }  # fmt: skip
    about = {
        **meta,
        "attribution": LINE,
    }
    text = yaml.safe_dump(
        about | {"tables": dict.fromkeys(tables, told)}, allow_unicode=True, sort_keys=False, width=120
    )
    (folder / "city.yaml").write_text(text, encoding="utf-8")


TARGETS = {"count-point": 3_000, "count-sorting": 25, "processed": 8_000_000, "collected-household": 560_000}
"""Targets of Tianjin for 2027; those of other cities are in proportion to residents."""
HEAD = """# The national programme: one scenario for each city except Tianjin, which is the config itself. Written by
# `python data/national/build.py --config`; town.yaml has the settings that the towns share.

extends: town.yaml
name: national
title: {en: "National programme of 60 cities, synthetic towns", zh: "全国60城再生资源回收网络（虚构城镇）"}

scenarios:
"""


def programme() -> str:
    """Return the text of configs/national/programme.yaml, with targets in proportion to residents."""
    lines = []
    for _, city in read_cities().drop("120100").iterrows():
        share = city["residents"] / TIANJIN_RESIDENTS
        targets = ", ".join(f"{key}: {{at_least: {max(1, round(value * share))}}}" for key, value in TARGETS.items())
        names = f'{{en: "{city["name_en"]}", zh: "{city["name_zh"]}"}}'
        lines += [
            f"  {_slug(city['name_en'])}:",
            f"    city: ../../data/national/towns/{city['code']}",
            f"    title: {names}",
            f"    targets: {{{targets}}}",
        ]
    return HEAD + "\n".join(lines) + "\n"


def _slug(name: str) -> str:
    return name.lower().replace("'", "")


def main(names: Sequence[str], folder: Path) -> None:
    """Build the towns and agglomerations with these names; without names, all of them."""
    cities = read_cities()
    for name in names or [*cities["code"], *AGGLOMERATIONS]:
        if name in AGGLOMERATIONS:
            build_agglomeration(name, cities, folder / name)
        else:
            build_town(cities.loc[name], folder / name)


if __name__ == "__main__":
    if sys.argv[1:] == ["--config"]:
        (HERE.parent.parent / "configs" / "national" / "programme.yaml").write_text(programme(), encoding="utf-8")
    else:
        main(sys.argv[1:], HERE / "towns")
