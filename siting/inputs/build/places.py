"""Places: streets and towns of a list without coordinates, located by the stops named after them."""

from __future__ import annotations

import re

import pandas as pd

from siting.inputs.build.sources import Sources
from siting.inputs.build.spec import Spec


def make_places(sources: Sources, spec: Spec) -> pd.DataFrame:
    """The towns that a stop in their own district is named after: `code`, `name`, `district`, `lon`, `lat`.

    A town is placed at the stop nearest to the middle of those that bear its name (with a suffix such as "town
    government" or none). A town without such a stop is left out.
    """
    towns = sources.towns.assign(core=sources.towns["name"].str.replace(_ending(spec.town_suffixes), "", regex=True))
    features = sources.features
    stops = features[features["layer"] == "transport"]
    stops = stops.assign(core=stops["name"].str.replace(_ending(spec.town_stop_suffixes), "", regex=True))
    found = towns.merge(stops[["core", "district", "lon", "lat", "x_m", "y_m"]], on=["core", "district"])
    middle = found.groupby("code")[["x_m", "y_m"]].transform("median")
    found["off_m2"] = ((found[["x_m", "y_m"]] - middle) ** 2).sum(axis=1).round(3)
    found = found.sort_values(["code", "off_m2", "lon", "lat"]).drop_duplicates("code")
    return found[["code", "name", "district", "lon", "lat"]].reset_index(drop=True)


def _ending(suffixes: tuple[str, ...]) -> str:
    """A pattern that matches one of the suffixes after at least one letter; the longest first."""
    longest_first = sorted(suffixes, key=lambda suffix: (-len(suffix), suffix))
    return f"(?<=.)(?:{'|'.join(map(re.escape, longest_first))})$" if suffixes else r"$^"
