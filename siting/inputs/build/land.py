"""Land of a candidate: area by its kind (synthetic, seeded) and price by ring and nearness to the ring's centre."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Transformer

from siting.inputs.build.sources import WGS84
from siting.inputs.build.spec import Span, Spec

FloatArray = npt.NDArray[np.float64]


def ring_of(districts: pd.Series, spec: Spec) -> pd.Series:
    """The land-price ring of each district code."""
    return districts.map({code: ring for ring, facts in spec.rings.items() for code in facts.districts})


def land_price(places: pd.DataFrame, spec: Spec) -> FloatArray:
    """CNY/m² of each place, rounded to 1: from the ring's low price at the edge to its high price at its centre.

    Places of a ring are ranked by distance to its centre; the middle one has the middle price, and prices run linearly
    with the rank on either side of it.
    """
    price = np.zeros(len(places))
    to_metric = Transformer.from_crs(WGS84, spec.crs_metric, always_xy=True)
    rings = ring_of(places["district"], spec).to_numpy()
    for name, ring in spec.rings.items():
        rows = np.flatnonzero(rings == name)
        centre_m = to_metric.transform(*ring.centre)
        apart_m = np.hypot(places["x_m"].to_numpy()[rows] - centre_m[0], places["y_m"].to_numpy()[rows] - centre_m[1])
        rank = (pd.Series(-apart_m).rank(method="average") - 0.5) / max(len(rows), 1)
        levels = (ring.price_low_cny_per_m2, ring.price_cny_per_m2, ring.price_high_cny_per_m2)
        price[rows] = np.interp(rank, (0.0, 0.5, 1.0), levels)
    return price.round(0)


def spread_area(spans: dict[str, Span], kinds: pd.Series, rng: np.random.Generator) -> FloatArray:
    """m² of each place, log-uniform in the span of its kind, rounded to 1 m²; a stand-in for a land register."""
    low = kinds.map({kind: max(span.low, 1.0) for kind, span in spans.items()}).to_numpy(dtype=np.float64)
    high = kinds.map({kind: span.high for kind, span in spans.items()}).to_numpy(dtype=np.float64)
    return np.asarray(low * (high / low) ** rng.random(len(kinds)), dtype=np.float64).round(0)
