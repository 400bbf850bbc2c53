"""Tables of results as columns of short numbers, one list a column: how the page of a map is given its data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from siting.certificate import Certainty
from siting.instance import Floats
from siting.render.html.map.basemap import outlines, whole_numbers
from siting.results.results import Results
from siting.vocabulary import DemandKind, Echelon

ACTIONS = ("", "keep", "upgrade", "build", "close")
"""State of a facility in a period: not there yet, or an action of the facility table."""
USES = ("", "in_use", "below_least_use", "idle")
"""Use of a facility in a period: none where it is closed or not there yet."""
CERTAINTIES = ("", *map(str, Certainty))
"""Certainty of a site; empty if no certificate bounds the cost."""
LEAST_T = 0.05
FIGURES = {
    "capacity_t": ("capacity_t", 0),
    "limit_t": ("planned_limit_t", 0),
    "throughput_t": ("throughput_t", 1),
    "nearest_t": ("load_if_nearest_t", 1),
    "residents": ("residents_served", 0),
    "investment_cny": ("investment_cny", 0),
    "investment_cny_per_year": ("investment_cny_per_year", 0),
    "land_cny_per_year": ("land_cny_per_year", 0),
    "area_m2": ("area_m2", 0),
}
"""Columns of the page from those of the facility table, with their digits."""
LOSSES = {"lost_t": 1, "lost_residents": 0, "alone_t": 1, "alone_residents": 0, "detour_m": 0}
"""Columns of the page from `Losses`, with their digits."""


def place_columns(lonlat: Floats, origin: Floats) -> dict[str, list[int]]:
    """Return places (n, 2) in lon/lat as the columns `x` and `y`, whole numbers from `origin`."""
    x, y = whole_numbers(lonlat.reshape(-1, 2), origin).T
    return {"x": x.tolist(), "y": y.tolist()}


def rounded_column(values: Any, decimals: int = 0) -> list[float]:
    """Return numbers rounded to the digits shown; −1 for missing values.

    >>> rounded_column([1.0, 2.26, float("nan")], 1)
    [1, 2.3, -1]
    """
    rounded = np.round(np.nan_to_num(np.asarray(values, dtype=float), nan=-1), decimals)
    return [int(v) if v == int(v) else float(v) for v in rounded]


def level_column(column: pd.Series[Any]) -> dict[str, list[Any]]:
    """Return a column of repeating texts as its levels and their numbers."""
    codes, levels = pd.factorize(column.fillna("").astype(str))
    return {"levels": list(levels), "codes": codes.tolist()}


def district_columns(results: Results, origin: Floats) -> dict[str, Any]:
    """Return outlines and names of districts, in the order of the instance."""
    table = results.last.districts
    places = table.geometry.representative_point()
    return {
        "code": table["code"].tolist(),
        "en": table["name_en"].tolist(),
        "zh": table["name_zh"].tolist(),
        "rings": outlines(table.geometry, origin),
        "label": whole_numbers(np.column_stack([places.x, places.y]), origin).ravel().tolist(),
    }


def cell_columns(results: Results, origin: Floats) -> dict[str, Any]:
    """Return the positions of the residential cells."""
    table = _demand(results, DemandKind.HOUSEHOLD)
    frame = results.run.geography.demand.iloc[table.index]
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "ring": [rings[0] for rings in outlines(frame["cell"], origin)],
        "district": table["district"].tolist(),
    }


def served_columns(results: Results) -> dict[str, Any]:
    """Return residents of cells, per cent assigned to a point, mean walk and cost of haul (−1: nobody is assigned)."""
    table = _demand(results, DemandKind.HOUSEHOLD)
    return {
        "residents": rounded_column(table["residents"]),
        "served_percent": rounded_column(100 * table["served_share"]),
        "walk_m": rounded_column(table["walk_m"]),
        "haul_cny_per_t": rounded_column(table["haul_cny_per_t"], 1),
        "given_t": rounded_column(table["given_t"], 1),
    }


def generator_columns(results: Results, origin: Floats) -> dict[str, Any]:
    """Return ids and positions of the generators."""
    table = _demand(results, DemandKind.GENERATOR)
    frame = results.run.geography.demand.iloc[table.index]
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "id": table["id"].tolist(),
        "kind": level_column(frame["kind"]),
        "district": table["district"].tolist(),
    }


def given_columns(results: Results) -> dict[str, Any]:
    """Return the tonnes that generators offer and give, and the cost of their haul (−1: nothing is collected)."""
    table = _demand(results, DemandKind.GENERATOR)
    return {name: rounded_column(table[name], 1) for name in ("tonnes", "given_t", "haul_cny_per_t")}


def _demand(results: Results, kind: DemandKind) -> pd.DataFrame:
    """Return the demand nodes of a kind; the index is the row of the instance."""
    return results.demand[results.demand["kind"] == kind.key]


def site_columns(results: Results, origin: Floats) -> dict[str, Any]:
    """Return the columns common to all periods: one row for each site with an open or existing facility.

    `opened` is the year in which a new facility opens, 0: it stands today.
    """
    table = results.facilities.drop_duplicates("site", keep="last").sort_values("site")
    opened = results.facilities.groupby("site")["opened"].max()
    districts = [str(code) for code in results.run.instance.districts]
    return {
        **place_columns(table[["lon", "lat"]].to_numpy(), origin),
        "id": table["id"].tolist(),
        "name": table["name"].fillna("").astype(str).tolist(),
        "echelon": echelon_column(table["echelon"]),
        "district": [districts.index(code) for code in table["district_code"]],
        "kind": level_column(table["kind"]),
        "osm_class": level_column(table["osm_class"]),
        "is_shared": table["is_shared"].astype(int).tolist(),
        "opened": opened.fillna(0).astype(int).tolist(),
        "certainty": [CERTAINTIES.index(one) for one in table["certainty"]],
    }


def candidate_columns(results: Results, origin: Floats) -> dict[str, Any]:
    """Return the sites where nothing is open or stands today, with the cheapest facility that could stand at each.

    `type` is that of the facility that costs least a year, without what it takes, −1 where none may; `annual_cny` is
    what it costs.
    """
    run = results.run
    instance, options = run.instance, run.instance.options
    unused = np.setdiff1d(np.arange(instance.n_sites), results.facilities["site"])
    annual_cny, type_ = np.full(instance.n_sites, np.inf), np.full(instance.n_sites, -1)
    fixed_cny = options.investment_cny + options.land_cny + options.fixed_operation_cny
    order = np.argsort(-fixed_cny, kind="stable")
    annual_cny[options.site[order]], type_[options.site[order]] = fixed_cny[order], options.type[order]
    places = run.geography.sites.iloc[unused]
    return {
        **place_columns(np.column_stack([places.geometry.x, places.geometry.y]), origin),
        "id": instance.sites.id[unused].tolist(),
        "name": places["name"].fillna("").astype(str).tolist(),
        "echelon": instance.sites.echelon[unused].tolist(),
        "district": instance.sites.district[unused].tolist(),
        "kind": level_column(places["kind"]),
        "type": type_[unused].tolist(),
        "annual_cny": rounded_column(np.where(np.isfinite(annual_cny), annual_cny, np.nan)[unused]),
        "certainty": [CERTAINTIES.index(one) for one in results.certainties[unused]],
    }


def echelon_column(keys: pd.Series[Any]) -> list[int]:
    """Return echelons as their numbers."""
    return [int(Echelon.named(key)) for key in keys]


def facility_columns(results: Results, sites: Sequence[int]) -> dict[str, Any]:
    """Return what the facility of each of `sites` is, takes and costs in one period.

    Where nothing is there yet, `action` is 0 and the figures mean nothing. −1 stands for none.
    """
    table = results.facilities_today.set_index("site", drop=False).reindex(sites)
    type_ids = [str(one) for one in results.run.instance.facility_types]
    annual_cny = table[[name for name in table if str(name).endswith("_cny_per_year")]].sum(axis=1)
    losses = results.losses
    return {
        "action": [ACTIONS.index(str(one)) if isinstance(one, str) else 0 for one in table["action"]],
        "type": [type_ids.index(str(one)) if isinstance(one, str) else 0 for one in table["type"]],
        "size": level_column(table["size"]),
        "use": [USES.index(str(one)) if isinstance(one, str) else 0 for one in table["use"]],
        **{name: rounded_column(table[column].fillna(0), digits) for name, (column, digits) in FIGURES.items()},
        "annual_cny": rounded_column(annual_cny),
        "inflow": _inflow(results.run.verification.site_inflow_t[sites]),
        "haul_cny_per_t": rounded_column(results.haul_prices.site[sites], 1),
        **{name: rounded_column(getattr(losses, name)[sites], digits) for name, digits in LOSSES.items()},
    }


def _inflow(inflow_t: Floats) -> list[list[float]]:
    """Return the inflow of each facility: rows of alternating materials and tonnes, the largest first."""
    entered = []
    for row in inflow_t:
        materials = [int(m) for m in np.argsort(-row, kind="stable") if row[m] >= LEAST_T]
        entered.append([part for m in materials for part in (m, *rounded_column([row[m]], 1))])
    return entered


def assignment_columns(results: Results, facility_ids: Sequence[str]) -> dict[str, Any]:
    """Return which cell walks to which open point: rows of `cells` and of the facilities with these ids."""
    table = results.assignments
    return {
        "cell": _rows(table["cell"], _demand(results, DemandKind.HOUSEHOLD)["id"]),
        "facility": _rows(table["point"], facility_ids),
        "share_percent": rounded_column(100 * table["share"]),
        "distance_m": rounded_column(table["distance_m"]),
        "tonnes": rounded_column(table["tonnes"], 1),
    }


def haul_columns(results: Results, facility_ids: Sequence[str]) -> dict[str, Any]:
    """Return the flows between facilities over all materials, as rows of `facilities`."""
    return _link_columns(results, facility_ids, facility_ids)


def direct_columns(results: Results, facility_ids: Sequence[str]) -> dict[str, Any]:
    """Return the flows from generators to facilities: rows of `generators` and of `facilities`."""
    return _link_columns(results, _demand(results, DemandKind.GENERATOR)["id"], facility_ids)


def _link_columns(results: Results, tails: Sequence[str] | pd.Series[Any], heads: Sequence[str]) -> dict[str, Any]:
    flows = results.flows
    joined = flows[flows["from"].isin(tails) & flows["to"].isin(heads)].groupby(["from", "to"], sort=False)
    table = joined.agg({"tonnes": "sum", "distance_km": "first"}).reset_index()
    table = table[table["tonnes"] > LEAST_T]
    return {
        "from": _rows(table["from"], tails),
        "to": _rows(table["to"], heads),
        "tonnes": rounded_column(table["tonnes"], 1),
        "distance_km": rounded_column(table["distance_km"], 1),
    }


def _rows(ids: pd.Series[Any], known: Sequence[str] | pd.Series[Any]) -> list[int]:
    row_of = {one: row for row, one in enumerate(known)}
    return [row_of[one] for one in ids]
