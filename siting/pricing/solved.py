"""A problem that has been solved, ready for questions: its model, its plan as column values, its bound by site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from siting.certificate import SiteTerms, certificate_faults, proven_bound, site_terms, tightened
from siting.certificate.lagrangian import usable_multipliers
from siting.errors import ConfigError
from siting.instance import Floats, Instance, Target
from siting.model import LinearModel, Whole, build_whole
from siting.model.columns import FOLLOWING
from siting.model.linear import MODEL_CNY
from siting.plan import Certificate, Plan, Solution
from siting.pricing.difference import Known
from siting.solve.city.restrict import Holder
from siting.solve.solve import SETTLE_S

ROUNDING = 1e-12
"""Of what is summed, so much is taken off a bound."""


@dataclass(frozen=True)
class Solved:
    """An instance with a plan, and a certificate that proves a bound, both in the model's units.

    `bound_cny` is proven, by the multipliers or by a solver.
    """

    instance: Instance
    whole: Whole
    values: Floats
    certificate: Certificate
    bound_cny: float

    @classmethod
    def of(cls, instance: Instance, solution: Solution) -> Solved:
        """Return the solved problem of an instance.

        Raises
        ------
        ConfigError
            If its objective is no cost, or it has no certificate.
        """
        if instance.objective is not None:
            raise ConfigError("objective: what is optimised is no cost, so nothing has a price; leave `objective` out")
        whole = build_whole(instance)
        faults = certificate_faults(instance, whole, solution)
        if faults or solution.certificate is None:
            raise ConfigError(faults[0] if faults else "certificate: missing; run again with solver highs")
        values = _with_following(whole, solution.plans)
        return cls(instance, whole, values, solution.certificate, solution.bound_cny)

    @property
    def multipliers(self) -> Floats:
        """Multipliers of the rows of the model, (n_rows,)."""
        return self.certificate.multipliers

    @cached_property
    def known(self) -> Known:
        """The cost of the plan, and the bound on that of every plan."""
        return Known(self.cost_of(self.values), min(self.bound_cny, self.cost_of(self.values)))

    @cached_property
    def terms(self) -> SiteTerms:
        """The bound of the multipliers, by site."""
        return site_terms(*tightened(self.whole, self.certificate))

    def cost_of(self, values: Floats) -> float:
        """Return the cost of column values (n_columns,), CNY a year."""
        return float(self.whole.model.cost @ values) * MODEL_CNY

    def with_target(self, changed: Target) -> Solved:
        """Return the problem with another value of the target of this id and year, and what is proven about it.

        The plan is kept, whether it holds there or not.
        """
        old = next(one for one in self.instance.targets if (one.id, one.year) == (changed.id, changed.year))
        targets = tuple(changed if one is old else one for one in self.instance.targets)
        instance = replace(self.instance, targets=targets)
        whole = build_whole(instance)
        return Solved(instance, whole, self.values, self.certificate, self._proven_for(whole) * MODEL_CNY)

    @cached_property
    def _proven(self) -> float:
        """The bound that the multipliers prove, in the model's cost unit."""
        return proven_bound(*tightened(self.whole, self.certificate))

    def _proven_for(self, changed: Whole) -> float:
        """Return the bound that the multipliers prove for a changed model, in the model's cost unit.

        Where sides of rows alone are other, the bound moves by what the multipliers make of that.
        """
        rise = None if self.certificate.covers else rise_by_sides(self.whole.model, changed.model, self.multipliers)
        return proven_bound(*tightened(changed, self.certificate)) if rise is None else self._proven + rise


def rise_by_sides(model: LinearModel, changed: LinearModel, multipliers: Floats) -> float | None:
    """Return by how much any bound of row multipliers (n_rows,) rises from one model to another, in their cost unit.

    None where more than the sides of rows is other.
    """
    arrays = ("cost", "column_lower", "column_upper", "is_integer")
    is_same = model.matrix.shape == changed.matrix.shape and model.matrix.nnz == changed.matrix.nnz
    is_same = is_same and all(np.array_equal(getattr(model, one), getattr(changed, one)) for one in arrays)
    entries = ("indptr", "indices", "data")
    is_same = is_same and all(
        np.array_equal(getattr(model.matrix, one), getattr(changed.matrix, one)) for one in entries
    )
    sides = ((model.row_lower, changed.row_lower), (model.row_upper, changed.row_upper))
    if not (is_same and all(np.array_equal(np.isfinite(one), np.isfinite(other)) for one, other in sides)):
        return None
    y = usable_multipliers(model, multipliers)
    lower, upper = (_finite(other) - _finite(one) for one, other in sides)
    moved = y * np.where(y > 0, lower, upper)
    return float(moved.sum() - ROUNDING * np.abs(moved).sum())


def _finite(sides: Floats) -> Floats:
    return np.where(np.isfinite(sides), sides, 0.0)


def _with_following(whole: Whole, plans: tuple[Plan, ...]) -> Floats:
    """Return the column values of plans, with what follows from them decided."""
    values, free = whole.values_of(plans), whole.model.columns_of(*FOLLOWING)
    if not free.size:
        return values
    holder = Holder.of(whole.model)
    told, _ = holder.resolve(values, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
    told = values if told is None else told
    return np.asarray(told)
