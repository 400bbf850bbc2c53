"""A population raster gathered into cells and scaled to the census, block by block, never whole in memory.

Any raster of counts will do (WorldPop, GHS-POP, a GeoTIFF in any CRS): its values are people in each pixel, of whatever
ages, since each district is scaled to its census.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from siting.errors import DataError, FileError, raise_faults
from siting.inputs.arrays import WGS84, FloatArray
from siting.inputs.population.blocks import Counted, counted_in_all, pixel_at, pixels_of, place_of, windows_of
from siting.inputs.population.cells import (
    NOWHERE,
    Cells,
    SquareCells,
    district_of,
    gather,
    in_metric,
    located,
    merge_pieces,
)
from siting.inputs.population.census import match_census
from siting.inputs.population.people import PEOPLE, People, demand_of

TOLD_SHARE = 0.001
ODD_RATIO = 2.0
EDGE = 51
CACHE_MB = 64
PARTS = 8
MERGE_AFTER = 16


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
    """Tell the share of each district that the raster covers, where that is not all."""
    for code, share in zip(codes, seen, strict=True):
        if share < 1.0 - TOLD_SHARE:
            yield f"district {code}: the raster covers {share:.1%} of it; nobody is placed in the rest"


@dataclass(frozen=True)
class RasterSource:
    """A raster: the file, its band, and the CRS to take where the file has none."""

    path: Path
    band: int = 1
    crs: str = ""


def read_raster_cells(
    source: Path | RasterSource,
    districts: gpd.GeoDataFrame,
    *,
    cells: Cells,
    census: pd.DataFrame | None = None,
    people: People = PEOPLE,
) -> gpd.GeoDataFrame:
    """The demand table of docs/city-folder.md from a raster of people, scaled to the census of each district.

    Pixels without data, not a number or negative count as nobody; how many there were stands in `attrs["notes"]` beside
    the totals of raster and census. A pixel is shared among the cells that it covers. A raster is taken at its word:
    `people.most_per_km2` does not bound its cells.

    Parameters
    ----------
    source
        The raster.
    districts
        `code`, outlines in WGS-84.
    cells, people
        Which cells, and how people are counted where the census does not say.
    census
        As for `spread_census`; None: `districts.residents`, or the raster's own totals where there are none.

    Raises
    ------
    FileError
        If the file is missing or no raster.
    DataError
        If it has no CRS or no such band, holds nobody in a district that has residents, or lies elsewhere.
    """
    people = replace(people, most_per_km2=np.inf)
    source = RasterSource(source) if isinstance(source, Path) else source
    cells = located(cells, districts)
    pieces, counted, seen = _gathered(source, districts, cells)
    own = np.bincount(pieces["row"], weights=pieces["weight"], minlength=len(districts)).astype(np.float64)
    if census is None and "residents" not in districts:
        census = pd.DataFrame({"code": districts["code"].to_numpy(), "residents": np.rint(own)})
    totals = match_census(census, districts)
    raise_faults(list(uncovered(source.path, districts, totals["residents"], own, seen)), DataError)
    demand = demand_of(pieces, totals, districts, cells=cells, people=people)
    codes = districts["code"].tolist()
    demand.attrs["notes"] = [*counted.notes(), *scales(codes, totals["residents"], own), *cut_off(codes, seen)]
    return demand


def _gathered(
    source: RasterSource, districts: gpd.GeoDataFrame, cells: Cells
) -> tuple[pd.DataFrame, Counted, FloatArray]:
    """The pieces, what was counted on the way, and the share of each district that the raster covers."""
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    try:
        with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=CACHE_MB), ExitStack() as stack:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # said by _crs_of, with the cure
            raster = stack.enter_context(rasterio.open(source.path))
            crs = _crs_of(raster, source)
            way = pyproj.Transformer.from_crs(crs, WGS84, always_xy=True)
            seen = share_seen(raster, way, districts)
            pieces, counted = _read(raster, source.band, way, districts, cells)
    except RasterioError as error:
        raise FileError(f"{source.path}: cannot be read as a raster ({error}); give a GeoTIFF of counts") from error
    return pieces, counted, seen


def _crs_of(raster: Any, source: RasterSource) -> pyproj.CRS:
    if not 1 <= source.band <= raster.count:
        raise DataError(f"{source.path}: has no band {source.band}; choose 1 to {raster.count}")
    if raster.crs is None and not source.crs:
        raise DataError(f"{source.path}: has no CRS; say which with `crs: EPSG:n` (WorldPop is in EPSG:4326)")
    if raster.transform.is_identity:
        raise DataError(f"{source.path}: does not say where it lies; export it again as a GeoTIFF with its position")
    return pyproj.CRS(source.crs or raster.crs.to_wkt())


def _read(
    raster: Any, band: int, way: pyproj.Transformer, districts: gpd.GeoDataFrame, cells: Cells
) -> tuple[pd.DataFrame, Counted]:
    counts, parts = [Counted()], [gather(*np.zeros((3, 0)), rows=np.zeros(0, dtype=np.int64), cells=cells)]
    split = _split(raster, way, districts, cells)
    for window in windows_of(raster, way, districts):
        x, y, people, counted = pixels_of(raster, band, window, split=split)
        lon, lat = way.transform(x, y)
        rows = district_of(lon, lat, districts)
        home = rows != NOWHERE
        counts.append(replace(counted, away=float(people[~home].sum())))
        parts.append(gather(lon[home], lat[home], people[home], rows=rows[home], cells=cells))
        if len(parts) > MERGE_AFTER:
            parts = [merge_pieces(parts)]
    return merge_pieces(parts), counted_in_all(counts)


def _split(raster: Any, way: pyproj.Transformer, districts: gpd.GeoDataFrame, cells: Cells) -> int:
    """Into how many parts a pixel is split each way, so that none is much wider than an eighth of a cell."""
    middle = districts.union_all().representative_point()
    x, y = way.transform(middle.x, middle.y, direction="INVERSE")
    column, row = pixel_at(raster, np.array([x]), np.array([y]))
    corners = place_of(raster, column + np.array([0.0, 1.0, 1.0, 0.0]), row + np.array([0.0, 0.0, 1.0, 1.0]))
    pixel = shapely.Polygon(np.column_stack(way.transform(*corners)))
    pixel_m = float(np.sqrt(in_metric(np.array([pixel]), cells.crs_metric)[0].area))
    if isinstance(cells, SquareCells):
        cell_m = cells.size_m
    else:
        cell_m = float(np.sqrt(cells.outlines(cells.labels(np.array([middle.x]), np.array([middle.y])))[0].area))
    return int(np.clip(np.ceil(PARTS * pixel_m / cell_m - 0.01), 1, 2 * PARTS))
