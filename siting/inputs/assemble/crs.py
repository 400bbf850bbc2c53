"""The metric CRS of a city, from where it lies."""

from __future__ import annotations

import geopandas as gpd

from siting.errors import ConfigError
from siting.inputs.datums import is_in_china


def metric_crs(asked: str, districts: gpd.GeoDataFrame) -> str:
    """The CRS asked for; for `auto` the 3° zone of CGCS2000 in China, elsewhere the UTM zone, by the middle.

    Raises
    ------
    ConfigError
        If what is asked for is not known or not in metres.
    """
    if asked == "auto":
        west, south, east, north = districts.total_bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        if bool(is_in_china(lon, lat)):
            return f"EPSG:{4534 + round((lon - 75) / 3)}"
        return f"EPSG:{(32600 if lat >= 0 else 32700) + int((lon + 180) // 6) + 1}"
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(asked)
    except CRSError as error:
        raise ConfigError(f"crs_metric: {asked!r} is not known; give EPSG:n, or auto") from error
    if not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1.0:
        raise ConfigError(f"crs_metric: {asked} is not in metres; give a projected CRS, or auto")
    return asked
