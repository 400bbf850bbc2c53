"""Distances for the places of a plan: who can walk where, and what can be hauled where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from siting.config.flows import Participation
from siting.config.schema import Config
from siting.inputs.city import City
from siting.instance import Bools, Floats, Ints, Links, Walks
from siting.prepare.legs import legs_of
from siting.prepare.roads import network_of, xy_m
from siting.prepare.scope import Scoped
from siting.travel import Network, Pairs, SnapReport, cached, from_arrays, haul_pairs, to_arrays, walk_pairs

Key = Floats | Ints | Bools | str | float


@dataclass(frozen=True)
class Routes:
    """Who can walk where, what can be hauled where, and how the places met the network, by kind of route.

    The rates of `direct` and `haul` are still to be set.
    """

    walk: Pairs
    direct: Links
    haul: Links
    reports: dict[str, SnapReport]

    def walks(self, config: Config) -> Walks:
        """Walks with the share that residents bring over each distance; where nobody would come there is none."""
        share = participation_at(config.participation, self.walk.distance_m)
        used = share > 0
        return Walks(
            _ints(self.walk.origin)[used],
            _ints(self.walk.destination)[used],
            self.walk.distance_m[used],
            share[used],
            np.zeros(int(used.sum())),
        )


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


def routes_of(config: Config, city: City, chosen: Scoped, cache: Path | None) -> Routes:
    """All pairs that the config's cut-offs allow, from the cache where nothing has changed."""
    network, _ = network_of(city)
    points = xy_m(city, chosen.candidates[chosen.candidates["echelon"] == "point"])
    walk, report = _walk(config, network, xy_m(city, chosen.cells), points, cache)
    reports = {"walk": report}
    links: dict[bool, list[Links]] = {True: [], False: []}
    for leg in legs_of(config, chosen):
        ends = (xy_m(city, leg.tails), xy_m(city, leg.heads), leg.nearest, config.travel.haul_cutoff_km * 1000)
        pairs, report = _haul(network, ends, cache)
        links[leg.is_direct].append(leg.links(pairs))
        reports[leg.name] = leg.listing(report)
    return Routes(walk, join_links(links[True]), join_links(links[False]), reports)


def join_links(parts: Sequence[Links]) -> Links:
    """Links one after the other."""
    return Links(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Links)))


def _walk(
    config: Config, network: Network, cells: Floats, points: Floats, cache: Path | None
) -> tuple[Pairs, SnapReport]:
    cutoff_m, near_m = config.travel.walk_cutoff_m, config.travel.walk_shortcut_m
    key: list[Key] = [*network.arrays(), cells, points, cutoff_m, near_m]
    return from_arrays(
        cached(
            cache, "walk", key, lambda: to_arrays(*walk_pairs(network, cells, points, cutoff_m=cutoff_m, near_m=near_m))
        )
    )


def _haul(network: Network, what: tuple[Floats, Floats, int, float], cache: Path | None) -> tuple[Pairs, SnapReport]:
    origin, destination, nearest, cutoff_m = what
    key: list[Key] = [*network.arrays(), origin, destination, float(nearest), cutoff_m]
    return from_arrays(
        cached(
            cache,
            "haul",
            key,
            lambda: to_arrays(*haul_pairs(network, origin, destination, nearest=nearest, cutoff_m=cutoff_m)),
        )
    )
