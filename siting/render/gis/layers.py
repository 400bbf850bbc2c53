"""The layers of a plan, from the ground up, and what must go with them."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from siting.inputs.datums import Datum
from siting.results.record import RunRecord
from siting.results.tables import district_layer, plan_tables

DATUM_NAMES = {
    "wgs84": "WGS-84 (EPSG:4326)",
    "cgcs2000": "CGCS2000 国家2000 (EPSG:4490)",
    "gcj02": "GCJ-02（高德、腾讯地图坐标系，对 WGS-84 有偏移 / shifted, for Amap and Tencent）",
    "bd09": "BD-09（百度地图坐标系，对 WGS-84 有偏移 / shifted, for Baidu）",
}


def plan_layers(run: RunRecord, tables: Mapping[str, gpd.GeoDataFrame] | None = None) -> dict[str, gpd.GeoDataFrame]:
    """Districts, assignments, flows and facilities by name, in WGS-84; `tables` are those of `plan_tables`."""
    tables = plan_tables(run) if tables is None else tables
    order = ("assignments", "flows", "facilities")
    return {"districts": district_layer(run)} | {name: tables[name] for name in order if name in tables}


def about(run: RunRecord, datum: Datum) -> dict[str, str]:
    """What must go with the layers: the plan's title, the datum, what is synthetic, whom to credit."""
    title = run.config.title
    return {
        "title": title.zh if title.zh == title.en else f"{title.zh} {title.en}",
        "datum": DATUM_NAMES.get(datum.name, datum.name),
        "notes": "\n".join(run.geography.notes),
        "attributions": "\n".join(run.geography.attributions),
    }
