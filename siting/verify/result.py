"""Results of a verification."""

from __future__ import annotations

from dataclasses import dataclass

from siting.instance import Floats, Target
from siting.vocabulary import PENALTY


@dataclass(frozen=True)
class TargetResult:
    """Outcome of one target.

    `reached` and `margin` are in the unit of `target.value` (`measure.unit`); `margin` is reached − value for an
    at-least target, value − reached for an at-most one: what is left of the margin planned, and more. `holds` is of the
    value without its margin, and allows the tolerance, relative to values above 1.
    """

    target: Target
    reached: float
    margin: float
    holds: bool

    @property
    def is_hard(self) -> bool:
        """Return whether the target must hold."""
        return self.target.is_hard


@dataclass(frozen=True)
class Verification:
    """Figures of a plan, a year, and the rules that it breaks.

    `cost_terms_cny` has the keys of `COST_TERMS` in their order; income is negative, and `cost_cny` is their sum.
    `emissions_kg_co2e` has `transport` and `operation`. The tonnes are (n_materials,): collected from residents through
    points (`household`) and straight from generators, and processed, that is, entering sorting centres. `tonne_km` is
    by link class, `site_inflow_t` (n_sites, n_materials). `faults` is empty for a plan that holds; where an array of
    the plan cannot be read, it says so and the figures are those of a plan with nothing open and nan for each share and
    flow.
    """

    cost_terms_cny: dict[str, float]
    cost_cny: float
    emissions_kg_co2e: dict[str, float]
    collected_t: Floats
    collected_household_t: Floats
    collected_generator_t: Floats
    processed_t: Floats
    tonne_km: dict[str, float]
    site_inflow_t: Floats
    targets: tuple[TargetResult, ...]
    faults: tuple[str, ...]

    @property
    def penalty_cny(self) -> float:
        """Penalties of missed soft targets, CNY a year; nobody pays them."""
        return self.cost_terms_cny.get(PENALTY, 0.0)

    @property
    def paid_cny(self) -> float:
        """Net cost without penalties, CNY a year."""
        return self.cost_cny - self.penalty_cny
