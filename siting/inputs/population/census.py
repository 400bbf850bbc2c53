"""Census totals matched to the districts that they are of, by code or by name."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.errors import DataError, raise_faults

ENDINGS = ("自治县", "新区", "地区", "区", "县", "市", "旗")
EXTRA = ("households", "urban_share")


def match_census(census: pd.DataFrame | None, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """The census in the order of `districts`: `residents` (int), `households` and `urban_share` (NaN: unknown).

    Parameters
    ----------
    census
        `residents` by `code` or `name` (in either language; 和平 is 和平区), with `households` and `urban_share` if
        known. None: the `residents` of the districts themselves.
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


def plain_name(name: object) -> str:
    """A district's name without its ending and in small letters.

    >>> plain_name("和平区"), plain_name(" Heping District "), plain_name("滨海新区")
    ('和平', 'heping', '滨海')
    """
    word = str(name).strip().lower().removesuffix(" district").removesuffix(" county").strip()
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending)
    return word


def _district_rows(census: pd.DataFrame, districts: gpd.GeoDataFrame) -> np.ndarray:
    """The row of the district of each census row, −1 where none or several fit."""
    codes = {str(code): row for row, code in enumerate(districts["code"])}
    names: dict[str, set[int]] = {}
    for column in ("name_zh", "name_en", "name"):
        for row, name in enumerate(districts.get(column, [])):
            names.setdefault(plain_name(name), set()).add(row)
    found = np.full(len(census), -1)
    if "code" in census:
        found = np.array([codes.get(_code_text(code), -1) for code in census["code"]], dtype=np.int64)
    for column in ("name", "name_zh", "name_en"):
        for row, name in enumerate(census.get(column, [])):
            fits = names.get(plain_name(name)) or {r for word, rs in names.items() for r in rs if _ends(name, word)}
            if found[row] < 0 and len(fits) == 1:
                found[row] = min(fits)
    return found


def _ends(name: object, word: str) -> bool:
    """Whether a name that starts with its city (天津市和平区) ends in the name of the district."""
    return len(word) > 1 and plain_name(name).endswith(word) and "市" in str(name)


def _code_text(code: object) -> str:
    return str(code).strip().removesuffix(".0")


def _faults(census: pd.DataFrame, districts: gpd.GeoDataFrame, numbers: np.ndarray, rows: np.ndarray) -> Iterator[str]:
    known = [column for column in ("code", "name", "name_zh", "name_en") if column in census]
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
