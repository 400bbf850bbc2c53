"""Feasible options: which facility type may stand where, in which size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.config.facilities import FacilityType, Size
from siting.config.schema import Config
from siting.errors import ConfigError, DataError, raise_faults
from siting.instance import Bools, Floats
from siting.prepare.candidates import STOP
from siting.prepare.scope import Places


@dataclass(frozen=True)
class Variant:
    """One size of a facility type. `number` is that of the type, in the order of the config."""

    number: int
    echelon: str
    type_name: str
    size_name: str
    type: FacilityType
    size: Size


@dataclass(frozen=True)
class Feasible:
    """Feasible options: each facility type and size at each site that it may stand at.

    `rows` has the columns `site` (row of the candidates), `variant` (row of `variants`) and `is_existing`, in the order
    of the sites, then of the variants.
    """

    variants: tuple[Variant, ...]
    rows: pd.DataFrame

    @property
    def site(self) -> np.ndarray:
        """Row of the candidates, (n_options,)."""
        return self.rows["site"].to_numpy()

    @property
    def is_existing(self) -> Bools:
        """Return whether each option stands today, (n_options,)."""
        return self.rows["is_existing"].to_numpy(dtype=bool)

    def where(self, test: Callable[[Variant], bool]) -> Bools:
        """Return whether the variant of each option passes a test, (n_options,)."""
        return np.array([test(one) for one in self.variants], dtype=bool)[self.rows["variant"]]

    def column(self, figure: Callable[[Variant], object]) -> np.ndarray:
        """Return a figure of the variant of each option, (n_options, …)."""
        return np.array([figure(one) for one in self.variants])[self.rows["variant"]]

    def without(self, is_barred: Bools) -> Feasible:
        """Return the options without those that are barred; what stands today stays."""
        return replace(self, rows=self.rows[~is_barred | self.is_existing])

    def has_option(self, n_sites: int) -> Bools:
        """Return whether each site has an option, (n_sites,)."""
        return np.bincount(self.site, minlength=n_sites) > 0


def feasible_options(config: Config, places: Places) -> Feasible:
    """Return the options that echelon, kind, area and what stands today allow.

    Raises
    ------
    ConfigError
        If a type of point does not accept every household material.
    """
    household = {name for name, material in config.materials.items() if material.kg_per_resident_day > 0}
    faults = [
        f"facilities.point.{name}.accepts: must take every household material; add {sorted(lacking)}"
        for name, kind in config.facilities.point.items()
        if kind.accepts and (lacking := household.difference(kind.accepts))
    ]
    raise_faults(faults, ConfigError)
    variants = tuple(
        Variant(number, echelon, name, size_name, kind, size)
        for number, (echelon, name, kind) in enumerate(config.facilities.by_echelon())
        for size_name, size in kind.sizes.items()
    )
    parts, today = [], places.candidates[places.candidates["role"] == "existing"]
    for number, variant in enumerate(variants):
        size = [variant.echelon, variant.type_name, variant.size_name]
        same = (today[["echelon", "existing_type", "existing_size"]] == size).all(axis=1)
        stands = places.candidates.index.isin(today.index[same])
        site = np.flatnonzero(stands | _may_be_built(places.candidates, variant))
        parts.append(pd.DataFrame({"site": site, "variant": number, "is_existing": stands[site]}))
    return Feasible(variants, pd.concat(parts).sort_values("site", kind="stable", ignore_index=True))


def usable_sites(places: Places, feasible: Feasible) -> tuple[Places, Feasible]:
    """Return places and options without the candidates that have no option.

    Raises
    ------
    DataError
        If a site that must be open is among them.
    """
    usable = feasible.has_option(len(places.candidates))
    lost = places.candidates[~usable & places.candidates["must_open"]]
    raise_faults(
        [
            f"candidate {row.id}: must be open, but nothing fits its {row.area_m2:.0f} m2; add a smaller size"
            for row in lost.itertuples()
        ],
        DataError,
    )
    number = np.cumsum(usable) - 1
    rows = feasible.rows.assign(site=number[feasible.site]).reset_index(drop=True)
    kept = places.candidates[usable].reset_index(drop=True)
    return replace(places, candidates=kept), replace(feasible, rows=rows)


def area_m2(candidates: gpd.GeoDataFrame, feasible: Feasible) -> Floats:
    """Return the area that each option takes, (n_options,); of what stands, as much of it as the site has."""
    there = np.minimum(candidates["today_m2"], candidates["area_m2"]).to_numpy(dtype=float)[feasible.site]
    return np.where(feasible.is_existing, there, feasible.column(lambda one: one.size.area_m2))


def _may_be_built(candidates: gpd.GeoDataFrame, variant: Variant) -> Bools:
    """Return whether a variant fits each candidate, as a new facility or as an upgrade of an existing one.

    An upgrade takes no less than today.
    """
    fits = (candidates["echelon"] == variant.echelon) & (candidates["area_m2"] >= variant.size.area_m2)
    if STOP in candidates:
        fits &= candidates[STOP] == (variant.type_name if variant.type.mobile else "")
    if variant.type.kinds:
        fits &= candidates["kind"].isin(variant.type.kinds)
    may_upgrade = candidates["action"].isin(["may_upgrade", "free"]) & (
        candidates["today_t"] <= variant.size.capacity_t
    )
    return np.asarray(fits & ((candidates["role"] != "existing") | may_upgrade), dtype=bool)
