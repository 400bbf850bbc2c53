"""Access: demand nodes with an open recycling point within a distance, regardless of assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Instance, Ints, Target
from siting.model.joins import option_terms
from siting.vocabulary import Measure

LIMITED_FROM_ABOVE = (Measure.COVERAGE_RANGE, Measure.COVERAGE_GINI)
"""Measures that a plan could reach by not telling of access: it must be told wherever a point is open."""


@dataclass(frozen=True)
class Access:
    """Access within one distance to points of some types, for the goals that count it.

    Attributes
    ----------
    within_m
        Distance, m.
    counts_type
        Facility types that count, (n_types,).
    node
        Demand nodes that some goal counts and that have a candidate within the distance, ascending.
    is_exact
        Whether access must be told wherever it is, not only where it helps.
    """

    within_m: float
    counts_type: Bools
    node: Ints
    is_exact: bool

    def serves(self, target: Target) -> bool:
        """Return whether a target counts this access."""
        return _key(target) == (self.within_m, self.counts_type.tobytes())


def counts_access(target: Target) -> bool:
    """Return whether a target is about access: the coverage of a unit, or of its districts."""
    return target.measure is Measure.COVERAGE or target.measure.record.counted == "districts"


def list_accesses(instance: Instance, goals: tuple[Target, ...]) -> tuple[Access, ...]:
    """Return the accesses that goals count, each once, in the order of the goals."""
    alike: dict[tuple[float, bytes], list[Target]] = {}
    for goal in goals:
        if counts_access(goal):
            alike.setdefault(_key(goal), []).append(goal)
    return tuple(_access(instance, counting) for counting in alike.values())


def _key(target: Target) -> tuple[float, bytes]:
    return np.inf if target.within_m is None else target.within_m, target.counts_type.tobytes()


def _access(instance: Instance, goals: list[Target]) -> Access:
    first = goals[0]
    counted = np.any([goal.in_unit_demand for goal in goals], axis=0) & (instance.demand.residents > 0)
    within_m, _ = _key(first)
    near = counted[instance.walks.demand] & (instance.walks.distance_m <= within_m)
    node = np.unique(instance.walks.demand[near])
    is_exact = any(goal.measure in LIMITED_FROM_ABOVE or not goal.is_at_least for goal in goals)
    return Access(within_m, first.counts_type, node, is_exact)


def near_options(instance: Instance, access: Access) -> tuple[Ints, Ints, Ints]:
    """Return the options that give a node access: the number of the node, the option, and the walk between them."""
    walks, options = instance.walks, instance.options
    number = np.full(instance.n_demand, -1)
    number[access.node] = np.arange(len(access.node))
    walk = np.flatnonzero((number[walks.demand] >= 0) & (walks.distance_m <= access.within_m))
    row, option = option_terms(instance, walk, walks.site[walk], access.counts_type[options.type])
    return number[walks.demand[row]], option, row
