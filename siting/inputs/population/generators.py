"""A SYNTHETIC layer of commercial generators: a declared total spread over real shops and offices by floor area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError, raise_faults
from siting.inputs.apportion import largest_remainder, share_out
from siting.inputs.arrays import WGS84, BoolArray, FloatArray

COLUMNS = ["id", "district", "kind", "material", "tonnes", "name", "nature", "geometry"]
KG = 1000


@dataclass(frozen=True)
class Total:
    """Tonnes a year of one material that a kind of generator offers in the whole city, and who they are.

    `places` are the kinds (or the classes of OpenStreetMap) that share it; none gets more than `largest_t`.
    """

    material: str
    tonnes: float
    places: tuple[str, ...] = ("shop", "office")
    kind: str = "commercial"
    largest_t: float = np.inf


def generators_from(places: gpd.GeoDataFrame, totals: Sequence[Total]) -> gpd.GeoDataFrame:
    """The generators table, every row marked `nature` = `synthetic`: the place is real, its tonnes are made up.

    Each total is spread by floor area to the kilogram, so that sums are exact; a place without an area counts as the
    median of its kind, and one too small for half a kilogram has no row.

    Parameters
    ----------
    places
        `kind` or `osm_class` or both; `area_m2` (floor area), `name` and `district` if known; geometry in WGS-84.
    totals
        What is declared, one for each kind and material.

    Raises
    ------
    DataError
        If a total is below a kilogram, none of the places is of its kinds, or they cannot take it all.
    """
    members = [_of_kinds(places, total.places) for total in totals]
    raise_faults(list(_faults(totals, members)), DataError)
    parts = [_share(places[mine], total) for total, mine in zip(totals, members, strict=True)]
    if not parts:
        return gpd.GeoDataFrame(columns=COLUMNS, geometry="geometry", crs=WGS84)
    table = pd.concat(parts, ignore_index=True)
    table["id"] = [f"G{number:05d}" for number in range(1, len(table) + 1)]
    return gpd.GeoDataFrame(table, geometry="geometry", crs=places.crs)[COLUMNS]


def _of_kinds(places: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> BoolArray:
    named = [places[column].isin(kinds) for column in ("kind", "osm_class") if column in places]
    return np.logical_or.reduce(named) if named else np.zeros(len(places), dtype=bool)


def _faults(totals: Sequence[Total], members: list[BoolArray]) -> Iterator[str]:
    for total, mine in zip(totals, members, strict=True):
        who, number = f"generators of {total.material}", int(mine.sum())
        if not (np.isfinite(total.tonnes) and round(total.tonnes * KG) > 0):
            yield f"{who}: {total.tonnes} t a year; give a number above 0 (a kilogram at least), or leave the total out"
        elif not number:
            yield f"{who}: no place of {list(total.places)}; name other kinds of places, or bring some"
        elif total.largest_t * number < total.tonnes:
            yield f"{who}: {number} places of at most {total.largest_t:g} t cannot offer {total.tonnes:g} t; raise it"


def _share(places: gpd.GeoDataFrame, total: Total) -> pd.DataFrame:
    tonnes = share_out(_area_m2(places), total.tonnes, min(total.largest_t, total.tonnes))
    kilograms = largest_remainder(tonnes, round(total.tonnes * KG))
    places, kilograms = places[kilograms > 0], kilograms[kilograms > 0]
    known = {column: places[column].to_numpy() if column in places else None for column in ("district", "name")}
    return pd.DataFrame(
        {
            **known,
            "kind": total.kind,
            "material": total.material,
            "tonnes": kilograms / KG,
            "nature": "synthetic",
            "geometry": np.asarray(places.geometry.representative_point()),
        }
    )


def _area_m2(places: gpd.GeoDataFrame) -> FloatArray:
    """Floor area, the median of the kind where it is missing, 1 where no place of the kind has any."""
    if "area_m2" not in places:
        return np.ones(len(places))
    area = pd.to_numeric(places["area_m2"], errors="coerce")
    area = area.where(area > 0)
    if "kind" in places:
        area = area.fillna(area.groupby(places["kind"]).transform("median"))
    return np.asarray(area.fillna(area.median()).fillna(1.0), dtype=np.float64)
