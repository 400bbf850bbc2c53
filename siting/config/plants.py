"""Sections of a facility type: capacity bought by the tonne, and what may be disposed of there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from siting.config.base import Closed, NotNegative, Positive

if TYPE_CHECKING:
    from siting.config.schema import FacilityType, Material


class Expansion(Closed):
    """What a size can be extended by, tonne by tonne; its `area_m2` holds the largest extension."""

    most_t: Positive = Field(description="t/yr that can be bought on top of capacity_t")
    capex_cny_per_t: NotNegative = Field(description="paid once for each t/yr bought")
    opex_cny_per_t: NotNegative = Field(0.0, description="fixed operation a year of each t/yr bought")


class Disposal(Closed):
    """What a facility of a type may dispose of a year, instead of hauling it on."""

    cny_per_t: float = Field(description="below 0 where somebody pays for it")
    limit_t: Positive = Field(description="t/yr of each facility")


def plant_faults(types: Iterator[tuple[str, str, FacilityType]], materials: Mapping[str, Material]) -> Iterator[str]:
    """What does not fit in these sections; `types` are (echelon, type id, type)."""
    for echelon, name, kind in types:
        where = f"facilities.{echelon}.{name}"
        if echelon == "point":
            for size in (size for size, one in kind.sizes.items() if one.expansion is not None):
                yield f"{where}.sizes.{size}.expansion: points are built whole; give more sizes"
        for material in kind.disposal:
            if material not in materials:
                yield f"{where}.disposal: no material {material!r}; there are {sorted(materials)}"
            elif echelon in ("point", "base"):
                yield f"{where}.disposal: only a station or a sorting centre disposes of material; remove it"
            elif echelon == "sorting" and not materials[material].to_base:
                yield (
                    f"{where}.disposal.{material}: its product is sold at the centre; where it has no buyer set"
                    f" materials.{material}.sales_cny_per_t, where it goes on materials.{material}.to_base"
                )
