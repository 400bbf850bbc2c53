"""The geometry of a source, wherever it stands: shapes of a layer, well-known text, or columns of coordinates."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from siting.errors import DataError
from siting.inputs.datums import Datum, parse_datum
from siting.inputs.tables.coordinates import Table, coordinates, datum_of, degrees_of
from siting.inputs.tables.faults import Faults
from siting.inputs.tables.schema import Kind
from siting.inputs.tables.shapes import (
    Shapes,
    checked,
    circles,
    converted,
    converted_from_crs,
    crs_datum,
    fitted,
    from_wkt,
)


def geometry_of(
    table: Table, kind: Kind, values: dict[str, list[Any]], declared: str | None, faults: Faults
) -> tuple[Shapes, list[str]]:
    """One shape for each row, in WGS-84, and notes; `area_m2` of rows that are outlines is filled into `values`.

    Raises
    ------
    DataError
        If the source says nowhere where its rows are, or must declare its datum and does not.
    """
    wrong: tuple[Shapes, list[str]] = (np.array([], dtype=object), [])
    shapes, notes = _found(table, kind, values, declared, faults)
    if faults.by_column:
        return wrong
    shapes, mended = checked(table, shapes, faults)
    if faults.by_column:
        return wrong
    shapes, drawn = _with_radius(table, values, shapes) if kind.name == "exclusion" else (shapes, [])
    shapes, size_m2, taken = fitted(table, shapes, kind, faults)
    notes = [*notes, *mended, *drawn, *taken]
    if np.isfinite(size_m2).any() and kind.column("area_m2") is not None:
        given = values.get("area_m2", [None] * len(shapes))
        measured = [None if np.isnan(size) else float(size) for size in size_m2]
        n_measured = sum(old is None and new is not None for old, new in zip(given, measured, strict=True))
        values["area_m2"] = [new if old is None else old for old, new in zip(given, measured, strict=True)]
        if n_measured:
            notes.append(f"{table.grid.place}: area_m2 of {n_measured} rows measured on their outlines")
    return shapes, notes


def _found(
    table: Table, kind: Kind, values: dict[str, list[Any]], declared: str | None, faults: Faults
) -> tuple[Shapes, list[str]]:
    if table.grid.geometry is not None:
        return _of_layer(table, declared, faults)
    if any(text is not None for text in values.get("wkt", ())):
        return _of_texts(table, values, declared, faults)
    found = coordinates(table, values, declared, faults)
    if found is None:
        if not faults.by_column:
            ways = (
                "经度 and 纬度, 经纬度, or X坐标 and Y坐标"
                if kind.shape == "point"
                else "几何WKT, or give a layer file"
            )
            headers = list(table.header.texts.values())
            raise DataError(
                f"{table.grid.place}: nothing says where its rows are; add columns {ways}; the headers are {headers}"
            )
        return np.array([], dtype=object), []
    datum, notes = datum_of(table, declared, found.x, found.y)
    lon, lat, told = degrees_of(table, found, datum, faults)
    return np.asarray(shapely.points(lon, lat)), [*notes, *told]


def _of_layer(table: Table, declared: str | None, faults: Faults) -> tuple[Shapes, list[str]]:
    """The shapes of a layer: in the declared datum, else in its own CRS."""
    grid = table.grid
    assert grid.geometry is not None
    shapes = np.asarray(grid.geometry.to_numpy(), dtype=object)
    crs = grid.geometry.crs
    if declared is not None:
        datum = parse_datum(declared)
        is_same = not datum.shift and crs is not None and crs.to_epsg() == int(datum.crs.removeprefix("EPSG:"))
        notes = (
            [f"{grid.place}: read as {datum.name}, as declared, not as its CRS {crs.name}"]
            if crs is not None and not is_same
            else []
        )
        return converted(table, shapes, datum, faults), [*notes, *_converted_note(table, datum)]
    own = crs_datum(table, crs)
    if own is None:
        return converted_from_crs(table, shapes, crs, faults), [f"{grid.place}: converted from {crs.name} to WGS-84"]
    return converted(table, shapes, own, faults), _converted_note(table, own)


def _of_texts(
    table: Table, values: dict[str, list[Any]], declared: str | None, faults: Faults
) -> tuple[Shapes, list[str]]:
    """The shapes of the column of well-known text; rows without one take their coordinates."""
    shapes = from_wkt(table, values["wkt"], faults)
    points = shapely.get_coordinates(shapes)
    bare = [row for row, text in enumerate(values["wkt"]) if text is None]
    for row in bare:
        lon, lat = (values.get(name, [None] * len(shapes))[row] for name in ("lon", "lat"))
        if lon is not None and lat is not None:
            shapes[row] = shapely.Point(lon, lat)
    datum, notes = datum_of(table, declared, points[:, 0], points[:, 1])
    return converted(table, shapes, datum, faults), [*notes, *_converted_note(table, datum)]


def _with_radius(table: Table, values: dict[str, list[Any]], shapes: Shapes) -> tuple[Shapes, list[str]]:
    """Points that have a radius as circles."""
    radii = np.array([np.nan if radius is None else radius for radius in values.get("radius_m", [None] * len(shapes))])
    is_circle = (shapely.get_type_id(shapes) == 0) & (radii > 0)
    if not is_circle.any():
        return shapes, []
    shapes = shapes.copy()
    shapes[is_circle] = circles(shapes[is_circle], radii[is_circle])
    return shapes, [f"{table.grid.place}: {int(is_circle.sum())} zones drawn as circles around their coordinates"]


def _converted_note(table: Table, datum: Datum) -> list[str]:
    is_same = datum.crs == "EPSG:4326" and not datum.shift
    return [] if is_same else [f"{table.grid.place}: coordinates converted from {datum.name} to WGS-84"]
