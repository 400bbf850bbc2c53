"""A frame with what is to be told of it, on its way from a source to a table of the city folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import pandas as pd

from siting.errors import SitingError

OSM_LICENCE = "ODbL 1.0 (© OpenStreetMap contributors)"
NO_LICENCE = "not stated"
NATURES = ("real", "derived", "synthetic")
MOST_LISTED = 5


@dataclass(frozen=True)
class Told:
    """Provenance of rows, as `city.yaml` tells it; `nature` says how far they can be trusted."""

    origin: str
    licence: str
    date: str
    nature: str
    method: str
    flaws: tuple[str, ...] = ()

    def as_yaml(self) -> dict[str, Any]:
        """The entry of a table in `city.yaml`."""
        return {
            "origin": self.origin,
            "licence": self.licence,
            "date": self.date,
            "method": self.method,
            "nature": self.nature,
            "flaws": list(self.flaws),
        }


@dataclass(frozen=True)
class Made:
    """A table of the city folder, what is told of it, and sentences on what was left out, marked or assumed."""

    frame: gpd.GeoDataFrame
    told: Told
    notes: tuple[str, ...] = ()


NONE_GIVEN = Told("none given", "none", "", "real", "No rows: no source was given", ())


@dataclass(frozen=True)
class Part:
    """Rows of one source; `datum` is what its coordinates were declared to be, `label` names it in messages."""

    frame: gpd.GeoDataFrame
    told: Told
    label: str
    datum: str | None = None
    is_osm: bool = False

    def with_frame(self, frame: gpd.GeoDataFrame) -> Part:
        """The same source with other rows."""
        return replace(self, frame=frame)


def together(parts: Iterable[Told], *, method: str, nature: str | None = None, flaws: Iterable[str] = ()) -> Told:
    """One entry for a table that several sources have a share in: the least trusted of their natures, unless given."""
    told = list(parts)
    worst = max((NATURES.index(one.nature) for one in told), default=0)
    kept = dict.fromkeys([flaw for one in told for flaw in one.flaws] + list(flaws))
    return Told(
        origin="; ".join(dict.fromkeys(one.origin for one in told)),
        licence="; ".join(dict.fromkeys(one.licence for one in told)),
        date="; ".join(dict.fromkeys(one.date for one in told)),
        nature=nature or NATURES[worst],
        method=method,
        flaws=tuple(kept),
    )


def listed(values: Iterable[Any], most: int = MOST_LISTED) -> str:
    """The first values of a list, and how many there are when it is longer.

    >>> listed(["a", "b", "c"], most=2)
    'a, b, … (3 in all)'
    """
    texts = [str(value) for value in values]
    shown = ", ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown}, … ({len(texts):,} in all)"


def faults_of(error: SitingError) -> list[str]:
    r"""The faults that an error lists, one each, to be joined with those of other sources.

    >>> faults_of(SitingError("2 faults:\n  - a: 1\n  - b: 2")), faults_of(SitingError("c"))
    (['a: 1', 'b: 2'], ['c'])
    """
    head, _, rest = str(error).partition("\n  - ")
    return rest.split("\n  - ") if rest and head.endswith("faults:") else [str(error)]


def unique_ids(ids: pd.Series, notes: list[str], what: str) -> pd.Series:
    """Each id once: the second of its kind gets `-2` behind it, and so on."""
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
