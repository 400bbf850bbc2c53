"""Select candidates: near a road, outside of exclusion zones, at least spaced, at most so many."""

from __future__ import annotations

from typing import get_args

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from siting.inputs.assemble.features import Scene
from siting.inputs.assemble.parts import listed
from siting.inputs.spacing import keep_spaced, spread_by_demand
from siting.vocabulary import EchelonName

FIRST_KINDS = (
    "recycling_point",
    "sanitation",
    "community",
    "school",
    "public",
    "shop",
    "office",
    "transit_stop",
    "parking",
)
"""Kinds in the order in which they stay where two places of one source are too near to each other."""
FIXED = ("existing", "required")


def near_roads(sites: gpd.GeoDataFrame, edges: gpd.GeoDataFrame, scene: Scene, notes: list[str]) -> gpd.GeoDataFrame:
    """Leave out what is too far from every road; existing and required places stay."""
    from_road_m = scene.spec.rules.from_road_m
    if from_road_m is None:
        return sites
    lines = edges[edges["drivable"] & edges["walkable"]].geometry.to_crs(scene.crs_metric).to_numpy()
    points = sites.geometry.to_crs(scene.crs_metric).to_numpy()
    nearest = shapely.STRtree(lines).nearest(points)
    is_far = shapely.distance(points, lines[nearest]) > from_road_m
    lost = is_far & ~sites["role"].isin(FIXED).to_numpy()
    if lost.any():
        notes.append(
            f"candidates: {int(lost.sum()):,} left out, more than {from_road_m:.0f} m from every road:"
            f" {listed(sites.loc[lost, 'id'])}"
        )
    return sites[~lost].reset_index(drop=True)


def outside_zones(sites: gpd.GeoDataFrame, scene: Scene, notes: list[str]) -> gpd.GeoDataFrame:
    """Leave out, or mark as forbidden, what lies in an exclusion zone; existing and required places stay."""
    zones = [shape for part in scene.gathered.exclusion for shape in part.frame.geometry if shape is not None]
    if not zones:
        return sites
    inside = np.zeros(len(sites), dtype=bool)
    inside[shapely.STRtree(zones).query(sites.geometry.to_numpy(), predicate="intersects")[0]] = True
    fixed = sites["role"].isin(FIXED).to_numpy()
    if (inside & fixed).any():
        notes.append(
            f"candidates: {int((inside & fixed).sum()):,} existing or required places lie in an exclusion zone and were"
            f" kept: {listed(sites.loc[inside & fixed, 'id'])}"
        )
    lost = inside & ~fixed
    if lost.any():
        done = "left out" if scene.spec.rules.exclusion == "remove" else "marked as forbidden"
        notes.append(f"candidates: {int(lost.sum()):,} in an exclusion zone {done}: {listed(sites.loc[lost, 'id'])}")
    if scene.spec.rules.exclusion == "mark":
        return sites.assign(role=sites["role"].where(~lost, "forbidden"))
    return sites[~lost].reset_index(drop=True)


def thinned(sites: gpd.GeoDataFrame, demand: gpd.GeoDataFrame, scene: Scene, notes: list[str]) -> gpd.GeoDataFrame:
    """Keep the minimum spacing and the maximum number of each echelon; existing and required places always stay."""
    rules, metric = scene.spec.rules, sites.geometry.to_crs(scene.crs_metric)
    at = np.column_stack([metric.x, metric.y])
    fixed = sites["role"].isin(FIXED).to_numpy()
    kept = np.zeros(len(sites), dtype=bool)
    for echelon in get_args(EchelonName):
        mine = np.flatnonzero((sites["echelon"] == echelon).to_numpy())
        order = mine[_order(sites.iloc[mine])]
        spacing_m = rules.least_spacing_m.get(echelon, 0.0)
        stay = order[keep_spaced(at[order], spacing_m)] if spacing_m > 0 else order
        if len(stay) < len(mine):
            notes.append(
                f"candidates: of {len(mine):,} for {echelon}, {len(stay):,} stay at least {spacing_m:.0f} m apart"
            )
        most = rules.most.get(echelon)
        if most is not None and len(stay) > most:
            notes.append(f"candidates: of {len(stay):,} for {echelon}, the {most:,} nearest to residents are kept")
            cells = demand.geometry.to_crs(scene.crs_metric)
            weight = demand["residents"].to_numpy(dtype=float)
            stay = np.sort(stay)
            stay = stay[spread_by_demand(at[stay], np.column_stack([cells.x, cells.y]), weight, most)]
        kept[stay] = True
    return sites[kept | fixed].reset_index(drop=True)


def _order(sites: pd.DataFrame) -> npt.NDArray[np.int64]:
    """The more wanted first: existing and required places, own tables, then kinds in their order."""
    rank = {kind: number for number, kind in enumerate(FIRST_KINDS)}
    kind = sites["kind"].map(rank).fillna(len(rank)).to_numpy()
    return np.lexsort((kind, sites["is_osm"].to_numpy(), ~sites["role"].isin(FIXED).to_numpy()))
