"""Demand nodes and sites from tables of places, and how far apart they are: by street, or in a straight line."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.spatial import KDTree
from scipy.spatial.distance import cdist

from siting.errors import DataError, raise_faults
from siting.instance import Bools, Floats
from siting.locate.arcs import SHOWN, TOLERANCE, Arcs, as_arcs, make_arcs

if TYPE_CHECKING:
    import geopandas as gpd

    from siting.inputs.city import City

ALL_M = 1e7
"""A distance beyond any city: everything within it is everything."""
FEW_PAIRS = 30_000_000
"""Maximum number of pairs that are all measured if no distance limits them."""
NEAREST = 50
"""Minimum number of nearest sites of a node where not all are measured."""
PAIRS_AT_ONCE = 4_000_000
"""Pairs that are measured over streets at once where only the nearest are kept."""


def read_places(
    path: Path, *, layer: str | None = None, datum: str | None = None, assumed: str | None = None
) -> gpd.GeoDataFrame:
    """Read places of a table or layer, as `siting data build` reads its sources.

    Of areas a point within them counts. Places are in WGS-84, or in the metric system of their layer if its metres are
    true; `attrs` are those of `read_fields`.

    Parameters
    ----------
    path
        CSV or Excel with coordinates, GeoPackage, GeoJSON, shapefile or GeoParquet.
    layer
        Layer or sheet of a file with several.
    datum, assumed
        As of `read_fields`.

    Raises
    ------
    FileError
        If the file is not there or cannot be read.
    DataError
        If a place has no position, an id stands twice, or the datum must be declared and is not.
    """
    from siting.inputs.metric import metric_fault
    from siting.inputs.tables import read_fields

    is_book = path.suffix.lower() in (".xlsx", ".xlsm")
    named = {"sheet": layer} if is_book else {"layer": layer}
    places = read_fields(path, shape="point", datum=datum, assumed=assumed, **named)
    crs = places.attrs["crs"]
    if crs is not None and metric_fault(crs, places.geometry.get_coordinates().to_numpy(float)) is None:
        return places.to_crs(crs)
    return places


def number_column(places: gpd.GeoDataFrame, column: str, what: str) -> Floats:
    """Return a column of figures ≥ 0.

    Raises
    ------
    DataError
        If it is not there, or a figure is missing or negative.
    """
    if column not in places.columns:
        has = ", ".join(str(name) for name in places.columns if name != "geometry")
        raise DataError(f"{what}: no column {column!r}; the file has {has}")
    values = _numbers(places[column])
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    faults = [
        f"{what}: {column} of {places['id'].iloc[row]} is {places[column].iloc[row]}; give a number ≥ 0"
        for row in bad[:SHOWN]
    ]
    raise_faults(faults, DataError)
    return values


def _numbers(cells: pd.Series) -> Floats:
    """Return the cells as numbers, also as offices write them; NaN where a cell is none."""
    from siting.inputs.tables import parse_number

    values: Floats = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=float)
    for row in np.flatnonzero(np.isnan(values)):
        with contextlib.suppress(ValueError):
            values[row] = parse_number(cells.iloc[row])
    return values


def flag_column(places: gpd.GeoDataFrame, column: str, what: str) -> Bools:
    """Return a column of yes and no; empty is no.

    Raises
    ------
    DataError
        If it is not there, or a value is neither.
    """
    if column not in places.columns:
        raise DataError(f"{what}: no column {column!r}; it marks sites with 1 or yes")
    texts = places[column].fillna("").astype(str).str.strip().str.lower().str.removesuffix(".0")
    yes, no = texts.isin(["1", "true", "yes", "y", "是"]), texts.isin(["0", "false", "no", "n", "否", ""])
    bad = np.flatnonzero(~(yes | no))
    faults = [
        f"{what}: {column} of {places['id'].iloc[row]} is {texts.iloc[row]!r}; give yes or no" for row in bad[:SHOWN]
    ]
    raise_faults(faults, DataError)
    return np.asarray(yes, dtype=bool)


def straight_arcs(
    demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, *, within_m: float | None = None, nearest: int | None = None
) -> Arcs:
    """Measure straight distances in metres between places.

    They are measured in the metric system of the demand if its metres are true there, else in a projection around it.

    Parameters
    ----------
    demand, sites
        The places.
    within_m
        Longest distance to measure; None for no limit.
    nearest
        Number of nearest sites to list for each node, at least 1; for all others `Arcs.beyond` holds the distance of
        the next one as a lower bound. None for all sites.

    Raises
    ------
    DataError
        If places have no coordinate system, or there are too many pairs to measure all.
    """
    from siting.inputs.metric import measuring_crs

    if demand.crs is None or sites.crs is None:
        raise DataError("places: no coordinate system is declared; set their crs")
    crs = measuring_crs(demand)
    from_m, to_m = (places.geometry.to_crs(crs).get_coordinates().to_numpy(float) for places in (demand, sites))
    shape = len(from_m), len(to_m)
    if within_m is not None:
        limit_m = within_m * (1 + TOLERANCE)
        near = KDTree(from_m).sparse_distance_matrix(KDTree(to_m), limit_m, output_type="ndarray")
        return make_arcs(near["i"], near["j"], near["v"], shape=shape, **_ids(demand, sites))
    if nearest is None or nearest >= shape[1]:
        _refuse_many(*shape)
        return dataclasses.replace(as_arcs(cdist(from_m, to_m)), **_ids(demand, sites))
    distance, site = (np.asarray(part) for part in KDTree(to_m).query(from_m, nearest + 1))
    start = np.arange(shape[0] + 1) * nearest
    cost = distance[:, :-1].ravel()
    return Arcs(start, site[:, :-1].ravel().astype(np.int64), cost, distance[:, -1].copy(), **_ids(demand, sites))


def _refuse_many(n_nodes: int, n_sites: int) -> None:
    if n_nodes * n_sites > FEW_PAIRS:
        raise DataError(f"{n_nodes:,} × {n_sites:,} pairs of places are too many to measure; give a distance limit")


def nearest_needed(n_nodes: int, n_sites: int, p: int) -> int | None:
    """Return the number of nearest sites of each node that a p-median of this size needs; None if all can be measured.

    The multiplier of a node is rarely above the distance of its second open site, and of so many sites 8 are open on
    average.
    """
    if n_nodes * n_sites <= FEW_PAIRS:
        return None
    return min(max(NEAREST, 8 * n_sites // p), max(1, FEW_PAIRS // n_nodes), n_sites)


def _ids(demand: gpd.GeoDataFrame, sites: gpd.GeoDataFrame) -> dict[str, Any]:
    return {"node_id": demand["id"].to_numpy(), "site_id": sites["id"].to_numpy()}


def street_arcs(
    demand: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    city: City,
    *,
    within_m: float | None = None,
    nearest: int | None = None,
    told: list[str] | None = None,
) -> Arcs:
    """Measure walking distances in metres over the streets of a city folder.

    Parameters
    ----------
    demand, sites, within_m, nearest
        As in `straight_arcs`.
    city
        The city folder with its streets.
    told
        Gets a sentence on places that are far from every street.

    Raises
    ------
    DataError
        If there are too many pairs to measure all.
    """
    from siting.prepare.roads import network_of, xy_m
    from siting.travel import walk_pairs

    shape = len(demand), len(sites)
    if within_m is None and nearest is None:
        _refuse_many(*shape)
    network, _ = network_of(city)
    from_m, to_m = xy_m(city, demand), xy_m(city, sites)
    rows = shape[0] if nearest is None else max(1, PAIRS_AT_ONCE // shape[1])
    parts, far_nodes, far_sites = [], list[int](), set[int]()
    for first in range(0, shape[0], rows):
        limit_m = ALL_M if within_m is None else within_m * (1 + TOLERANCE)
        pairs, met = walk_pairs(network, from_m[first : first + rows], to_m, cutoff_m=limit_m)
        far_nodes += (met.far_origins + first).tolist()
        far_sites.update(met.far_destinations.tolist())
        part = make_arcs(
            pairs.origin, pairs.destination, pairs.distance_m, shape=(len(from_m[first : first + rows]), shape[1])
        )
        parts.append(part if nearest is None else part.nearest(nearest))
    if told is not None:
        told += _far("nodes", demand, far_nodes)
        told += _far("sites", sites, sorted(far_sites))
    start = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(part.start) for part in parts]))])
    site, cost, beyond = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("site", "cost", "beyond")
    )
    return Arcs(start, site, cost, beyond, **_ids(demand, sites))


def _far(what: str, places: gpd.GeoDataFrame, rows: list[int]) -> list[str]:
    """Return a sentence on the places in these rows, where there are any: the walk to the street is a guess."""
    from siting.travel.reach import SNAP_LIMIT_M

    if not rows:
        return []
    shown = ", ".join(str(one) for one in places["id"].iloc[rows[:SHOWN]]) + (" …" if len(rows) > SHOWN else "")
    return [
        f"{len(rows):,} of {len(places):,} {what} are over {SNAP_LIMIT_M:.0f} m from a street, and their distance to it"
        f" is a straight line: {shown}"
    ]
