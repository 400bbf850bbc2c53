"""Consistency checks on the arrays of an instance."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from siting.instance.arrays import Bools, Floats
from siting.vocabulary import DemandKind, Echelon

if TYPE_CHECKING:
    from siting.instance.problem import Instance


def list_faults(instance: Instance) -> list[str]:
    """Faults that would make the arrays contradict each other; an empty list when there are none."""
    return _array_faults(instance) or _index_faults(instance) or _target_faults(instance) or _stage_faults(instance)


def _stage_faults(instance: Instance) -> list[str]:
    """Factors of stages that do not fit the demand."""
    if instance.stages is None:
        return []
    n, demand = instance.n_stages, instance.demand
    tonnes, residents = instance.stages.tonnes_factor.shape, instance.stages.residents_factor.shape
    faults = []
    if tonnes not in ((n, *demand.tonnes.shape), (n, instance.n_demand, 1)):
        faults.append(f"instance.stages.tonnes_factor: shape {tonnes} where {(n, *demand.tonnes.shape)} is expected")
    if residents != (n, instance.n_demand):
        faults.append(f"instance.stages.residents_factor: shape {residents} where {(n, instance.n_demand)} is expected")
    return faults or _price_faults(instance)


def _price_faults(instance: Instance) -> list[str]:
    """Tables of stages that are not one for each, or that differ in more than figures."""
    prices = instance.stages.prices if instance.stages is not None else ()
    if prices and len(prices) != instance.n_stages:
        return [f"instance.stages.prices: {len(prices)} where {instance.n_stages} are expected, or none"]
    return [
        f"instance.stages.prices of stage {number}: {part.name}.{one.name} is not that of the instance"
        for number, priced in enumerate(prices)
        for part in dataclasses.fields(priced)
        for one in dataclasses.fields(getattr(priced, part.name))
        if not _are_alike(*(getattr(getattr(whole, part.name), one.name) for whole in (instance, priced)))
    ]


def _are_alike(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether two arrays have the same shape and, where they hold no figures, the same content."""
    return ours.shape == theirs.shape and (ours.dtype.kind == "f" or np.array_equal(ours, theirs))


def _target_faults(instance: Instance) -> list[str]:
    return [
        f"target {target.id}: {target.measure} cannot be missed by a little; remove the penalty"
        for target in instance.targets
        if not target.measure.record.is_soft and not target.is_hard
    ]


def _index_faults(instance: Instance) -> list[str]:
    """Indices that point at rows that are not there."""
    n_districts, n_types = len(instance.districts), len(instance.facility_types)
    indices = {
        "demand.kind": (instance.demand.kind, len(DemandKind)),
        "demand.district": (instance.demand.district, n_districts),
        "sites.district": (instance.sites.district, n_districts),
        "sites.echelon": (instance.sites.echelon, len(Echelon)),
        "options.site": (instance.options.site, instance.n_sites),
        "options.type": (instance.options.type, n_types),
        "walks.demand": (instance.walks.demand, instance.n_demand),
        "walks.site": (instance.walks.site, instance.n_sites),
        "direct.tail": (instance.direct.tail, instance.n_demand),
        "direct.head": (instance.direct.head, instance.n_sites),
        "haul.tail": (instance.haul.tail, instance.n_sites),
        "haul.head": (instance.haul.head, instance.n_sites),
        "direct.rate": (instance.direct.rate, len(instance.link_rates.vehicle)),
        "haul.rate": (instance.haul.rate, len(instance.link_rates.vehicle)),
        "conversions.type": (instance.conversions.type, n_types),
        "conversions.material": (instance.conversions.material, instance.n_materials),
        "conversions.product": (instance.conversions.product, instance.n_materials),
        "groups.option": (instance.groups.option, instance.n_options),
        "groups.group": (instance.groups.group, len(instance.groups.most)),
        "expansions.option": (instance.expansions.option, instance.n_options),
        "disposals.option": (instance.disposals.option, instance.n_options),
        "disposals.material": (instance.disposals.material, instance.n_materials),
    }
    twice = len(np.unique(instance.expansions.option)) < len(instance.expansions.option)
    faults = ["instance.expansions.option: an option stands there twice"] if twice else []
    return faults + [
        f"instance.{name}: runs from {index.min()} to {index.max()}; there are {n} rows to point at"
        for name, (index, n) in indices.items()
        if index.size and not (index.min() >= 0 and index.max() < n)
    ]


def _array_faults(instance: Instance) -> list[str]:
    """Arrays of the wrong shape, or with a figure that is negative or not finite."""
    faults = []
    for part, n, columns in (
        (instance.demand, instance.n_demand, instance.n_materials),
        (instance.sites, instance.n_sites, None),
        (instance.options, instance.n_options, instance.n_materials),
        (instance.walks, len(instance.walks.demand), None),
        (instance.direct, len(instance.direct.tail), None),
        (instance.haul, len(instance.haul.tail), None),
        (instance.link_rates, len(instance.link_rates.vehicle), None),
        (instance.conversions, len(instance.conversions.type), None),
        (instance.expansions, len(instance.expansions.option), None),
        (instance.disposals, len(instance.disposals.option), None),
    ):
        for field in dataclasses.fields(part):
            array = getattr(part, field.name)
            expected = (n,) if array.ndim == 1 else (n, columns)
            where = f"instance.{type(part).__name__.lower()}.{field.name}"
            if array.shape != expected:
                faults.append(f"{where}: shape {array.shape} where {expected} is expected")
            elif array.dtype.kind == "f" and array.size and not (_is_usable(array, field.name)).all():
                bad = int(np.flatnonzero(~_is_usable(array, field.name).reshape(n, -1).all(axis=1))[0])
                faults.append(f"{where}: row {bad} is {array[bad]}; every figure must be finite and not negative")
    return faults


MAY_BE_NEGATIVE = ("unit_cny_per_t", "cny_per_t", "investment_cny", "investment_cny_per_t")
"""Figures that may earn rather than cost; an investment where what is bought in a later year costs more."""


def _is_usable(array: Floats, name: str) -> Bools:
    """Whether each figure is finite, and not negative where it may not be."""
    return np.asarray(np.isfinite(array) & ((array >= 0) | (name in MAY_BE_NEGATIVE)))
