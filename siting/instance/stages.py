"""Years and cases of an instance, and the earlier plan against which changes count."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from siting.instance.arrays import Bools, Floats, Ints, Texts
from siting.instance.links import LinkRates, Visits
from siting.instance.tables import Disposals, Expansions, Materials, Options


@dataclass(frozen=True)
class Stages:
    """Years, or cases of demand, that are planned together. Arrays start with n_stages.

    A stage's demand is the instance's times `tonnes_factor` (n_stages, n_demand, n_materials, or 1 for all alike), its
    residents times `residents_factor` (n_stages, n_demand); its targets are those whose `year` is its own, or 0. The
    cost of a plan is the sum of its stages' times `weight`, of which the sum is 1. Years (`is_nested`) may differ in
    what is open, but what opens stays; cases share one set of open facilities, and `is_robust` makes the cost that of
    the dearest case. `prices` is one for each stage, or empty where all have those of the instance.
    """

    name: Texts
    year: Ints
    weight: Floats
    tonnes_factor: Floats
    residents_factor: Floats
    is_nested: bool
    is_robust: bool = False
    prices: tuple[StagePrices, ...] = ()


@dataclass(frozen=True)
class StagePrices:
    """Tables of an instance in one stage: only prices, capacities and limits may differ between stages."""

    options: Options
    expansions: Expansions
    disposals: Disposals
    materials: Materials
    link_rates: LinkRates
    visits: Visits = field(default_factory=Visits.none)
    door_visits: Visits = field(default_factory=Visits.none)


@dataclass(frozen=True)
class Earlier:
    """Facilities of an earlier plan, against which targets of changes count. Arrays start with n_stages; empty: none.

    `is_open` (n_stages, n_options) marks the options that it opens, one a site at most. `is_gone` (n_stages, n_sites)
    marks the sites where it opens what is no option here, `elsewhere` (n_stages,) is the number of its facilities at
    sites that are not here: these are changes in every plan.
    """

    is_open: Bools
    is_gone: Bools
    elsewhere: Floats

    @classmethod
    def none(cls) -> Earlier:
        """Return no rows: there is no earlier plan."""
        nothing = np.zeros((0, 0), dtype=bool)
        return cls(nothing, nothing, np.empty(0))

    def at_stage(self, number: int) -> Earlier:
        """Return that of one stage alone."""
        own = slice(number, number + 1)
        return Earlier(self.is_open[own], self.is_gone[own], self.elsewhere[own])
