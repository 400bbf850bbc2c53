"""Shapes of layers and of WKT columns: to WGS-84, and to the points or areas that a kind of table needs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from siting.errors import DataError
from siting.inputs.datums import CHOICES, Datum, odd_coordinates, parse_datum, to_wgs84
from siting.inputs.tables.coordinates import Table
from siting.inputs.tables.faults import Faults
from siting.inputs.tables.schema import Kind

if TYPE_CHECKING:
    import pyproj

Shapes = npt.NDArray[Any]
WGS84 = "EPSG:4326"
AREAS = ("Polygon", "MultiPolygon")
CGCS2000_NAMES = ("2000", "CGCS")


def crs_datum(table: Table, crs: pyproj.CRS | None) -> Datum | None:
    """The datum that a layer's own CRS is, None for one without an EPSG code.

    Raises
    ------
    DataError
        If the layer has no CRS, or one whose way to WGS-84 is not published.
    """
    grid = table.grid
    if crs is None:
        what = "no .prj beside it that can be read" if grid.file.lower().endswith(".shp") else "no CRS in it"
        raise DataError(f"{grid.place}: {what}, so where it lies is not known; declare `datum:`, one of {CHOICES}")
    code = crs.to_epsg()
    if code is None:
        return None
    try:
        return parse_datum(f"EPSG:{code}")
    except ValueError as error:
        raise DataError(f"{grid.place}: {error}") from error


def converted(table: Table, shapes: Shapes, datum: Datum, faults: Faults) -> Shapes:
    """The shapes in WGS-84; each shape with coordinates that cannot be is a fault."""
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    x, y = points[:, 0], points[:, 1]
    is_odd = False
    for one in odd_coordinates(x, y, datum):
        is_odd = True
        for owner, first in zip(*np.unique(owners[one.rows], return_index=True), strict=True):
            row = one.rows[first]
            faults.add("geometry", f"{_where(table, int(owner))}: ({x[row]:.10g}, {y[row]:.10g}): {one.what}")
    if is_odd:
        return shapes
    try:
        return np.asarray(shapely.transform(shapes, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))))
    except DataError as error:
        faults.add("geometry", f"{table.grid.place}: {error}")
        return shapes


def converted_from_crs(table: Table, shapes: Shapes, crs: pyproj.CRS, faults: Faults) -> Shapes:
    """The shapes in WGS-84 from a CRS that has no EPSG code."""
    import pyproj
    from pyproj.exceptions import ProjError

    is_cgcs2000 = crs.datum is not None and any(part in crs.datum.name.upper() for part in CGCS2000_NAMES)
    try:
        way = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True, allow_ballpark=is_cgcs2000)
        moved = shapely.transform(shapes, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1], errcheck=True)))
    except ProjError as error:
        faults.add(
            "geometry",
            f"{table.grid.place}: its CRS ({crs.name}) has no published way to WGS-84 ({error}); export the layer in"
            " CGCS2000 or WGS-84, or declare `datum:`",
        )
        return shapes
    return np.asarray(moved)


def checked(table: Table, shapes: Shapes, faults: Faults) -> tuple[Shapes, list[str]]:
    """Flat, finite and valid shapes; what is missing is a fault, what was mended a note."""
    shapes = np.asarray(shapely.force_2d(shapes))
    is_missing = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    for row in np.flatnonzero(is_missing):
        faults.add("geometry", f"{_where(table, int(row))}: no geometry; draw it, or take the row away")
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    for row in np.unique(owners[~np.isfinite(points).all(axis=1)]):
        faults.add("geometry", f"{_where(table, int(row))}: coordinates that are no numbers; draw it again")
    if faults.by_column.get("geometry"):
        return shapes, []
    is_broken = ~shapely.is_valid(shapes)
    if not is_broken.any():
        return shapes, []
    shapes[is_broken] = shapely.make_valid(shapes[is_broken])
    return shapes, [f"{table.grid.place}: {int(is_broken.sum())} outlines that cross themselves mended"]


def fitted(
    table: Table, shapes: Shapes, kind: Kind, faults: Faults
) -> tuple[Shapes, npt.NDArray[np.float64], list[str]]:
    """Points or areas as the kind needs, the area of each outline (m², NaN of a point), and notes.

    A point kind takes the outline of a parcel too: a point within it stands for it.
    """
    names = np.array([shape.geom_type for shape in shapes])
    if kind.shape == "polygon":
        cure = "give a layer of areas" + (", or a radius (半径)" if kind.column("radius_m") is not None else "")
        _tell_others(table, names, AREAS, faults, f"{kind.name} needs areas; {cure}")
        return shapes, np.full(len(shapes), np.nan), []
    allowed = ("Point", "MultiPoint", *AREAS)
    _tell_others(table, names, allowed, faults, f"{kind.name} needs points, or the outlines of parcels")
    is_area = np.isin(names, AREAS)
    size_m2 = np.full(len(shapes), np.nan)
    notes = []
    if is_area.any():
        outlines = gpd.GeoSeries(shapes[is_area], crs=WGS84)
        size_m2[is_area] = outlines.to_crs(outlines.estimate_utm_crs()).area.round(1)
        notes.append(f"{table.grid.place}: {int(is_area.sum())} outlines, each taken as a point within it")
    return np.where(names == "Point", shapes, shapely.point_on_surface(shapes)), size_m2, notes


def circles(shapes: Shapes, radii_m: npt.NDArray[np.float64]) -> Shapes:
    """Circles of a radius around points of WGS-84, in WGS-84."""
    points = gpd.GeoSeries(shapes, crs=WGS84)
    metric = points.estimate_utm_crs()
    return np.asarray(points.to_crs(metric).buffer(radii_m).to_crs(WGS84).to_numpy())


def from_wkt(table: Table, texts: list[Any], faults: Faults) -> Shapes:
    """The shapes of a column of well-known text; None where a text is none, which is a fault."""
    shapes = np.full(len(texts), None, dtype=object)
    for row, text in enumerate(texts):
        if text is None:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                shapes[row] = shapely.from_wkt(str(text))
        except shapely.GEOSException:
            what = f"{str(text)[:40]!r} is not well-known text such as POINT (117.2 39.1)"
            faults.add("geometry", f"{table.where('wkt', row)}: {what}; copy it again")
    return shapes


def _tell_others(table: Table, names: npt.NDArray[Any], allowed: tuple[str, ...], faults: Faults, cure: str) -> None:
    for row in np.flatnonzero(~np.isin(names, allowed)):
        faults.add("geometry", f"{_where(table, int(row))}: a {names[row]}; {cure}")


def _where(table: Table, row: int) -> str:
    return table.grid.where(table.rows.numbers[row])
