"""Targets of an instance."""

from __future__ import annotations

from dataclasses import dataclass

from siting.instance.arrays import Bools
from siting.vocabulary import Echelon, Measure


@dataclass(frozen=True)
class Target:
    """One line of the table of targets, for one responsibility unit. `year` 0 stands for every year.

    `value` and what is reached are in `measure.unit`. A soft target has `penalty_cny` for each unit of `value` missed;
    a hard one has None. `margin`, in the same unit and not negative, is asked for on top of it. `in_unit_demand`
    (n_demand,), `in_unit_site` (n_sites,), `counts_type` (n_types,), `counts_material` (n_materials,) say what it
    counts.
    """

    id: str
    unit: str
    measure: Measure
    is_at_least: bool
    value: float
    year: int
    echelon: Echelon | None
    within_m: float | None
    penalty_cny: float | None
    source: str
    responsible: str
    in_unit_demand: Bools
    in_unit_site: Bools
    counts_type: Bools
    counts_material: Bools
    margin: float = 0.0

    @property
    def asked(self) -> float:
        """Value that rows ask for: `value` with its margin, on the side on which the target holds."""
        return self.value + self.margin if self.is_at_least else self.value - self.margin

    @property
    def is_hard(self) -> bool:
        """Return whether the target must hold."""
        return self.penalty_cny is None
