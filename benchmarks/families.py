"""The families of published instances: which files belong to one, how a file is solved, with which parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.formats import read_cap, read_pmed, read_points, read_tsplib, read_two_stages
from siting.locate import Located, Plants, cflp, mclp, p_median, tscflp, uflp

Parameters = Mapping[str, float]
Solve = Callable[[Path, str, Parameters, float], Located]
"""(file, problem as the table of best values calls it, parameters, time limit) → answer."""


@dataclass(frozen=True)
class Family:
    """A folder of instances: how to `solve` one, what it `needs`, and its `problem` where no table says."""

    folder: str
    problem: str
    sense: str
    solve: Solve
    needs: tuple[str, ...] = ()


def solve_pmed(path: Path, problem: str, given: Parameters, time_limit_s: float) -> Located:
    """A p-median on a network; p stands in the file."""
    del problem
    distance, p = read_pmed(path)
    return p_median(distance, p=int(given.get("p", p)), time_limit_s=time_limit_s)


def solve_cap(path: Path, problem: str, given: Parameters, time_limit_s: float) -> Located:
    """Facility location with capacities, or without where the problem says so."""
    figures = read_cap(path)
    if problem.startswith("UFL"):
        return uflp(figures.cost, figures.opening, time_limit_s=time_limit_s)
    capacity = np.where(np.isnan(figures.capacity), given.get("capacity", np.nan), figures.capacity)
    is_single = "single-source" in problem
    return cflp(
        figures.cost, figures.opening, figures.demand, capacity, single_source=is_single, time_limit_s=time_limit_s
    )


def solve_two_stages(path: Path, problem: str, given: Parameters, time_limit_s: float) -> Located:
    """Plants and sites."""
    del problem, given
    figures = read_two_stages(path)
    lower, plants = figures.lower, Plants(figures.plant_cost, figures.plant_opening, figures.plant_capacity)
    return tscflp(lower.cost, lower.opening, lower.demand, lower.capacity, plants, time_limit_s=time_limit_s)


def solve_covering(path: Path, problem: str, given: Parameters, time_limit_s: float) -> Located:
    """Most weight within R of p sites."""
    del problem
    distance, weights = read_points(path)
    return mclp(distance, given["R"], int(given["p"]), weights=weights, time_limit_s=time_limit_s)


def solve_tsplib(path: Path, problem: str, given: Parameters, time_limit_s: float) -> Located:
    """A p-median of points in the plane, distances rounded down."""
    del problem
    return p_median(read_tsplib(path), p=int(given["p"]), time_limit_s=time_limit_s)


FAMILIES = (
    Family("pmed", "p-median", "min", solve_pmed),
    Family("cap", "CFLP multi-source", "min", solve_cap),
    Family("tscflp", "two-stage CFLP", "min", solve_two_stages),
    Family("mclp", "MCLP", "max", solve_covering, needs=("p", "R")),
    Family("pmed_large", "p-median", "min", solve_tsplib, needs=("p",)),
)


def family_of(folder: str) -> Family:
    """The family whose files lie in a folder of that name."""
    return next(family for family in FAMILIES if family.folder == folder)


def parameters_of(text: str) -> dict[str, float]:
    """The figures in a text like `p=3 R=800 total=12152`; words without a figure are left out.

    >>> parameters_of("p=3 R=800.5 flag * in source")
    {'p': 3.0, 'R': 800.5}
    """
    return {name: float(value) for name, value in re.findall(r"(\w+)=(-?[\d.]+(?:e[+-]?\d+)?)", text)}
