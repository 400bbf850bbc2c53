"""Districts from administrative boundaries: the level that cuts the city best, closed along the edge of an extract."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import ConfigError
from siting.inputs.arrays import WGS84, BoolArray, IntArray, Shapes
from siting.inputs.osm.areas import member_lines, relation_areas
from siting.inputs.osm.raw import RawOsm, Relation
from siting.inputs.osm.selection import (
    LEAST_ADMIN_LEVEL,
    MOST_ADMIN_LEVEL,
    admin_level,
    chinese_name,
    english_name,
    name_of,
)

# A boundary that ends further from the edge of the source than this share of its diagonal has lost a piece inside.
FARTHEST_SHARE = 0.25
TOUCHING_DEG = 1e-9
WELL_COVERED = 0.9
SLIVER_SHARE = 0.005
"""Share of the road nodes below which an area that the edge cuts is a neighbour's."""
MOST_NAMED = 8
NONE_FOUND = (
    f"no districts: no area of an administrative boundary of levels {LEAST_ADMIN_LEVEL}–{MOST_ADMIN_LEVEL}; give the"
    " districts as a layer of your own, or take an extract cut with whole relations"
)


def cut_areas(raw: RawOsm, relations: Sequence[Relation]) -> Shapes:
    """Return the part of each relation's area that lies in the box of the source; empty where that is open or doubtful.

    The relations are areas of one level that do not overlap. Their lines, drawn on to the box in their last
    direction, cut the box into faces. A line has a different one of its relations on either side, so a face belongs to
    the one relation that all lines around it have in common.
    """
    areas = np.full(len(relations), shapely.Polygon(), dtype=object)
    lines, owner, _ = member_lines(raw, relations)
    if not len(lines):
        return areas
    box = shapely.box(*raw.node_lonlat.min(axis=0), *raw.node_lonlat.max(axis=0))
    keys, line_of = np.unique(shapely.to_wkb(lines), return_inverse=True)
    unique = shapely.from_wkb(keys)
    owners: list[set[int]] = [set() for _ in keys]
    for line, row in zip(line_of, owner, strict=True):
        owners[line].add(int(row))
    drawn = [*lines, *_drawn_on(unique, box), box.exterior]
    faces = np.array(shapely.polygonize([shapely.node(shapely.GeometryCollection(drawn))]).geoms, dtype=object)
    for row, chosen in _faces_of_each(_sides(unique, faces), owners, len(faces)).items():
        areas[row] = shapely.union_all(faces[chosen])
    return areas


def _drawn_on(lines: Shapes, box: shapely.Polygon) -> list[shapely.LineString]:
    """Return lines that extend each loose end in its last direction to the edge of the box, if that is near."""
    pairs = [pair for at in map(shapely.get_coordinates, lines) for pair in ((at[0], at[1]), (at[-1], at[-2]))]
    ends, before = np.array(pairs).transpose(1, 0, 2)
    _, place, number = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    west, south, east, north = box.bounds
    far = float(np.hypot(east - west, north - south))
    rays = []
    for row in np.flatnonzero(number[place.reshape(-1)] == 1):
        step = ends[row] - before[row]
        rays.append(shapely.LineString([ends[row], ends[row] + step / np.hypot(*step) * FARTHEST_SHARE * far]))
    return [ray for ray in rays if ray.intersects(box.exterior)]


def _sides(lines: Shapes, faces: Shapes) -> list[set[int]]:
    """Return the faces that each line touches with the middle of one of its pieces: those on its two sides."""
    at, of_line = shapely.get_coordinates(lines, return_index=True)
    is_piece = of_line[1:] == of_line[:-1]
    middles = shapely.points((at[1:] + at[:-1])[is_piece] / 2)
    piece, face = shapely.STRtree(shapely.boundary(faces)).query(middles, predicate="dwithin", distance=TOUCHING_DEG)
    sides: list[set[int]] = [set() for _ in lines]
    for line, number in zip(of_line[1:][is_piece][piece], face, strict=True):
        sides[line].add(int(number))
    return sides


def _faces_of_each(sides: list[set[int]], owners: list[set[int]], n_faces: int) -> dict[int, list[int]]:
    """Return the faces of each relation, by elimination."""
    around: list[list[set[int]]] = [[] for _ in range(n_faces)]
    for touched, relations in zip(sides, owners, strict=True):
        for face in touched:
            around[face].append(relations)
    left = [set.intersection(*some) if some else set() for some in around]
    while ruled_out := [
        (other, relation)
        for touched, relations in zip(sides, owners, strict=True)
        for face in touched
        if len(left[face]) == 1
        for relation in left[face] & relations
        for other in touched - {face}
        if relation in left[other]
    ]:
        for face, relation in ruled_out:
            left[face].discard(relation)
    chosen: dict[int, list[int]] = {}
    for face, one in enumerate(left):
        if len(one) == 1:
            chosen.setdefault(next(iter(one)), []).append(face)
    return chosen


