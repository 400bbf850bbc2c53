"""What a plan optimises, in order of importance, and the front between two goals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from siting.config.base import Closed, EchelonName, Positive, Share

MINIMISED = (
    "cost_cny", "operation_cny", "investment_cny", "emissions_t", "net_emissions_t", "walk_m", "worst_walk_m",
    "coverage_range", "count", "vehicles",
)  # fmt: skip
MAXIMISED = ("coverage", "least_coverage", "collected_t", "processed_t")
WITH_DISTANCE = ("coverage", "least_coverage", "coverage_range")


class Goal(Closed):
    """One thing to optimise: `minimise` or `maximise` a measure."""

    minimise: Literal[MINIMISED] | None = None  # type: ignore[valid-type]  # the names above, written once
    maximise: Literal[MAXIMISED] | None = None  # type: ignore[valid-type]
    unit: str = Field("city", description="`city`, a district (code or name) or a functional area")
    echelon: EchelonName | None = None
    within_m: Positive | None = Field(None, description="walking distance that coverage is counted within, m")
    material: str | None = None
    give_up: Share = Field(0.0, description="share of its best value that later goals may give up")

    @model_validator(mode="after")
    def _is_complete(self) -> Goal:
        if (self.minimise is None) == (self.maximise is None):
            raise ValueError("give exactly one of minimise and maximise")
        if self.measure in WITH_DISTANCE and self.within_m is None:
            raise ValueError(f"{self.measure} needs within_m, the walking distance in metres")
        return self

    @property
    def measure(self) -> str:
        """What is optimised, by its name in `siting.instance.Measure`."""
        return str(self.minimise or self.maximise)


class Pareto(Closed):
    """The front between two goals, for `siting pareto`: the first is optimised as the second is tightened."""

    goals: Annotated[tuple[Goal, ...], Field(min_length=2, max_length=2)]
    points: Annotated[int, Field(ge=2, le=50)] = 7
