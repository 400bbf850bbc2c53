"""The small city of tests/small_city.py as the files that a bureau would bring, and the spec that lists them."""

import datetime
from pathlib import Path

import geopandas as gpd
import yaml

from tests.small_city import small_tables


def small_sources():
    """Frames by file name, to be changed before they are written."""
    tables = small_tables()
    return {
        "districts.geojson": tables["districts"][["code", "name_en", "name_zh", "geometry"]],
        "roads.gpkg": tables["road_edges"][["road_class", "geometry"]],
        "demand.csv": _with_lonlat(tables["demand"][["id", "residents", "geometry"]]),
        "candidates.csv": _with_lonlat(
            tables["candidates"][["id", "name", "echelon", "kind", "area_m2", "role", "geometry"]]
        ),
    }


def _with_lonlat(table):
    return gpd.pd.DataFrame(table.drop(columns="geometry")).assign(lon=table.geometry.x, lat=table.geometry.y)


def small_spec():
    """The spec as plain data, to be changed before it is written."""
    return {
        "id": "small",
        "name_en": "Small",
        "name_zh": "小城",
        "sources": {
            "districts": {"file": "districts.geojson"},
            "roads": {"file": "roads.gpkg"},
            "demand": {"file": "demand.csv", "datum": "wgs84"},
            "candidates": {
                "file": "candidates.csv",
                "datum": "wgs84",
                "licence": "own",
                "origin": "the bureau",
                "date": datetime.date(2026, 5, 1),
            },
        },
        "rules": {"least_spacing_m": {"point": 0}},
    }


def write_sources(folder: Path, *, sources=None, spec=None) -> Path:
    """Write the files and the spec into `folder`; the path of the spec."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (sources or small_sources()).items():
        if name.endswith(".csv"):
            table.to_csv(folder / name, index=False, encoding="utf-8-sig")
        elif name.endswith(".xlsx"):
            table.to_excel(folder / name, index=False)
        else:
            table.to_file(folder / name)
    path = folder / "spec.yaml"
    path.write_text(yaml.safe_dump(spec or small_spec(), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
