"""Assignments and flows as tables with lines."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from siting.instance import Floats, Links, Texts
from siting.plan import collected_t
from siting.results.record import RunRecord
from siting.vocabulary import LINK_CLASSES

LEAST_SHARE = 1e-6
LEAST_T = 1e-6


def assignment_table(run: RunRecord) -> gpd.GeoDataFrame:
    """Return one row for each cell and recycling point that serves it, with the straight line between them."""
    walks, plan, demand = run.instance.walks, run.solution.plan, run.instance.demand
    used = np.flatnonzero(plan.assign > LEAST_SHARE)
    cell, site = walks.demand[used], walks.site[used]
    columns = {
        "cell": demand.id[cell],
        "point": run.instance.sites.id[site],
        "share": plan.assign[used],
        "residents": demand.residents[cell] * plan.assign[used],
        "distance_m": walks.distance_m[used],
        "participation_share": walks.participation[used],
        "tonnes": collected_t(run.instance, plan)[used].sum(axis=1),
    }
    lines = _lines(_lonlat(run.geography.demand)[cell], _lonlat(run.geography.sites)[site])
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326")


def flow_table(run: RunRecord) -> gpd.GeoDataFrame:
    """Return one row for each link and material that moves on it, generators' links first, with a straight line.

    A run for the public has hauls between facilities only.
    """
    instance, plan = run.instance, run.solution.plan
    site_lonlat, demand_lonlat = _lonlat(run.geography.sites), _lonlat(run.geography.demand)
    given_t = plan.direct_t if run.publication is None else np.zeros_like(plan.direct_t)
    direct = _flows(run, instance.direct, given_t, tail_id=instance.demand.id, tail_lonlat=demand_lonlat)
    haul = _flows(run, instance.haul, plan.haul_t, tail_id=instance.sites.id, tail_lonlat=site_lonlat)
    columns = {name: np.concatenate([direct[name], haul[name]]) for name in direct}
    lines = _lines(columns.pop("tail_lonlat"), columns.pop("head_lonlat"))
    return gpd.GeoDataFrame(columns, geometry=lines, crs="EPSG:4326")


def _flows(
    run: RunRecord, links: Links, tonnes: Floats, *, tail_id: Texts, tail_lonlat: Floats
) -> dict[str, np.ndarray]:
    """Return the columns of the links in use, and the places (lon, lat) of their ends."""
    link, material = np.nonzero(tonnes > LEAST_T)
    rates, rate = run.instance.link_rates, links.rate[link]
    distance_km, moved_t = links.distance_m[link] / 1000, tonnes[link, material]
    cny_per_t = distance_km * rates.cny_per_tkm[rate] + rates.unload_cny_per_t[rate]
    return {
        "from": tail_id[links.tail[link]],
        "to": run.instance.sites.id[links.head[link]],
        "link_class": np.array(LINK_CLASSES)[links.link_class[link]],
        "material": run.instance.materials.id[material],
        "tonnes": moved_t,
        "distance_km": distance_km,
        "vehicle": rates.vehicle[rate],
        "cny": moved_t * rates.haul_factor[rate, material] * cny_per_t,
        "tail_lonlat": tail_lonlat[links.tail[link]],
        "head_lonlat": _lonlat(run.geography.sites)[links.head[link]],
    }


def _lonlat(frame: gpd.GeoDataFrame) -> Floats:
    return np.column_stack([frame.geometry.x, frame.geometry.y])


def _lines(tail: Floats, head: Floats) -> Any:
    return shapely.linestrings(np.stack([tail, head], axis=1)) if len(tail) else np.array([], dtype=object)
