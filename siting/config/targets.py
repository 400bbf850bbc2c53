"""The table of targets: what a line may ask, of whom, and how it must be written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, model_validator

from siting.config.base import Closed, EchelonName, Positive

MeasureName = Literal[
    "count",
    "coverage",
    "collected_t",
    "processed_t",
    "capacity_t",
    "shared_share",
    "vehicles",
    "walk_m",
    "worst_walk_m",
    "least_coverage",
    "coverage_range",
    "coverage_gini",
    "cost_cny",
    "investment_cny",
    "operation_cny",
    "subsidy_cny",
    "emissions_t",
    "net_emissions_t",
]

FAIRNESS = ("least_coverage", "coverage_range", "coverage_gini")
MONEY_AND_EMISSIONS = ("cost_cny", "operation_cny", "emissions_t", "net_emissions_t")
SHARES = ("coverage", "shared_share", *FAIRNESS)
HARD_ONLY = ("shared_share", "walk_m", "worst_walk_m", "coverage_gini")
OF_THE_CITY = (*FAIRNESS, *MONEY_AND_EMISSIONS)
CAPS = ("walk_m", "worst_walk_m", *FAIRNESS[1:], "investment_cny", "subsidy_cny", *MONEY_AND_EMISSIONS)
FLOORS = ("least_coverage",)
MAY_BE_NEGATIVE = ("cost_cny", "net_emissions_t")
NEED_DISTANCE = ("coverage", *FAIRNESS)
WITH_DISTANCE = (*NEED_DISTANCE, "walk_m")
WITH_MATERIAL = ("collected_t", "processed_t", "subsidy_cny")
WITH_TYPE = ("count", "capacity_t", "processed_t", "shared_share", "vehicles", "investment_cny")
WITH_ECHELON = WITH_TYPE
NEED_ECHELON = ("count", "capacity_t", "shared_share")


class TargetLine(Closed):
    """One line of the table of targets."""

    unit: str = Field(description="`city`, `each_district`, a district (code or name) or a functional area")
    measure: MeasureName
    at_least: float | None = None
    at_most: float | None = None
    year: int | None = None
    echelon: EchelonName | None = None
    type: str | None = None
    within_m: Positive | None = None
    material: str | None = None
    overrides: dict[str, float] = Field(
        default_factory=dict, description="other values for single districts of `each_district`"
    )
    penalty_cny: Positive | None = Field(None, description="makes it soft: CNY for each unit missed")
    source: str = ""
    responsible: str = ""

    @model_validator(mode="after")
    def _is_complete(self) -> TargetLine:
        faults = [*self._value_faults(), *self._key_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _value_faults(self) -> Iterator[str]:
        """Faults of the value asked, and of the side it is asked on."""
        if (self.at_least is None) == (self.at_most is None):
            yield "give exactly one of at_least and at_most"
        if self.measure in CAPS and self.at_least is not None:
            yield f"a {self.measure} target is a limit; give at_most"
        if self.measure in FLOORS and self.at_most is not None:
            yield f"a {self.measure} target is a floor; give at_least"
        values = [value for value in (self.at_least, self.at_most, *self.overrides.values()) if value is not None]
        if self.measure in SHARES and any(value > 1 for value in values):
            yield f"{self.measure.removesuffix('_share')} is a share between 0 and 1 (85 % is 0.85)"
        if self.measure not in MAY_BE_NEGATIVE and any(value < 0 for value in values):
            yield f"a {self.measure} target cannot be negative"
        if self.measure in HARD_ONLY and self.penalty_cny is not None:
            yield f"a {self.measure} target is no sum and cannot be soft; remove penalty_cny"

    def _key_faults(self) -> Iterator[str]:
        """Keys that a measure needs, and keys that would say nothing about it."""
        if self.measure in OF_THE_CITY and self.unit != "city":
            yield f"a {self.measure} target is of the whole network; write unit: city"
        if self.measure in NEED_DISTANCE and self.within_m is None:
            yield f"a {self.measure} target needs within_m, the walking distance in metres"
        if self.within_m is not None and self.measure not in WITH_DISTANCE:
            yield f"a {self.measure} target knows no distance; remove `within_m`"
        if self.measure in NEED_ECHELON and self.echelon is None:
            yield f"a {self.measure} target needs echelon: point, transfer, sorting or base"
        if self.echelon is not None and self.measure not in WITH_ECHELON:
            yield f"a {self.measure} target counts every echelon; remove `echelon`"
        if self.measure == "processed_t" and self.echelon not in (None, "sorting"):
            yield "a processed_t target counts what enters sorting centres; remove `echelon`"
        if self.type is not None and self.measure not in WITH_TYPE:
            yield f"a {self.measure} target counts every type; remove `type`"
        if self.material is not None and self.measure not in WITH_MATERIAL:
            yield f"a {self.measure} target counts every material; remove `material`"
        if self.overrides and self.unit != "each_district":
            yield "overrides go with unit: each_district"
