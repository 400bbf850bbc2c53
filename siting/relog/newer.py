"""What the later format of RELOG (`centers` beside `plants`) holds that is not planned here, each with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def newer_faults(content: Mapping[str, Any]) -> list[str]:
    """One line for each thing of the later format that is not taken; empty for the earlier format.

    >>> newer_faults({"products": {}, "plants": {}})
    []
    """
    if "centers" not in content:
        return []
    return [*_centres(content["centers"]), *_plants(content["plants"]), *_emissions(content.get("emissions", {}))]


def _centres(centres: Mapping[str, Any]) -> Iterator[str]:
    for name, centre in centres.items():
        if centre.get("input"):
            yield f"centers / {name} / input {centre['input']}: a centre that buys a product is not taken"
        for product, rates in (centre.get("variable output (tonne/tonne)") or {}).items():
            if any(rates if isinstance(rates, list) else [rates]):
                yield f"centers / {name} / variable output of {product}: what follows input over years is not taken"
        if centre.get("operating cost ($)"):
            yield f"centers / {name} / operating cost: is paid whatever is decided, and not taken"


def _plants(plants: Mapping[str, Any]) -> Iterator[str]:
    for name, plant in plants.items():
        if len(plant.get("input mix (%)") or {}) > 1:
            yield f"plants / {name} / input mix: plants that mix {len(plant['input mix (%)'])} products are not taken"
        for product, limit in (plant.get("storage limit (tonne)") or {}).items():
            if limit is None or limit:
                yield f"plants / {name} / storage of {product}: is taken in the earlier format only"
        if len(plant.get("capacities") or []) != 1 or "capacities" in plant:
            yield f"plants / {name}: is of the later format; write it with locations, as RELOG 0.7 has it"


def _emissions(emissions: Mapping[str, Any]) -> Iterator[str]:
    for gas, rule in emissions.items():
        if rule.get("limit (tonne)") is not None or rule.get("penalty ($/tonne)"):
            yield f"emissions / {gas}: limits and penalties on gases are not taken"
