"""Candidates of every echelon from named features: real places with an honest kind, synthetic use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siting.inputs.apportion import largest_remainder
from siting.inputs.arrays import BoolArray, FloatArray, IntArray
from siting.inputs.features.names import area_of, bears_name, is_named
from siting.inputs.features.schema import (
    Area,
    FromFeatures,
    Industry,
    PlaceKind,
    PointRules,
    Sensitive,
    SiteRules,
    Span,
    StandIn,
    Zone,
)
from siting.inputs.spacing import distance_to_nearest, keep_spaced, spread_by_demand, xy_m

INDUSTRIAL = "industrial_land"
COLUMNS = ["kind", "osm_class", "name", "district", "lon", "lat", "area_m2"]


def zone_of(districts: pd.Series, zones: Mapping[str, Zone]) -> pd.Series:
    """Return the land-price zone of each district code, missing where it has none."""
    return districts.map({code: name for name, zone in zones.items() for code in zone.districts})


@dataclass(frozen=True)
class FeatureGround:
    """Data and rules that decide where candidates and generators stand.

    `features` and `waters` are named features; `demand` has `district`, `settlement`, `residents`, `cell_size_m`,
    `lon`, `lat`, `x_m`, `y_m`.
    """

    features: pd.DataFrame
    waters: pd.DataFrame
    demand: pd.DataFrame
    rules: FromFeatures
    zones: Mapping[str, Zone]
    areas: Mapping[str, Area]
    seed: int

    def zone(self, places: pd.DataFrame) -> pd.Series:
        """Return the land-price zone of each place."""
        return zone_of(places["district"], self.zones)

    def area(self, places: pd.DataFrame) -> pd.Series:
        """Return the functional area of each place."""
        return area_of(places, self.features, self.areas)

    def industry_m(self, places: pd.DataFrame) -> FloatArray:
        """Return the distance from each place to the nearest industrial feature, m; inf if there is none."""
        return distance_to_nearest(xy_m(places), xy_m(self.telling(self.rules.industry)))

    def telling(self, rules: Industry | Sensitive) -> pd.DataFrame:
        """Return the features selected by a word of their name or by their class."""
        is_building = (self.features["layer"] == "building") & self.features["osm_class"].isin(rules.building_classes)
        return self.features[is_building | is_named(self.features["name"], rules)]


def with_kind(features: pd.DataFrame, kinds: Sequence[PlaceKind]) -> pd.DataFrame:
    """Return the features whose layer, class and name have a kind, sorted by `rank` (0: most specific), with `kind`.

    A feature of several kinds has the most specific. A feature of none is left out: nothing is passed off as something
    else.
    """
    rank = pd.Series(-1, index=features.index)
    for number, kind in enumerate(kinds):
        fits = (features["layer"] == kind.layer) & features["osm_class"].isin(kind.classes) & (rank < 0)
        rank[fits & bears_name(features["name"], kind)] = number
    found = features[rank >= 0].assign(rank=rank[rank >= 0])
    found["kind"] = found["rank"].map(dict(enumerate(kind.kind for kind in kinds)))
    return found.sort_values(["rank", "layer", "osm_class", "name", "lon", "lat"]).reset_index(drop=True)


def point_candidates(ground: FeatureGround, rules: PointRules, *, stream: int) -> pd.DataFrame:
    """Return the candidate points: spaced, the more specific kind kept, dealt to cells in proportion to residents.

    `stream` numbers the random stream, so that two echelons draw unlike areas. Land of a point is m².
    """
    pool = with_kind(ground.features, rules.kinds)
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)].reset_index(drop=True)
    chosen = pool.iloc[_highest_averages(pool, ground.demand, rules.number)]
    chosen = chosen.sort_values(["district", "rank", "lon", "lat"]).reset_index(drop=True)
    rng = np.random.default_rng([ground.seed, stream])
    area_m2 = _drawn_area({kind.kind: kind.area_m2 for kind in rules.kinds}, chosen["kind"], rng)
    factor = ground.zone(chosen).map(rules.zone_area_factor).astype(float).fillna(1.0).to_numpy()
    if rules.stand_in is not None:
        chosen["kind"] = with_stand_ins(chosen, ground.demand, rules.stand_in)
    return chosen.assign(area_m2=(area_m2 * factor).round(0))[COLUMNS]


def with_stand_ins(places: pd.DataFrame, demand: pd.DataFrame, rule: StandIn) -> pd.Series:
    """Return the kind of each place after `rule`: cells that lack places take the nearest that may stand in.

    A cell of r residents needs r / `residents_each` places, rounded up, within `within_m`; cells of more residents
    come first. What stands in for one cell counts for its neighbours too.
    """
    kind = places["kind"].to_numpy(dtype=object).copy()
    fits, may_stand_in = np.isin(kind.astype(str), rule.lacking), np.isin(kind.astype(str), rule.of)
    place_m, cell_m, residents = xy_m(places), xy_m(demand), demand["residents"].to_numpy(dtype=np.float64)
    near = cKDTree(place_m).query_ball_point(cell_m, rule.within_m, return_sorted=True)
    for cell in np.argsort(-residents, kind="stable"):
        around = np.array(near[cell], dtype=np.int64)
        missing = int(np.ceil(residents[cell] / rule.residents_each)) - int(fits[around].sum())
        free = around[may_stand_in[around]]
        away_m = np.hypot(*(place_m[free] - cell_m[cell]).T)
        taken = free[np.argsort(away_m, kind="stable")][: max(missing, 0)]
        kind[taken], fits[taken], may_stand_in[taken] = rule.kind, True, False
    return pd.Series(kind, index=places.index)


def _highest_averages(pool: pd.DataFrame, demand: pd.DataFrame, number: int) -> IntArray:
    """Return the rows of the `number` places that come first when places are dealt out to residents.

    Every place belongs to its nearest demand cell; the k-th place of a cell of r residents scores r / (k − 1/2)
    (Sainte-Laguë), so dense cells get several and every cell with residents gets its first early.
    """
    if number >= len(pool):
        return np.arange(len(pool), dtype=np.int64)
    _, cell = cKDTree(xy_m(demand)).query(xy_m(pool))
    turn = pd.Series(cell).groupby(cell).cumcount().to_numpy() + 0.5
    score = demand["residents"].to_numpy(dtype=np.float64)[cell] / turn
    return np.sort(np.lexsort((np.arange(len(pool)), -score))[:number])


def site_candidates(ground: FeatureGround, rules: SiteRules, *, stream: int) -> pd.DataFrame:
    """Return the candidates for larger facilities, by `rules`; a district without a fitting place gets none.

    The columns are those of `point_candidates`.
    """
    pool = with_kind(ground.features, rules.kinds)
    if rules.zones:
        pool = pool[ground.zone(pool).isin(rules.zones)].reset_index(drop=True)
    pool = pool[_is_allowed(pool, ground, rules)].reset_index(drop=True)
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)].reset_index(drop=True)
    pool.loc[ground.industry_m(pool) <= ground.rules.industry.near_m, "kind"] = INDUSTRIAL
    pool["area"] = ground.area(pool)
    inside = [_in_area(pool, key, number) for key, number in rules.per_area.items()]
    rest = pool[~pool["area"].isin(rules.per_area)]
    chosen = pd.concat([*inside, _by_district(rest, ground.demand, rules, rules.number - sum(map(len, inside)))])
    chosen = chosen.sort_values(["district", "rank", "lon", "lat"]).reset_index(drop=True)
    area_m2 = _area_m2(chosen, rules, np.random.default_rng([ground.seed, stream]))
    return chosen.assign(area_m2=area_m2)[COLUMNS]


def _is_allowed(pool: pd.DataFrame, ground: FeatureGround, rules: SiteRules) -> BoolArray:
    """Return which places are far enough from housing (by the rule of the zone), sensitive features and waters."""
    demand = ground.demand
    density = demand["residents"] / (demand["cell_size_m"] / 1000.0) ** 2
    place_m, zone = xy_m(pool), ground.zone(pool).to_numpy()
    allowed = np.ones(len(pool), dtype=bool)
    for name, from_m in rules.from_dense_m.items():
        housing_m = xy_m(demand[density > rules.dense_above_per_km2.get(name, np.inf)])
        allowed &= (zone != name) | (distance_to_nearest(place_m, housing_m) >= from_m)
    sensitive_m = xy_m(ground.telling(ground.rules.sensitive))
    allowed &= distance_to_nearest(place_m, sensitive_m) >= rules.from_sensitive_m
    allowed &= distance_to_nearest(place_m, xy_m(ground.waters)) >= rules.from_water_m
    return allowed


def _in_area(pool: pd.DataFrame, key: str, number: int) -> pd.DataFrame:
    inside = pool[pool["area"] == key]
    rows = spread_by_demand(xy_m(inside), xy_m(inside), np.ones(len(inside)), number)
    return inside.iloc[rows].assign(kind=key)


def _by_district(pool: pd.DataFrame, demand: pd.DataFrame, rules: SiteRules, number: int) -> pd.DataFrame:
    """Return the share `number` places out by residents, each district at least its minimum or all it has."""
    residents = demand.groupby("district")["residents"].sum()
    codes = sorted(set(pool["district"]))
    available = pool.groupby("district").size().to_numpy().astype(np.int64)
    weight = residents.reindex(codes).fillna(0.0).to_numpy(dtype=np.float64)
    parts = []
    for code, count in zip(codes, _quota(weight, available, rules.least_per_district, number), strict=True):
        places, cells = pool[pool["district"] == code], demand[demand["district"] == code]
        is_industrial = places["kind"] == INDUSTRIAL
        first = min(round(rules.industrial_share * int(count)), int(is_industrial.sum()))
        parts.append(_nearest_to(places[is_industrial], cells, first))
        parts.append(_nearest_to(places.drop(parts[-1].index), cells, int(count) - first))
    return pd.concat(parts) if parts else pool


def _nearest_to(places: pd.DataFrame, cells: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return `number` of the places, spread by the residents of the cells."""
    weight = cells["residents"].to_numpy(dtype=np.float64)
    return places.iloc[spread_by_demand(xy_m(places), xy_m(cells), weight, number)]


