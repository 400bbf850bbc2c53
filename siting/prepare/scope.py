"""Places that a config plans, with all that it decides about each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from siting.config.flows import Booked, Shared
from siting.config.schema import Config
from siting.errors import ConfigError, did_you_mean, raise_faults
from siting.inputs.city import City
from siting.prepare.existing import no_candidate, unknown_facilities, with_decisions, with_existing
from siting.vocabulary import ECHELONS, Echelon

BOOKED_SHARE = "booked_share"
"""Column of cells: share of what arises there that is fetched at the door."""


@dataclass(frozen=True)
class Places:
    """Rows of the city that are planned.

    `districts` holds every district that a kept row lies in, planned ones first; `planned` are the codes whose
    residents are planned. `cells` have `booked_share`. `candidates` are ordered by echelon, forbidden ones left out,
    and have the columns of `with_existing` and `with_decisions`.
    """

    districts: gpd.GeoDataFrame
    planned: tuple[str, ...]
    cells: gpd.GeoDataFrame
    generators: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame


def places_of(config: Config, city: City) -> Places:
    """Return the part of `city` that `config.scope` names, with the choices of the config entered.

    Raises
    ------
    ConfigError, DataError
        If a district, site, kind or material is not known, or a facility does not stand where it is said to: all in
        one list.
    """
    raise_faults(list(_faults(config, city)), ConfigError)
    planned = config.scope.districts or tuple(city.districts["code"])
    cells = city.demand[city.demand["district"].isin(planned)].reset_index(drop=True)
    given = config.participation.booked or Booked()
    booked = {"urban": given.urban, "rural": given.rural}
    generators = city.generators[city.generators["district"].isin(planned) & _is_planned(config, city.generators)]
    candidates = _chosen(config, city)
    is_point = candidates["echelon"] == Echelon.POINT.key
    is_base = candidates["echelon"] == Echelon.BASE.key  # listed by id, at any distance
    near = candidates["district"].isin(planned) | is_base | (~is_point & _near(config, city, planned, candidates))
    candidates = candidates[near & (candidates["district"].isin(planned) | ~is_point)]
    rank = candidates["echelon"].map(ECHELONS)
    candidates = candidates.iloc[rank.to_numpy().argsort(kind="stable")].reset_index(drop=True)
    districts = city.districts[city.districts["code"].isin(set(planned) | set(candidates["district"]))]
    order = (~districts["code"].isin(planned)).to_numpy().argsort(kind="stable")
    return Places(
        districts.iloc[order].reset_index(drop=True),
        tuple(planned),
        cells.assign(**{BOOKED_SHARE: cells["settlement"].map(booked).astype(float)}),
        generators.reset_index(drop=True),
        with_decisions(config, candidates),
    )


def district_codes(districts: gpd.GeoDataFrame) -> dict[str, str]:
    """Return the code of each district by its code, English and Chinese name."""
    return {
        name: str(code)
        for column in ("code", "name_en", "name_zh")
        for name, code in zip(districts[column], districts["code"], strict=True)
    }


def named_districts(city: City, names: Iterable[str], where: str, faults: list[str]) -> set[str]:
    """Return the codes that codes or names stand for; one that is not known is added to `faults`."""
    names, by_name = list(names), district_codes(city.districts)
    faults += [
        f"{where}: no district {name!r}; there are {sorted(city.districts['name_en'])}"
        for name in names
        if name not in by_name
    ]
    return {by_name[name] for name in names if name in by_name}


def by_material(figure: float | dict[str, float], materials: Sequence[str], other: float) -> list[float]:
    """Return a figure for each material; `other` where a table of figures leaves one out."""
    return [figure.get(material, other) if isinstance(figure, dict) else figure for material in materials]


def _is_planned(config: Config, generators: gpd.GeoDataFrame) -> pd.Series[bool]:
    """Return whether `scope.generators` lets each generator be planned."""
    asked = config.scope.generators
    materials = set(generators["material"]) if asked is True else set(asked or ())
    planned: pd.Series[bool] = generators["material"].isin(materials)
    return planned


def _near(config: Config, city: City, planned: tuple[str, ...], candidates: gpd.GeoDataFrame) -> object:
    """Return whether each candidate is within `haul_sites_within_km` of the planned districts."""
    if not config.scope.districts:
        return True
    area = city.districts[city.districts["code"].isin(planned)].to_crs(city.crs_metric).union_all()
    distance_m = candidates.to_crs(city.crs_metric).distance(area)
    return distance_m <= config.scope.haul_sites_within_km * 1000


def _chosen(config: Config, city: City) -> gpd.GeoDataFrame:
    """Return the candidates with the planner's choices and what stands today entered, forbidden ones left out."""
    candidates = with_existing(config, city.candidates)
    candidates.loc[candidates["id"].isin(config.sites.must_open) & (candidates["role"] == "candidate"), "role"] = (
        "required"
    )
    is_closed = candidates["id"].isin(config.sites.must_close) & (candidates["role"] != "existing")
    candidates.loc[is_closed, "role"] = "forbidden"
    return candidates[candidates["role"] != "forbidden"]


def _faults(config: Config, city: City) -> Iterator[str]:
    for code in config.scope.districts:
        if code not in set(city.districts["code"]):
            yield f"scope.districts: no district {code!r} in the city; there are {sorted(city.districts['code'])}"
    ids = set(city.candidates["id"])
    for key in ("must_open", "must_close"):
        for site in getattr(config.sites, key):
            if site not in ids:
                yield f"sites.{key}: {no_candidate(site, ids)}"
    for site in sorted(set(config.sites.must_open) & set(config.sites.must_close)):
        yield f"sites: {site!r} is in both must_open and must_close; keep one"
    offered = set(city.generators["material"])
    for material in sorted(set(city.generators.loc[_is_planned(config, city.generators), "material"])):
        if material not in config.materials:
            yield (
                f"materials: generators offer {material!r}, which the config does not have; add it, set"
                " scope.generators: false, or list there the materials to plan"
            )
    for material in () if isinstance(config.scope.generators, bool) else config.scope.generators:
        if material not in offered:
            yield f"scope.generators: no generator offers {material!r}; there are {sorted(offered)}"
    yield from _shared_faults(config.shared or Shared(), city.candidates)
    yield from unknown_facilities(config, city.candidates)


def _shared_faults(shared: Shared, candidates: gpd.GeoDataFrame) -> Iterator[str]:
    kinds, ids = set(candidates["kind"]), set(candidates["id"])
    for kind in shared.kinds:
        if kind not in kinds:
            yield f"shared.kinds: no candidate is of kind {kind!r}; there are {sorted(kinds)}"
    for one in shared.ids:
        if one not in ids:
            yield f"shared.ids: no candidate {one!r}; {did_you_mean(one, ids, 'remove it')}"
