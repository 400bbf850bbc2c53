"""What the page of a map knows: columns of short numbers, one list a column, no object for each point.

Places are whole numbers as in `siting.render.html.map.basemap`; a text that repeats is a number into a list
of `levels`.

What lasts stands once. What a run of several years or cases has for each of them stands as it is in the last, and
`stages` holds, by name, what takes its place in each other one: a table's columns, or the whole of a list.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.instance import Floats, Ints
from siting.language import Label
from siting.render.html.map.basemap import outlines, place_names, road_paths, water_shapes, whole_numbers
from siting.render.html.map.demand import cell_columns, generator_columns, given_columns, served_columns
from siting.render.html.map.facilities import drawn_sites, lasting_columns, passing_columns
from siting.render.html.map.flows import assignment_columns, direct_columns, haul_columns
from siting.render.html.map.targets import map_targets
from siting.results.haulprice import haul_prices
from siting.results.publication import publication_line
from siting.results.record import RunRecord, stage_records
from siting.results.summary import number
from siting.results.wording import closing_sentence, rollout_sentence

MARGIN_DEG = 0.01


def map_data(run: RunRecord) -> dict[str, Any]:
    """Everything that the page draws and tells."""
    records = stage_records(run)
    sites = drawn_sites(list(records.values()))
    bounds = _planned_bounds(run, sites)
    origin = bounds[:2].round(5)
    passing = {name: _passing(record, sites) for name, record in records.items()}
    last = list(passing)[-1]
    others = {name: {} if name == last else part for name, part in passing.items()}
    shown = merged(_lasting(run, sites, origin), passing[last])
    if run.publication is not None:
        shown, others = without_demand(shown), {name: without_demand(part) for name, part in others.items()}
    return shown | {
        "bounds": [bounds[[1, 0]].tolist(), bounds[[3, 2]].tolist()],
        "stages": others if run.rollout else {},
        "are_years": run.rollout is not None and run.rollout.stages.is_nested,
    }


def without_demand(data: dict[str, Any]) -> dict[str, Any]:
    """The data of the page with no cell, no generator and nothing that begins at them: what the public is shown.

    >>> without_demand({"cells": {"x": [1], "kind": {"levels": ["a"], "codes": [0]}}, "hauls": {"from": [0]}})
    {'cells': {'x': [], 'kind': {'levels': [], 'codes': []}}, 'hauls': {'from': [0]}}
    """
    empty = {
        name: {
            key: {"levels": [], "codes": []} if isinstance(column, dict) else [] for key, column in data[name].items()
        }
        for name in ("cells", "generators", "assignments", "directs")
        if name in data
    }
    return data | empty


def merged(lasting: dict[str, Any], passing: dict[str, Any]) -> dict[str, Any]:
    """The tables of both: the columns of a table that is in both stand together.

    >>> merged({"cells": {"x": [1]}}, {"cells": {"walk_m": [2]}, "targets": []})
    {'cells': {'x': [1], 'walk_m': [2]}, 'targets': []}
    """
    both = {name: lasting.get(name, {}) | part if isinstance(part, dict) else part for name, part in passing.items()}
    return lasting | both


def _lasting(run: RunRecord, sites: Ints, origin: Floats) -> dict[str, Any]:
    """What is the same in every year or case."""
    return {
        "origin": origin.tolist(),
        "about": _about(run),
        "districts": district_columns(run, origin),
        "types": _types(run),
        "materials": [_material_label(run, str(one)).as_dict() for one in run.instance.materials.id],
        "facilities": lasting_columns(run, sites, origin),
        "cells": cell_columns(run, origin),
        "generators": generator_columns(run, origin),
        "roads": road_paths(run.geography.roads, origin),
        "water": water_shapes(run.geography.water, origin),
        "places": place_names(run.geography.places, origin),
    }


def _passing(run: RunRecord, sites: Ints) -> dict[str, Any]:
    """What is of one year or case."""
    row_of_site = np.full(run.instance.n_sites, -1)
    row_of_site[sites] = np.arange(len(sites))
    prices = haul_prices(run.instance, run.solution.plan)
    return {
        "about": _about_stage(run),
        "districts": {"figures": _district_figures(run)},
        "targets": map_targets(run),
        "facilities": passing_columns(run, sites, prices),
        "cells": served_columns(run, prices),
        "generators": given_columns(run, prices),
        "assignments": assignment_columns(run, row_of_site),
        "hauls": haul_columns(run, row_of_site),
        "directs": direct_columns(run, row_of_site),
    }


def _planned_bounds(run: RunRecord, sites: Ints) -> Floats:
    """West, south, east and north of the demand and of what is drawn, with a margin."""
    places = np.concatenate([run.geography.demand.geometry.bounds, run.geography.sites.iloc[sites].geometry.bounds])
    west, south = places[:, :2].min(axis=0) - MARGIN_DEG
    east, north = places[:, 2:].max(axis=0) + MARGIN_DEG
    return np.array([west, south, east, north])


def _about(run: RunRecord) -> dict[str, Any]:
    geography, solution, line = run.geography, run.solution, publication_line(run)
    return {
        "name": run.config.name,
        "title": run.config.title.as_dict(),
        "city": {"en": geography.city_name_en, "zh": geography.city_name_zh},
        "all_cost_cny": number(solution.cost_cny, 0),
        "gap": number(solution.gap, 6),
        "status": str(solution.status),
        "closing": closing_sentence(solution, run.goals).as_dict(),
        "walk_cutoff_m": run.config.travel.walk_cutoff_m,
        "notes": [*_stage_notes(run), *geography.notes],
        "attributions": list(geography.attributions),
        **({} if line is None else {"approval": line.as_dict()}),
        "uses_osm": any("openstreetmap" in text.lower() for text in geography.attributions),
    }


def _about_stage(run: RunRecord) -> dict[str, Any]:
    verified = run.verification
    return {
        "year": run.instance.year,
        "cost_cny": number(verified.cost_cny, 0),
        "haul_cny": number(verified.cost_terms_cny["transport"], 0),
        "residents": number(run.instance.residents, 0),
        "collected_t": number(float(verified.collected_t.sum()), 1),
        "faults": list(verified.faults),
    }


def _stage_notes(run: RunRecord) -> list[str]:
    """What the cost of several years or cases is, in both languages."""
    if run.rollout is None:
        return []
    costs_cny = [one.cost_cny for one in run.rollout.verifications]
    sentence = rollout_sentence(run.rollout.stages, costs_cny)
    return [sentence.en, sentence.zh]


def district_columns(run: RunRecord, origin: Floats) -> dict[str, Any]:
    """Outlines and names, in the order of the instance's districts."""
    frame = run.geography.districts.set_index("code", drop=False).loc[list(run.instance.districts)]
    places = frame.geometry.representative_point()
    return {
        "code": frame["code"].tolist(),
        "en": frame["name_en"].tolist(),
        "zh": frame["name_zh"].tolist(),
        "rings": outlines(frame.geometry, origin),
        "label": whole_numbers(np.column_stack([places.x, places.y]), origin).ravel().tolist(),
    }


def _district_figures(run: RunRecord) -> dict[str, list[float | int | None]]:
    return {name: [number(float(v), 1) for v in values] for name, values in run.district_figures.items()}


def _types(run: RunRecord) -> list[dict[str, Any]]:
    """Facility types in the order of the instance, with their labels."""
    label = {name: facility_type.label.as_dict() for _, name, facility_type in run.config.facilities.by_echelon()}
    names = zip(run.instance.facility_types, run.instance.type_echelon, strict=True)
    return [{"id": str(name), "echelon": int(echelon), **label[str(name)]} for name, echelon in names]


def _material_label(run: RunRecord, name: str) -> Label:
    known = run.config.materials
    return known[name].label if name in known else Label(en=name.replace("_", " "), zh=name)
