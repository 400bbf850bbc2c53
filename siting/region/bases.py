"""The bases of a region as problems of their own: at what cities deliver, and at prices; and the prices they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from siting.errors import ConfigError, raise_faults
from siting.instance import Bools, Floats
from siting.model import build_model
from siting.model.flow_rows import offer_places
from siting.model.linear import MODEL_CNY, MODEL_T
from siting.model.target_rows import rows_of_targets
from siting.problem import Problem
from siting.region.config import KEPT
from siting.region.coupling import Span
from siting.result import Result
from siting.vocabulary import Measure

ROUNDING = 1e-9
LEAST_T = 1e-3
"""A kilogram a year stands for nothing delivered, so that the model keeps its rows."""


@dataclass(frozen=True)
class Bases:
    """The problem of the bases with the cities that are planned; arrays (n_cities, n_materials), in t and CNY/t.

    `table_t` is what their generators have in the city folder, `is_tied` where the cities' plans replace that.
    """

    problem: Problem
    codes: tuple[str, ...]
    materials: tuple[str, ...]
    is_tied: Bools
    table_t: Floats

    @classmethod
    def of(cls, problem: Problem, codes: Sequence[str], is_tied: Bools) -> Bases:
        """Return the bases with cities of these district codes.

        Raises
        ------
        ConfigError
            If a city delivers what no generator of its district has a row for.
        """
        materials = tuple(problem.config.materials)
        rows = [problem.instance.districts.tolist().index(code) for code in codes]
        table_t = _by_district(problem)[rows]
        missing = [
            f"cities.{codes[city]}: delivers {materials[number]}, of which its district has no generator in"
            f" {problem.config.city}; add one for each place that it leaves from"
            for city, number in np.argwhere(is_tied & (table_t <= 0)).tolist()
        ]
        raise_faults(missing, ConfigError)
        return cls(problem, tuple(codes), materials, is_tied, table_t)

    def at_output(self, output_t: Floats) -> Problem:
        """Return the problem in which bases take all that the cities deliver, and all that others have."""
        return self._with(Span(output_t, output_t), {}, "cities' output")

    def at_prices(self, prices: Floats, within: Span) -> Problem:
        """Return the problem in which a tonne taken from a city earns its price, and bases choose how much they take.

        No less and no more than `within`, which every plan of the city keeps to.
        """
        materials, districts = self.problem.instance.materials, self.problem.instance.districts.tolist()
        price = np.zeros((len(districts), len(self.materials)))
        price[[districts.index(code) for code in self.codes]] = np.where(self.is_tied, prices, 0.0)
        extra = np.maximum(0.0, -price.min(axis=0))  # a price below 0 is a purchase, which cannot differ by district
        subsidy = materials.subsidy_cny_per_t + price + extra
        lines = [
            {"material": name, "districts": [code], "cny_per_t": float(subsidy[row, column])}
            for row, code in enumerate(districts)
            for column, name in enumerate(self.materials)
        ]
        bought = (materials.purchase_cny_per_t + extra).tolist()
        by_material = {name: {"purchase_cny_per_t": cny} for name, cny in zip(self.materials, bought, strict=True)}
        return self._with(within, {"subsidies": lines, "materials": by_material}, "prices of bases")

    def prices(self, result: Result) -> Floats:
        """Return the cost of one more tonne of each material at each city, CNY/t, by multipliers of the bound.

        `result` is of `at_output`. Where a city delivers nothing that is tied, 0.

        Raises
        ------
        ConfigError
            If the run has no multipliers.
        """
        instance, certificate = result.record.whole_instance, result.solution.certificate
        if certificate is None:
            raise ConfigError("bases: the plan has no certificate, so no prices; take `engine: city` or `auto`")
        model, columns = build_model(instance)
        y = certificate.multipliers * (MODEL_CNY / MODEL_T)
        offers = np.zeros(instance.demand.tonnes.size)
        offers[offer_places(instance, columns)] = y[model.rows_of("within_offer")]
        by_offer = instance.demand.tonnes * offers.reshape(instance.demand.tonnes.shape)
        found = np.zeros(self.table_t.shape)
        asked = zip(instance.targets, y[rows_of_targets(instance, model)].tolist(), strict=True)
        by_target = {
            (
                int(instance.demand.district[target.in_unit_demand][0]),
                int(np.flatnonzero(target.counts_material)[0]),
            ): y_t
            for target, y_t in asked
            if target.measure is Measure.COLLECTED
        }
        for city, code in enumerate(self.codes):
            district = instance.districts.tolist().index(code)
            here = instance.demand.district == district
            for number in np.flatnonzero(self.is_tied[city]).tolist():
                total_t = float(instance.demand.tonnes[here, number].sum())
                found[city, number] = by_target[district, number] + float(by_offer[here, number].sum()) / total_t
        return found

    def _with(self, within: Span, changes: dict[str, Any], origin: str) -> Problem:
        """Return the problem with other tonnes on offer, and targets of what bases take at least."""
        config = self.problem.config
        most_t = np.maximum(within.most_t, LEAST_T)
        factor = np.where(self.is_tied, most_t / np.where(self.table_t > 0, self.table_t, 1.0), 1.0)
        tonnes = {
            code: {"tonnes": dict(zip(self.materials, row, strict=True))}
            for code, row in zip(self.codes, factor.tolist(), strict=True)
        }
        least_t = _by_district(self.problem)
        rows = [self.problem.instance.districts.tolist().index(code) for code in self.codes]
        least_t[rows] = np.where(self.is_tied, np.maximum(within.least_t, 0.0), self.table_t)
        taken = [
            {"unit": code, "measure": "collected_t", "material": name, "at_least": (1 - ROUNDING) * float(least)}
            for code, row in zip(self.problem.instance.districts.tolist(), least_t, strict=True)
            for name, least in zip(self.materials, row, strict=True)
        ]
        kept = [line.model_dump(mode="json", exclude_unset=True) for line in config.targets if line.measure in KEPT]
        own = config.demand.model_dump(mode="json")["districts"]
        keys = {"demand": {"districts": own | tonnes}, "targets": [*kept, *taken]} | changes
        return self.problem.with_config(keys, origin=origin)


def _by_district(problem: Problem) -> Floats:
    """Tonnes a year on offer, (n_districts, n_materials)."""
    instance = problem.instance
    found = np.zeros((len(instance.districts), instance.n_materials))
    np.add.at(found, instance.demand.district, instance.demand.tonnes)
    return found
