"""Whether a population raster covers the districts, and by how much each was scaled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely

from siting.inputs.population.blocks import place_of

FloatArray = npt.NDArray[np.float64]
TOLD_SHARE = 0.001
ODD_RATIO = 2.0
EDGE = 51


def share_seen(raster: Any, way: pyproj.Transformer, districts: gpd.GeoDataFrame) -> FloatArray:
    """The share of each district's area that the raster covers; in degrees, good enough for a share."""
    along = np.linspace(0.0, 1.0, EDGE)
    columns = np.concatenate([along, np.ones(EDGE), along[::-1], np.zeros(EDGE)]) * raster.width
    rows = np.concatenate([np.zeros(EDGE), along, np.ones(EDGE), along[::-1]]) * raster.height
    corners = np.column_stack(way.transform(*place_of(raster, columns, rows)))
    if not np.isfinite(corners).all():  # the corners of a raster of the whole world are off the map
        return np.ones(len(districts))
    frame = shapely.make_valid(shapely.Polygon(corners))
    outlines = np.asarray(districts.geometry)
    return np.asarray(shapely.area(shapely.intersection(outlines, frame)) / shapely.area(outlines), dtype=np.float64)


def uncovered(
    path: Path, districts: gpd.GeoDataFrame, residents: pd.Series, own: FloatArray, seen: FloatArray
) -> Iterator[str]:
    """A fault for each district that has residents where the raster has nobody."""
    for row in np.flatnonzero((residents > 0) & (own <= 0)):
        who = f"{path}: district {districts['code'].iloc[row]} has {residents.iloc[row]:,} residents"
        yield f"{who} and the raster nobody there ({seen[row]:.0%} of it covered); give a raster that covers it"


def scales(codes: list[str], residents: pd.Series, own: FloatArray) -> Iterator[str]:
    """The totals of raster and census, and the districts whose scale differs much from the whole."""
    if not own.sum() > 0:
        return
    whole = float(residents.sum()) / float(own.sum())
    held = f"the raster holds {own.sum():,.0f} people in the districts, the census {residents.sum():,}"
    yield f"{held}: scaled by {whole:.3f}"
    for code, number, people in zip(codes, residents, own, strict=True):
        scale = number / people if people > 0 else whole
        if number > 0 and not whole / ODD_RATIO <= scale <= whole * ODD_RATIO:
            yield f"district {code}: scaled by {scale:.3f}, the whole by {whole:.3f}; check its census and outline"


def cut_off(codes: list[str], seen: FloatArray) -> Iterator[str]:
    """How much of each district the raster covers, where that is not all."""
    for code, share in zip(codes, seen, strict=True):
        if share < 1.0 - TOLD_SHARE:
            yield f"district {code}: the raster covers {share:.1%} of it; nobody is placed in the rest"
