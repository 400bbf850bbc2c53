"""Published instances in their own formats: each function reads a file into the arrays that `siting.locate` takes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from siting.instance import Floats

EARTH_M = 6_378_100.0
"""Radius that the covering instances with latitude and longitude are measured with."""


@dataclass(frozen=True)
class Capacities:
    """A facility location problem: `cost` (n_nodes, n_sites) of serving a whole node, the rest by site and node.

    `capacity` (n_sites,) is nan where the file leaves it to the parameters.
    """

    cost: Floats
    opening: Floats
    demand: Floats
    capacity: Floats


@dataclass(frozen=True)
class TwoStages:
    """A two-stage problem: `plant_cost` (n_sites, n_plants) of a unit, else as in `Capacities`."""

    lower: Capacities
    plant_opening: Floats
    plant_capacity: Floats
    plant_cost: Floats


def read_pmed(path: Path) -> tuple[Floats, int]:
    """(distances over the network, sites to choose): `n m p`, then `i j cost`; a later edge replaces an earlier one."""
    words = np.array(path.read_text(encoding="ascii").split(), dtype=float)
    n, p = int(words[0]), int(words[2])
    edges = words[3 : 3 + len(words[3:]) // 3 * 3].reshape(-1, 3)
    ends = edges[:, :2].astype(int) - 1
    key = np.minimum(*ends.T) * n + np.maximum(*ends.T)
    _, last = np.unique(key[::-1], return_index=True)
    kept = len(key) - 1 - last
    graph = sparse.csr_array((edges[kept, 2], (ends[kept, 0], ends[kept, 1])), shape=(n, n))
    return shortest_path(graph, directed=False), p


def read_cap(path: Path) -> Capacities:
    """`m n`, m × `capacity fixed`, n × (`demand`, m costs); the word `capacity` in place of a figure reads as nan."""
    text = path.read_text(encoding="ascii").replace("capacity", "nan")
    words = np.array(text.split(), dtype=float)
    m, n = int(words[0]), int(words[1])
    sites = words[2 : 2 + 2 * m].reshape(m, 2)
    nodes = words[2 + 2 * m : 2 + 2 * m + n * (1 + m)].reshape(n, 1 + m)
    return Capacities(nodes[:, 1:], sites[:, 1], nodes[:, 0], sites[:, 0])


def read_two_stages(path: Path) -> TwoStages:
    """`I J K`, K demands, I × `capacity fixed`, I × J unit costs, J × `capacity fixed`, J × K unit costs."""
    words = np.array(path.read_text(encoding="ascii").split(), dtype=float)
    n_plants, n_sites, n_nodes = (int(word) for word in words[:3])
    ends = 3 + np.cumsum([n_nodes, 2 * n_plants, n_plants * n_sites, 2 * n_sites, n_sites * n_nodes])
    demand, plants, upper, sites, lower = (words[a:b] for a, b in zip([3, *ends[:-1]], ends, strict=True))
    plants, sites = plants.reshape(n_plants, 2), sites.reshape(n_sites, 2)
    cost = lower.reshape(n_sites, n_nodes).T * demand[:, None]
    return TwoStages(
        lower=Capacities(cost, sites[:, 1], demand, sites[:, 0]),
        plant_opening=plants[:, 1],
        plant_capacity=plants[:, 0],
        plant_cost=upper.reshape(n_plants, n_sites).T,
    )


def read_points(path: Path) -> tuple[Floats, Floats]:
    """(distances, weights) of a covering instance: rows `x y demand`, or the sections of the New York file."""
    lines = path.read_text(encoding="ascii").splitlines()
    if "NODE_COORD_SECTION" not in {line.strip() for line in lines}:
        rows = np.array([line.split()[:3] for line in lines[1:] if line.strip()], dtype=float)
        return straight(rows[:, :2]), rows[:, 2]
    places, weights = _section(lines, "NODE_COORD_SECTION"), _section(lines, "DEMAND_SECTION")
    return on_the_globe(np.array(places, dtype=float)), np.array(weights, dtype=float)[:, 0]


def read_tsplib(path: Path) -> Floats:
    """Distances between the points of a TSPLIB file, rounded down."""
    lines = path.read_text(encoding="ascii").splitlines()
    rows = np.array(_section(lines, "NODE_COORD_SECTION"), dtype=float)
    return np.floor(straight(rows[:, -2:]))


def straight(xy: Floats) -> Floats:
    """Straight distances between all pairs, (n, n)."""
    return np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))


def on_the_globe(lat_lon: Floats) -> Floats:
    """Metres between all pairs of degrees by the spherical law of cosines, (n, n)."""
    lat, lon = np.radians(lat_lon).T
    cosine = np.sin(lat)[:, None] * np.sin(lat) + np.cos(lat)[:, None] * np.cos(lat) * np.cos(lon[:, None] - lon)
    np.fill_diagonal(cosine, 1.0)
    return np.asarray(EARTH_M * np.arccos(np.clip(cosine, -1.0, 1.0)))


def _section(lines: list[str], head: str) -> list[list[str]]:
    """The rows of figures after the line `head`, up to the next line of words."""
    rows = []
    first = next(number for number, line in enumerate(lines) if line.strip() == head) + 1
    for line in lines[first:]:
        if not line.strip() or line.strip()[0].isalpha():
            break
        rows.append(line.split())
    return rows
