"""Verify a planned region from its run folders: each run, what ties them, the cost and the bound of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from siting.certificate import digest
from siting.instance import Floats, Instance
from siting.problem import read_run
from siting.region.coupling import Span, delivered_per_t, price_of_product, span
from siting.region.folder import read_summary
from siting.result import Result
from siting.vocabulary import Measure

TOLERANCE = 1e-6
LEAST_T = 0.01
"""Tonnes of less are rounding."""


@dataclass(frozen=True)
class RegionAudit:
    """Cost and bound of the whole as recomputed, CNY a year, and every fault that was found."""

    cost_cny: float
    bound_cny: float
    faults: tuple[str, ...]

    def __str__(self) -> str:
        """The outcome in one sentence."""
        if self.faults:
            return f"The region does not hold: {len(self.faults)} faults"
        gap = (self.cost_cny - self.bound_cny) / self.cost_cny if self.cost_cny else 0.0
        return (
            f"Cities and bases keep every rule and fit each other: {self.cost_cny:,.0f} CNY/yr together, of which no"
            f" plan saves more than {gap:.2%}"
        )


@dataclass(frozen=True)
class _CityRun:
    """A city's run with t of each base material a tonne that enters, what it delivers, and what any plan may."""

    code: str
    result: Result
    per_t: Floats
    output_t: Floats
    within: Span


def audit_region(folder: Path) -> RegionAudit:
    """Recompute cost and bound of a planned region, without the code that iterated.

    Raises
    ------
    FileError
        If a run cannot be read.
    """
    claimed = read_summary(folder)
    bases, priced = (read_run(folder / claimed[name]["run"]) for name in ("bases", "bases_at_prices"))
    runs = {code: read_run(folder / one["run"]) for code, one in claimed["cities"].items()}
    faults = [
        f"{name}: {fault}"
        for name, run in ({"bases": bases, "bases_at_prices": priced} | runs).items()
        for fault in run.verify(check=False).faults
    ]
    materials = tuple(bases.record.instance.materials.id.tolist())
    prices = _prices(bases.record.instance, priced.record.instance)
    cost_cny, bound_cny = bases.record.verification.cost_cny, priced.bound_cny
    for code, result in runs.items():
        city = _city(code, result, claimed["cities"][code]["delivers"], materials)
        row = bases.record.instance.districts.tolist().index(code)
        faults += _city_faults(city, claimed["cities"][code], prices[row], materials)
        faults += _tie_faults(city, bases.record.instance, priced.record.instance, row)
        cost_cny += result.record.verification.cost_cny - float(prices[row] @ city.output_t)
        bound_cny += result.bound_cny
    faults += _base_faults(bases, priced, set(runs))
    bound_cny = min(bound_cny, cost_cny)
    for name, value in (("cost_cny", cost_cny), ("bound_cny", bound_cny)):
        if abs(claimed[name] - value) > TOLERANCE * abs(cost_cny):
            faults.append(f"region.json: {name} says {claimed[name]:,.0f}, recomputed it is {value:,.0f}")
    return RegionAudit(cost_cny, bound_cny, tuple(faults))


def _city(code: str, result: Result, delivers: dict[str, dict[str, float]], materials: tuple[str, ...]) -> _CityRun:
    instance = result.record.instance
    per_t = delivered_per_t(instance, delivers, materials)
    return _CityRun(code, result, per_t, result.record.verification.processed_t @ per_t, span(instance, per_t))


def _prices(bases: Instance, priced: Instance) -> Floats:
    """Return what a tonne taken earns in one problem beyond what it earns in the other, (n_districts, n_materials)."""
    earned, own = (one.materials.subsidy_cny_per_t - one.materials.purchase_cny_per_t for one in (priced, bases))
    return np.asarray(earned - own)


