"""Files as bureaus make them, written for a test."""

import geopandas as gpd
import openpyxl
import pyogrio
from shapely.geometry import Point, Polygon

TIANJIN = (117.2034, 39.1305)


def write_sheet(path, rows, *, merges=(), title="网点"):
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merges:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def write_text(path, rows, *, encoding="utf-8", delimiter=","):
    """A text table."""
    path.write_bytes("\r\n".join(delimiter.join(str(cell) for cell in row) for row in rows).encode(encoding))
    return path


def parcels(crs="EPSG:4326"):
    """Two points with Chinese fields and one with a number."""
    points = [Point(117.20, 39.13), Point(117.30, 39.15)]
    facts = {"名称": ["大沽南路地块", "南开三马路"], "行政区": ["和平区", "南开区"], "面积": [350.0, 1200.5]}
    return gpd.GeoDataFrame(facts, geometry=points, crs="EPSG:4326").to_crs(crs)


def write_shapefile(path, frame, *, encoding="UTF-8", cpg=True, prj=True):
    """A shapefile with its texts in `encoding`, with or without what tells it."""
    pyogrio.write_dataframe(frame, path, driver="ESRI Shapefile", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    if not prj:
        path.with_suffix(".prj").unlink(missing_ok=True)
    return path


def square(west, south, size):
    """A square outline."""
    return Polygon([(west, south), (west + size, south), (west + size, south + size), (west, south + size)])
