"""A plan as Shapefiles, in one .zip with a legend of their short field names."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from siting.files import csv_bytes
from siting.geography.geopackage import PYOGRIO_ERRORS
from siting.inputs.datums import Datum
from siting.render.datumshift import layer_in
from siting.render.gis.layers import about, meaning, plan_layers, short_names
from siting.results.results import Results

GEOMETRY_TYPES = {"facilities": "Point", "assignments": "LineString", "flows": "LineString", "districts": "Polygon"}
MOST_BYTES = 254
STAMP = (2000, 1, 1, 0, 0, 0)
UPDATED = "2000-01-01"
"""The date that a .dbf must hold: a fixed one, for it is no part of a plan."""


def shapefile_bytes(results: Results, datum: Datum) -> bytes:
    """Return the layers of a plan as Shapefiles in `datum`, with fields.csv and readme.txt, as the bytes of a .zip.

    Text is UTF-8 (.cpg). Where the datum is shifted, the files' names say so and there is no .prj.

    Raises
    ------
    OSError
        If temporary files cannot be written.
    """
    layers = plan_layers(results)
    readme = "\n\n".join(f"{key}\n{value}" for key, value in about(results, datum).items()) + "\n"
    files = {"readme.txt": readme.encode("utf-8-sig"), "fields.csv": _legend(layers)}
    with tempfile.TemporaryDirectory(prefix="siting-") as folder:
        for name, layer in layers.items():
            stem = name if datum.name == "wgs84" else f"{name}_{datum.name.replace(':', '')}"
            _write(Path(folder) / f"{stem}.shp", layer_in(layer, datum).set_crs(datum.crs), GEOMETRY_TYPES[name])
        written = [path for path in sorted(Path(folder).iterdir()) if not (datum.shift and path.suffix == ".prj")]
        files |= {path.name: path.read_bytes() for path in written}
    return _zip_bytes(files)


def _write(path: Path, layer: gpd.GeoDataFrame, geometry_type: str) -> None:
    short = layer.rename(columns=short_names([str(name) for name in layer.columns.drop("geometry")]))
    numbers = {name: short[name].astype("Int64") for name in short.select_dtypes("bool")}
    texts = {name: short[name].map(_clipped) for name in short.select_dtypes(["object", "string"])}
    plain = short.assign(**numbers, **texts)
    try:
        pyogrio.write_dataframe(
            plain, path, driver="ESRI Shapefile", geometry_type=geometry_type, encoding="UTF-8",
            promote_to_multi=False, DBF_DATE_LAST_UPDATE=UPDATED,
        )  # fmt: skip
    except PYOGRIO_ERRORS as error:
        raise OSError(f"{path.name}: {error}") from error


def _clipped(text: Any) -> Any:
    """Return as much of a text as a .dbf holds: 254 bytes, whole letters; any other value as it is."""
    return text.encode()[:MOST_BYTES].decode(errors="ignore") if isinstance(text, str) else text


def _legend(layers: Mapping[str, gpd.GeoDataFrame]) -> bytes:
    rows = [
        {"layer": name, "field": field, "column": column, "meaning_zh": label.zh, "meaning_en": label.en}
        for name, layer in layers.items()
        for column, field in short_names([str(one) for one in layer.columns.drop("geometry")]).items()
        for label in [meaning(column)]
    ]
    return csv_bytes(pd.DataFrame(rows))


def _zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Return the files by their names as a .zip, in their order; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return stream.getvalue()
