"""Districts from administrative boundaries: the level that cuts the city best, or the one asked for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import ConfigError
from siting.inputs.osm.areas import relation_areas
from siting.inputs.osm.names import chinese_name, english_name
from siting.inputs.osm.raw import RawOsm, Relation
from siting.inputs.osm.selection import LEAST_ADMIN_LEVEL, MOST_ADMIN_LEVEL, admin_level

WGS84 = "EPSG:4326"
WELL_COVERED = 0.9
COLUMNS = ("code", "name_en", "name_zh", "residents", "admin_level")


def make_districts(
    raw: RawOsm, road_nodes: gpd.GeoDataFrame, level: int | None = None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The areas of one administrative level, by code (`osm-r1`), and notes on what was left out.

    Without `level`, the deepest that holds 90 % of the road nodes in two areas or more; if none does, the one that
    holds most. Areas without any road node are neighbours and left out. `residents` is the tagged population, else
    missing.

    Raises
    ------
    ConfigError
        If `level` is asked for and no boundary of it is whole.
    """
    relations = [one for one in raw.relations if one.tags.get("boundary") == "administrative"]
    areas, is_broken = relation_areas(raw, relations)
    whole = (shapely.get_dimensions(areas) == 2) & ~is_broken
    n_broken = int((~whole).sum())
    notes = (
        [f"{n_broken:,} administrative boundaries left out: the source does not hold all of them"] if n_broken else []
    )
    relations = [one for one, is_whole in zip(relations, whole, strict=True) if is_whole]
    inside = _nodes_inside(areas[whole], road_nodes)
    levels = np.array([admin_level(one.tags) or 0 for one in relations], dtype=np.int64)
    chosen_level = _choose_level(levels, inside, level)
    chosen = (levels == chosen_level) & inside.any(axis=1)
    if chosen_level is None or not chosen.any():
        return _frame([], np.zeros(0, dtype=object)), [*notes, _none_found()]
    share = inside[chosen].any(axis=0).mean()
    notes.append(
        f"districts are the areas of admin_level {chosen_level}; they hold {100 * share:.0f} % of the road nodes"
    )
    return _frame([one for one, is_one in zip(relations, chosen, strict=True) if is_one], areas[whole][chosen]), notes


def _nodes_inside(
    areas: np.ndarray[tuple[int], np.dtype[np.object_]], road_nodes: gpd.GeoDataFrame
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Whether each road node lies in each area."""
    inside = np.zeros((len(areas), len(road_nodes)), dtype=bool)
    node, area = shapely.STRtree(areas).query(road_nodes.geometry.to_numpy(), predicate="intersects")
    inside[area, node] = True
    return inside


def _choose_level(
    levels: np.ndarray[tuple[int], np.dtype[np.int64]],
    inside: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    asked: int | None,
) -> int | None:
    there = sorted({int(one) for one in levels[inside.any(axis=1)]}, reverse=True)
    if asked is not None:
        if asked not in there:
            raise ConfigError(
                f"admin level {asked}: no whole boundary of it here; choose from {there[::-1]} or leave it out"
            )
        return asked
    share = {one: float(inside[levels == one].any(axis=0).mean()) for one in there}
    number = {one: int(inside[levels == one].any(axis=1).sum()) for one in there}
    good = [one for one in there if share[one] >= WELL_COVERED and number[one] >= 2]
    return good[0] if good else max(there, key=lambda one: (share[one], one), default=None)


def _none_found() -> str:
    return (
        f"no districts: no whole administrative boundary of levels {LEAST_ADMIN_LEVEL}–{MOST_ADMIN_LEVEL}; give the"
        " districts as a layer of your own, or take an extract cut with whole relations"
    )


def _frame(relations: list[Relation], areas: np.ndarray[tuple[int], np.dtype[np.object_]]) -> gpd.GeoDataFrame:
    tags = [one.tags for one in relations]
    people = pd.to_numeric(pd.Series([one.get("population") for one in tags], dtype=object), errors="coerce")
    facts = {
        "code": pd.Series([f"osm-r{one.id}" for one in relations], dtype=object),
        "name_en": pd.Series([english_name(one) for one in tags], dtype=object),
        "name_zh": pd.Series([chinese_name(one) for one in tags], dtype=object),
        "residents": people.astype(np.float64),
        "admin_level": pd.Series([admin_level(one) for one in tags], dtype=np.int64),
    }
    return gpd.GeoDataFrame(facts, geometry=areas, crs=WGS84)
