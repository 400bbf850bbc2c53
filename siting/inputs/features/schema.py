"""Sections of a source list that say what named features stand for, and the zones and areas of a city."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.inputs.city import GeneratorKind
from siting.inputs.population.census import SettlementShare

Count = Annotated[int, Field(ge=0)]
Layer = str
"""Layer of a feature: `road`, `transport`, `building`, `water` or any other name that the features have."""


class Span(Closed):
    """A range; both ends are possible."""

    low: NotNegative
    high: NotNegative

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}; exchange them")
        return self


class Words(Closed):
    """Features whose name holds one of `words` and none of `but_not`."""

    words: tuple[str, ...] = ()
    but_not: tuple[str, ...] = ()


class Zone(Closed):
    """Districts of one land-price zone, with the price at its middle and the range from its edge to its centre."""

    districts: tuple[str, ...]
    centre: tuple[float, float] = Field(description="lon, lat towards which prices rise")
    price_cny_per_m2: Positive = Field(description="of the place in the middle, by distance to the centre")
    price_low_cny_per_m2: Positive = Field(description="at the edge")
    price_high_cny_per_m2: Positive = Field(description="at the centre")
    price_key: str | None = Field(None, description="row of the parameter table that the price comes from")
    price_source: str | None = None
    price_status: Literal["published", "recalled", "assumption"] = "assumption"


class Area(Words):
    """A functional area: places of `districts` near a feature with a telling name; not its legal bounds."""

    name_en: str
    name_zh: str
    districts: tuple[str, ...]
    within_m: Positive


class Density(Closed):
    """Residents of a district spread over the square cells that hold a weighted feature, by smoothed density.

    Cells form three groups: isolated ones, the densest of the others, and those between. Each group holds the
    residents that the census shares of settlement classes give it.
    """

    class_weights: dict[Layer, dict[str, NotNegative]] = Field(
        description="layer → class → weight of one feature; other features have none"
    )
    kernel_m: Positive = Field(450.0, description="standard deviation of the Gaussian kernel")
    isolated_below_per_km2: NotNegative = Field(3.0, description="weight density below which a cell is isolated")
    dense_shares: tuple[SettlementShare, ...] = Field(
        ("share_urban_centre", "share_dense_urban"), description="census columns: residents of the densest cells"
    )
    isolated_shares: tuple[SettlementShare, ...] = Field(
        ("share_low_density", "share_very_low_density"), description="census columns: residents of isolated cells"
    )
    dense_power: NotNegative = Field(0.75, description="residents of dense cells follow density to this power")
    middle_power: NotNegative = Field(0.5, description="the same for the cells between")
    max_residents_per_km2: Positive = 60_000.0


class PlaceKind(Words):
    """One kind of place: the classes of features that it stands for, and the land of a site there.

    With `words` or `endings` it stands only for features that are so named.
    """

    kind: str
    layer: Layer
    classes: tuple[str, ...]
    endings: tuple[str, ...] = Field((), description="ends of a name, beside `words` anywhere in it")
    area_m2: Span


class StandIn(Closed):
    """Places that stand for one among the homes of a cell of which the map names too few."""

    kind: str = Field(description="kind that they get instead of their own")
    of: tuple[str, ...] = Field(description="kinds that may stand in, such as stops")
    lacking: tuple[str, ...] = Field(description="kinds of which a cell has too few")
    residents_each: Positive = Field(description="residents of a cell for each place that it needs")
    within_m: Positive = Field(description="distance from the people of the cell")


class PointRules(Closed):
    """Candidates for recycling points, dealt to cells in proportion to residents."""

    kinds: tuple[PlaceKind, ...] = Field(description="from the most to the least specific")
    least_spacing_m: Positive = 30.0
    number: Count
    stand_in: StandIn | None = None
    zone_area_factor: dict[str, Positive] = Field(
        default_factory=dict, description="zone → land of a point there, relative to elsewhere"
    )


class SiteRules(Closed):
    """Candidates for larger facilities: places away from housing, shared among districts by residents."""

    kinds: tuple[PlaceKind, ...]
    zones: tuple[str, ...] = Field((), description="zones with such sites; all when left out")
    number: Count
    least_per_district: Count = 0
    least_spacing_m: Positive = 300.0
    dense_above_per_km2: dict[str, Positive] = Field(
        default_factory=dict, description="zone → residents per km² above which a cell counts as housing"
    )
    from_dense_m: dict[str, NotNegative] = Field(default_factory=dict, description="zone → distance from housing")
    from_sensitive_m: NotNegative = 0.0
    from_water_m: NotNegative = 0.0
    per_area: dict[str, Count] = Field(default_factory=dict, description="functional area → sites in it")
    industrial_share: Share = Field(0.0, description="minimum share of a district's sites on industrial land, if any")
    large_share: Share = Field(0.0, description="share of the sites that have the land of `large_area_m2`")
    large_area_m2: Span = Span(low=0, high=0)


class Industry(Words):
    """Features that indicate industry by name or class, and roads on which generators are placed."""

    building_classes: tuple[str, ...] = ("industrial", "warehouse")
    road_classes: tuple[str, ...] = ("trunk", "primary", "secondary")
    near_m: NotNegative = Field(800.0, description="a road this near to such a feature counts as industrial land")
    decay_m: Positive = Field(1200.0, description="generators: weight of a road place is exp(−distance / decay_m)")
    floor: Share = Field(0.02, description="generators: weight far from every such feature")
    least_spacing_m: Positive = Field(250.0, description="generators: between two places")


class Sensitive(Words):
    """Features that sites keep away from: by a word in the name, or buildings by class."""

    building_classes: tuple[str, ...] = ("school", "kindergarten", "college", "university", "hospital")


class DrawnGenerators(Closed):
    """Synthetic generators of one kind and material: real places, drawn numbers, log-normal sizes."""

    kind: GeneratorKind
    material: str
    tonnes: Positive = Field(description="total, tonnes a year")
    number: Annotated[int, Field(gt=0)]
    largest_t: Positive
    log_sigma: NotNegative = Field(description="standard deviation of the logarithm of a size")
    shares: dict[str, NotNegative] = Field(
        default_factory=dict, description="district code or functional area → share; by weight when left out"
    )


class Towns(Closed):
    """Endings that the list of towns and the stops named after a town put behind its name."""

    suffixes: tuple[str, ...] = ()
    stop_suffixes: tuple[str, ...] = ()


class FeatureCandidates(Closed):
    """Candidates by echelon."""

    point: PointRules | None = None
    transfer: SiteRules | None = None
    sorting: SiteRules | None = None
    base: SiteRules | None = None


class FromFeatures(Closed):
    """Tables that are made of named features: real places, synthetic use."""

    candidates: FeatureCandidates = FeatureCandidates()
    generators: tuple[DrawnGenerators, ...] = ()
    industry: Industry = Industry()
    sensitive: Sensitive = Sensitive()
    towns: Towns = Towns()
