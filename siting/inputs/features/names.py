"""Features by what their names tell: functional areas, industry, towns."""

from __future__ import annotations

import re
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.arrays import WGS84
from siting.inputs.features.schema import Area, PlaceKind, Towns, Words
from siting.inputs.spacing import distance_to_nearest, xy_m


def is_named(names: pd.Series, rule: Words) -> pd.Series:
    """Return whether each name holds one of the words of `rule` and none of those excluded.

    >>> is_named(pd.Series(["子牙快速路", "子牙河桥"]), Words(words=("子牙",), but_not=("子牙河",))).tolist()
    [True, False]
    """
    hit = pd.Series(False, index=names.index)
    for word in rule.words:
        hit |= names.str.contains(word, regex=False)
    for word in rule.but_not:
        hit &= ~names.str.contains(word, regex=False)
    return hit


def bears_name(names: pd.Series, kind: PlaceKind) -> pd.Series:
    """Return whether each name is one of a kind of place: any, where the kind asks for no words and no endings.

    >>> span = {"low": 10, "high": 20}
    >>> ends = {"endings": ("里", "园"), "but_not": ("公园",)}
    >>> gate = PlaceKind(kind="gate", layer="stop", classes=("bus",), area_m2=span, **ends)
    >>> bears_name(pd.Series(["宜君里", "长虹公园", "里仁路"]), gate).tolist()
    [True, False, False]
    """
    if not kind.words and not kind.endings:
        return pd.Series(True, index=names.index)
    excluded = is_named(names, Words(words=kind.but_not))
    return (is_named(names, Words(words=kind.words)) | names.str.endswith(kind.endings)) & ~excluded


def area_of(places: pd.DataFrame, features: pd.DataFrame, areas: Mapping[str, Area]) -> pd.Series:
    """Return the key of the functional area of each place, None for most; the first that fits.

    `places` have `district`, `x_m`, `y_m`.
    """
    result = pd.Series([None] * len(places), index=places.index, dtype=object)
    for key, area in areas.items():
        telling = is_named(features["name"], area) & features["district"].isin(area.districts)
        near = distance_to_nearest(xy_m(places), xy_m(features[telling])) <= area.within_m
        fits = near & places["district"].isin(area.districts).to_numpy() & result.isna().to_numpy()
        result[np.asarray(fits)] = key
    return result


def town_places(towns: pd.DataFrame, features: pd.DataFrame, rules: Towns) -> gpd.GeoDataFrame:
    """Locate the towns that a stop in their own district is named after: `code`, `name`, `district`, point in WGS-84.

    A town is placed at the stop nearest to the median of those that bear its name, with one of the endings or none. A
    town without such a stop is left out. `towns` have `code`, `name`, `district`; stops are features of the layer
    `transport`.
    """
    towns = towns.assign(core=towns["name"].str.replace(_ending(rules.suffixes), "", regex=True))
    stops = features[features["layer"] == "transport"]
    stops = stops.assign(core=stops["name"].str.replace(_ending(rules.stop_suffixes), "", regex=True))
    found = towns.merge(stops[["core", "district", "lon", "lat", "x_m", "y_m"]], on=["core", "district"])
    middle = found.groupby("code")[["x_m", "y_m"]].transform("median")
    found["off_m2"] = ((found[["x_m", "y_m"]] - middle) ** 2).sum(axis=1).round(3)
    found = found.sort_values(["code", "off_m2", "lon", "lat"]).drop_duplicates("code").reset_index(drop=True)
    points = gpd.points_from_xy(found["lon"], found["lat"])
    return gpd.GeoDataFrame(found[["code", "name", "district"]], geometry=points, crs=WGS84)


def _ending(suffixes: tuple[str, ...]) -> str:
    """Return a pattern for one of the suffixes behind at least one letter, the longest first."""
    longest_first = sorted(suffixes, key=lambda suffix: (-len(suffix), suffix))
    return f"(?<=.)(?:{'|'.join(map(re.escape, longest_first))})$" if suffixes else r"$^"
