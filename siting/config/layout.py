"""The section `layout`: where facilities may not stand, how far from what and from each other, how many of a group."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive
from siting.errors import unknown
from siting.vocabulary import EchelonName


class Covered(Closed):
    """Which facilities a rule is about: of these echelons and of these types; all where neither is given."""

    echelons: tuple[EchelonName, ...] = ()
    types: tuple[str, ...] = ()
    source: str = ""

    def covers(self, echelon: str, facility_type: str) -> bool:
        """Whether the rule is about a type of an echelon."""
        return (not self.echelons or echelon in self.echelons) and (not self.types or facility_type in self.types)


class Exclusion(Covered):
    """Zones in which nothing is built: a layer, or the table `exclusion` of the city folder."""

    file: Path | None = Field(None, description="GeoPackage, GeoJSON or GeoParquet; the city's table if left out")
    kinds: tuple[str, ...] = Field((), description="shapes of these kinds only, by the layer's column `kind`")


class Buffer(Covered):
    """The least distance, straight, from what is sensitive."""

    around: Literal["water", "dense_housing", "candidates", "exclusion", "layer"]
    least_m: Positive
    kinds: tuple[str, ...] = Field((), description="of water, of candidates (such as school) or of the layer")
    file: Path | None = None
    residents_per_km2_above: Positive | None = Field(None, description="cells denser than this are dense housing")

    @model_validator(mode="after")
    def _is_complete(self) -> Buffer:
        if (self.around == "layer") != (self.file is not None):
            raise ValueError("`around: layer` needs `file`, and nothing else takes one")
        if (self.around == "dense_housing") != (self.residents_per_km2_above is not None):
            raise ValueError("`around: dense_housing` needs residents_per_km2_above, and nothing else takes it")
        if self.around == "candidates" and not self.kinds:
            raise ValueError("`around: candidates` needs kinds, such as [school]")
        return self


class Spacing(Covered):
    """The least distance, straight, between two facilities that the rule covers."""

    least_m: Positive


class AtMost(Closed):
    """Sites of which only so many may be open: listed, or those with this `at_most_group` in the candidates table."""

    sites: tuple[str, ...] = ()
    group: str | None = None
    most: Annotated[int, Field(ge=0)] = 1
    source: str = ""

    @model_validator(mode="after")
    def _is_one_kind(self) -> AtMost:
        if bool(self.sites) == (self.group is not None):
            raise ValueError("give either sites or group")
        return self


class Layout(Closed):
    """Rules of layout; none where left out."""

    exclusion: tuple[Exclusion, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    spacing: tuple[Spacing, ...] = ()
    at_most: tuple[AtMost, ...] = ()
    land_price_factor: NotNegative = Field(1.0, description="multiplies the land price of every candidate")

    def rules(self) -> Iterator[tuple[str, Covered]]:
        """Each rule with its key; groups are about sites, not about types."""
        for name in ("exclusion", "buffers", "spacing"):
            for number, rule in enumerate(getattr(self, name)):
                yield f"layout.{name}.{number}", rule

    def faults(self, types: dict[str, str]) -> Iterator[str]:
        """Rules about types that are not there, or about none; `types` has the echelon of each type."""
        for key, rule in self.rules():
            yield from unknown(f"{key}.types", "facility type", rule.types, types)
            if set(rule.types) <= set(types) and not any(rule.covers(types[one], one) for one in types):
                yield f"{key}: no type of {list(rule.types)} is of echelon {list(rule.echelons)}; drop one of both"

    def files(self) -> Iterator[Path]:
        """The layers that the rules read."""
        for _, rule in self.rules():
            file = getattr(rule, "file", None)
            if file is not None:
                yield file
