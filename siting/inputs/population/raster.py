"""A population raster gathered into cells and scaled to the census, block by block, never whole in memory.

Any raster of counts will do (WorldPop, GHS-POP, a GeoTIFF in any CRS): its values are people in each pixel, of whatever
ages, since each district is scaled to its census.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from siting.errors import DataError, FileError, raise_faults
from siting.inputs.arrays import WGS84, FloatArray
from siting.inputs.population.cells import (
    Cells,
    SquareCells,
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


SIDE = 256
MOST_PEOPLE = 1e7
MOST_PER_KM2 = 4e5
"""No pixel holds more, and no city is as dense; what is beyond is a mark for no data that nobody declared."""
MARKS = (32767.0, 65535.0, 2147483647.0, 4294967295.0)
"""Largest values of types of whole numbers, which stand for no data also after a change of type."""


def read_raster_cells(
    path: Path,
    districts: gpd.GeoDataFrame,
    *,
    cells: Cells,
    census: pd.DataFrame | None = None,
    people: People = PEOPLE,
    band: int = 1,
    crs: str | None = None,
) -> gpd.GeoDataFrame:
    """Return the demand table from a population raster, scaled to the census of each district.

    Pixels without data, not a number or negative count as nobody; how many there were stands in `attrs["notes"]` beside
    the totals of raster and census. A pixel is shared among the cells that it covers. A raster is taken at its word:
    `people.most_per_km2` does not bound its cells.

    Parameters
    ----------
    path
        The raster.
    districts
        `code`, outlines in WGS-84.
    cells, people
        Which cells, and how people are counted where the census does not say.
    census
        As for `spread_census`; None: `districts.residents`, or the raster's own totals where there are none.
    band, crs
        Band of the raster, and the CRS to take where the file has none.

    Raises
    ------
    FileError
        If the file is missing or no raster.
    DataError
        If it has no CRS or no such band, holds nobody in a district that has residents, or lies elsewhere.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    cells = located(cells, districts)
    try:
        with warnings.catch_warnings(), rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # reported by _refuse_unplaced, with the cure
            with rasterio.open(path) as raster:
                _refuse_unplaced(raster, path, band, crs)
                way = pyproj.Transformer.from_crs(crs or raster.crs.to_wkt(), WGS84, always_xy=True)
                seen = _share_seen(raster, way, districts)
                pieces, counts = _gathered(raster, band, way, districts, cells)
    except RasterioError as error:
        raise FileError(f"{path}: cannot be read as a raster ({error}); give a GeoTIFF of counts") from error
    own = np.bincount(pieces["row"], weights=pieces["weight"], minlength=len(districts)).astype(np.float64)
    if census is None and "residents" not in districts:
        census = pd.DataFrame({"code": districts["code"].to_numpy(), "residents": np.rint(own)})
    totals = match_census(census, districts)
    table = pd.DataFrame(
        {"code": districts["code"].to_numpy(), "residents": totals["residents"], "own": own, "seen": seen}
    )
    faults = [
        f"{path}: district {row.code} has {row.residents:,} residents and the raster nobody there ({row.seen:.0%} of it"
        " covered); give a raster that covers it"
        for row in table[(table["residents"] > 0) & (table["own"] <= 0)].itertuples()
    ]
    raise_faults(faults, DataError)
    demand = demand_of(pieces, totals, districts, cells=cells, people=replace(people, most_per_km2=np.inf))
    demand.attrs["notes"] = [*_pixel_notes(counts), *_district_notes(table)]
    return demand


def _refuse_unplaced(raster: Any, path: Path, band: int, crs: str | None) -> None:
    if not 1 <= band <= raster.count:
        raise DataError(f"{path}: has no band {band}; choose 1 to {raster.count}")
    if raster.crs is None and not crs:
        raise DataError(f"{path}: has no CRS; say which with `crs: EPSG:n` (WorldPop is in EPSG:4326)")
    if raster.transform.is_identity:
        raise DataError(f"{path}: does not say where it lies; export it again as a GeoTIFF with its position")


