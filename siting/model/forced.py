"""Costs that every plan pays for the tonnes it takes, wherever its facilities stand: no more than the cost of a plan.

    forced[open o] = usable capacity of o × lowest cost of a tonne of it among options of its type   ∀ option o
    forced = operation, disposal, purchase, sales, subsidy by the tonne, and capacity bought by it   ∀ other column

and nowhere more than the cost of the column. Ways, visits, penalties and what land or a size costs more than the best
are left out: these a plan decides. Existing facilities have a lowest cost of their own: there are only so many of them.
"""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance
from siting.model.columns import Columns
from siting.model.costs import cost_terms
from siting.model.linear import MODEL_CNY
from siting.model.whole import Whole

BY_TONNE = (
    "unit_operation", "residue_disposal", "product_disposal", "avoided_carbon", "purchase", "sales", "subsidy",
)  # fmt: skip
"""Terms of the cost by the tonne, the same at any distance."""
ROOM = ("investment", "land", "fixed_operation")
"""Terms of what capacity costs."""


def forced_costs(instance: Instance, columns: Columns) -> Floats:
    """Return the forced cost of each column, (n_columns,), in 10^4 CNY; nowhere above its cost."""
    terms, none = cost_terms(instance, columns), np.zeros(columns.n)
    cost = sum(terms.values(), start=none) / MODEL_CNY
    room = sum((terms[name] for name in ROOM), start=none) / MODEL_CNY
    room[columns["open"]] = _at_lowest_cost(instance, room[columns["open"]])
    return np.minimum(cost, room + sum((terms[name] for name in BY_TONNE), start=none) / MODEL_CNY)


def _at_lowest_cost(instance: Instance, cost: Floats) -> Floats:
    """Return the cost of the capacity of each option at the lowest `cost` (n_options,) per tonne of its type."""
    options = instance.options
    kind = 2 * options.type + options.is_existing
    lowest = np.full(2 * len(instance.facility_types), np.inf)
    has_room = options.usable_t > 0
    np.minimum.at(lowest, kind[has_room], cost[has_room] / options.usable_t[has_room])
    return np.asarray(np.where(has_room, lowest[kind], 0.0) * options.usable_t)


def stage_weights(whole: Whole) -> Floats:
    """Return what each stage counts for in a cost that no plan is below, (n_stages,): of the dearest case the mean."""
    if whole.stages is None:
        return np.ones(1)
    n = len(whole.parts)
    return np.full(n, 1.0 / n) if whole.stages.is_robust else whole.stages.weight


def whole_forced_costs(whole: Whole) -> Floats:
    """Return the forced cost of each column of all stages, (n_columns,), in 10^4 CNY."""
    forced = np.zeros(whole.model.n_columns)
    for part, weight in zip(whole.parts, stage_weights(whole), strict=True):
        np.add.at(forced, part.column_in_whole, weight * forced_costs(part.instance, part.columns))
    return forced
