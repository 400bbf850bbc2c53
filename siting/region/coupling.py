"""Coupling of cities and bases: tonnes of product delivered, their least and most over all plans, and prices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from siting.instance import Floats, Instance
from siting.vocabulary import DemandKind, Measure

Shares = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Span:
    """The least and the most t a year that any plan of a city delivers of each material of the bases, (n,) each."""

    least_t: Floats
    most_t: Floats


def delivered_per_t(instance: Instance, delivers: Shares, materials: tuple[str, ...]) -> Floats:
    """Return t of each material of the bases for a tonne that enters the city's centres, (n_materials, n)."""
    names = instance.materials.id.tolist()
    table = np.zeros((len(names), len(materials)))
    for row, name in enumerate(names):
        for column, base in enumerate(materials):
            table[row, column] = delivers.get(name, {base: 1.0} if name == base else {}).get(base, 0.0)
    return np.asarray(table * (1 - instance.materials.residue_share)[:, None])


def span(instance: Instance, per_t: Floats) -> Span:
    """Bound what any plan of a city delivers, from its demand and its hard targets on tonnes alone.

    No more reaches its centres than arises, times the largest share that residents bring. No less does than a target
    asks for, without the most of the other materials that the target counts.
    """
    most_t = _most_in(instance)
    least_t = np.zeros_like(most_t)
    for target in instance.targets:
        if not (target.is_hard and target.is_at_least and _counts_what_enters(instance, target.measure)):
            continue
        others_t = most_t[target.counts_material].sum() - most_t
        asked_t = np.where(target.counts_material, target.value - others_t, 0.0)
        least_t = np.maximum(least_t, np.minimum(asked_t, most_t))
    return Span(least_t @ per_t, most_t @ per_t)


def price_of_product(prices: Floats, per_t: Floats, residue_share: Floats) -> Floats:
    """Return what a tonne of product of each material of a city pays at prices (n,) of the bases, (n_materials,)."""
    return np.asarray(per_t @ prices / np.maximum(1e-12, 1 - residue_share))


def _most_in(instance: Instance) -> Floats:
    """The most of each material that can enter the centres, t a year, (n_materials,)."""
    demand, walks = instance.demand, instance.walks
    share = np.where(demand.kind == DemandKind.HOUSEHOLD, 0.0, 1.0)
    np.maximum.at(share, walks.demand, walks.participation)
    return np.asarray(share @ demand.tonnes)


def _counts_what_enters(instance: Instance, measure: Measure) -> bool:
    """Return whether a target counts tonnes that enter the centres; collected tonnes do if nothing is disposed of."""
    return measure is Measure.PROCESSED or (measure is Measure.COLLECTED and len(instance.disposals.option) == 0)
