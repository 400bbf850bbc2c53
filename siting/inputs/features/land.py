"""Land of a candidate: area by its kind (synthetic, seeded) and price by its zone."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.inputs.arrays import WGS84, FloatArray
from siting.inputs.features.schema import Span, Zone


def zone_of(districts: pd.Series, zones: Mapping[str, Zone]) -> pd.Series:
    """Return the land-price zone of each district code, missing where it has none."""
    return districts.map({code: name for name, zone in zones.items() for code in zone.districts})


def zone_price(places: gpd.GeoDataFrame, zones: Mapping[str, Zone], crs_metric: str) -> FloatArray:
    """Return the price at each place, CNY/m², rounded to 1: from the low one at the edge of its zone to the high one.

    The places of a zone are ranked by distance to its centre; the middle one has the middle price, and prices run
    linearly with the rank on either side of it. NaN for a place in no zone.
    """
    price = np.full(len(places), np.nan)
    at, names = places.geometry.to_crs(crs_metric), zone_of(places["district"], zones).to_numpy()
    for name, zone in zones.items():
        rows = np.flatnonzero(names == name)
        centre = gpd.GeoSeries.from_xy([zone.centre[0]], [zone.centre[1]], crs=WGS84).to_crs(crs_metric).iloc[0]
        apart_m = np.hypot(at.x.to_numpy()[rows] - centre.x, at.y.to_numpy()[rows] - centre.y)
        rank = (pd.Series(-apart_m).rank(method="average") - 0.5) / max(len(rows), 1)
        levels = (zone.price_low_cny_per_m2, zone.price_cny_per_m2, zone.price_high_cny_per_m2)
        price[rows] = np.interp(rank, (0.0, 0.5, 1.0), levels)
    return price.round(0)


def drawn_area(spans: Mapping[str, Span], kinds: pd.Series, rng: np.random.Generator) -> FloatArray:
    """Return m² of each place, log-uniform in the span of its kind, rounded to 1 m²; a stand-in for a land register."""
    low = kinds.map({kind: max(span.low, 1.0) for kind, span in spans.items()}).to_numpy(dtype=np.float64)
    high = kinds.map({kind: span.high for kind, span in spans.items()}).to_numpy(dtype=np.float64)
    return np.asarray(low * (high / low) ** rng.random(len(kinds)), dtype=np.float64).round(0)
