"""Mobile stops: beside each fixed point a stop at the same place, of which one may be open."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd

from siting.config.facilities import FacilityType
from siting.config.schema import Config
from siting.inputs.arrays import WGS84
from siting.inputs.city import City
from siting.prepare.bases import PLACE
from siting.vocabulary import Echelon

STOP = "mobile_type"
"""Column of candidates: the mobile type that may stop there; empty at a place for fixed facilities."""

CAPTURE = "capture_factor"
"""Column of candidates: what residents bring there, as a share of what they would bring to a fixed point."""


def with_stops(config: Config, city: City) -> City:
    """The city with a stop for each mobile type beside every point of a kind that it may stop at.

    A mobile facility that stands today is a stop itself.
    """
    types = {name: kind for name, kind in config.facilities.point.items() if kind.mobile is not None}
    if not types:
        return city
    points = city.candidates.assign(**{STOP: ""})
    stands = (points["role"] == "existing") & points["existing_type"].isin(list(types))
    points.loc[stands, STOP] = points.loc[stands, "existing_type"]
    if PLACE not in points:
        points[PLACE] = None
    is_fixed = (points["echelon"] == Echelon.POINT.key) & (points["role"] != "forbidden") & ~stands
    stops = [_stops(name, kind, points[is_fixed]) for name, kind in types.items()]
    beside = points["id"].isin(pd.concat([part[PLACE] for part in stops]))
    points.loc[beside, PLACE] = points.loc[beside, "id"]
    whole = pd.concat([points, *stops], ignore_index=True)
    factor = {name: kind.mobile.capture_factor for name, kind in types.items() if kind.mobile is not None}
    whole[CAPTURE] = whole[STOP].map(factor).fillna(1.0).astype(float)
    return replace(city, candidates=gpd.GeoDataFrame(whole, crs=WGS84))


def _stops(name: str, kind: FacilityType, points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    here = points[points["kind"].isin(kind.kinds)] if kind.kinds else points
    own = {"id": here["id"] + f"-{name}", "role": "candidate", STOP: name, PLACE: here["id"]}
    return here.assign(**own, existing_type=None, existing_size=None)
