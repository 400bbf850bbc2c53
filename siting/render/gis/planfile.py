"""`plan.gpkg`: the layers of a plan in one GeoPackage, with the styles that QGIS opens them in."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd

from siting.geography.geopackage import write_layer, write_texts
from siting.inputs.datums import parse_datum
from siting.render.gis.layers import about, plan_layers
from siting.render.gis.styles import layer_styles
from siting.results.results import Results

LAYER_STYLES = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT, f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256),
    f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
    description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)"""
"""As QGIS makes it."""
UPDATED = "2000-01-01T00:00:00.000Z"


def write_plan_file(path: Path, results: Results, tables: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write districts, assignments, flows and facilities, from the ground up, their styles, and the table `about`.

    `tables` are those of `plan_tables`.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    layers = plan_layers(results, tables)
    for name, frame in layers.items():
        write_layer(path, name, frame)
    write_texts(path, about(results, parse_datum("wgs84")))
    _write_styles(path, layer_styles(results, layers))


def _write_styles(path: Path, styles: Mapping[str, str]) -> None:
    try:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute(LAYER_STYLES)
            file.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
                " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
                (UPDATED,),
            )
            columns = dict(file.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
            file.executemany(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
                " styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)"
                " VALUES ('', '', ?, ?, 'siting', ?, '', 1, 'As on the map of siting', '', '', ?)",
                [(name, columns[name], style, UPDATED) for name, style in styles.items()],
            )
    except sqlite3.Error as error:
        raise OSError(f"{path.name}: {error}") from error
