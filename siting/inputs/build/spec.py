"""The closed schema of a build spec, `city-source.yaml`: everything that is particular to one city."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from siting.errors import DataError, FileError, raise_faults

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Layer = Literal["road", "transport", "building"]
RingName = Literal["inner", "ring", "outer", "coast"]
Nature = Literal["real", "derived", "synthetic"]


class Closed(BaseModel):
    """Base of every section: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(Closed):
    """A range, both ends possible."""

    low: NotNegative
    high: NotNegative

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}; exchange them")
        return self


class Ring(Closed):
    """Districts of one land-price zone: price at the middle of the zone, and its range from edge to centre."""

    districts: tuple[str, ...]
    centre: tuple[float, float] = Field(description="lon, lat of what land prices rise towards")
    price_cny_per_m2: Positive
    price_low_cny_per_m2: Positive
    price_high_cny_per_m2: Positive
    price_key: str = Field(description="row of the parameter table that the price comes from")
    price_source: str
    price_status: Literal["published", "recalled", "assumption"]


class Area(Closed):
    """A functional area: everything of `districts` near a feature with a telling name."""

    name_en: str
    name_zh: str
    districts: tuple[str, ...]
    words: tuple[str, ...]
    but_not: tuple[str, ...] = ()
    within_m: Positive


class Spread(Closed):
    """How the census population of a district is spread over cells."""

    cell_size_m: Positive
    class_weights: dict[Layer, dict[str, NotNegative]] = Field(
        description="weight of one feature by layer and OSM class; others weigh nothing"
    )
    kernel_m: Positive = Field(description="standard deviation of the smoothing kernel")
    isolated_below_per_km2: NotNegative = Field(description="weight density below which a cell counts as isolated")
    dense_shares: tuple[str, ...] = Field(description="census columns whose residents live in the densest cells")
    isolated_shares: tuple[str, ...] = Field(description="census columns whose residents live in isolated cells")
    dense_power: NotNegative
    middle_power: NotNegative
    max_residents_per_km2: Positive


class PointKind(Closed):
    """One kind of candidate point: OSM classes it stands for, land of a point there."""

    kind: str
    layer: Layer
    classes: tuple[str, ...]
    area_m2: Span


class Points(Closed):
    """Candidates of the echelon point, kinds from the most to the least specific."""

    kinds: tuple[PointKind, ...]
    least_spacing_m: Positive
    number: Count
    inner_area_factor: Positive = Field(description="land of a point in the inner ring, relative to elsewhere")


class Sites(Closed):
    """Candidates of the echelon transfer or sorting."""

    kinds: tuple[PointKind, ...] = Field(description="the pool: kinds with the land of a site there")
    rings: tuple[RingName, ...]
    number: Count
    least_per_district: Count
    least_spacing_m: Positive
    dense_above_per_km2: dict[RingName, Positive] = Field(description="cells with more residents count as housing")
    from_dense_m: dict[RingName, NotNegative]
    from_sensitive_m: NotNegative = 0.0
    from_water_m: NotNegative = 0.0
    per_area: dict[str, Count] = Field(default_factory=dict, description="sites inside a functional area, by its key")
    industrial_share: Share = Field(
        0.0, description="least share of a district's sites on industrial land, if it has so many"
    )
    large_share: Share = 0.0
    large_area_m2: Span = Span(low=0, high=0)


class Generators(Closed):
    """The synthetic layer of commercial and industrial generators of one kind and material."""

    kind: Literal["commercial", "industrial"]
    material: str
    tonnes: Positive
    number: Annotated[int, Field(gt=0)]
    largest_t: Positive
    log_sigma: NotNegative
    shares: dict[str, NotNegative] = Field(
        default_factory=dict, description="by district code or functional area; empty: districts by urban residents"
    )


class Industry(Closed):
    """Where industry is: features whose name tells of it, and the roads it stands on."""

    words: tuple[str, ...]
    but_not: tuple[str, ...] = ()
    building_classes: tuple[str, ...]
    road_classes: tuple[str, ...]
    decay_m: Positive
    near_m: NotNegative = Field(description="a road this near to such a feature counts as industrial land")
    floor: Share = Field(description="weight of a road far from every such feature, relative to one at it")
    least_spacing_m: Positive


class Source(Closed):
    """Where a table comes from, as told to readers."""

    origin: str
    licence: str
    date: str
    method: str
    nature: Nature
    flaws: tuple[str, ...]


class Spec(Closed):
    """All that is particular to one city."""

    id: str
    name_en: str
    name_zh: str
    crs_metric: str
    seed: int
    rings: dict[RingName, Ring]
    areas: dict[str, Area] = Field(default_factory=dict)
    demand: Spread
    points: Points
    transfer: Sites
    sorting: Sites
    sensitive_words: tuple[str, ...]
    sensitive_classes: tuple[str, ...]
    industry: Industry
    generators: tuple[Generators, ...]
    not_walkable_classes: tuple[str, ...]
    town_suffixes: tuple[str, ...] = Field((), description="what the list of towns puts after a name")
    town_stop_suffixes: tuple[str, ...] = Field((), description="what a stop named after a town may put after the name")
    attribution: str
    tables: dict[str, Source]


def read_spec(path: Path) -> Spec:
    """Read and check the build spec at `path`.

    Raises
    ------
    FileError
        If the file cannot be read.
    DataError
        If it is not YAML, or a key is unknown, missing or out of range: all faults in one list.
    """
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check the path of the build spec") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not valid YAML in UTF-8: {error}") from error
    try:
        return Spec.model_validate(raw)
    except ValidationError as error:
        faults = [f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise_faults(faults, DataError)
        raise
