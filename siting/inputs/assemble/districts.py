"""Districts of the folder, and which of them each place lies in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.errors import DataError, SitingError, raise_faults
from siting.inputs.assemble.parts import Part, column_of, faults_of, listed
from siting.inputs.features.candidates import zone_of
from siting.inputs.features.schema import Zone
from siting.inputs.metric import local_crs
from siting.inputs.tables import districts_by_name
from siting.inputs.tables.wording import did_you_mean

DEFAULT_RING = "outer"
LEAST_OVERLAP_M2, TOLD_OVERLAP_M2 = 1.0, 1000.0
"""Borders that are drawn twice overlap by slivers, which are nobody's concern."""


def make_districts(part: Part, zones: Mapping[str, Zone], crs_metric: str) -> gpd.GeoDataFrame:
    """Return the table `districts` without residents: codes and names completed, zones given, area measured.

    Raises
    ------
    DataError
        If a code is given twice, a district has neither code nor name, or a zone names a district that is not there.
    """
    frame = part.frame.reset_index(drop=True)
    named = {column: column_of(frame, column) for column in ("code", "name_zh", "name_en")}
    code = named["code"].fillna(named["name_zh"]).fillna(named["name_en"])
    faults = [
        f"{part.label}: district {row + 1}: neither code nor name; add one" for row in np.flatnonzero(code.isna())
    ]
    twice = sorted(set(code[code.duplicated()].dropna()))
    faults += [f"{part.label}: code {one!r} is given twice; make codes unique" for one in twice]
    raise_faults(faults, DataError)
    faults = [
        f"zones.{name}: no district {one}; the codes are {listed(code, 20)}"
        for name, zone in zones.items()
        for one in sorted(set(zone.districts) - set(code))
    ]
    raise_faults(faults, DataError)
    ring = zone_of(code, zones).fillna(column_of(frame, "ring")) if zones else column_of(frame, "ring")
    facts = {
        "code": code,
        "name_en": named["name_en"].fillna(named["name_zh"]).fillna(code),
        "name_zh": named["name_zh"].fillna(named["name_en"]).fillna(code),
        "ring": ring.fillna(DEFAULT_RING),
        "residents": 0,
        "area_km2": (frame.to_crs(crs_metric).area / 1e6).round(3),
    }
    return gpd.GeoDataFrame(facts, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def without_overlaps(part: Part) -> tuple[Part, tuple[str, ...]]:
    """Assign overlaps of districts to the first in the table; report large ones.

    So cells, candidates and areas follow one rule.
    """
    frame = part.frame.reset_index(drop=True)
    crs = local_crs(frame)
    shapes = shapely.make_valid(frame.geometry.to_crs(crs).to_numpy())
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T
    names = column_of(frame, "name_zh").fillna(column_of(frame, "name_en")).fillna(column_of(frame, "code"))
    kept, notes = frame.geometry.to_numpy().copy(), []
    for later, first in sorted((int(a), int(b)) for a, b in pairs if b < a):
        both_m2 = float(shapely.area(shapely.intersection(shapes[later], shapes[first])))
        if both_m2 <= LEAST_OVERLAP_M2:
            continue
        kept[later] = _areas(shapely.difference(kept[later], frame.geometry.iloc[first]))
        if both_m2 >= TOLD_OVERLAP_M2:
            notes.append(
                f"{part.label}: {names[first]} and {names[later]} overlap by {both_m2 / 1e6:.2f} km²; the ground counts"
                f" to {names[first]}, which stands first"
            )
    gone = [str(name) for name, shape in zip(names, kept, strict=True) if shape.is_empty]
    raise_faults([f"{part.label}: {name} lies in other districts; take one of them out" for name in gone], DataError)
    return (part.with_frame(frame.set_geometry(gpd.GeoSeries(kept, crs=frame.crs))) if notes else part), tuple(notes)


def _areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the areas of a shape, without the lines and points that a difference may leave."""
    return shapely.union_all([one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"])


def census_faults(census: pd.DataFrame, districts: gpd.GeoDataFrame, label: str) -> list[str]:
    """Return the names and codes of a census that no district has, each with the nearest that there is."""
    known = districts_by_name(districts)
    names = list(dict.fromkeys(str(one) for column in ("name_zh", "name_en") for one in districts[column]))
    faults = []
    for row in range(len(census)):
        said = [
            str(census[column].iloc[row])
            for column in ("code", "name")
            if pd.notna(column_of(census, column).iloc[row])
        ]
        if said and all(known.code_of(one) is None for one in said):
            guess = did_you_mean(said[-1], names)
            faults.append(f"{label}: {' '.join(said)}: no such district; {guess}the districts are {listed(names, 12)}")
    return faults


def located(part: Part, districts: gpd.GeoDataFrame, notes: list[str]) -> gpd.GeoDataFrame:
    """Assign each row to the district that contains it; drop and report rows outside all districts.

    A district that the source names and the coordinates contradict is told too; the coordinates count.

    Raises
    ------
    DataError
        If no row lies inside any district.
    """
    frame = part.frame.reset_index(drop=True)
    if frame.empty:
        return frame.assign(district=pd.Series(dtype=object))
    points = gpd.GeoDataFrame(geometry=frame.geometry.representative_point(), crs=frame.crs)
    named = column_of(frame, "district").map(districts_by_name(districts).code_of, na_action="ignore")
    code = _district_at(points, districts, named)
    outside = frame.index[code.isna()]
    if len(outside) == len(frame):
        west, south, east, north = frame.total_bounds
        raise DataError(
            f"{part.label}: none of its {len(frame):,} rows lies in a district; they span {west:.4f}–{east:.4f} E,"
            f" {south:.4f}–{north:.4f} N; check the datum, lon and lat, and that it is the table of this city"
        )
    ids = frame["id"] if "id" in frame else pd.Series(frame.index.astype(str))
    if len(outside):
        notes.append(f"{part.label}: {len(outside):,} rows outside of every district left out: {listed(ids[outside])}")
    differs = named.notna() & code.notna() & (named != code)
    if differs.any():
        notes.append(
            f"{part.label}: {int(differs.sum()):,} rows lie in another district than they name, first"
            f" {listed(ids[differs.to_numpy()])}; the coordinates count"
        )
    return frame.assign(district=code.to_numpy())[code.notna().to_numpy()].reset_index(drop=True)


def _district_at(points: gpd.GeoDataFrame, districts: gpd.GeoDataFrame, named: pd.Series) -> pd.Series:
    """Return the district of each point, None for none; on a border the one named by the point, else the first."""
    point, row = districts.sindex.query(points.geometry, predicate="intersects")
    codes = districts["code"].to_numpy(dtype=object)
    found = pd.DataFrame({"point": point, "row": row, "is_other": codes[row] != named.to_numpy(dtype=object)[point]})
    first = found.sort_values(["point", "is_other", "row"]).drop_duplicates("point").set_index("point")["row"]
    return first.map(dict(enumerate(codes))).reindex(range(len(points))).astype(object)


def all_located(parts: Iterable[Part], districts: gpd.GeoDataFrame, notes: list[str]) -> list[Part]:
    """Locate the rows of several sources, as `located`.

    Raises
    ------
    DataError
        If no row of a source lies inside any district: all such sources in one list.
    """
    inside, faults = [], []
    for part in parts:
        try:
            inside.append(part.with_frame(located(part, districts, notes)))
        except SitingError as error:
            faults += faults_of(error)
    raise_faults(faults, DataError)
    return inside
