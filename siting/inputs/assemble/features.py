"""Named features of the sources, and the candidates, generators and places that stand at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.apportion import largest_remainder, share_out
from siting.inputs.arrays import WGS84
from siting.inputs.assemble.districts import located
from siting.inputs.assemble.gather import Gathered
from siting.inputs.assemble.parts import Part, together
from siting.inputs.assemble.spec import Assembly, Provenance
from siting.inputs.features.candidates import FeatureGround, point_candidates, site_candidates
from siting.inputs.features.schema import DrawnGenerators, PointRules
from siting.inputs.spacing import keep_spaced, xy_m
from siting.vocabulary import ECHELONS

WATER_LAYERS = ("water", "waterway")
DECIMALS = 6
ORDER = ["layer", "osm_class", "name", "lon", "lat"]
CANDIDATES = (
    "Named features by class, at least spaced; points dealt to cells, sites shared among districts, by residents"
)
CANDIDATE_FLAWS = ("Real location, synthetic use: nobody has offered the place; land areas are drawn.",)
GENERATORS = "Totals as declared, shared by the rules of the spec; places and sizes drawn, seeded"
GENERATOR_FLAWS = ("Synthetic: place, number and size of each generator are invented.",)
GENERATOR_COLUMNS = ["kind", "material", "tonnes", "district", "lon", "lat"]
STREAM = 10


@dataclass(frozen=True)
class Scene:
    """Common ground of all tables: the spec, its sources, and the districts in the metric CRS of the city."""

    spec: Assembly
    base: Path
    gathered: Gathered
    districts: gpd.GeoDataFrame
    crs_metric: str
    named: Named | None


@dataclass(frozen=True)
class Named:
    """Named features inside a district, waters apart, as `siting.inputs.features` takes them; each once, sorted."""

    features: pd.DataFrame
    waters: pd.DataFrame
    told: Provenance
    notes: tuple[str, ...]


def named_features(parts: Sequence[Part], districts: gpd.GeoDataFrame, crs_metric: str) -> Named:
    """Locate the features of all sources, to 6 decimals of a degree; their order in the sources does not matter."""
    frames: list[gpd.GeoDataFrame] = []
    notes: list[str] = []
    for part in parts:
        frame = part.frame.assign(osm_class=part.frame["osm_class"].fillna(""), name=part.frame["name"].fillna(""))
        at = frame.geometry.representative_point()
        frame = frame.assign(lon=at.x.round(DECIMALS), lat=at.y.round(DECIMALS)).drop_duplicates(ORDER)
        frame.geometry = gpd.points_from_xy(frame["lon"], frame["lat"], crs=WGS84)
        frames.append(located(part.with_frame(frame), districts, notes))
    every = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=WGS84)
    metric = every.geometry.to_crs(crs_metric)
    table = pd.DataFrame(every[[*ORDER, "district"]]).assign(x_m=metric.x, y_m=metric.y)
    table = table.drop_duplicates(ORDER).sort_values(ORDER)
    is_water = table["layer"].isin(WATER_LAYERS)
    features, waters = (table[mask].reset_index(drop=True) for mask in (~is_water, is_water))
    return Named(features, waters, together([part.told for part in parts], method=""), tuple(notes))


def ground_of(scene: Scene, demand: gpd.GeoDataFrame) -> FeatureGround | None:
    """Return what decides where candidates and generators stand; None without named features."""
    if scene.named is None:
        return None
    return FeatureGround(
        features=scene.named.features,
        waters=scene.named.waters,
        demand=with_metric(demand, scene.crs_metric),
        rules=scene.spec.from_features,
        zones=scene.spec.zones,
        areas=scene.spec.areas,
        seed=scene.spec.seed,
    )


def with_metric(places: gpd.GeoDataFrame, crs_metric: str) -> pd.DataFrame:
    """Return the places with `lon`, `lat`, and `x_m`, `y_m` where they have none yet, instead of their points."""
    frame = pd.DataFrame(places.drop(columns="geometry")).assign(lon=places.geometry.x, lat=places.geometry.y)
    metric = places.geometry.to_crs(crs_metric)
    return frame if "x_m" in frame else frame.assign(x_m=metric.x, y_m=metric.y)


def feature_candidates(scene: Scene, ground: FeatureGround | None) -> tuple[Part, ...]:
    """Return the candidates of each echelon that the spec makes of features; none where it makes none."""
    if ground is None or scene.named is None:
        return ()
    parts = []
    record = scene.named.told.model_copy(update={"nature": "synthetic", "method": CANDIDATES, "flaws": CANDIDATE_FLAWS})
    for echelon in ECHELONS.values():
        rules = getattr(ground.rules.candidates, echelon.key)
        if rules is None:
            continue
        make = point_candidates if isinstance(rules, PointRules) else site_candidates
        places = make(ground, rules, stream=1 + echelon)
        ids = [f"{echelon.key[0].upper()}{number:05d}" for number in range(1, len(places) + 1)]
        places = places.assign(id=ids, echelon=echelon.key, name=places["name"].where(places["name"] != "", None))
        parts.append(Part(_points(places), record, f"from_features.candidates.{echelon.key}"))
    return tuple(parts)


def feature_generators(scene: Scene, ground: FeatureGround | None) -> tuple[Part, ...]:
    """Return the synthetic generators that the spec draws at features; none where it draws none."""
    if ground is None or scene.named is None or not scene.spec.from_features.generators:
        return ()
    places = _drawn_generators(ground)
    places = places.assign(id=[f"G{number:04d}" for number in range(1, len(places) + 1)])
    record = scene.named.told.model_copy(update={"nature": "synthetic", "method": GENERATORS, "flaws": GENERATOR_FLAWS})
    return (Part(_points(places), record, "from_features.generators"),)


def _drawn_generators(ground: FeatureGround) -> pd.DataFrame:
    """Draw the generators of every rule: `kind`, `material`, `tonnes` a year, `district`, `lon`, `lat`."""
    urban = ground.demand[ground.demand["settlement"] == "urban"]
    urban = urban.assign(weight=urban["residents"].astype(float), area=None)
    pools = {"industrial": _industrial_places(ground), "commercial": urban}
    parts = [
        _drawn(pools[rules.kind], rules, np.random.default_rng([ground.seed, STREAM, number]))
        for number, rules in enumerate(ground.rules.generators)
    ]
    return pd.concat(parts, ignore_index=True)


def _industrial_places(ground: FeatureGround) -> pd.DataFrame:
    """Return places on main roads, drawn with a probability that falls with distance from industrial features."""
    rules, features = ground.rules.industry, ground.features
    pool = features[(features["layer"] == "road") & features["osm_class"].isin(rules.road_classes)]
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)]
    near = np.exp(-ground.industry_m(pool) / rules.decay_m)
    return pool.assign(weight=rules.floor + (1.0 - rules.floor) * near, area=ground.area(pool))


def _drawn(pool: pd.DataFrame, rules: DrawnGenerators, rng: np.random.Generator) -> pd.DataFrame:
    """Draw the generators of one rule: number and tonnes by share, sizes log-normal, none above the largest."""
    pool = pool.assign(unit=pool["area"].where(pool["area"].isin(rules.shares), pool["district"]))
    units = sorted(set(pool["unit"]))
    by_unit = rules.shares or pool.groupby("unit")["weight"].sum().to_dict()
    share = np.array([by_unit.get(unit, 0.0) for unit in units], dtype=np.float64)
    numbers = largest_remainder(share, rules.number)
    chosen = [
        _sample(pool[pool["unit"] == unit], int(number), rng) for unit, number in zip(units, numbers, strict=True)
    ]
    part = pd.concat(chosen, ignore_index=True)
    size = rng.lognormal(0.0, rules.log_sigma, len(part))
    raw = pd.Series(size).groupby(part["unit"]).transform("sum").to_numpy(dtype=np.float64)
    wanted = part["unit"].map(dict(zip(units, share, strict=True))).to_numpy(dtype=np.float64)
    tonnes = share_out(size / raw * wanted, rules.tonnes, rules.largest_t).round(1)
    return part.assign(kind=rules.kind, material=rules.material, tonnes=tonnes)[GENERATOR_COLUMNS]


def _sample(places: pd.DataFrame, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw `number` places by weight without replacement (Gumbel keys); all when there are no more."""
    keys = np.log(places["weight"].to_numpy(dtype=np.float64)) + rng.gumbel(size=len(places))
    return places.iloc[np.sort(np.argsort(-keys, kind="stable")[:number])]


def _points(places: pd.DataFrame) -> gpd.GeoDataFrame:
    at = gpd.points_from_xy(places["lon"], places["lat"])
    return gpd.GeoDataFrame(places.drop(columns=["lon", "lat", "district"]), geometry=at, crs=WGS84)


def with_areas(places: gpd.GeoDataFrame, ground: FeatureGround | None, crs_metric: str) -> gpd.GeoDataFrame:
    """Fill the functional area of the places that name none."""
    if ground is None or not ground.areas:
        return places
    found = ground.area(with_metric(places, crs_metric))
    return places.assign(area=np.where(places["area"].notna(), places["area"], found))
