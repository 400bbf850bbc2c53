"""Several years in one plan, and several cases of demand for one plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.errors import unknown
from siting.vocabulary import Measure

Rate = Annotated[float, Field(gt=-0.5, lt=0.5, description="share per year: 2 % is 0.02")]
Year = Annotated[int, Field(ge=2000, le=2100)]


class DistrictGrowth(Closed):
    """Annual growth in one district; by default that of the city."""

    residents: Rate | None = None
    tonnes: Rate | dict[str, Rate] | None = None


class Growth(Closed):
    """Annual compound growth. `tonnes` is the growth per resident or generator, of all materials or by material."""

    residents: Rate = 0.0
    tonnes: Rate | dict[str, Rate] = 0.0
    districts: dict[str, DistrictGrowth] = Field(default_factory=dict, description="by district code")


class PriceGrowth(Closed):
    """Annual compound growth of prices from the base year, in real terms."""

    operation: Rate = Field(0.0, description="fixed operation and operation by the tonne: wages, rent, energy")
    transport: Rate = Field(0.0, description="hauls and visits")
    material: Rate = Field(0.0, description="sales and purchase of material")


class Horizon(Closed):
    """The planning years; by default only `year` of the config."""

    years: tuple[Year, ...] = Field((), description="ascending; the last one is `year` of the config")
    closing_years: Annotated[int, Field(ge=1)] = Field(
        5, description="number of years represented by the last planning year"
    )
    base_year: Year | None = Field(None, description="year of the demand data; by default the first planning year")
    discount_rate: Share | None = Field(None, description="per year; by default `money.discount_rate`")
    growth: Growth = Growth()
    prices: PriceGrowth = PriceGrowth()

    @model_validator(mode="after")
    def _is_ascending(self) -> Horizon:
        if len(self.years) == 1:
            raise ValueError("years: give two years or more; for one year remove `horizon` and set `year`")
        if list(self.years) != sorted(set(self.years)):
            raise ValueError(f"years: must ascend and not repeat; write {sorted(set(self.years))}")
        return self


class Factors(Closed):
    """Factors on the demand of a place. `residents` also multiplies the tonnes of households."""

    residents: NotNegative = 1.0
    tonnes: NotNegative | dict[str, NotNegative] = Field(1.0, description="of all materials, or by material")


class PlaceFactors(Factors):
    """Factors on the demand of the city. Factors of districts and settlements multiply those of the whole city."""

    districts: dict[str, Factors] = Field(default_factory=dict, description="by district code")
    settlements: dict[Literal["urban", "rural"], Factors] = Field(default_factory=dict, description="of the cells")


class Case(PlaceFactors):
    """One case of demand."""

    name: Annotated[str, Field(min_length=1)]
    weight: Positive = Field(1.0, description="relative weight of the case")


class Uncertainty(Closed):
    """Demand scenarios that one set of facilities must serve."""

    cases: tuple[Case, ...] = ()
    use: Literal["expected", "worst"] = Field(
        "expected", description="minimise the expected cost, or that of the worst case"
    )

    @model_validator(mode="after")
    def _has_names(self) -> Uncertainty:
        names = [case.name for case in self.cases]
        if len(names) == 1:
            raise ValueError("cases: give two cases or more, for example one with the demand as it stands")
        if len(set(names)) < len(names):
            raise ValueError(f"cases: a name is used twice in {names}; give each its own")
        return self


def horizon_faults(
    horizon: Horizon,
    uncertainty: Uncertainty,
    demand: PlaceFactors,
    *,
    year: int,
    target_years: Sequence[int | None],
    materials: Sequence[str],
    goals: Sequence[Measure],
) -> Iterator[str]:
    """Yield inconsistencies of the three sections; `goals` are the measures that are optimised instead of cost."""
    if goals and (horizon.years or uncertainty.cases):
        yield from _goal_faults(goals, uncertainty)
    if horizon.years and uncertainty.cases:
        yield "uncertainty: cannot go with `horizon`; plan cases for one year, or try a plan with `siting evaluate`"
    if horizon.years and year != horizon.years[-1]:
        yield f"year: is {year}; with a horizon it is the last planning year, {horizon.years[-1]}"
    for number, asked in enumerate(target_years):
        if horizon.years and asked is not None and asked not in horizon.years:
            yield f"targets.{number}.year: {asked} is no planning year; there are {list(horizon.years)}"
    for where, tonnes in _tonnes(horizon, uncertainty, demand):
        yield from unknown(where, "material", tonnes if isinstance(tonnes, dict) else (), materials)


OF_ONE_YEAR = (Measure.INVESTMENT, Measure.WORST_WALK)
"""Measures of which several years or cases have no mean: what is invested is counted once, a longest walk is one."""


def _goal_faults(goals: Sequence[Measure], uncertainty: Uncertainty) -> Iterator[str]:
    if len(goals) > 1:
        yield (
            "objective: a plan of several years or cases has one goal, its mean by their weights; keep the first, set"
            " the others as targets (with `year` where they differ), and leave `pareto` to a plan of one year"
        )
    if uncertainty.use == "worst" and uncertainty.cases:
        yield "objective: `uncertainty.use: worst` is about cost; remove `objective`, or take `use: expected`"
    for measure in goals:
        if measure in OF_ONE_YEAR:
            yield f"objective: {measure} has no mean over years or cases; set it as a target `at_most` instead"


def _tonnes(
    horizon: Horizon, uncertainty: Uncertainty, demand: PlaceFactors
) -> Iterator[tuple[str, float | dict[str, float] | None]]:
    """Yield each figure of tonnes with its key."""
    yield "horizon.growth.tonnes", horizon.growth.tonnes
    for code, district in horizon.growth.districts.items():
        yield f"horizon.growth.districts.{code}.tonnes", district.tonnes
    cases = {f"uncertainty.cases.{number}": case for number, case in enumerate(uncertainty.cases)}
    for at, case in {"demand": demand, **cases}.items():
        yield f"{at}.tonnes", case.tonnes
        for key, places in (("districts", case.districts), ("settlements", case.settlements)):
            for name, factors in places.items():
                yield f"{at}.{key}.{name}.tonnes", factors.tonnes
