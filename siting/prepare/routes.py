"""Distances for the places of a plan: who can walk where, and what can be hauled where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.config.flows import LargeLink, LinkClass, Participation, SmallLink
from siting.config.schema import Config
from siting.inputs.city import City
from siting.instance import Floats, Ints, Links, Walks
from siting.prepare.candidates import CAPTURE
from siting.prepare.roads import network_of, xy_m
from siting.prepare.scope import Places
from siting.travel import Pairs, SnapReport, cached, from_arrays, haul_pairs, to_arrays, walk_pairs
from siting.vocabulary import LINK_CLASSES, LINKS, DemandKind, Echelon


@dataclass(frozen=True)
class Routes:
    """Walks and haul links within the cut-offs, and a report on snapping to the network for each kind of route.

    The rates of `direct` and `haul` are not set yet.
    """

    walks: Walks
    direct: Links
    haul: Links
    reports: dict[str, SnapReport]


def routes_of(config: Config, city: City, places: Places, nodes: pd.DataFrame, cache: Path | None) -> Routes:
    """Return all pairs within the cut-offs of the config, from the cache if their inputs have not changed."""
    network, _ = network_of(city)

    def measured(
        search: Callable[..., tuple[Pairs, SnapReport]],
        tails: gpd.GeoDataFrame,
        heads: gpd.GeoDataFrame,
        **limits: float,
    ) -> tuple[Pairs, SnapReport]:
        ends = xy_m(city, tails), xy_m(city, heads)
        key: list[np.ndarray | float] = [*network.arrays(), *ends, *(float(limit) for limit in limits.values())]
        name = search.__name__.removesuffix("_pairs")
        return from_arrays(cached(cache, name, key, lambda: to_arrays(*search(network, *ends, **limits))))

    travel, candidates = config.travel, places.candidates
    points = candidates.iloc[_rows_of(places, Echelon.POINT)]
    cutoffs_m = {"cutoff_m": travel.walk_cutoff_m, "near_m": travel.walk_shortcut_m}
    walk, report = measured(walk_pairs, places.cells, points, **cutoffs_m)
    reports = {"walk": report}
    direct: list[Links] = []
    haul: list[Links] = []
    for name, record in LINKS.items():
        rate = config.link_rate(name)
        if rate is None:
            continue
        if record.tail is None:
            tail = _givers(places, nodes, record.given_by, rate)
            listed = nodes["row"].to_numpy()[tail]
            tails = (places.cells if record.given_by is DemandKind.BOOKED else places.generators).iloc[listed]
        else:
            tail = _rows_of(places, record.tail)
            tails, listed = candidates.iloc[tail], np.arange(len(tail))
        head = _rows_of(places, record.head)
        limits = {"nearest": max(1, len(head)), "cutoff_m": travel.haul_cutoff_km * 1000}
        pairs, report = measured(haul_pairs, tails, candidates.iloc[head], **limits)
        kind = np.full(len(pairs), LINK_CLASSES.index(name))
        links = Links(tail[pairs.origin], head[pairs.destination], pairs.distance_m, kind, kind)
        (direct if record.tail is None else haul).append(links)
        columns = ("far_origins", "cut_off_origins", "origins_without_pair")
        reports[name] = replace(report, **{column: listed[getattr(report, column)] for column in columns})
    return Routes(_walks(config.participation, walk, candidates), _joined(direct), _joined(haul), reports)


def _rows_of(places: Places, echelon: Echelon) -> Ints:
    return np.flatnonzero((places.candidates["echelon"] == echelon.key).to_numpy())


def _givers(places: Places, nodes: pd.DataFrame, kind: DemandKind, rate: LinkClass) -> Ints:
    """Return the rows of the demand nodes of a kind; of generators, those of the size that a link class is for."""
    row = nodes["row"].to_numpy()
    is_meant = np.array(nodes["kind"] == kind)
    tonnes = places.generators["tonnes"].to_numpy(dtype=float)
    if isinstance(rate, LargeLink):
        is_meant[is_meant] = tonnes[row[is_meant]] >= rate.from_t
    if isinstance(rate, SmallLink) and rate.up_to_t is not None:
        is_meant[is_meant] = tonnes[row[is_meant]] <= rate.up_to_t
    return np.flatnonzero(is_meant)


def _walks(participation: Participation, walk: Pairs, candidates: gpd.GeoDataFrame) -> Walks:
    """Return the walks with their participation; walks with a participation of 0 are left out."""
    share = _participation(participation, walk.distance_m)
    used = share > 0
    site = walk.destination.astype(np.int64)  # points come first
    if CAPTURE in candidates:
        share = share * candidates[CAPTURE].to_numpy()[site]
    return Walks(
        walk.origin.astype(np.int64)[used], site[used], walk.distance_m[used], share[used], np.zeros(int(used.sum()))
    )


def _participation(participation: Participation, distance_m: Floats) -> Floats:
    """Return the share of their recyclables that residents bring over each distance."""
    if participation.at_zero is not None and participation.decay_length_m is not None:
        return np.asarray(participation.at_zero * np.exp(-distance_m / participation.decay_length_m))
    within_m = np.array([step.within_m for step in participation.steps])
    shares = np.array([*(step.share for step in participation.steps), 0.0])
    return np.asarray(shares[np.searchsorted(within_m, distance_m)])


def _joined(parts: Sequence[Links]) -> Links:
    return Links(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Links)))
