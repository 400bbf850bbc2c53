"""Kinds of candidate site and of existing facility, by tags."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.inputs.osm.raw import Tags
from siting.inputs.osm.selection import PUBLIC_AMENITIES, SCHOOLS

ObjectArray = npt.NDArray[np.object_]


class Rule(NamedTuple):
    """A feature is of this kind if its tag `key` has one of the values, or any where there are none."""

    kind: str
    key: str
    values: tuple[str, ...] = ()


# The first rule that fits counts.
POINT_RULES = (
    Rule("school", "amenity", SCHOOLS),
    Rule("public", "amenity", PUBLIC_AMENITIES),
    Rule("public", "office", ("government", "administrative")),
    Rule("shop", "shop"),
    Rule("shop", "amenity", ("marketplace",)),
    Rule("office", "office"),
    Rule("transit_stop", "highway", ("bus_stop",)),
    Rule("transit_stop", "public_transport", ("platform", "station")),
    Rule("transit_stop", "railway", ("station", "halt", "tram_stop")),
    Rule("transit_stop", "amenity", ("bus_station",)),
    Rule("parking", "amenity", ("parking",)),
    Rule("sanitation", "amenity", ("waste_disposal",)),
    Rule("school", "building", (*SCHOOLS, "school")),
    Rule("public", "building", ("public", "government", "civic", "hospital")),
    Rule("office", "building", ("office",)),
    Rule("community", "building", ("apartments", "residential", "dormitory")),
    Rule("community", "landuse", ("residential",)),
)
LAND_RULES = (
    Rule("industrial_land", "landuse", ("industrial",)),
    Rule("warehouse", "building", ("warehouse",)),
    Rule("warehouse", "industrial", ("warehouse",)),
    Rule("factory", "building", ("industrial", "factory")),
    Rule("factory", "man_made", ("works",)),
    Rule("idle_land", "landuse", ("brownfield",)),
    Rule("parking", "amenity", ("parking",)),
)
FACILITY_RULES = (
    Rule("transfer_station", "amenity", ("waste_transfer_station",)),
    Rule("scrap_yard", "amenity", ("scrapyard",)),
    Rule("scrap_yard", "industrial", ("scrap_yard",)),
    Rule("landfill", "landuse", ("landfill",)),
    Rule("incinerator", "man_made", ("incinerator",)),
    Rule("incinerator", "amenity", ("incinerator",)),
    Rule("incinerator", "plant:source", ("waste",)),
    Rule("incinerator", "generator:source", ("waste",)),
    Rule("recycling_point", "amenity", ("recycling",)),
)
NOT_THERE = ("no", "vacant", "disused", "abandoned")


def by_rules(frame: pd.DataFrame, rules: Iterable[Rule]) -> tuple[ObjectArray, ObjectArray]:
    """Return the kind of each feature, and the value of the tag that made it so; None where no rule fits.

    `frame` has a column for each selected key, missing where the tag is.
    """
    kind, value = np.full(len(frame), None, dtype=object), np.full(len(frame), None, dtype=object)
    for name, key, values in rules:
        column = frame[key]
        said = column.isin(values) if values else column.notna() & ~column.isin(NOT_THERE)
        fits = said.to_numpy() & pd.isna(kind)
        kind[fits] = name
        value[fits] = column.to_numpy()[fits]
    return kind, value


MATERIALS = {
    "paper": (
        "paper",
        "cardboard",
        "newspaper",
        "magazines",
        "books",
        "paper_packaging",
        "cartons",
        "beverage_cartons",
    ),
    "plastic": ("plastic", "plastic_bottles", "plastic_packaging", "PET", "styrofoam", "polyester", "bottle_caps"),
    "glass": ("glass", "glass_bottles"),
    "metal": ("scrap_metal", "cans", "aluminium", "aluminum", "metal", "metal_packaging", "sheet_metal"),
    "textiles": ("clothes", "shoes", "belts", "textiles", "fabric", "clothing"),
    "electronics": (
        *("small_appliances", "electrical_appliances", "electrical_items", "white_goods", "computers", "mobile_phones"),
        *("printer_cartridges", "small_electrical_appliances", "fluorescent_tubes", "low_energy_bulbs", "light_bulbs"),
    ),
    "batteries": ("batteries", "car_batteries"),
    "wood": ("wood", "furniture"),
    "organic": ("organic", "green_waste", "garden_waste", "food_waste", "christmas_trees"),
    "rubber": ("tyres",),
}
MATERIAL_OF = {said: material for material, all_said in MATERIALS.items() for said in all_said}


def materials_of(tags: Tags) -> str | None:
    """The materials that a recycling place takes, comma-separated, in groups; None if it says none.

    A `recycling:*` tag that belongs to no group stands under its own name.

    >>> materials_of({"recycling:glass_bottles": "yes", "recycling:paper": "yes", "recycling:cans": "no"})
    'glass,paper'
    """
    said = {
        key.removeprefix("recycling:") for key, value in tags.items() if key.startswith("recycling:") and value != "no"
    }
    return ",".join(sorted({MATERIAL_OF.get(one, one) for one in said})) or None
