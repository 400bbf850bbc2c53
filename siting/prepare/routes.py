"""Distances for the places of a plan: who can walk where, and what can be hauled where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from siting.config.schema import Config
from siting.inputs.city import City
from siting.instance import LINK_CLASSES, Bools, Floats, Ints, Links, Walks
from siting.prepare.roads import network_of, xy_m
from siting.prepare.scope import Scoped
from siting.travel import Network, Pairs, SnapReport, cached, from_arrays, haul_pairs, to_arrays, walk_pairs

Key = Floats | Ints | Bools | str | float


@dataclass(frozen=True)
class Routes:
    """Pairs of places, as row numbers of the scoped frames, and how the places met the network."""

    walk: Pairs
    point_to_transfer: Pairs
    transfer_to_sorting: Pairs
    generator_to_sorting: Pairs
    reports: dict[str, SnapReport]
    n_cells: int
    first_transfer: int
    first_sorting: int

    def walks(self, config: Config) -> Walks:
        """Walks with the share that residents bring over each distance."""
        distance_m = self.walk.distance_m
        participation = config.participation.at_zero * np.exp(-distance_m / config.participation.decay_length_m)
        return Walks(
            _ints(self.walk.origin), _ints(self.walk.destination), distance_m, participation, np.zeros(len(distance_m))
        )

    def direct(self) -> Links:
        """Links from generators to sorting centres."""
        pairs = self.generator_to_sorting
        tail = self.n_cells + _ints(pairs.origin)
        link_class = np.full(len(tail), LINK_CLASSES.index("generator_to_sorting"))
        return Links(tail, self.first_sorting + _ints(pairs.destination), pairs.distance_m, link_class, link_class)

    def haul(self) -> Links:
        """Links from points to stations and from stations to centres."""
        first, second = self.point_to_transfer, self.transfer_to_sorting
        lengths = (len(first.origin), len(second.origin))
        classes = [LINK_CLASSES.index("point_to_transfer"), LINK_CLASSES.index("transfer_to_sorting")]
        link_class = np.repeat(classes, lengths)
        return Links(
            np.concatenate([_ints(first.origin), self.first_transfer + _ints(second.origin)]),
            np.concatenate(
                [self.first_transfer + _ints(first.destination), self.first_sorting + _ints(second.destination)]
            ),
            np.concatenate([first.distance_m, second.distance_m]),
            link_class,
            link_class,
        )


def _ints(values: object) -> Ints:
    return np.asarray(values, dtype=np.int64)


def routes_of(config: Config, city: City, chosen: Scoped, cache: Path | None) -> Routes:
    """All pairs that the config's cut-offs allow, from the cache where nothing has changed."""
    network, _ = network_of(city)
    echelon = chosen.candidates["echelon"].to_numpy()
    points, stations, centres = (xy_m(city, chosen.candidates[echelon == e]) for e in ("point", "transfer", "sorting"))
    travel = config.travel
    hauls = {
        "point_to_transfer": (points, stations, travel.stations_per_point),
        "transfer_to_sorting": (stations, centres, travel.centres_per_station),
        "generator_to_sorting": (xy_m(city, chosen.generators), centres, travel.centres_per_generator),
    }
    found = {"walk": _walk(config, network, xy_m(city, chosen.cells), points, cache)}
    for name, (origin, destination, nearest) in hauls.items():
        found[name] = _haul(network, (origin, destination, nearest, travel.haul_cutoff_km * 1000), cache)
    return Routes(
        **{name: pairs for name, (pairs, _) in found.items()},
        reports={name: report for name, (_, report) in found.items()},
        n_cells=len(chosen.cells),
        first_transfer=int((echelon == "point").sum()),
        first_sorting=int((echelon != "sorting").sum()),
    )


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
