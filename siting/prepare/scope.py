"""Which rows of the city a config plans."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd

from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.prepare.existing import with_existing


@dataclass(frozen=True)
class Scoped:
    """The rows to plan. `districts` holds every district that a kept row lies in, planned ones first.

    `planned` are the codes whose residents are planned. `candidates` are ordered by echelon, forbidden ones left out.
    """

    districts: gpd.GeoDataFrame
    planned: tuple[str, ...]
    cells: gpd.GeoDataFrame
    generators: gpd.GeoDataFrame
    candidates: gpd.GeoDataFrame


def scope(config: Config, city: City) -> Scoped:
    """The part of `city` that `config.scope` names, with the planner's own choices of sites applied.

    Raises
    ------
    ConfigError
        If a district, site or material is not known: all in one list.
    """
    raise_faults(list(_faults(config, city)), ConfigError)
    planned = config.scope.districts or tuple(city.districts["code"])
    cells = city.demand[city.demand["district"].isin(planned)]
    generators = city.generators[city.generators["district"].isin(planned) & config.scope.generators]
    candidates = _chosen(config, city)
    is_point = candidates["echelon"] == "point"
    is_base = candidates["echelon"] == "base"  # named one by one, however far
    near = candidates["district"].isin(planned) | is_base | (~is_point & _near(config, city, planned, candidates))
    candidates = candidates[near & (candidates["district"].isin(planned) | ~is_point)]
    rank = candidates["echelon"].map({"point": 0, "transfer": 1, "sorting": 2, "base": 3})
    candidates = candidates.iloc[rank.to_numpy().argsort(kind="stable")].reset_index(drop=True)
    codes = city.districts["code"]
    used = set(planned) | set(candidates["district"])
    districts = city.districts[codes.isin(used)]
    order = (~districts["code"].isin(planned)).to_numpy().argsort(kind="stable")
    return Scoped(
        districts.iloc[order].reset_index(drop=True),
        tuple(planned),
        cells.reset_index(drop=True),
        generators.reset_index(drop=True),
        candidates,
    )


def _near(config: Config, city: City, planned: tuple[str, ...], candidates: gpd.GeoDataFrame) -> object:
    """Whether each candidate is within `haul_sites_within_km` of the planned districts."""
    if not config.scope.districts:
        return True
    area = city.districts[city.districts["code"].isin(planned)].to_crs(city.crs_metric).union_all()
    distance_m = candidates.to_crs(city.crs_metric).distance(area)
    return distance_m <= config.scope.haul_sites_within_km * 1000


def _chosen(config: Config, city: City) -> gpd.GeoDataFrame:
    """The candidates with the planner's choices and what stands today entered, forbidden ones left out."""
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
                near = difflib.get_close_matches(site, ids, n=1)
                yield f"sites.{key}: no candidate {site!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    for site in sorted(set(config.sites.must_open) & set(config.sites.must_close)):
        yield f"sites: {site!r} is in both must_open and must_close; keep one"
    if config.scope.generators:
        for material in sorted(set(city.generators["material"]) - set(config.materials)):
            yield (
                f"materials: generators offer {material!r}, which the config does not have; add it, or set"
                " scope.generators: false"
            )
