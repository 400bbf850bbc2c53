"""Candidates that the config adds to the table: places for processing bases, and stops of vehicles beside points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import pandas as pd

from siting.config.flows import BaseSite
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.arrays import WGS84
from siting.inputs.city import City
from siting.vocabulary import Echelon

PLACE = "place"
"""Column of candidates: those with the same text in it stand at one place, where one of them can be open."""

STOP = "mobile_type"
"""Column of candidates: the mobile type that may stop there; empty at a place for fixed facilities."""

CAPTURE = "capture_factor"
"""Column of candidates: what residents bring there, as a share of what they would bring to a fixed point."""


def with_bases(config: Config, city: City) -> City:
    """Return the city with the bases named in the config as candidates, each in the district it lies in or nearest to.

    Raises
    ------
    ConfigError
        If there is no place for a base, a kind has no candidates, or an id is taken: all in one list.
    """
    candidates = city.candidates
    raise_faults(list(_faults(config, candidates)), ConfigError)
    here = candidates[(candidates["echelon"] == Echelon.SORTING.key) & candidates["kind"].isin(config.bases.kinds)]
    parts = [candidates]
    if len(here):
        candidates = candidates.assign(**{PLACE: candidates["id"].where(candidates["id"].isin(here["id"]))})
        bases = here.assign(
            **{"id": here["id"] + "-base", "echelon": Echelon.BASE.key, "role": "candidate", PLACE: here["id"]}
        )
        parts = [candidates, bases.assign(existing_type=None, existing_size=None)]
    if config.bases.sites:
        parts.append(_named(config.bases.sites, city))
    if len(parts) == 1:
        return city
    return replace(city, candidates=gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=WGS84))


def _faults(config: Config, candidates: gpd.GeoDataFrame) -> Iterator[str]:
    bases = config.bases
    kinds = set(candidates.loc[candidates["echelon"] == Echelon.SORTING.key, "kind"])
    for kind in bases.kinds:
        if kind not in kinds:
            yield f"bases.kinds: no sorting candidate is of kind {kind!r}; there are {sorted(kinds)}"
    ids = [site.id for site in bases.sites]
    for taken in sorted({one for one in ids if ids.count(one) > 1 or one in set(candidates["id"])}):
        yield f"bases.sites: id {taken!r} is taken; give another"
    if config.facilities.base and not (bases.kinds or ids or (candidates["echelon"] == Echelon.BASE.key).any()):
        yield "bases: facilities.base has types, but there is no place for one; give bases.sites or bases.kinds"


def _named(sites: tuple[BaseSite, ...], city: City) -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {
            "id": [site.id for site in sites],
            "echelon": Echelon.BASE.key,
            "kind": "processing_base",
            "osm_class": "planned",
            "name": [site.name or None for site in sites],
            "area_m2": [site.area_m2 for site in sites],
            "land_price_cny_per_m2": [site.land_price_cny_per_m2 for site in sites],
            "role": [site.role for site in sites],
        }
    )
    places = gpd.points_from_xy([site.lon for site in sites], [site.lat for site in sites])
    frame = gpd.GeoDataFrame(table, geometry=places, crs=WGS84)
    districts = city.districts[["code", "geometry"]].to_crs(city.crs_metric)
    joined = frame.to_crs(city.crs_metric).sjoin_nearest(districts, how="left")
    frame["district"] = joined[~joined.index.duplicated()]["code"]
    return frame


def with_stops(config: Config, city: City) -> City:
    """Return the city with a stop for each mobile type beside every point of a kind that it may stop at.

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
    stops = []
    for name, kind in types.items():
        here = points[is_fixed & (points["kind"].isin(kind.kinds) | (not kind.kinds))]
        own = {"id": here["id"] + f"-{name}", "role": "candidate", STOP: name, PLACE: here["id"]}
        stops.append(here.assign(**own, existing_type=None, existing_size=None))
    beside = points["id"].isin(pd.concat([part[PLACE] for part in stops]))
    points.loc[beside, PLACE] = points.loc[beside, "id"]
    whole = pd.concat([points, *stops], ignore_index=True)
    factor = {name: kind.mobile.capture_factor for name, kind in types.items() if kind.mobile is not None}
    whole[CAPTURE] = whole[STOP].map(factor).fillna(1.0).astype(float)
    return replace(city, candidates=gpd.GeoDataFrame(whole, crs=WGS84))
