"""Coordinates and names of the rows of an `Instance`, for maps and tables only."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd


def no_places() -> gpd.GeoDataFrame:
    """Return the places without a row."""
    return gpd.GeoDataFrame({"name": []}, geometry=[], crs="EPSG:4326")


@dataclass(frozen=True)
class Geography:
    """Frames in WGS-84, aligned with an instance.

    `demand` has one row for each demand node, in the instance's order: `id`, `kind` (`residential`, `commercial`,
    `industrial`, or `door`: booked pick-up), `district`, `settlement`, `residents`, geometry = point; `cell_size_m`
    with the polygon of each residential cell in the column `cell` (None for others). `sites` has one row for each site:
    `id`, `echelon`, `kind`, `osm_class`, `name`, `district`, geometry = point. `districts`: `code`, `name_en`,
    `name_zh`, `ring`, `residents`, polygon. `roads` (main roads only: `road_class`, line) and `water` are the drawing's
    background; `places` (`name`, point; may have no row) are streets and towns whose names it bears.
    `notes` are sentences on what is real, derived or synthetic; `attributions` must be shown wherever the data are.
    """

    city_name_en: str
    city_name_zh: str
    crs_metric: str
    districts: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    sites: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    notes: tuple[str, ...]
    attributions: tuple[str, ...]
    places: gpd.GeoDataFrame = field(default_factory=no_places)

    @property
    def is_made_up(self) -> bool:
        """Return whether the districts are made up, so that no place is real."""
        return any(note.startswith("districts: synthetic") for note in self.notes)
