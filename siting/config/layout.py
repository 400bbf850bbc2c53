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
    """Facilities to which a rule applies: those of the echelons and types listed; all if neither is given."""

    echelons: tuple[EchelonName, ...] = ()
    types: tuple[str, ...] = ()
    source: str = ""

    def covers(self, echelon: str, facility_type: str) -> bool:
        """Return whether the rule applies to a type of an echelon."""
        return (not self.echelons or echelon in self.echelons) and (not self.types or facility_type in self.types)


class Shapes(Covered):
    """A rule about shapes, which may be those of a file."""

    layer: str | None = Field(None, description="layer of a file with several")
    datum: str | None = Field(None, description="datum of a file without one: wgs84, gcj02, bd09, EPSG:n")


class Exclusion(Shapes):
    """Zones without new facilities: a layer, or the table `exclusion` of the city folder."""

    file: Path | None = Field(None, description="GeoPackage, GeoJSON, Shapefile …; by default the city's table")
    kinds: tuple[str, ...] = Field((), description="only shapes of these kinds, by the layer's column `kind`")


class Buffer(Shapes):
    """Minimum straight distance from sensitive places."""

    around: Literal["water", "dense_housing", "candidates", "exclusion", "layer"]
    least_m: Positive
    kinds: tuple[str, ...] = Field((), description="kinds of water, of candidates (such as school) or of the layer")
    file: Path | None = None
    residents_per_km2_above: Positive | None = Field(
        None, description="density above which a cell counts as dense housing"
    )

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
    """Minimum straight distance between two facilities of the rule."""

    least_m: Positive


class AtMost(Closed):
    """Maximum number of open sites among those listed, or with this `at_most_group` in the candidates table."""

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
    """Rules of layout."""

    exclusion: tuple[Exclusion, ...] = ()
    buffers: tuple[Buffer, ...] = ()
    spacing: tuple[Spacing, ...] = ()
    at_most: tuple[AtMost, ...] = ()
    land_price_factor: NotNegative = Field(1.0, description="factor on the land price of every candidate")

    def rules(self) -> Iterator[tuple[str, Covered]]:
        """Yield each rule with its key; groups are about sites, not about types."""
        for name in ("exclusion", "buffers", "spacing"):
            for number, rule in enumerate(getattr(self, name)):
                yield f"layout.{name}.{number}", rule

    def faults(self, types: dict[str, str]) -> Iterator[str]:
        """Yield the rules about types that are not there, or about none; `types` has the echelon of each type."""
        for key, rule in self.rules():
            yield from unknown(f"{key}.types", "facility type", rule.types, types)
            if set(rule.types) <= set(types) and not any(rule.covers(types[one], one) for one in types):
                yield f"{key}: no type of {list(rule.types)} is of echelon {list(rule.echelons)}; drop one of both"

    def files(self) -> Iterator[Path]:
        """Yield the layers that the rules read."""
        for _, rule in self.rules():
            file = getattr(rule, "file", None)
            if file is not None:
                yield file
