"""Tables with their notes and provenance, between a source and the city folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, get_args

import geopandas as gpd
import pandas as pd

from siting.errors import SitingError
from siting.inputs.assemble.spec import Nature, Provenance

OSM_LICENCE = "ODbL 1.0 (© OpenStreetMap contributors)"
NO_LICENCE = "not stated"
MOST_LISTED = 5


@dataclass(frozen=True)
class Tables:
    """The tables by stem, their provenance, the metric CRS, and sentences on what was done."""

    frames: dict[str, gpd.GeoDataFrame]
    told: dict[str, Provenance]
    crs_metric: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """A table of the city folder, its provenance, and notes on rows dropped, marked or assumed."""

    frame: gpd.GeoDataFrame
    told: Provenance
    notes: tuple[str, ...] = ()


NONE_GIVEN = Provenance(
    origin="none given", licence="none", date="", nature="real", method="No rows: no source was given"
)


@dataclass(frozen=True)
class Part:
    """Rows of one source; `datum` is what its coordinates were declared to be, `label` names it in messages."""

    frame: gpd.GeoDataFrame
    told: Provenance
    label: str
    datum: str | None = None
    is_osm: bool = False

    def with_frame(self, frame: gpd.GeoDataFrame) -> Part:
        """Return the same source with other rows."""
        return replace(self, frame=frame)


def together(
    parts: Iterable[Provenance], *, method: str, nature: Nature | None = None, flaws: Iterable[str] = ()
) -> Provenance:
    """Return one origin for a table with several sources: the least trusted of their natures, unless one is given."""
    told = list(parts)
    natures = get_args(Nature)
    worst = max((natures.index(one.nature) for one in told), default=0)
    kept = dict.fromkeys([flaw for one in told for flaw in one.flaws] + list(flaws))
    return Provenance(
        origin="; ".join(dict.fromkeys(one.origin for one in told)),
        licence="; ".join(dict.fromkeys(one.licence for one in told)),
        date="; ".join(dict.fromkeys(one.date for one in told)),
        nature=nature or natures[worst],
        method=method,
        flaws=tuple(kept),
    )


def column_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as objects, None where it is not there, missing or blank."""
    if name not in frame:
        return pd.Series(None, index=frame.index, dtype=object)
    values = frame[name].astype(object)
    return values.where(values.notna() & (values.astype(str).str.strip() != ""), None)


def numbers_of(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as floats, NaN where it is not there or holds no number."""
    return pd.to_numeric(column_of(frame, name), errors="coerce").astype(float)


def listed(values: Iterable[Any], most: int = MOST_LISTED) -> str:
    """Return the first values of a list, and how many there are when it is longer.

    >>> listed(["a", "b", "c"], most=2)
    'a, b, … (3 in all)'
    """
    texts = [str(value) for value in values]
    shown = ", ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown}, … ({len(texts):,} in all)"


def faults_of(error: SitingError) -> list[str]:
    r"""Return the faults that an error lists, one each, to be joined with those of other sources.

    >>> faults_of(SitingError("2 faults:\n  - a: 1\n  - b: 2")), faults_of(SitingError("c"))
    (['a: 1', 'b: 2'], ['c'])
    """
    head, _, rest = str(error).partition("\n  - ")
    return rest.split("\n  - ") if rest and head.endswith("faults:") else [str(error)]


def unique_ids(ids: pd.Series, notes: list[str], what: str) -> pd.Series:
    """Return each id once: the second of its kind gets `-2` behind it, and so on."""
    texts = ids.astype(str)
    turn = texts.groupby(texts).cumcount()
    taken = set(texts)
    made = []
    for text, number in zip(texts, turn, strict=True):
        fresh = text if number == 0 else f"{text}-{number + 1}"
        while number and fresh in taken:
            fresh += "x"
        taken.add(fresh)
        made.append(fresh)
    if (turn > 0).any():
        notes.append(f"{what}: {int((turn > 0).sum()):,} ids were given twice and have a number behind them now")
    return pd.Series(made, index=ids.index, dtype=object)
