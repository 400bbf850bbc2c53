"""Candidates of the echelon point: real places with an honest kind, synthetic use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from siting.inputs.build.land import ring_of, spread_area
from siting.inputs.build.sources import xy_m
from siting.inputs.build.spacing import keep_spaced
from siting.inputs.build.spec import PointKind, Spec

IntArray = npt.NDArray[np.int64]


def with_kind(features: pd.DataFrame, kinds: Sequence[PointKind]) -> pd.DataFrame:
    """The features whose layer and class have a kind, with `kind` and `rank` (0 = the most specific), best rank first.

    A feature whose class is in no kind is left out: nothing is passed off as something else.
    """
    table = pd.DataFrame(
        [(kind.layer, osm_class, kind.kind, rank) for rank, kind in enumerate(kinds) for osm_class in kind.classes],
        columns=["layer", "osm_class", "kind", "rank"],
    )
    found = features.merge(table, on=["layer", "osm_class"], how="inner")
    return found.sort_values(["rank", "layer", "osm_class", "name", "lon", "lat"]).reset_index(drop=True)


def make_points(features: pd.DataFrame, demand: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """The candidate points: spaced, the more specific kind kept, shared among cells in proportion to residents.

    Returns
    -------
    points
        `kind`, `osm_class`, `name`, `district`, `lon`, `lat`, `x_m`, `y_m`, `area_m2`.
    """
    rules = spec.points
    pool = with_kind(features, rules.kinds)
    pool = pool[keep_spaced(xy_m(pool), rules.least_spacing_m)].reset_index(drop=True)
    chosen = pool.iloc[_highest_averages(pool, demand, rules.number)]
    chosen = chosen.sort_values(["district", "rank", "lon", "lat"]).reset_index(drop=True)
    rng = np.random.default_rng([spec.seed, 1])
    area_m2 = spread_area({kind.kind: kind.area_m2 for kind in rules.kinds}, chosen["kind"], rng)
    is_inner = (ring_of(chosen["district"], spec) == "inner").to_numpy()
    chosen["area_m2"] = np.where(is_inner, area_m2 * rules.inner_area_factor, area_m2).round(0)
    return chosen[["kind", "osm_class", "name", "district", "lon", "lat", "x_m", "y_m", "area_m2"]]


def _highest_averages(pool: pd.DataFrame, demand: pd.DataFrame, number: int) -> IntArray:
    """Rows of the `number` places that come first when places are dealt out to residents by highest averages.

    Every place belongs to its nearest demand cell; the k-th place of a cell of r residents scores r / (k − 1/2)
    (Sainte-Laguë), so dense cells get several and every cell with residents gets its first early.
    """
    if number >= len(pool):
        return np.arange(len(pool), dtype=np.int64)
    _, cell = cKDTree(xy_m(demand)).query(xy_m(pool))
    turn = pd.Series(cell).groupby(cell).cumcount().to_numpy() + 0.5
    score = demand["residents"].to_numpy(dtype=np.float64)[cell] / turn
    return np.sort(np.lexsort((np.arange(len(pool)), -score))[:number])
