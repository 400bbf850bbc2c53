"""What a plan optimises, in order of importance, and the front between two goals."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from siting.config.base import Closed, Positive, Share
from siting.config.targets import TargetLine
from siting.vocabulary import EchelonName, Measure


def _optimised(which: str) -> AfterValidator:
    """Refuse a measure that an objective cannot take in this direction."""

    def check(measure: Measure) -> Measure:
        if measure.record.optimised != which:
            raise ValueError(f"{measure} cannot be {which}d; one of {', '.join(_measures(which))} can")
        return measure

    return AfterValidator(check)


def _measures(which: str) -> list[str]:
    return [str(measure) for measure in Measure if measure.record.optimised == which]


Minimised = Annotated[Measure, _optimised("minimise"), WithJsonSchema({"enum": _measures("minimise")})]
Maximised = Annotated[Measure, _optimised("maximise"), WithJsonSchema({"enum": _measures("maximise")})]


class Goal(Closed):
    """One thing to optimise: `minimise` or `maximise` a measure of the table of targets."""

    minimise: Minimised | None = None
    maximise: Maximised | None = None
    unit: str = Field("city", description="`city`, a district (code or name) or a functional area")
    echelon: EchelonName | None = None
    within_m: Positive | None = Field(None, description="walking distance that coverage is counted within, m")
    material: str | None = None
    give_up: Share = Field(0.0, description="share of its best value that later goals may give up")

    @model_validator(mode="after")
    def _is_complete(self) -> Goal:
        if (self.minimise is None) == (self.maximise is None):
            raise ValueError("give exactly one of minimise and maximise")
        self.as_line()
        return self

    def as_line(self) -> TargetLine:
        """The line of the table of targets that would ask for it, with value 0."""
        value = {"at_most": 0.0} if self.maximise is None else {"at_least": 0.0}
        keys = {"unit", "echelon", "within_m", "material"}
        return TargetLine.model_validate(self.model_dump(include=keys) | value | {"measure": self.measure})

    @property
    def measure(self) -> Measure:
        """The measure that is optimised."""
        measure = self.minimise or self.maximise
        assert measure is not None
        return measure

    @property
    def needs_service(self) -> bool:
        """Whether something else must ask for service, lest serving nobody is best."""
        return self.minimise is not None and self.minimise.record.needs_service


class Pareto(Closed):
    """The front between two goals, for `siting pareto`: the first is optimised as the second is asked for more."""

    goals: Annotated[tuple[Goal, ...], Field(min_length=2, max_length=2)]
    points: Annotated[int, Field(ge=2, le=50)] = 7
