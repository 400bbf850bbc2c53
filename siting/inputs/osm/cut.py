"""Boundaries that the edge of an extract cuts: closed along that edge where there is no doubt about the sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from siting.inputs.osm.areas import ObjectArray, member_lines
from siting.inputs.osm.raw import FloatArray, RawOsm, Relation

# A boundary that ends further from the edge of the source than this share of its diagonal has lost a piece inside.
FARTHEST_SHARE = 0.25
TOUCHING_DEG = 1e-9


def cut_areas(raw: RawOsm, relations: Sequence[Relation]) -> ObjectArray:
    """The part of each relation's area that lies in the box of the source; empty where that is open or doubtful.

    The relations are areas of one level that do not overlap. Their lines, drawn on to the box in their last
    direction, cut the box into faces. A line has a different one of its relations on either side, so a face belongs to
    the one relation that all lines around it have in common.
    """
    areas = np.full(len(relations), shapely.Polygon(), dtype=object)
    lines, owner, _ = member_lines(raw, relations)
    if not len(lines):
        return areas
    box = shapely.box(*raw.node_lonlat.min(axis=0), *raw.node_lonlat.max(axis=0))
    drawn = [*lines, *_drawn_on(lines, box), box.exterior]
    faces = np.array(shapely.polygonize([shapely.node(shapely.GeometryCollection(drawn))]).geoms, dtype=object)
    for row, chosen in _faces_of_each(_sides(lines, faces), _owners(lines, owner), len(faces)).items():
        areas[row] = shapely.union_all(faces[chosen])
    return areas


def _drawn_on(lines: ObjectArray, box: shapely.Polygon) -> list[shapely.LineString]:
    """From each end that no other line shares on in its last direction to the edge of the box, if that is near."""
    ends, before = [], []
    for line in shapely.from_wkb(np.unique(shapely.to_wkb(lines))):
        at = shapely.get_coordinates(line)
        ends += [at[0], at[-1]]
        before += [at[1], at[-2]]
    at = np.array(ends)
    _, place, number = np.unique(at, axis=0, return_inverse=True, return_counts=True)
    west, south, east, north = box.bounds
    far = float(np.hypot(east - west, north - south))
    added = []
    for row in np.flatnonzero(number[place.reshape(-1)] == 1):
        step = at[row] - np.array(before[row])
        ray = shapely.LineString([at[row], at[row] + step / np.hypot(*step) * FARTHEST_SHARE * far])
        if ray.intersects(box.exterior):
            added.append(ray)
    return added


def _owners(lines: ObjectArray, owner: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[set[int]]:
    """The relations that each line belongs to; the same way is one line for each of them."""
    of_line: dict[bytes, set[int]] = {}
    keys = [shapely.to_wkb(line) for line in lines]
    for key, row in zip(keys, owner, strict=True):
        of_line.setdefault(key, set()).add(int(row))
    return [of_line[key] for key in keys]


def _sides(lines: ObjectArray, faces: ObjectArray) -> list[set[int]]:
    """The faces that each line touches with the middle of one of its pieces: those on its two sides."""
    middles, of_line = _middles(lines)
    piece, face = shapely.STRtree(shapely.boundary(faces)).query(middles, predicate="dwithin", distance=TOUCHING_DEG)
    sides: list[set[int]] = [set() for _ in lines]
    for line, number in zip(of_line[piece], face, strict=True):
        sides[line].add(int(number))
    return sides


def _middles(lines: ObjectArray) -> tuple[ObjectArray, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    at, of_line = shapely.get_coordinates(lines, return_index=True)
    is_piece = of_line[1:] == of_line[:-1]
    middle: FloatArray = (at[1:] + at[:-1]) / 2
    return np.asarray(shapely.points(middle[is_piece]), dtype=object), of_line[1:][is_piece]


def _faces_of_each(sides: list[set[int]], owners: list[set[int]], n_faces: int) -> dict[int, list[int]]:
    """The faces of each relation, by elimination."""
    possible: list[set[int] | None] = [None] * n_faces
    for touched, relations in zip(sides, owners, strict=True):
        for face in touched:
            known = possible[face]
            possible[face] = set(relations) if known is None else known & relations
    left = [set() if one is None else one for one in possible]
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