def _share_seen(raster: Any, way: pyproj.Transformer, districts: gpd.GeoDataFrame) -> FloatArray:
    """Return the share of each district's area that the raster covers; in degrees, good enough for a share."""
    along = np.linspace(0.0, 1.0, EDGE)
    columns = np.concatenate([along, np.ones(EDGE), along[::-1], np.zeros(EDGE)]) * raster.width
    rows = np.concatenate([np.zeros(EDGE), along, np.ones(EDGE), along[::-1]]) * raster.height
    corners = np.column_stack(way.transform(*_apply(raster.transform, columns, rows)))
    if not np.isfinite(corners).all():  # corners of a global raster are outside the projection
        return np.ones(len(districts))
    frame = shapely.make_valid(shapely.Polygon(corners))
    outlines = np.asarray(districts.geometry)
    return np.asarray(shapely.area(shapely.intersection(outlines, frame)) / shapely.area(outlines), dtype=np.float64)


def _pixel_notes(counts: Counter[str]) -> Iterator[str]:
    if counts["empty"]:
        yield f"{counts['empty']:,} of {counts['pixels']:,} pixels have no data and count as nobody"
    if counts["odd"]:
        yield f"{counts['odd']:,} pixels hold no possible number of people and count as nobody"
    for name in sorted(name for name in counts if name.startswith("mark ")):
        value = name.removeprefix("mark ")
        yield (
            f"{counts[name]:,} pixels hold {value}, the largest value of a type of numbers, and count as nobody: a mark"
            f" for no data that the raster does not declare; if they are people, store them in a wider type"
        )
    if counts["negative"]:
        yield f"{counts['negative']:,} pixels are negative and count as nobody; is that value the raster's nodata?"
    if counts["away"] >= 0.5:
        yield f"{counts['away']:,.0f} people of the raster live in no district and are left out"


def _district_notes(table: pd.DataFrame) -> Iterator[str]:
    """Yield the totals of raster and census, and the districts scaled unlike the whole or not covered whole."""
    own, residents = float(table["own"].sum()), int(table["residents"].sum())
    if own > 0:
        whole = residents / own
        yield f"the raster holds {own:,.0f} people in the districts, the census {residents:,}: scaled by {whole:.3f}"
        scale = table["residents"] / table["own"]
        is_usual = scale.between(whole / ODD_RATIO, whole * ODD_RATIO) | (scale == 0) | ~np.isfinite(scale)
        for code, one in zip(table["code"][~is_usual], scale[~is_usual], strict=True):
            yield f"district {code}: scaled by {one:.3f}, the whole by {whole:.3f}; check its census and outline"
    for row in table[table["seen"] < 1.0 - TOLD_SHARE].itertuples():
        yield f"district {row.code}: the raster covers {row.seen:.1%} of it; nobody is placed in the rest"


def _gathered(
    raster: Any, band: int, way: pyproj.Transformer, districts: gpd.GeoDataFrame, cells: Cells
) -> tuple[pd.DataFrame, Counter[str]]:
    """Return the pieces of all blocks, and counts of missing, non-numeric, negative and unassigned pixels."""
    counts: Counter[str] = Counter()
    parts = [gather(*np.zeros((3, 0)), districts=districts, cells=cells)[0]]
    pixel_m = _pixel_m(raster, way, districts, cells)
    split, most = _split(pixel_m, districts, cells), min(MOST_PEOPLE, MOST_PER_KM2 * (pixel_m / 1000) ** 2)
    for window in _windows(raster, way, districts):
        x, y, people = _pixels(raster.read(band, window=window, masked=True), counts, split, most)
        lon, lat = way.transform(*_apply(raster.transform, x + window.col_off, y + window.row_off))
        pieces, is_home = gather(lon, lat, people, districts=districts, cells=cells)
        counts["away"] += people[~is_home].sum()
        parts.append(pieces)
        if len(parts) > MERGE_AFTER:
            parts = [merge_pieces(parts)]
    return merge_pieces(parts), counts


