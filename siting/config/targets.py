"""The table of targets: what a line may ask, of whom, and how it must be written."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from siting.config.base import Closed, Positive
from siting.vocabulary import ECHELONS, Echelon, EchelonName, Measure

KEY_FAULTS = {
    "within_m": ("within_m, the walking distance in metres", "knows no distance"),
    "echelon": (f"echelon: {', '.join(list(ECHELONS)[:-1])} or {list(ECHELONS)[-1]}", "counts every echelon"),
    "type": ("a type", "counts every type"),
    "material": ("a material", "counts every material"),
}
"""How a key that is needed, or that says nothing, is reported."""


class TargetLine(Closed):
    """One line of the table of targets."""

    unit: str = Field(description="`city`, `each_district`, a district (code or name) or a functional area")
    measure: Measure
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
        record = self.measure.record
        if (self.at_least is None) == (self.at_most is None):
            yield "give exactly one of at_least and at_most"
        if "at_least" not in record.sides and self.at_least is not None:
            yield f"a {self.measure} target is a limit; give at_most"
        if "at_most" not in record.sides and self.at_most is not None:
            yield f"a {self.measure} target is a floor; give at_least"
        values = [value for value in (self.at_least, self.at_most, *self.overrides.values()) if value is not None]
        if record.is_share and any(value > 1 for value in values):
            yield f"{self.measure.removesuffix('_share')} is a share between 0 and 1 (85 % is 0.85)"
        if not record.may_be_negative and any(value < 0 for value in values):
            yield f"a {self.measure} target cannot be negative"
        if not record.is_soft and self.penalty_cny is not None:
            yield f"a {self.measure} target is no sum and cannot be soft; remove penalty_cny"

    def _key_faults(self) -> Iterator[str]:
        """Keys that a measure needs, and keys that would say nothing about it."""
        record = self.measure.record
        if record.is_of_network and self.unit != "city":
            yield f"a {self.measure} target is of the whole network; write unit: city"
        for key, (needed, refused) in KEY_FAULTS.items():
            is_given = getattr(self, key) is not None
            if key in record.needs and not is_given:
                yield f"a {self.measure} target needs {needed}"
            if is_given and key not in record.narrowed_by:
                yield f"a {self.measure} target {refused}; remove `{key}`"
        if self.measure is Measure.PROCESSED and self.echelon not in (None, Echelon.SORTING.key):
            yield "a processed_t target counts what enters sorting centres; remove `echelon`"
        if self.overrides and self.unit != "each_district":
            yield "overrides go with unit: each_district"
