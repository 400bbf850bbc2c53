"""Open facilities by type and size, and tonnes by material."""

from __future__ import annotations

from collections import Counter
from typing import Any

import geopandas as gpd

from siting.instance import Instance
from siting.results.record import RunRecord
from siting.vocabulary import Echelon


def facility_counts(instance: Instance, open_facilities: gpd.GeoDataFrame) -> dict[str, dict[str, Any]]:
    """Return open facilities of each echelon that the city may have: `open`, and `by_type_and_size` (type/size)."""
    kinds = open_facilities["type"].astype(str) + "/" + open_facilities["size"].astype(str)
    echelons = [one for one in Echelon if one < Echelon.BASE or (instance.sites.echelon == one).any()]
    of_echelon = {one: kinds[open_facilities["echelon"] == one.key] for one in echelons}
    return {
        one.key: {"open": len(rows), "by_type_and_size": dict(sorted(Counter(rows).items()))}
        for one, rows in of_echelon.items()
    }


def material_tonnes(run: RunRecord) -> dict[str, dict[str, float]]:
    """Return tonnes a year `offered` by demand nodes, `collected`, and `processed` by sorting centres, by material."""
    verified, ids = run.verification, [str(name) for name in run.instance.materials.id]
    parts = {
        "offered": run.instance.demand.tonnes.sum(axis=0),
        "collected": verified.collected_t,
        "processed": verified.processed_t,
    }
    return {name: dict(zip(ids, tonnes.tolist(), strict=True)) for name, tonnes in parts.items()}