def _windows(raster: Any, way: pyproj.Transformer, districts: gpd.GeoDataFrame) -> Iterator[Any]:
    """Yield windows of at most 256 × 256 pixels that cover the districts, as far as the raster reaches."""
    from rasterio.windows import Window

    west, south, east, north = districts.total_bounds
    west, south, east, north = way.transform_bounds(west, south, east, north, densify_pts=51, direction="INVERSE")
    corners = np.array([west, west, east, east]), np.array([south, north, south, north])
    columns, rows = _apply(~raster.transform, *corners)
    first_row, last_row = _within(rows, raster.height)
    first_column, last_column = _within(columns, raster.width)
    for row in range(first_row, last_row, SIDE):
        for column in range(first_column, last_column, SIDE):
            yield Window(column, row, min(SIDE, last_column - column), min(SIDE, last_row - row))


def _pixels(values: Any, counts: Counter[str], split: int, most: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the columns, rows and people of the pixels of a block that hold somebody; `counts` takes the others.

    Each pixel stands as `split` × `split` places that share its people.
    """
    people, hidden = np.asarray(values.data, dtype=np.float64), np.ma.getmaskarray(values)
    marks = (*MARKS, float(np.iinfo(values.dtype).max)) if values.dtype.kind in "iu" else MARKS
    is_mark = ~hidden & np.isin(people, marks)
    for mark in np.unique(people[is_mark]):
        counts[f"mark {mark:.0f}"] += int((people[is_mark] == mark).sum())
    is_odd = ~hidden & ~is_mark & ~((np.abs(people) <= MOST_PEOPLE) & (people <= most))
    hidden = hidden | is_mark
    is_negative = ~hidden & ~is_odd & (people < 0)
    counts.update(
        pixels=people.size, empty=int((hidden & ~is_mark).sum()), odd=int(is_odd.sum()), negative=int(is_negative.sum())
    )
    row, column = np.nonzero(~hidden & ~is_odd & (people > 0))
    at = (np.arange(split) + 0.5) / split
    down, right = (part.ravel() for part in np.meshgrid(at, at, indexing="ij"))
    shared = np.repeat(people[row, column] / split**2, split**2)
    return (column[:, None] + right).ravel(), (row[:, None] + down).ravel(), shared


def _apply(t: Any, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Transform places; `t * (x, y)` is deprecated in affine 3, and `t @ (x, y)` is missing in affine 2."""
    return t.a * x + t.b * y + t.c, t.d * x + t.e * y + t.f


def _within(places: FloatArray, size: int) -> tuple[int, int]:
    """Return the first and the last pixel (not included) between the places."""
    if not np.isfinite(places).all():
        return 0, size
    return int(np.clip(np.floor(places.min()), 0, size)), int(np.clip(np.ceil(places.max()), 0, size))


def _pixel_m(raster: Any, way: pyproj.Transformer, districts: gpd.GeoDataFrame, cells: Cells) -> float:
    """Return the side of a pixel in the middle of the city, m."""
    middle = districts.union_all().representative_point()
    x, y = way.transform(middle.x, middle.y, direction="INVERSE")
    column, row = _apply(~raster.transform, x, y)
    corners = _apply(raster.transform, column + np.array([0.0, 1.0, 1.0, 0.0]), row + np.array([0.0, 0.0, 1.0, 1.0]))
    pixel = shapely.Polygon(np.column_stack(way.transform(*corners)))
    return float(np.sqrt(in_metric(np.array([pixel]), cells.crs_metric)[0].area))


def _split(pixel_m: float, districts: gpd.GeoDataFrame, cells: Cells) -> int:
    """Return the number of parts per side of a pixel, so that none is much wider than an eighth of a cell."""
    middle = districts.union_all().representative_point()
    if isinstance(cells, SquareCells):
        cell_m = cells.size_m
    else:
        cell_m = float(np.sqrt(cells.outlines(cells.labels(np.array([middle.x]), np.array([middle.y])))[0].area))
    return int(np.clip(np.ceil(PARTS * pixel_m / cell_m - 0.01), 1, 2 * PARTS))
