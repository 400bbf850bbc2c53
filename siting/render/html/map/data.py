"""Data of the page of a map: columns of short numbers, one list a column, no object for each point.

Places are whole numbers as in `siting.render.html.map.basemap`; a text that repeats is a number into a list
of `levels`.

Values common to all periods are stored once; the last period is stored in full and every other one, in `stages` by its
name, as the columns of a table, or the whole lists, that differ from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from siting.chains import ChainTotals
from siting.instance import Floats
from siting.language import text
from siting.render.html.map import columns
from siting.render.html.map.basemap import place_names, road_paths, water_shapes
from siting.results.results import Results
from siting.results.summary import number
from siting.results.targets import TargetRow

MARGIN_DEG = 0.01
DEMAND_TABLES = ("cells", "generators", "assignments", "directs", "candidates")


def map_data(results: Results) -> dict[str, Any]:
    """Return everything that the page draws and writes."""
    table = results.facilities.drop_duplicates("site", keep="last").sort_values("site")
    sites, ids = table["site"].tolist(), table["id"].tolist()
    bounds = _bounds(results)
    periods = {name: _of_period(one, sites, ids) for name, one in results.by_period.items()}
    last = list(periods)[-1]
    others = {name: {} if name == last else part for name, part in periods.items()}
    shown = merged(_common(results, bounds[:2].round(5)), periods[last])
    if results.run.publication is not None:
        shown, others = without_demand(shown), {name: without_demand(part) for name, part in others.items()}
    return shown | {
        "bounds": [bounds[[1, 0]].tolist(), bounds[[3, 2]].tolist()],
        "stages": others if results.has_periods else {},
        "are_years": results.are_years,
    }


def without_demand(data: dict[str, Any]) -> dict[str, Any]:
    """Return the data of the page with no cell, no generator and nothing that begins at them, as for the public.

    >>> without_demand({"cells": {"x": [1], "kind": {"levels": ["a"], "codes": [0]}}, "hauls": {"from": [0]}})
    {'cells': {'x': [], 'kind': {'levels': [], 'codes': []}}, 'hauls': {'from': [0]}}
    """
    empty = {
        name: {
            key: {"levels": [], "codes": []} if isinstance(column, dict) else [] for key, column in data[name].items()
        }
        for name in DEMAND_TABLES
        if name in data
    }
    return data | empty


def merged(common: dict[str, Any], of_period: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of both: the columns of a table that is in both stand together.

    >>> merged({"cells": {"x": [1]}}, {"cells": {"walk_m": [2]}, "targets": []})
    {'cells': {'x': [1], 'walk_m': [2]}, 'targets': []}
    """
    both = {name: common.get(name, {}) | part if isinstance(part, dict) else part for name, part in of_period.items()}
    return common | both


def _common(results: Results, origin: Floats) -> dict[str, Any]:
    geography = results.run.geography
    return {
        "origin": origin.tolist(),
        "about": _about(results),
        "districts": columns.district_columns(results, origin),
        "types": facility_types(results),
        "materials": [label.as_dict() for label in results.material_labels.values()],
        "facilities": columns.site_columns(results, origin),
        "certainties": [text(f"answers.certainty.{one}").as_dict() if one else {} for one in columns.CERTAINTIES],
        "candidates": columns.candidate_columns(results, origin),
        "cells": columns.cell_columns(results, origin),
        "generators": columns.generator_columns(results, origin),
        "roads": road_paths(geography.roads, origin),
        "water": water_shapes(geography.water, origin),
        "places": place_names(geography.places, origin),
    }


def _of_period(results: Results, sites: Sequence[int], ids: Sequence[str]) -> dict[str, Any]:
    """Return the data of one period; `sites` and `ids` are those of the facilities on the page."""
    figures = results.run.district_figures
    return {
        "about": _about_period(results),
        "districts": {"figures": {name: [number(float(one), 1) for one in values] for name, values in figures.items()}},
        "targets": [_target(row) for row in results.target_rows],
        "facilities": columns.facility_columns(results, sites),
        "cells": columns.served_columns(results),
        "generators": columns.given_columns(results),
        "assignments": columns.assignment_columns(results, ids),
        "hauls": columns.haul_columns(results, ids),
        "directs": columns.direct_columns(results, ids),
    }


def _bounds(results: Results) -> Floats:
    """Return west, south, east and north of demand and drawn features, with a margin."""
    boxes = np.array([results.run.geography.demand.total_bounds, results.facilities.total_bounds])
    return np.concatenate([np.nanmin(boxes[:, :2], axis=0) - MARGIN_DEG, np.nanmax(boxes[:, 2:], axis=0) + MARGIN_DEG])


def _about(results: Results) -> dict[str, Any]:
    run, line, sentence = results.run, results.publication_line, results.period_sentence
    return {
        "name": results.name,
        "title": results.title.as_dict(),
        "city": results.city.as_dict(),
        "all_cost_cny": number(results.paid_cny, 0),
        "gap": number(run.solution.gap, 6),
        "decidable_gap": number(run.solution.decidable_gap, 6),
        "gap_flatters": run.solution.gap_flatters,
        "status": str(run.solution.status),
        "closing": results.closing_sentence.as_dict(),
        "walk_cutoff_m": results.walk_cutoff_m,
        "notes": [*(() if sentence is None else (sentence.en, sentence.zh)), *run.geography.notes],
        "attributions": list(run.geography.attributions),
        **({} if line is None else {"approval": line.as_dict()}),
        "uses_osm": uses_osm(results),
        "is_made_up": run.geography.is_made_up,
        "has_points": results.has_points,
    }


def uses_osm(results: Results) -> bool:
    """Return whether OpenStreetMap has to be credited."""
    return any("openstreetmap" in credit.lower() for credit in results.run.geography.attributions)


def _about_period(results: Results) -> dict[str, Any]:
    verified = results.run.verification
    return {
        "year": results.run.instance.year,
        "cost_cny": number(verified.paid_cny, 0),
        "penalty_cny": number(verified.penalty_cny, 0),
        "haul_cny": number(verified.cost_terms_cny["transport"], 0),
        "residents": number(results.run.instance.residents, 0),
        "collected_t": number(results.collected_t, 1),
        "chains": [_chain(one) for one in results.chain_totals],
        "faults": list(verified.faults),
    }


def _chain(one: ChainTotals) -> dict[str, Any]:
    """Return the name of a chain and what a tonne and a resident of it cost (null: it has none)."""
    return {
        "label": one.chain.label.as_dict(),
        "cost_cny": number(one.paid_cny, 0),
        "cost_cny_per_t": number(one.cost_cny_per_t, 2),
        "cost_cny_per_resident": number(one.cost_cny_per_resident, 2),
        "collected_t": number(one.collected_t, 1),
    }


def facility_types(results: Results) -> list[dict[str, Any]]:
    """Return facility types in the order of the instance, with their labels."""
    instance, labels = results.run.instance, results.type_labels
    names = zip(map(str, instance.facility_types), instance.type_echelon.tolist(), strict=True)
    return [{"id": name, "echelon": echelon, **labels[name].as_dict()} for name, echelon in names]


def _target(row: TargetRow) -> dict[str, Any]:
    """Return a target with its label in both languages and its district (−1: the city or another unit)."""
    return {
        "id": row.id, "unit": row.unit, "district": row.district, "label": row.label.as_dict(),
        "measured_in": row.measured_in, "is_at_least": row.is_at_least, "asked": number(row.asked, 4),
        "reached": number(row.reached, 4), "holds": row.holds, "is_hard": row.is_hard, "source": row.source,
        "responsible": row.responsible,
    }  # fmt: skip
