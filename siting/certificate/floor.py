"""The floor: a cost that every plan pays for its tonnes, as a bound from row multipliers.

With forced costs f that are nowhere above the costs c, and columns x >= 0, every plan has c x >= f x >= L(y), the
Lagrangian bound of the model that minimises f. docs/concepts/gap.md has the proof.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from siting.certificate.lagrangian import lagrangian_bound, usable_multipliers, without_soft_targets
from siting.certificate.linkprices import taken_off
from siting.instance import Floats, Instance
from siting.model.columns import Columns
from siting.model.forced import forced_costs, stage_weights, whole_forced_costs
from siting.model.linear import LinearModel
from siting.model.whole import Whole


def floor_bound(whole: Whole, multipliers: Floats) -> float:
    """Return the cost that every plan pays for its tonnes, proven by `multipliers` (n_rows,), in the model's unit.

    0 where they prove nothing: without multipliers, where cost is not minimised, and where tonnes could earn.
    """
    model = whole.model
    if whole.instance.objective is not None or multipliers.shape != (model.n_rows,):
        return 0.0
    y = floor_multipliers(model, multipliers)
    taken = 0.0
    if whole.instance.omits_links:
        taken = taken_off(whole, y, [partial(_weighted, weight=float(one)) for one in stage_weights(whole)])
    return max(0.0, lagrangian_bound(replace(model, cost=whole_forced_costs(whole)), y) - taken)


def floor_multipliers(model: LinearModel, multipliers: Floats) -> Floats:
    """Return usable multipliers in which soft targets, which force nothing, and the dearest case have none."""
    return without_soft_targets(model, usable_multipliers(model, multipliers))


def _weighted(instance: Instance, columns: Columns, *, weight: float) -> Floats:
    return np.asarray(weight * forced_costs(instance, columns))
