"""How long the travel stage takes on a city, in how much memory, and how winding its roads are.

Run by hand: `python -m benchmarks.travel --city data/tianjin`.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import yaml

from siting.travel import (
    Network,
    Pairs,
    SnapReport,
    cached,
    from_arrays,
    haul_pairs,
    network_of_lines,
    to_arrays,
    walk_pairs,
)
from siting.travel.network import FloatArray

WALK_CUTOFF_M = 1000.0
STATIONS_PER_POINT, CENTRES_PER_STATION, CENTRES_PER_GENERATOR = 12, 25, 25
BANDS_KM = (0.0, 1.0, 3.0, 10.0, 30.0, np.inf)
SAMPLE = 400  # nodes; their pairs fill every band


@dataclass(frozen=True)
class City:
    """Network and places in metric coordinates."""

    network: Network
    places_xy_m: dict[str, FloatArray]


def read_city(folder: Path) -> City:
    """Read the tables of a city folder (`docs/reference/city-folder.md`)."""
    crs = yaml.safe_load((folder / "city.yaml").read_text(encoding="utf-8"))["crs_metric"]

    def table(stem: str) -> gpd.GeoDataFrame:
        return gpd.read_parquet(folder / f"{stem}.parquet").to_crs(crs)

    nodes, edges = table("road_nodes").sort_values("node"), table("road_edges")
    vertex_xy_m, vertex_edge = shapely.get_coordinates(edges.geometry.to_numpy(), return_index=True)
    network = network_of_lines(
        nodes.get_coordinates().to_numpy(),
        edges[["u", "v"]].to_numpy(),
        edges["length_m"].to_numpy(),
        edges["walkable"].to_numpy(),
        vertex_xy_m=vertex_xy_m,
        vertex_edge=vertex_edge,
    )
    candidates = table("candidates")
    tables = {echelon: candidates[candidates["echelon"] == echelon] for echelon in ("point", "transfer", "sorting")}
    tables |= {stem: table(stem) for stem in ("demand", "generators")}
    return City(network, {name: frame.get_coordinates().to_numpy() for name, frame in tables.items()})


Search = Callable[[], tuple[Pairs, SnapReport]]


def stages(city: City) -> dict[str, Search]:
    """Return the searches that one plan needs."""
    places = city.places_xy_m

    def haul(origin: str, destination: str, nearest: int) -> Search:
        return lambda: haul_pairs(city.network, places[origin], places[destination], nearest=nearest)

    return {
        "demand → point": lambda: walk_pairs(city.network, places["demand"], places["point"], cutoff_m=WALK_CUTOFF_M),
        "point → transfer": haul("point", "transfer", STATIONS_PER_POINT),
        "transfer → sorting": haul("transfer", "sorting", CENTRES_PER_STATION),
        "generators → sorting": haul("generators", "sorting", CENTRES_PER_GENERATOR),
    }


def peak_mb() -> float:
    """Return the most memory the process has held so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def time_stages(city: City, folder: Path) -> None:
    """Print one line a stage: pairs, seconds, peak memory, and what the report says."""
    began_s = time.perf_counter()
    arrays: list[np.ndarray | str] = [*city.network.arrays(), *city.places_xy_m.values()]
    for name, search in stages(city).items():
        start_s = time.perf_counter()
        pairs, report = from_arrays(cached(folder, "stage", [*arrays, name], partial(_run, search)))
        print(
            f"{name:22} {len(pairs):9,} pairs {time.perf_counter() - start_s:6.2f} s {peak_mb():6.0f} MB | "
            f"origins without a pair {len(report.origins_without_pair):,}, far {len(report.far_origins):,}, "
            f"cut off {len(report.cut_off_origins):,}; destinations far {len(report.far_destinations):,}; "
            f"pieces {report.n_pieces}; along one road {report.n_along_pairs:,}, straight {report.n_straight_pairs:,}"
        )
    print(f"{'all':22} {time.perf_counter() - began_s:22.2f} s")


def _run(search: Search) -> dict[str, np.ndarray]:
    return to_arrays(*search())


def print_detours(network: Network) -> None:
    """Print the mean of network over straight distance between nodes, by band of straight distance."""
    nodes = np.unique(network.edge_nodes[network.edge_is_walkable])
    sample = np.random.default_rng(0).choice(nodes, min(SAMPLE, len(nodes)), replace=False)
    near = np.concatenate([sample, nodes[:: max(1, len(nodes) // 4000)]])
    origin_m, destination_m = network.node_xy_m[sample], network.node_xy_m[near]
    pairs, _ = haul_pairs(network, origin_m, destination_m, nearest=len(near))
    straight_km = np.hypot(*(origin_m[pairs.origin] - destination_m[pairs.destination]).T) / 1000.0
    for low_km, high_km in itertools.pairwise(BANDS_KM):
        is_in = (straight_km > max(low_km, 0.05)) & (straight_km <= high_km)
        ratio = pairs.distance_m[is_in] / 1000.0 / straight_km[is_in]
        middle = f"mean {ratio.mean():.2f}, median {np.median(ratio):.2f}" if is_in.any() else "no pairs"
        print(f"network / straight, {low_km:g}–{high_km:g} km: {middle} ({is_in.sum():,} pairs)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city", type=Path, required=True, help="city folder, for example data/tianjin")
    city = read_city(parser.parse_args().city)
    places = ", ".join(f"{len(xy_m):,} {name}" for name, xy_m in city.places_xy_m.items())
    print(f"{city.network.n_nodes:,} nodes, {len(city.network.edge_nodes):,} edges; {places}")
    print(f"memory before the first stage {peak_mb():.0f} MB")
    with tempfile.TemporaryDirectory() as folder:
        print("first time")
        time_stages(city, Path(folder))
        print("from the cache")
        time_stages(city, Path(folder))
    print_detours(city.network)


if __name__ == "__main__":
    main()
