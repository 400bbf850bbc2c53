"""Published instances in their own formats, read from the folder that SITING_BENCH names."""

import os
from pathlib import Path

import numpy as np
from scipy.sparse.csgraph import shortest_path

BENCH = Path(os.environ["SITING_BENCH"]) if "SITING_BENCH" in os.environ else None


def numbers(name):
    return [float(word) for word in (BENCH / name).read_text().split()]


def pmed(name):
    """(distances over the network, number to choose)."""
    lines = [[int(word) for word in line.split()] for line in (BENCH / "pmed" / name).read_text().splitlines() if line]
    n, _, p = lines[0]
    graph = np.full((n, n), np.inf)
    for i, j, cost in (line for line in lines[1:] if line):
        graph[i - 1, j - 1] = graph[j - 1, i - 1] = cost
    return shortest_path(graph), p


def cap(name):
    """(cost, opening cost, demand, capacity)."""
    words = numbers(f"cap/{name}")
    m, n = int(words[0]), int(words[1])
    sites = np.array(words[2 : 2 + 2 * m]).reshape(m, 2)
    nodes = np.array(words[2 + 2 * m :]).reshape(n, 1 + m)
    return nodes[:, 1:], sites[:, 1], nodes[:, 0], sites[:, 0]


def sjc(name):
    """(straight distances, weights)."""
    rows = np.array([line.split()[:3] for line in (BENCH / "mclp" / name).read_text().splitlines()[1:] if line], float)
    return np.hypot(*(rows[:, None, :2] - rows[None, :, :2]).transpose(2, 0, 1)), rows[:, 2]
