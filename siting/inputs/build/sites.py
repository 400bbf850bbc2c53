"""Candidates of the echelons transfer and sorting: real places on main roads, away from housing, synthetic use."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.inputs.apportion import largest_remainder
from siting.inputs.build.areas import area_of, named_with
from siting.inputs.build.demand import density_per_km2
from siting.inputs.build.industry import industry_distance_m
from siting.inputs.build.land import ring_of, spread_area
from siting.inputs.build.points import with_kind
from siting.inputs.build.sources import Sources, xy_m
from siting.inputs.build.spacing import distance_to_nearest, keep_spaced, spread_by_demand
from siting.inputs.build.spec import Sites, Spec

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def make_sites(sources: Sources, demand: pd.DataFrame, rules: Sites, spec: Spec, stream: int) -> pd.DataFrame:
    """Candidates for stations or centres, by `rules`; a district without a fitting place gets none.

    `demand` has `district`, `residents`, `cell_size_m`, `x_m`, `y_m`; `stream` numbers the random stream, so that two
    echelons draw unlike areas. The columns are those of `points.make_points`.
    """
    pool = with_kind(sources.features, rules.kinds)
    pool = pool[ring_of(pool["district"], spec).isin(rules.rings)].reset_index(drop=True)
    pool = pool[_is_allowed(pool, sources, demand, rules, spec)].reset_index(drop=True)
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)].reset_index(drop=True)
    pool.loc[industry_distance_m(pool, sources.features, spec) <= spec.industry.near_m, "kind"] = "industrial_land"
    pool["area"] = area_of(pool, sources.features, spec.areas)
    inside = [_in_area(pool, key, number) for key, number in rules.per_area.items()]
    rest = pool[~pool["area"].isin(rules.per_area)]
    number = rules.number - sum(map(len, inside))
    chosen = pd.concat([*inside, _by_district(rest, demand, rules, number)])
    chosen = chosen.sort_values(["district", "rank", "lon", "lat"]).reset_index(drop=True)
    chosen["area_m2"] = _area_m2(chosen, rules, np.random.default_rng([spec.seed, stream]))
    return chosen[["kind", "osm_class", "name", "district", "lon", "lat", "x_m", "y_m", "area_m2"]]


def _is_allowed(pool: pd.DataFrame, sources: Sources, demand: pd.DataFrame, rules: Sites, spec: Spec) -> BoolArray:
    """Far enough from housing (by the rule of the ring), from sensitive features and from named waters."""
    features, density = sources.features, density_per_km2(demand)
    place_m, ring = xy_m(pool), ring_of(pool["district"], spec).to_numpy()
    allowed = np.ones(len(pool), dtype=bool)
    for name in rules.rings:
        housing_m = xy_m(demand[density > rules.dense_above_per_km2[name]])
        allowed &= (ring != name) | (distance_to_nearest(place_m, housing_m) >= rules.from_dense_m[name])
    is_sensitive = features["osm_class"].isin(spec.sensitive_classes) & (features["layer"] == "building")
    is_sensitive |= named_with(features["name"], spec.sensitive_words)
    allowed &= distance_to_nearest(place_m, xy_m(features[is_sensitive])) >= rules.from_sensitive_m
    allowed &= distance_to_nearest(place_m, xy_m(sources.waters)) >= rules.from_water_m
    return allowed


def _in_area(pool: pd.DataFrame, key: str, number: int) -> pd.DataFrame:
    inside = pool[pool["area"] == key]
    rows = spread_by_demand(xy_m(inside), xy_m(inside), np.ones(len(inside)), number)
    return inside.iloc[rows].assign(kind=key)


def _by_district(pool: pd.DataFrame, demand: pd.DataFrame, rules: Sites, number: int) -> pd.DataFrame:
    """`number` places shared out by residents, each district at least its least or all it has."""
    residents = demand.groupby("district")["residents"].sum()
    codes = sorted(set(pool["district"]))
    available = pool.groupby("district").size().to_numpy().astype(np.int64)
    quota = _quota(residents.reindex(codes).to_numpy(dtype=np.float64), available, rules, number)
    parts = []
    for code, count in zip(codes, quota, strict=True):
        places, cells = pool[pool["district"] == code], demand[demand["district"] == code]
        is_industrial = places["kind"] == "industrial_land"
        first = min(round(rules.industrial_share * int(count)), int(is_industrial.sum()))
        parts.append(_nearest_to(places[is_industrial], cells, first))
        parts.append(_nearest_to(places.drop(parts[-1].index), cells, int(count) - first))
    return pd.concat(parts) if parts else pool


def _nearest_to(places: pd.DataFrame, cells: pd.DataFrame, number: int) -> pd.DataFrame:
    """`number` of the places, spread by the residents of the cells."""
    weight = cells["residents"].to_numpy(dtype=np.float64)
    return places.iloc[spread_by_demand(xy_m(places), xy_m(cells), weight, number)]


def _quota(weight: FloatArray, available: IntArray, rules: Sites, number: int) -> IntArray:
    """Sites a district: by weight, at least the least, at most what it has; what it cannot take goes to the others."""
    quota = np.zeros(len(weight), dtype=np.int64)
    least = np.minimum(rules.least_per_district, available).astype(np.int64)
    left = min(number, int(available.sum()))
    quota += least
    left -= int(least.sum())
    while left > 0:
        room = available - quota
        share = largest_remainder(np.where(room > 0, weight, 0.0), left)
        share = np.minimum(share, room).astype(np.int64)
        quota += share
        left -= int(share.sum())
    return quota


def _area_m2(chosen: pd.DataFrame, rules: Sites, rng: np.random.Generator) -> FloatArray:
    """By kind; and for `large_share` of them, those in functional areas first, in the span of large sites."""
    spans = {kind.kind: kind.area_m2 for kind in rules.kinds}
    spans |= dict.fromkeys(rules.per_area, rules.large_area_m2)
    area_m2 = spread_area(spans, chosen["kind"], rng)
    order = np.lexsort((rng.random(len(chosen)), ~chosen["area"].isin(rules.per_area).to_numpy()))
    large = order[: int(np.ceil(rules.large_share * len(chosen)))]
    low, high = rules.large_area_m2.low, rules.large_area_m2.high
    area_m2[large] = (low + (high - low) * rng.random(len(large))).round(0)
    return area_m2