def make_districts(
    raw: RawOsm, road_nodes: gpd.GeoDataFrame, level: int | None = None
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Return the areas of one administrative level, by code (`osm-r1`), and notes on what was left out.

    Without `level`, the deepest that holds 90 % of the road nodes in two areas or more; if none does, the one that
    holds most. Areas without any road node are neighbours and left out. Areas that the edge of the source cuts are
    closed along it. `residents` is the tagged population, else missing; that of a cut area is missing.

    Raises
    ------
    ConfigError
        If `level` is asked for and there is no area of it.
    """
    relations = [one for one in raw.relations if one.tags.get("boundary") == "administrative"]
    levels = np.array([admin_level(one.tags) or 0 for one in relations], dtype=np.int64)
    areas, is_cut = _areas(raw, relations, levels)
    there = (shapely.get_dimensions(areas) == 2) & ~shapely.is_empty(areas)
    inside = np.zeros((len(areas), len(road_nodes)), dtype=bool)
    node, area = shapely.STRtree(areas).query(road_nodes.geometry.to_numpy(), predicate="intersects")
    inside[area, node] = True
    chosen_level = _choose_level(levels, inside, level)
    chosen = there & (levels == chosen_level) & inside.any(axis=1)
    is_seen = np.isin(np.arange(len(relations)), member_lines(raw, relations)[1])
    lost = [name_of(one.tags) or str(one.id) for one in itertools.compress(relations, is_seen & ~there)]
    notes = [
        f"{len(lost):,} administrative boundaries left out: the source holds too little of them: {listed_names(lost)}"
    ]
    notes = notes if lost else []
    if chosen_level is None or not chosen.any():
        return _frame([], is_cut[:0], areas[:0]).drop(columns="is_cut"), [*notes, NONE_FOUND]
    sliver = chosen & is_cut & (inside.mean(axis=1) < SLIVER_SHARE)
    if sliver.any() and inside[chosen & ~sliver].any(axis=0).mean() >= WELL_COVERED:
        names = [name_of(one.tags) or str(one.id) for one in itertools.compress(relations, sliver)]
        notes.append(f"slivers of neighbours at the edge of the source are no districts: {listed_names(names)}")
        chosen &= ~sliver
    share, n_cut = 100 * inside[chosen].any(axis=0).mean(), int(is_cut[chosen].sum())
    cut = f"; {n_cut} of them are cut by the edge of the source and end there" if n_cut else ""
    notes.append(
        f"districts are the {chosen.sum()} areas of admin_level {chosen_level}; they hold {share:.0f} % of the road"
        f" nodes{cut}"
    )
    frame = _frame([relations[row] for row in np.flatnonzero(chosen)], is_cut[chosen], areas[chosen])
    return _with_place_population(frame, raw, notes).drop(columns="is_cut"), notes


def listed_names(names: Sequence[str]) -> str:
    """Return the first names of a list, and how many more there are."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def _with_place_population(districts: gpd.GeoDataFrame, raw: RawOsm, notes: list[str]) -> gpd.GeoDataFrame:
    """Fill in residents that a boundary does not tell by those of the place of the same name in it.

    A district that the edge of the source cuts keeps none: its place may lie outside with most of its people.
    """
    places = [(number, tags) for number, tags in raw.node_tags.items() if "place" in tags and "population" in tags]
    if not places or districts.empty:
        return districts
    people = pd.to_numeric(pd.Series([tags["population"] for _, tags in places], dtype=object), errors="coerce")
    names = [
        {name for name in (chinese_name(tags), english_name(tags), tags.get("name")) if name} for _, tags in places
    ]
    at = shapely.points(raw.node_lonlat[raw.rows_of_nodes(np.array([number for number, _ in places]))])
    filled = districts["residents"].copy()
    for place, row in zip(
        *shapely.STRtree(districts.geometry.to_numpy()).query(at, predicate="intersects"), strict=True
    ):
        own = {districts["name_zh"].iloc[row], districts["name_en"].iloc[row]}
        if np.isnan(filled.iloc[row]) and not districts["is_cut"].iloc[row] and names[place] & own:
            filled.iloc[row] = people.iloc[place]
    number = int((filled.notna() & districts["residents"].isna()).sum())
    if number:
        notes.append(f"residents of {number} districts are those of the place of the same name in each")
    return districts.assign(residents=filled)


def _areas(raw: RawOsm, relations: list[Relation], levels: IntArray) -> tuple[Shapes, BoolArray]:
    """Return the area of each relation, empty where there is none, and whether the edge of the source cuts it."""
    areas, is_cut = relation_areas(raw, relations)
    areas[is_cut] = shapely.Polygon()
    for level in np.unique(levels[is_cut]):
        rows = np.flatnonzero(levels == level)
        closed = cut_areas(raw, [relations[row] for row in rows])
        areas[rows[is_cut[rows]]] = closed[is_cut[rows]]
    return areas, is_cut


def _choose_level(levels: IntArray, inside: BoolArray, asked: int | None) -> int | None:
    """Return the level asked for, else the best: see `make_districts`."""
    there = sorted({int(one) for one in levels[inside.any(axis=1)]}, reverse=True)
    if asked is not None:
        if asked not in there:
            raise ConfigError(f"admin level {asked}: no area of it here; choose from {there[::-1]} or leave it out")
        return asked
    share = {one: float(inside[levels == one].any(axis=0).mean()) for one in there}
    number = {one: int(inside[levels == one].any(axis=1).sum()) for one in there}
    good = [one for one in there if share[one] >= WELL_COVERED and number[one] >= 2]
    return good[0] if good else max(there, key=lambda one: (share[one], one), default=None)


def _frame(relations: list[Relation], is_cut: BoolArray, areas: Shapes) -> gpd.GeoDataFrame:
    tags = [one.tags for one in relations]
    people = pd.to_numeric(pd.Series([one.get("population") for one in tags], dtype=object), errors="coerce")
    facts = {
        "code": pd.Series([f"osm-r{one.id}" for one in relations], dtype=object),
        "name_en": pd.Series([english_name(one) for one in tags], dtype=object),
        "name_zh": pd.Series([chinese_name(one) for one in tags], dtype=object),
        "residents": people.astype(np.float64).mask(is_cut),
        "admin_level": pd.Series([admin_level(one) for one in tags], dtype=np.int64),
        "is_cut": np.asarray(is_cut, dtype=bool),
    }
    return gpd.GeoDataFrame(facts, geometry=areas, crs=WGS84)
