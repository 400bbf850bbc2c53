"""Shapes of layers and of WKT columns: to WGS-84, and to the points or areas that a kind of table needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from siting.errors import DataError
from siting.inputs.datums import Datum, is_north_first, odd_coordinates, to_wgs84
from siting.inputs.tables.rows import Table

if TYPE_CHECKING:
    import pyproj

Shapes = npt.NDArray[Any]
WGS84 = "EPSG:4326"
POINTS = ("Point", "MultiPoint")
AREAS = ("Polygon", "MultiPolygon")
COLLECTION = 7
CGCS2000_NAMES = ("2000", "CGCS")


def converted(table: Table, shapes: Shapes, datum: Datum, *, column: str = "geometry", cell: str = "") -> Shapes:
    """Return the shapes in WGS-84; each shape with coordinates that cannot be is a fault."""
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    x, y = points[:, 0], points[:, 1]
    odd = odd_coordinates(x, y, datum)
    for one in odd:
        for owner, first in zip(*np.unique(owners[one.rows], return_index=True), strict=True):
            at = one.rows[first]
            table.fault(column, f"({x[at]:.10g}, {y[at]:.10g}): {one.what}", row=owner, cell=cell)
    if odd:
        return shapes
    if datum.name != "wgs84":
        table.note(f"coordinates converted from {datum.name} to WGS-84")
    if is_north_first(x, y, datum):
        table.note("X holds northings and Y eastings, as surveyors write; read so")
    try:
        return np.asarray(shapely.transform(shapes, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))))
    except DataError as error:
        table.fault(column, str(error))
        return shapes


def converted_from_crs(table: Table, shapes: Shapes, crs: pyproj.CRS) -> Shapes:
    """Return the shapes in WGS-84 from a CRS that has no EPSG code."""
    import pyproj
    from pyproj.exceptions import ProjError

    is_cgcs2000 = crs.datum is not None and any(part in crs.datum.name.upper() for part in CGCS2000_NAMES)
    try:
        way = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True, allow_ballpark=is_cgcs2000)
        moved = shapely.transform(shapes, lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1], errcheck=True)))
    except ProjError as error:
        table.fault(
            "geometry",
            f"its CRS ({crs.name}) has no published way to WGS-84 ({error}); export the layer in CGCS2000 or WGS-84, or"
            " declare `datum:`",
        )
        return shapes
    table.note(f"converted from {crs.name} to WGS-84")
    return np.asarray(moved)


def checked(table: Table, shapes: Shapes) -> Shapes:
    """Return the flat, finite and valid shapes; what is missing is a fault, what was mended a note."""
    shapes = np.asarray(shapely.force_2d(shapes))
    for row in np.flatnonzero(shapely.is_missing(shapes) | shapely.is_empty(shapes)):
        table.fault("geometry", "no geometry; draw it, or take the row away", row=row)
    points, owners = shapely.get_coordinates(shapes, return_index=True)
    for row in np.unique(owners[~np.isfinite(points).all(axis=1)]):
        table.fault("geometry", "coordinates that are no numbers; draw it again", row=row)
    if table.faults.by_column:
        return shapes
    is_broken = ~shapely.is_valid(shapes)
    if is_broken.any():
        shapes[is_broken] = shapely.make_valid(shapes[is_broken])
        table.note(f"{int(is_broken.sum())} outlines that cross themselves mended")
    return _areas_kept(table, shapes)


def _areas_kept(table: Table, shapes: Shapes) -> Shapes:
    """Return the shapes; of a collection only its polygons if it has any, since repairs may leave lines and points."""
    for row in np.flatnonzero(shapely.get_type_id(shapes) == COLLECTION):
        areas = [part for part in _flat(shapes[row]) if shapely.area(part) > 0]
        if areas:
            shapes[row] = shapely.union_all(areas)
            table.notes.append(f"{table.where(int(row), 'geometry')}: lines and points beside its areas left out")
    return shapes


def _flat(shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Return the single parts of a shape, however deep its collections are."""
    parts = list(shapely.get_parts(shape))
    return parts if parts == [shape] else [one for part in parts for one in _flat(part)]


def fitted(table: Table, shapes: Shapes) -> Shapes:
    """Return points or polygons as the kind requires; a missing `area_m2` is computed from the outline.

    A point kind takes the outline of a parcel too: a point within it stands for it.
    """
    kind = table.kind
    if kind.shape == "any":
        return shapes
    names = np.array([shape.geom_type for shape in shapes])
    is_area = np.isin(names, AREAS)
    is_wrong, what = ~is_area & ~np.isin(names, POINTS), "points, or the outlines of parcels"
    if kind.shape == "polygon":
        is_wrong, what = ~is_area, "areas; give a layer of areas"
        what += ", or a radius (半径)" if kind.column("radius_m") is not None else ""
    for row in np.flatnonzero(is_wrong):
        table.fault("geometry", f"a {names[row]}; {kind.name} needs {what}", row=row)
    if kind.shape == "polygon":
        return shapes
    if is_area.any():
        table.note(f"{int(is_area.sum())} outlines, each taken as a point within it")
        if kind.column("area_m2") is not None:
            _measure(table, gpd.GeoSeries(shapes, crs=WGS84), is_area)
    return np.where(names == "Point", shapes, shapely.point_on_surface(shapes))


def _measure(table: Table, shapes: gpd.GeoSeries, is_area: npt.NDArray[np.bool_]) -> None:
    """Fill in the `area_m2` of outlines that have none."""
    given = table.values.get("area_m2", [None] * len(shapes))
    size_m2 = shapes[is_area].to_crs(shapes[is_area].estimate_utm_crs()).area.round(1)
    missing = {row: float(size) for row, size in size_m2.items() if given[row] is None}
    table.values["area_m2"] = [missing.get(row, value) for row, value in enumerate(given)]
    if missing:
        table.note(f"area_m2 of {len(missing)} rows measured on their outlines")


def with_circles(table: Table, shapes: Shapes) -> Shapes:
    """Return the shapes, points of WGS-84 that have a radius as circles."""
    given = table.values.get("radius_m", [None] * len(shapes))
    radii_m = np.array([np.nan if radius is None else radius for radius in given])
    is_circle = (shapely.get_type_id(shapes) == 0) & (radii_m > 0)
    if not is_circle.any():
        return shapes
    table.note(f"{int(is_circle.sum())} zones drawn as circles around their coordinates")
    points = gpd.GeoSeries(shapes[is_circle], crs=WGS84)
    shapes = shapes.copy()
    shapes[is_circle] = points.to_crs(points.estimate_utm_crs()).buffer(radii_m[is_circle]).to_crs(WGS84).to_numpy()
    return shapes
