"""What facilities, their types and districts are called; a place without a name gets one."""

from __future__ import annotations

import geopandas as gpd

from siting.config.schema import Config
from siting.language import Label
from siting.results.record import RunRecord
from siting.results.units import district_labels


def type_labels(config: Config) -> dict[str, Label]:
    """The label of each facility type by its id."""
    return {name: facility_type.label for _, name, facility_type in config.facilities.by_echelon()}


def facility_names(run: RunRecord, facilities: gpd.GeoDataFrame) -> dict[str, Label]:
    """The name of each facility's place by its id, from the table that `all_facilities` makes.

    Where the place has none: its district, its type and its number among those of both, in the order of the sites.
    """
    facilities = without_rebuilt(facilities)
    labels, districts = type_labels(run.config), district_labels(run)
    number = facilities.groupby(["district_code", "type"]).cumcount() + 1
    columns = [facilities[name].tolist() for name in ("id", "name", "district_code", "type")]
    names = {}
    for site, name, code, type_id, rank_of in zip(*columns, number.tolist(), strict=True):
        if is_named(name):
            names[str(site)] = Label(en=name, zh=name)
            continue
        district, kind = districts[code], labels[type_id]
        text, rank = f"{district.en}, {inside(kind.en)}", f"{rank_of:03d}"
        names[str(site)] = Label(en=f"{text} {rank}", zh=f"{district.zh} {kind.zh} {rank}")
    return names


def without_rebuilt(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The facilities without what stood where something else is built, for its upgrade tells of it; index from 0."""
    upgraded = facilities.loc[facilities["action"] == "upgrade", "site"]
    is_former = facilities["site"].isin(upgraded) & facilities["is_existing"]
    return facilities[~is_former].reset_index(drop=True)


def inside(text: str) -> str:
    """A name as it stands inside a sentence: its first letter small, unless it begins with an abbreviation.

    >>> inside("Smart box"), inside("MRF hall")
    ('smart box', 'MRF hall')
    """
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def is_named(name: object) -> bool:
    """Whether a place has a name."""
    return isinstance(name, str) and bool(name.strip())
