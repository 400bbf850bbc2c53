"""Changes against an earlier plan: what one unit of each column adds, and what no decision can change.

A site changes where something opens that had nothing, and where what stood closes or gives way to another type or size.
"""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Target
from siting.model.columns import Columns
from siting.vocabulary import Measure


def change_terms(instance: Instance, columns: Columns, _: Target) -> tuple[Ints, Floats]:
    """Return the columns that change the number of changes: 1 for what opens where nothing stood, −1 for what stays."""
    stands = instance.earlier.is_open[0]
    is_new = ~(_sites_of(instance, stands) | instance.earlier.is_gone[0])[instance.options.site]
    option = np.flatnonzero(stands | is_new)
    return columns.at("open", option), np.where(stands[option], -1.0, 1.0)


def counted_before(instance: Instance, target: Target) -> float:
    """Return the part of a measure that no column adds: of changes those of a plan that opens nothing; 0 of others."""
    if target.measure is not Measure.CHANGES:
        return 0.0
    return changed_anyway(instance) + float(instance.earlier.is_open[0].sum())


def changed_anyway(instance: Instance) -> float:
    """Return the number of facilities of the earlier plan that cannot stand as they stood."""
    return float(instance.earlier.elsewhere[0] + instance.earlier.is_gone[0].sum())


def _sites_of(instance: Instance, is_marked: Bools) -> Bools:
    """Return which sites have an option that `is_marked`, (n_sites,)."""
    has = np.zeros(instance.n_sites, dtype=bool)
    has[instance.options.site[is_marked]] = True
    return has
