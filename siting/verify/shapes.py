"""Whether the arrays of a plan can be read, and a plan that can be where they cannot."""

from __future__ import annotations

import numpy as np

from siting.instance import Instance
from siting.plan import Plan, plan_shapes


def list_unreadable(instance: Instance, plan: Plan) -> list[str]:
    """Faults of arrays that have the wrong shape, or figures that are not finite."""
    faults = []
    for name, expected in plan_shapes(instance).items():
        array = np.asarray(getattr(plan, name))
        if array.shape != expected:
            faults.append(f"plan.{name}: the shape is {array.shape} where {expected} is expected")
        elif not np.isfinite(array).all():
            n_bad = int(np.count_nonzero(~np.isfinite(array)))
            faults.append(f"plan.{name}: {n_bad} of {array.size} figures are not finite")
    if not faults and plan.is_open.dtype != np.bool_:
        faults.append(f"plan.is_open: holds {plan.is_open.dtype} where true or false is expected")
    return faults


def without_figures(instance: Instance) -> Plan:
    """A plan of the right shapes in which nothing is open and every figure is nan."""
    figures = {name: np.full(shape, np.nan) for name, shape in plan_shapes(instance).items()}
    return Plan(**{**figures, "is_open": np.zeros(instance.n_options, dtype=np.bool_)})
