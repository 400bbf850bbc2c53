"""Geography to one GeoPackage and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from siting.errors import FileError
from siting.geography.geography import Geography

WGS84 = "EPSG:4326"
PYOGRIO_ERRORS = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError)
FRAMES = ("districts", "demand", "sites", "roads", "water")
LABELS = {"places"}
"""Layers that older run folders lack."""
TEXTS = ("city_name_en", "city_name_zh", "crs_metric", "notes", "attributions")


def save_geography(path: Path, geography: Geography) -> None:
    """Write each frame as a layer, the demand cells as a layer of their own, and the texts as the table `about`."""
    for name in (*FRAMES, *sorted(LABELS)):
        frame: gpd.GeoDataFrame = getattr(geography, name)
        write_layer(path, name, frame.drop(columns="cell", errors="ignore"))
    if "cell" in geography.demand:
        cells = gpd.GeoDataFrame({"id": geography.demand["id"]}, geometry=list(geography.demand["cell"]), crs=WGS84)
        write_layer(path, "demand_cells", cells)
    write_texts(path, {name: json.dumps(getattr(geography, name), ensure_ascii=False) for name in TEXTS})


def load_geography(path: Path) -> Geography:
    """Read a geography that `save_geography` wrote.

    Raises
    ------
    FileError
        If the file is missing, damaged, or lacks a layer.
    """
    try:
        layers = set(pyogrio.list_layers(path)[:, 0])
        frames = {name: pyogrio.read_dataframe(path, layer=name) for name in (*FRAMES, *(LABELS & layers))}
        if "demand_cells" in layers:
            frames["demand"]["cell"] = pyogrio.read_dataframe(path, layer="demand_cells").geometry
        about = pyogrio.read_dataframe(path, layer="about", read_geometry=False)
        texts = {key: json.loads(value) for key, value in zip(about["key"], about["value"], strict=True)}
        texts |= {name: tuple(texts[name]) for name in ("notes", "attributions")}
        return Geography(**frames, **texts)
    except (*PYOGRIO_ERRORS, KeyError, ValueError, TypeError) as error:
        raise FileError(f"{path}: missing or damaged ({error}); run again to write it anew") from error


def write_layer(path: Path, layer: str, frame: gpd.GeoDataFrame) -> None:
    """Write one layer of a GeoPackage, in WGS-84, even where the frame has no row or some row no geometry."""
    kinds = set(frame.geometry.dropna().geom_type)
    located = frame if frame.crs is not None else frame.set_crs(WGS84)
    kind = kinds.pop() if len(kinds) == 1 else "Unknown"
    _write(path, layer, located, kind)


def write_texts(path: Path, texts: Mapping[str, str]) -> None:
    """Write texts by their keys, as the table `about` of a GeoPackage."""
    _write(path, "about", pd.DataFrame({"key": list(texts), "value": list(texts.values())}), None)


def _write(path: Path, layer: str, frame: pd.DataFrame, geometry_type: str | None) -> None:
    """Write one layer; a failure is an `OSError`, as for any other file."""
    try:
        pyogrio.write_dataframe(frame, path, layer=layer, geometry_type=geometry_type, driver="GPKG")
    except PYOGRIO_ERRORS as error:
        raise OSError(f"{path.name}: {error}") from error
