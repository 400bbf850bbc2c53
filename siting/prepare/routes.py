"""Distances for the places of a plan: who can walk where, and what can be hauled where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.config.flows import LargeLink, LinkClass, Participation, SmallLink
from siting.config.schema import Config, Travel
from siting.inputs.city import City
from siting.instance import Bools, Floats, Ints, Links, Walks
from siting.prepare.mobile import CAPTURE
from siting.prepare.roads import network_of, xy_m
from siting.prepare.scope import Places
from siting.travel import Network, Pairs, SnapReport, cached, from_arrays, haul_pairs, to_arrays, walk_pairs
from siting.vocabulary import LINK_CLASSES, LINKS, DemandKind, Echelon

Key = Floats | Ints | Bools | str | float


@dataclass(frozen=True)
class Leg:
    """One class of link: its ends as frames of points, and the rows of the instance that they are.

    `tail_row` numbers demand nodes where the link starts at one, sites elsewhere; `listed` are the rows of the tails in
    the list that reports name them from. `nearest` heads are considered for each tail.
    """

    name: str
    tails: gpd.GeoDataFrame
    heads: gpd.GeoDataFrame
    tail_row: Ints
    head_row: Ints
    listed: Ints
    nearest: int

    @property
    def is_direct(self) -> bool:
        """Whether the link starts at a demand node."""
        return LINKS[self.name].tail is None

    def links(self, pairs: Pairs) -> Links:
        """The links of these pairs; their rates are still to be set."""
        kind = np.full(len(pairs), LINK_CLASSES.index(self.name))
        return Links(self.tail_row[pairs.origin], self.head_row[pairs.destination], pairs.distance_m, kind, kind)

    def listing(self, report: SnapReport) -> SnapReport:
        """The report with its origins as rows of the list that names them."""
        columns = ("far_origins", "cut_off_origins", "origins_without_pair")
        return replace(report, **{column: self.listed[getattr(report, column)] for column in columns})


@dataclass(frozen=True)
class Routes:
    """Who can walk where, what can be hauled where, and how the places met the network, by kind of route.

    The rates of `direct` and `haul` are still to be set.
    """

    walks: Walks
    direct: Links
    haul: Links
    reports: dict[str, SnapReport]
    district_codes: list[str]


def _walks(participation: Participation, walk: Pairs, candidates: gpd.GeoDataFrame) -> Walks:
    """Walks with the share that residents bring over each distance; where nobody would come there is none."""
    share = participation_at(participation, walk.distance_m)
    used = share > 0
    site = _ints(walk.destination)  # points come first
    if CAPTURE in candidates:
        share = share * candidates[CAPTURE].to_numpy()[site]
    return Walks(_ints(walk.origin)[used], site[used], walk.distance_m[used], share[used], np.zeros(int(used.sum())))


def participation_at(participation: Participation, distance_m: Floats) -> Floats:
    """Share of their recyclables that residents bring over each distance."""
    if participation.at_zero is not None and participation.decay_length_m is not None:
        share: Floats = participation.at_zero * np.exp(-distance_m / participation.decay_length_m)
        return share
    within_m = np.array([step.within_m for step in participation.steps])
    shares = np.array([*(step.share for step in participation.steps), 0.0])
    return np.asarray(shares[np.searchsorted(within_m, distance_m)])


def _ints(values: object) -> Ints:
    return np.asarray(values, dtype=np.int64)


def routes_of(config: Config, city: City, places: Places, nodes: pd.DataFrame, cache: Path | None) -> Routes:
    """Return all pairs that the config's cut-offs allow, from the cache where nothing has changed."""
    network, _ = network_of(city)
    points = xy_m(city, places.candidates[places.candidates["echelon"] == Echelon.POINT.key])
    walk, report = _walk(config.travel, network, xy_m(city, places.cells), points, cache)
    reports = {"walk": report}
    links: dict[bool, list[Links]] = {True: [], False: []}
    for leg in _legs(config, places, nodes):
        pairs, report = _haul(network, city, leg, config.travel.haul_cutoff_km * 1000, cache)
        links[leg.is_direct].append(leg.links(pairs))
        reports[leg.name] = leg.listing(report)
    codes = [str(code) for code in places.districts["code"]]
    return Routes(
        _walks(config.participation, walk, places.candidates),
        join_links(links[True]),
        join_links(links[False]),
        reports,
        codes,
    )


def _legs(config: Config, places: Places, nodes: pd.DataFrame) -> Iterator[Leg]:
    """The legs of the config, in the order of the link classes."""
    for record in LINKS.values():
        rate = config.link_rate(record.key)
        if rate is None:
            continue
        heads = _rows_of(places, record.head)
        if record.tail is None:
            frame = places.cells if record.given_by is DemandKind.BOOKED else places.generators
            node = np.flatnonzero((nodes["kind"] == record.given_by) & _gives(rate, places, nodes))
            listed = nodes["row"].to_numpy()[node]
            tails = frame.iloc[listed]
        else:
            node = _rows_of(places, record.tail)
            listed, tails = np.arange(len(node)), places.candidates.iloc[node]
        nearest = getattr(config.travel, config.travel.nearest_key(record.key))
        yield Leg(record.key, tails, places.candidates.iloc[heads], node, heads, listed, nearest)


def _rows_of(places: Places, echelon: Echelon) -> Ints:
    return np.flatnonzero((places.candidates["echelon"] == echelon.key).to_numpy())


def _gives(rate: LinkClass, places: Places, nodes: pd.DataFrame) -> Bools:
    """Whether a link class is for demand nodes of this size; all but generators are of every size, (n_demand,)."""
    tonnes, is_meant = places.generators["tonnes"].to_numpy(dtype=float), np.ones(len(nodes), dtype=bool)
    of_generators = (nodes["kind"] == DemandKind.GENERATOR).to_numpy()
    if isinstance(rate, LargeLink):
        is_meant[of_generators] = tonnes >= rate.from_t
    if isinstance(rate, SmallLink) and rate.up_to_t is not None:
        is_meant[of_generators] = tonnes <= rate.up_to_t
    return is_meant


def join_links(parts: Sequence[Links]) -> Links:
    """Links one after the other."""
    return Links(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Links)))


def _walk(
    travel: Travel, network: Network, cells: Floats, points: Floats, cache: Path | None
) -> tuple[Pairs, SnapReport]:
    cutoff_m, near_m = travel.walk_cutoff_m, travel.walk_shortcut_m
    key: list[Key] = [*network.arrays(), cells, points, cutoff_m, near_m]
    return from_arrays(
        cached(
            cache, "walk", key, lambda: to_arrays(*walk_pairs(network, cells, points, cutoff_m=cutoff_m, near_m=near_m))
        )
    )


def _haul(network: Network, city: City, leg: Leg, cutoff_m: float, cache: Path | None) -> tuple[Pairs, SnapReport]:
    tails, heads = xy_m(city, leg.tails), xy_m(city, leg.heads)
    key: list[Key] = [*network.arrays(), tails, heads, float(leg.nearest), cutoff_m]
    return from_arrays(
        cached(
            cache,
            "haul",
            key,
            lambda: to_arrays(*haul_pairs(network, tails, heads, nearest=leg.nearest, cutoff_m=cutoff_m)),
        )
    )