def _city_faults(city: _CityRun, claimed: dict[str, Any], prices: Floats, materials: tuple[str, ...]) -> Iterator[str]:
    """Yield how what region.json says of a city, and the prices that it was planned at, differ from its run."""
    for column, name in enumerate(materials):
        if not city.per_t[:, column].any():
            if abs(prices[column]) > TOLERANCE:
                yield f"{city.code}: bases are paid for {name}, which it does not deliver"
            continue
        told = claimed["prices_cny_per_t"][name], claimed["delivered_t"][name]
        if abs(told[0] - prices[column]) > TOLERANCE * max(1.0, abs(prices[column])):
            yield f"{city.code}: region.json says {told[0]:,.2f} CNY/t for {name}, the bases {prices[column]:,.2f}"
        if abs(told[1] - city.output_t[column]) > LEAST_T + TOLERANCE * city.output_t[column]:
            yield f"{city.code}: region.json says {told[1]:,.1f} t of {name}, the plan {city.output_t[column]:,.1f}"
    own, residue = claimed["own_sales_cny_per_t"], city.result.record.instance.materials.residue_share
    paid = price_of_product(prices, city.per_t, residue)
    for number, name in enumerate(city.result.record.instance.materials.id.tolist()):
        sold = city.result.record.instance.materials.sales_cny_per_t[number]
        if abs(own[name] - paid[number] - sold) > TOLERANCE * max(1.0, abs(sold)):
            asked = own[name] - paid[number]
            yield f"{city.code}: planned with {name} at {sold:,.2f} CNY/t; at these prices it is {asked:,.2f}"


def _tie_faults(city: _CityRun, bases: Instance, priced: Instance, row: int) -> Iterator[str]:
    """Yield where bases take other than the city delivers, or are priced for less than every plan of it may deliver."""
    here = bases.demand.district == row
    taken_t, offered_t = (one.demand.tonnes[here].sum(axis=0) for one in (bases, priced))
    for column in np.flatnonzero(city.per_t.any(axis=0)).tolist():
        name, output_t = bases.materials.id[column], city.output_t[column]
        if abs(taken_t[column] - output_t) > LEAST_T + TOLERANCE * output_t:
            yield f"bases: take {taken_t[column]:,.1f} t of {name} from {city.code}, which delivers {output_t:,.1f}"
        if offered_t[column] < city.within.most_t[column] * (1 - TOLERANCE):
            yield f"bases_at_prices: {city.code} may deliver more {name} than is on offer there"
        share, offer = (
            one.demand.tonnes[here, column] / max(1e-12, t)
            for one, t in ((bases, taken_t[column]), (priced, offered_t[column]))
        )
        if np.abs(share - offer).max() > TOLERANCE:
            yield f"bases_at_prices: {name} of {city.code} leaves from other places than in the bases' plan"
        for target in priced.targets:
            if _is_about(target, row, column, priced) and target.asked > city.within.least_t[column] * (1 + TOLERANCE):
                yield f"bases_at_prices: asks for more {name} of {city.code} than every plan of it delivers"


def _base_faults(bases: Result, priced: Result, cities: set[str]) -> Iterator[str]:
    """Yield where bases leave something, or where the problem at prices differs in more than it may."""
    instance, other = bases.record.instance, priced.record.instance
    left_t = instance.demand.tonnes.sum(axis=0) - bases.record.verification.collected_generator_t
    for column in np.flatnonzero(left_t > LEAST_T + TOLERANCE * instance.demand.tonnes.sum(axis=0)).tolist():
        yield f"bases: {left_t[column]:,.1f} t of {instance.materials.id[column]} are taken by none"
    same = replace(other, demand=instance.demand, targets=instance.targets, materials=instance.materials)
    if digest(replace(same, name=instance.name)) != digest(instance):
        yield "bases_at_prices: differs from the bases' problem in more than prices, tonnes and what must be taken"
    kept = [one for one in instance.targets if one.measure is not Measure.COLLECTED]
    if len(kept) != len([one for one in other.targets if one.measure is not Measure.COLLECTED]):
        yield "bases_at_prices: has other targets than the bases' plan"
    for row, code in enumerate(instance.districts.tolist()):
        here = instance.demand.district == row
        if code not in cities and not np.allclose(instance.demand.tonnes[here], other.demand.tonnes[here]):
            yield f"bases_at_prices: {code}, which has no plan, offers other tonnes than in the bases' plan"


def _is_about(target: Any, row: int, column: int, instance: Instance) -> bool:
    is_here = instance.demand.district[target.in_unit_demand]
    is_of = target.measure is Measure.COLLECTED and bool(target.counts_material[column])
    return is_of and bool((is_here == row).any())
