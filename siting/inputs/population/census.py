"""Census totals matched to the districts that they are of, by code or by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError, raise_faults
from siting.inputs.arrays import FloatArray, IntArray
from siting.inputs.tables.names import districts_by_name

WHO = ("code", "name", "name_zh", "name_en")
SettlementShare = Literal[
    "share_urban_centre",
    "share_dense_urban",
    "share_semi_dense",
    "share_suburban",
    "share_rural_cluster",
    "share_low_density",
    "share_very_low_density",
]
"""Census columns: shares of residents by class of the Degree of Urbanisation, from the densest to the emptiest."""
EXTRA = ("households", "household_size", "urban_share", *get_args(SettlementShare))


def match_census(census: pd.DataFrame | None, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the census in the order of `districts`: `residents` (int) and the columns of EXTRA (NaN: unknown).

    Parameters
    ----------
    census
        `residents` by `code` or `name` (in either language; 和平 is 和平区), and any column of EXTRA. None: the
        `residents` of the districts themselves.
    districts
        `code`, and `name_en`, `name_zh` if there are.

    Raises
    ------
    DataError
        If a row is of no district, a district has no row or two, or a total is no whole number of 0 or more: all in
        one list.
    """
    if census is None:
        census = pd.DataFrame(districts.drop(columns="geometry"))
    missing = {"residents"} - set(census)
    raise_faults([f"census: no column {column!r}; add it" for column in missing], DataError)
    numbers = pd.to_numeric(census["residents"], errors="coerce").to_numpy(dtype=np.float64)
    rows = _district_rows(census, districts)
    raise_faults(list(_faults(census, districts, numbers, rows)), DataError)
    table = pd.DataFrame({"residents": numbers.round().astype(np.int64)}, index=rows)
    for column in EXTRA:
        known = pd.to_numeric(census[column], errors="coerce") if column in census else pd.Series(np.nan, census.index)
        table[column] = known.to_numpy(dtype=np.float64)
    return table.sort_index().reset_index(drop=True)


def _district_rows(census: pd.DataFrame, districts: gpd.GeoDataFrame) -> IntArray:
    """Return the row of the district of each census row, −1 where none or several fit."""
    known, row_of = districts_by_name(districts), {str(code): row for row, code in enumerate(districts["code"])}
    found = np.full(len(census), -1, dtype=np.int64)
    for column in [column for column in WHO if column in census]:
        codes = [known.code_of(str(name).removesuffix(".0")) for name in census[column]]
        rows = np.array([row_of.get(str(code), -1) for code in codes], dtype=np.int64)
        found = np.where(found < 0, rows, found)
    return found


def _faults(census: pd.DataFrame, districts: gpd.GeoDataFrame, numbers: FloatArray, rows: IntArray) -> Iterator[str]:
    known = [column for column in WHO if column in census]
    if not known:
        yield "census: no column 'code' or 'name'; say which district each row is of"
        return
    said = [" ".join(str(census[column].iloc[row]) for column in known) for row in range(len(census))]
    for row, words in enumerate(said):
        if rows[row] < 0:
            yield f"census row {row + 1} ({words}): no such district, or several; give its code, one of districts.code"
        if not (np.isfinite(numbers[row]) and numbers[row] >= 0 and numbers[row] == np.round(numbers[row])):
            value = census["residents"].iloc[row]
            yield f"census row {row + 1} ({words}): residents is {value}; give a whole number of 0 or more"
    counts = np.bincount(rows[rows >= 0], minlength=len(districts))
    for row, code in enumerate(districts["code"]):
        if counts[row] == 0:
            yield f"census: no row for district {code}; add its residents (0 if nobody lives there)"
        elif counts[row] > 1:
            yield f"census: {counts[row]} rows for district {code}; keep one, and no row of sums (合计)"
