"""The section `facilities`: types and sizes, capacity bought by the tonne, disposal, and stops of vehicles."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.config.flows import Emptying
from siting.language import Label
from siting.vocabulary import ECHELONS, Echelon

WEEKS_A_YEAR = 52


class Expansion(Closed):
    """Extension of a size by the tonne; `area_m2` of the size must suffice for the largest extension."""

    most_t: Positive = Field(description="maximum extension, t/yr, beyond capacity_t")
    capex_cny_per_t: NotNegative = Field(description="one-off cost per t/yr of extension")
    opex_cny_per_t: NotNegative = Field(0.0, description="annual fixed operation per t/yr of extension")


class Disposal(Closed):
    """Disposal of a material at facilities of a type, instead of hauling it on."""

    cny_per_t: float = Field(description="negative where it earns money")
    limit_t: Positive = Field(description="limit of each facility, t/yr")


class Mobile(Closed):
    """Mobile stop served by a vehicle. Each size gives the visits per week, which limit its capacity."""

    load_t_per_visit: Positive
    stops_per_vehicle_week: Positive = Field(description="visits of one vehicle per week")
    capture_factor: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="participation relative to a fixed point"
    )


class Size(Closed):
    """One size of a facility type. `capex_cny` excludes land; `opex_cny` is fixed operation a year."""

    capacity_t: Positive
    capex_cny: NotNegative
    opex_cny: NotNegative = 0.0
    area_m2: NotNegative = 0.0
    energy_kwh: NotNegative = 0.0
    visits_per_week: Positive | None = Field(None, description="of a mobile type; they determine its capacity")
    expansion: Expansion | None = Field(None, description="capacity that can be added by the tonne")
    emptying: Emptying | None = Field(
        None, description="visits of the collection vehicle; points only, required where vehicles are defined"
    )


class FacilityType(Closed):
    """Facility type of one echelon, with its sizes."""

    label: Label
    life_years: Positive
    sizes: Annotated[dict[str, Size], Field(min_length=1)]
    unit_opex_cny_per_t: NotNegative | dict[str, NotNegative] = 0.0
    unit_energy_kwh_per_t: NotNegative = 0.0
    max_load_share: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="maximum planned load on the busiest day or month, as a share of capacity"
    )
    peak_factor: Annotated[float, Field(ge=1)] = Field(
        1.0, description="load of the busiest day or month divided by the annual mean"
    )
    min_load_share: Share = Field(
        0.1,
        description="minimum use, as a share of capacity: no new facility opens below it, and an existing one below it"
        " does not count towards targets on numbers of facilities",
    )
    accepts: tuple[str, ...] = Field((), description="materials it accepts; all by default")
    kinds: tuple[str, ...] = Field((), description="kinds of candidate sites it may be built on; all by default")
    disposal: dict[str, Disposal] = Field(default_factory=dict, description="materials that it may dispose of on site")
    mobile: Mobile | None = Field(None, description="mobile stop of a vehicle; points only")

    @model_validator(mode="after")
    def _has_room(self) -> FacilityType:
        limit = self.max_load_share / self.peak_factor
        if self.min_load_share > limit:
            raise ValueError(
                f"min_load_share: {self.min_load_share:g} is above the planned limit of {limit:.3g} of capacity,"
                " max_load_share over peak_factor; lower it"
            )
        return self

    @model_validator(mode="before")
    @classmethod
    def _carries_its_visits(cls, raw: object) -> object:
        """Enter the capacity that the visits of each size of a mobile type carry."""
        if not isinstance(raw, dict) or not isinstance(raw.get("sizes"), dict):
            return raw
        mobile, sizes = raw.get("mobile"), {}
        load_t = (
            mobile.get("load_t_per_visit") if isinstance(mobile, dict) else getattr(mobile, "load_t_per_visit", None)
        )
        for name, size in raw["sizes"].items():
            visits = size.get("visits_per_week") if isinstance(size, dict) else None
            if mobile is None and visits is not None:
                raise ValueError(
                    f"sizes.{name}.visits_per_week: only a mobile type has visits; add `mobile` or remove it"
                )
            sizes[name] = size
            if mobile is None or not isinstance(size, dict):
                continue
            if visits is None:
                raise ValueError(f"sizes.{name}: a mobile type needs visits_per_week")
            if isinstance(visits, int | float) and isinstance(load_t, int | float):
                carried_t = visits * WEEKS_A_YEAR * load_t
                if abs(size.get("capacity_t", carried_t) - carried_t) > 1e-6 * carried_t:
                    raise ValueError(f"sizes.{name}.capacity_t: visits carry {carried_t:g} t/yr; leave capacity_t out")
                sizes[name] = size | {"capacity_t": carried_t}
        return raw | {"sizes": sizes}


class Facilities(Closed):
    """Facility types by echelon."""

    point: dict[str, FacilityType] = Field(
        default_factory=dict, description="without point types, a region of processing bases is planned"
    )
    transfer: dict[str, FacilityType] = Field(default_factory=dict)
    sorting: dict[str, FacilityType] = Field(default_factory=dict)
    base: dict[str, FacilityType] = Field(default_factory=dict, description="processing bases; none when left out")

    def by_echelon(self) -> Iterator[tuple[str, str, FacilityType]]:
        """Yield each type as (echelon, type id, type), in the order of the config."""
        for echelon in ECHELONS:
            for name, facility_type in getattr(self, echelon).items():
                yield echelon, name, facility_type

    def faults(self, materials: Collection[str], to_base: Collection[str]) -> Iterator[str]:
        """Yield inconsistencies of the types; `to_base` are the materials hauled to a processing base."""
        names = [name for _, name, _ in self.by_echelon()]
        if len(set(names)) < len(names):
            yield "facilities: a facility type id is used twice; ids are unique over all echelons"
        for echelon, name, kind in self.by_echelon():
            where = f"facilities.{echelon}.{name}"
            if kind.mobile is not None and echelon != Echelon.POINT.key:
                yield f"{where}.mobile: only a point can be mobile; remove it"
            if echelon == Echelon.POINT.key:
                for size in (size for size, one in kind.sizes.items() if one.expansion is not None):
                    yield f"{where}.sizes.{size}.expansion: points are built whole; give more sizes"
            yield from _emptying_faults(kind, where, is_point=echelon == Echelon.POINT.key)
            for material in kind.disposal:
                if material not in materials:
                    yield f"{where}.disposal: no material {material!r}; there are {sorted(materials)}"
                elif echelon not in (Echelon.TRANSFER.key, Echelon.SORTING.key):
                    yield f"{where}.disposal: only a station or a sorting centre disposes of material; remove it"
                elif echelon == Echelon.SORTING.key and material not in to_base:
                    yield (
                        f"{where}.disposal.{material}: its product is sold at the centre; where it has no buyer set"
                        f" materials.{material}.sales_cny_per_t, where it goes on materials.{material}.to_base"
                    )


def _emptying_faults(kind: FacilityType, where: str, *, is_point: bool) -> Iterator[str]:
    """Yield inconsistencies of the visits of the sizes of a type."""
    for name, size in kind.sizes.items():
        at, emptying = f"{where}.sizes.{name}.emptying", size.emptying
        if emptying is None:
            continue
        load_t, visits = emptying.load_t, emptying.visits_per_year
        if not is_point:
            yield f"{at}: only points are emptied on tours; remove it"
        elif kind.mobile is not None and (load_t or visits):
            yield f"{at}: a mobile type has its visits and loads already; give stop_h alone"
        elif kind.mobile is None and not (load_t or visits):
            yield f"{at}: give load_t, t of one visit, or visits_per_year"
        elif load_t and visits and size.capacity_t > visits * load_t * (1 + 1e-9):
            yield (
                f"{where}.sizes.{name}.capacity_t: {size.capacity_t:g} t/yr, but {visits:g} visits of {load_t:g} t take"
                f" {visits * load_t:g}; lower it, or raise visits_per_year or load_t"
            )
