"""What the page of a map knows: columns of short numbers, one list a column, no object for each point.

Places are whole numbers as in `siting.outputs.basemap`; a text that repeats is a number into a list of `levels`.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np

from siting.instance import Floats
from siting.outputs.basemap import outlines, road_paths, water_shapes, whole_numbers
from siting.outputs.facilities import facility_table
from siting.outputs.mapcolumns import cell_rows, generator_rows, level_column, place_columns, rounded_column
from siting.outputs.mapflows import assignment_columns, direct_columns, haul_columns
from siting.outputs.maptargets import map_targets
from siting.outputs.record import RunRecord
from siting.outputs.summary import number
from siting.outputs.wording import closing_sentence, rollout_sentence, shown_sentence

LEAST_SHARE = 1e-6


def map_data(run: RunRecord) -> dict[str, Any]:
    """Everything that the page draws and tells."""
    facilities = facility_table(run)
    west, south, east, north = _planned_bounds(run, facilities)
    origin = np.array([west, south]).round(5)
    row_of_site = np.full(run.instance.n_sites, -1)
    row_of_site[facilities["site"]] = np.arange(len(facilities))
    return {
        "origin": origin.tolist(),
        "bounds": [[south, west], [north, east]],
        "about": _about(run),
        "districts": _districts(run, origin),
        "targets": map_targets(run),
        "types": _types(run),
        "facilities": _facilities(run, facilities, origin),
        "cells": _cells(run, origin),
        "generators": _generators(run, origin),
        "assignments": assignment_columns(run, row_of_site),
        "hauls": haul_columns(run, row_of_site),
        "directs": direct_columns(run, row_of_site),
        "roads": road_paths(run.geography.roads, origin),
        "water": water_shapes(run.geography.water, origin),
    }


def _planned_bounds(run: RunRecord, facilities: gpd.GeoDataFrame) -> Floats:
    """West, south, east and north of the districts that have demand or an open facility."""
    used = np.concatenate([run.instance.demand.district, run.instance.sites.district[facilities["site"]]])
    codes = run.instance.districts[np.unique(used)]
    bounds: Floats = run.geography.districts[run.geography.districts["code"].isin(codes)].total_bounds
    return bounds


def _about(run: RunRecord) -> dict[str, Any]:
    geography, solution = run.geography, run.solution
    return {
        "name": run.config.name,
        "title": run.config.title.model_dump(),
        "city": {"en": geography.city_name_en, "zh": geography.city_name_zh},
        "year": run.instance.year,
        "cost_cny": number(solution.cost_cny, 0),
        "gap": number(solution.gap, 6),
        "status": str(solution.status),
        "closing": closing_sentence(solution, run.goals).model_dump(),
        "residents": number(run.instance.residents, 0),
        "faults": list(run.verification.faults),
        "notes": [*_stage_notes(run), *geography.notes],
        "attributions": list(geography.attributions),
        "uses_osm": any("openstreetmap" in text.lower() for text in geography.attributions),
    }


def _stage_notes(run: RunRecord) -> list[str]:
    """What the page shows of several years or cases, in both languages."""
    if run.rollout is None:
        return []
    stages, costs_cny = run.rollout.stages, [one.cost_cny for one in run.rollout.verifications]
    sentences = (shown_sentence(stages), rollout_sentence(stages, costs_cny))
    return [text for one in sentences for text in (one.en, one.zh)]


def _districts(run: RunRecord, origin: Floats) -> dict[str, Any]:
    """Outlines and figures, in the order of the instance's districts."""
    frame = run.geography.districts.set_index("code", drop=False).loc[list(run.instance.districts)]
    places = frame.geometry.representative_point()
    figures = {name: [number(float(v), 1) for v in values] for name, values in run.district_figures.items()}
    return {
        "code": frame["code"].tolist(),
        "en": frame["name_en"].tolist(),
        "zh": frame["name_zh"].tolist(),
        "rings": outlines(frame.geometry, origin),
        "label": whole_numbers(np.column_stack([places.x, places.y]), origin).ravel().tolist(),
        "figures": figures,
    }


def _types(run: RunRecord) -> list[dict[str, Any]]:
    """Facility types in the order of the instance, with their labels."""
    label = {name: facility_type.label.model_dump() for _, name, facility_type in run.config.facilities.by_echelon()}
    names = zip(run.instance.facility_types, run.instance.type_echelon, strict=True)
    return [{"id": str(name), "echelon": int(echelon), **label[str(name)]} for name, echelon in names]


def _facilities(run: RunRecord, table: gpd.GeoDataFrame, origin: Floats) -> dict[str, Any]:
    site = table["site"].to_numpy()
    lonlat = table[["lon", "lat"]].to_numpy()
    annual_cny = table[[name for name in table if str(name).endswith("_cny_per_year")]].sum(axis=1)
    return {
        **place_columns(lonlat, origin),
        "id": table["id"].tolist(),
        "name": table["name"].fillna("").tolist(),
        "echelon": run.instance.sites.echelon[site].tolist(),
        "type": run.instance.options.type[table["option"]].tolist(),
        "district": run.instance.sites.district[site].tolist(),
        "size": level_column(table["size"]),
        "kind": level_column(table["kind"]),
        "osm_class": level_column(table["osm_class"]),
        "is_existing": table["is_existing"].astype(int).tolist(),
        "capacity_t": rounded_column(table["capacity_t"]),
        "throughput_t": rounded_column(table["throughput_t"], 1),
        "residents": rounded_column(table["residents_served"].fillna(0)),
        "investment_cny": rounded_column(table["investment_cny"]),
        "annual_cny": rounded_column(annual_cny),
        "area_m2": rounded_column(table["area_m2"]),
    }


def _cells(run: RunRecord, origin: Floats) -> dict[str, Any]:
    """The residential cells: outline, residents, per cent assigned to a point, mean walk (−1: nobody is assigned)."""
    instance, geography = run.instance, run.geography
    cells, walks, plan = cell_rows(instance), instance.walks, run.solution.plan
    served = np.bincount(walks.demand, weights=plan.assign, minlength=instance.n_demand)
    walked_m = np.bincount(walks.demand, weights=plan.assign * walks.distance_m, minlength=instance.n_demand)
    walk_m = np.where(served > LEAST_SHARE, walked_m / np.maximum(served, LEAST_SHARE), -1.0)
    frame = geography.demand.iloc[cells]
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "ring": [rings[0] for rings in outlines(frame["cell"], origin)],
        "residents": rounded_column(instance.demand.residents[cells]),
        "district": instance.demand.district[cells].tolist(),
        "served_percent": rounded_column(100 * served[cells]),
        "walk_m": rounded_column(walk_m[cells]),
    }


def _generators(run: RunRecord, origin: Floats) -> dict[str, Any]:
    instance = run.instance
    rows = generator_rows(instance)
    frame = run.geography.demand.iloc[rows]
    return {
        **place_columns(np.column_stack([frame.geometry.x, frame.geometry.y]), origin),
        "id": instance.demand.id[rows].tolist(),
        "kind": level_column(frame["kind"]),
        "district": instance.demand.district[rows].tolist(),
        "tonnes": rounded_column(instance.demand.tonnes[rows].sum(axis=1), 1),
    }
