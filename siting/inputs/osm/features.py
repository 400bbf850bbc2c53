"""Everything selected that is no road, as one frame: id, tags, geometry, point, area."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from siting.inputs.osm.areas import area_m2, relation_areas, way_shapes
from siting.inputs.osm.raw import RawOsm, Tags
from siting.inputs.osm.selection import SELECTED, is_selected

ObjectArray = npt.NDArray[np.object_]


class Features(NamedTuple):
    """The features, in the order nodes, ways, relations, each by ascending id; and what was left out.

    `frame` has `id` (`osm-n1`, `osm-w1`, `osm-r1`), `tags`, `name`, one column for each selected key (missing where
    the tag is), `geometry` (point, line or area, as a shapely object), `point` (inside the area) and `area_m2` (NaN
    where it is no area).
    """

    frame: pd.DataFrame
    notes: tuple[str, ...]


def make_features(raw: RawOsm) -> Features:
    """Geometry and tags of every selected object that is not merely a road."""
    ways = [way for way in raw.ways if _is_feature(way.tags)]
    relations = [one for one in raw.relations if one.tags.get("boundary") != "administrative"]
    way_geometry, n_cut = way_shapes(raw, ways)
    relation_geometry, is_broken = relation_areas(raw, relations)
    node_ids = sorted(raw.node_tags)
    rows = raw.rows_of_nodes(np.array(node_ids, dtype=np.int64))
    frame = _frame(
        [f"osm-n{number}" for number in node_ids]
        + [f"osm-w{way.id}" for way in ways]
        + [f"osm-r{relation.id}" for relation in relations],
        [
            *(raw.node_tags[number] for number in node_ids),
            *(way.tags for way in ways),
            *(one.tags for one in relations),
        ],
        np.concatenate([shapely.points(raw.node_lonlat[rows]), way_geometry, relation_geometry]),
    )
    is_lost = shapely.is_empty(frame["geometry"].to_numpy()) | frame["geometry"].isna().to_numpy()
    notes = _notes(n_cut, int(is_broken.sum()), int(is_lost.sum()))
    return Features(_with_measures(frame[~is_lost].reset_index(drop=True)), tuple(notes))


def _is_feature(tags: Tags) -> bool:
    """Whether it is more than a road."""
    return is_selected({key: value for key, value in tags.items() if key != "highway"})


def _frame(ids: list[str], tags: list[Tags], geometry: ObjectArray) -> pd.DataFrame:
    from siting.inputs.osm.selection import name_of

    facts: dict[str, Iterable[object]] = {"id": ids, "tags": tags, "name": [name_of(one) for one in tags]}
    columns = {key: pd.Series([one.get(key) for one in tags], dtype=object) for key in SELECTED}
    return pd.DataFrame(
        {**{key: pd.Series(list(value), dtype=object) for key, value in facts.items()}, **columns}
    ).assign(geometry=pd.Series(list(geometry), dtype=object))


def _with_measures(frame: pd.DataFrame) -> pd.DataFrame:
    geometry = frame["geometry"].to_numpy()
    is_area = shapely.get_dimensions(geometry) == 2
    measured = np.full(len(frame), np.nan)
    measured[is_area] = area_m2(geometry[is_area])
    return frame.assign(point=shapely.point_on_surface(geometry), area_m2=measured)


def _notes(n_cut: int, n_broken: int, n_lost: int) -> list[str]:
    told = {
        "areas were cut by the edge of the source; their part inside was kept": n_cut,
        "relations lack members at the edge of the source; places without area where the rest is open": n_broken,
        "features have no place, for none of their nodes is held; left out": n_lost,
    }
    return [f"{number:,} {what}" for what, number in told.items() if number]