def _quota(weight: FloatArray, available: IntArray, least: int, number: int) -> IntArray:
    """Return sites by district: by weight, at least `least`, at most those available; the rest goes to the others."""
    quota = np.minimum(least, available).astype(np.int64)
    left = min(number, int(available.sum())) - int(quota.sum())
    while left > 0:
        room = available - quota
        share = largest_remainder(np.where(room > 0, weight, 0.0), left)
        share = np.minimum(share, room).astype(np.int64)
        quota += share
        left -= int(share.sum())
    return quota


def _area_m2(chosen: pd.DataFrame, rules: SiteRules, rng: np.random.Generator) -> FloatArray:
    """Draw land by kind; for `large_share` of the sites, those in functional areas first, in the span of large ones."""
    spans = {kind.kind: kind.area_m2 for kind in rules.kinds}
    spans |= dict.fromkeys(rules.per_area, rules.large_area_m2)
    area_m2 = _drawn_area(spans, chosen["kind"], rng)
    order = np.lexsort((rng.random(len(chosen)), ~chosen["area"].isin(rules.per_area).to_numpy()))
    large = order[: int(np.ceil(rules.large_share * len(chosen)))]
    low, high = rules.large_area_m2.low, rules.large_area_m2.high
    area_m2[large] = (low + (high - low) * rng.random(len(large))).round(0)
    return area_m2


def _drawn_area(spans: Mapping[str, Span], kinds: pd.Series, rng: np.random.Generator) -> FloatArray:
    """Return m² of each place, log-uniform in the span of its kind, rounded to 1 m²; a stand-in for a land register."""
    low = kinds.map({kind: max(span.low, 1.0) for kind, span in spans.items()}).to_numpy(dtype=np.float64)
    high = kinds.map({kind: span.high for kind, span in spans.items()}).to_numpy(dtype=np.float64)
    return np.asarray(low * (high / low) ** rng.random(len(kinds)), dtype=np.float64).round(0)
