"""Consistency checks on the arrays of an instance."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from siting.instance.arrays import Bools, Floats
from siting.vocabulary import DemandKind, Echelon, Measure

if TYPE_CHECKING:
    from siting.instance.problem import Instance


def list_faults(instance: Instance) -> list[str]:
    """Return the contradictions between arrays; an empty list when there are none."""
    shapes = _array_faults(instance) or _index_faults(instance) or list(_figure_faults(instance, "instance"))
    return shapes or [*_load_faults(instance), *_target_faults(instance)] or _stage_faults(instance)


def _load_faults(instance: Instance) -> list[str]:
    """Return the limits on loads that leave an option nothing to use, or more than its capacity."""
    options = instance.options
    checks = {
        "max_load_share": ((options.max_load_share > 0) & (options.max_load_share <= 1), "above 0 and at most 1"),
        "peak_factor": (options.peak_factor >= 1, "at least 1"),
    }
    rows = {name: int(np.argmin(holds)) for name, (holds, _) in checks.items() if not holds.all()}
    return [
        f"instance.options.{name}: row {row} is {getattr(options, name)[row]:g}; it must be {checks[name][1]}"
        for name, row in rows.items()
    ]


def _stage_faults(instance: Instance) -> list[str]:
    """Return the factors of stages that do not fit the demand."""
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
    """Return the tables of stages that are not one for each, or that differ in more than figures."""
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
    """Return whether two arrays have the same shape and, where they hold no figures, the same content."""
    return ours.shape == theirs.shape and (ours.dtype.kind == "f" or np.array_equal(ours, theirs))


def _target_faults(instance: Instance) -> list[str]:
    return [
        f"target {target.id}: {target.measure} cannot be missed by a little; remove the penalty"
        for target in instance.targets
        if not target.measure.record.is_soft and not target.is_hard
    ] + _earlier_faults(instance)


def _earlier_faults(instance: Instance) -> list[str]:
    """An earlier plan that is asked for and not there, or is of another problem."""
    if any(target.measure is Measure.CHANGES for target in instance.targets) and not len(instance.earlier.is_open):
        return ["instance.earlier: a target limits changes, and there is no plan that they are counted against"]
    n = {"is_open": (instance.n_options,), "is_gone": (instance.n_sites,), "elsewhere": ()}
    shapes = {name: getattr(instance.earlier, name).shape for name in n}
    return [
        f"instance.earlier.{name}: shape {shapes[name]} where {(instance.n_stages, *of)} is expected"
        for name, of in n.items()
        if len(instance.earlier.is_open) and shapes[name] != (instance.n_stages, *of)
    ]


PARTS = (
    "demand", "sites", "options", "walks", "direct", "haul", "link_rates", "conversions", "expansions", "disposals",
    "visits", "door_visits", "omitted_direct", "omitted_haul",
)  # fmt: skip
"""Tables of which all arrays have one row for each thing."""
BY_MATERIAL = ("demand", "options", "link_rates", "visits", "door_visits")
"""Tables that may hold a column for each material."""


def _index_faults(instance: Instance) -> list[str]:
    """Return the indices that point at rows that are not there, by the name of the field."""
    n_rows = {
        "kind": len(DemandKind), "district": len(instance.districts), "echelon": len(Echelon),
        "site": instance.n_sites, "head": instance.n_sites, "option": instance.n_options,
        "demand": instance.n_demand, "type": len(instance.facility_types), "rate": len(instance.link_rates.vehicle),
        "material": instance.n_materials, "product": instance.n_materials, "group": len(instance.groups.most),
    }  # fmt: skip
    indices = [
        (f"{name}.{field}", index, n_rows[field])
        for name in (*PARTS, "groups")
        for field, index in vars(getattr(instance, name)).items()
        if field in n_rows
    ]
    for name, n in (("direct", instance.n_demand), ("haul", instance.n_sites)):
        indices += [(f"{one}.tail", getattr(instance, one).tail, n) for one in (name, f"omitted_{name}")]
    indices.append(("visits.at", instance.visits.at, instance.n_options))
    indices.append(("door_visits.at", instance.door_visits.at, instance.n_demand))
    once = (
        ("expansions.option: an option", instance.expansions.option),
        ("visits.at: an option", instance.visits.at),
        ("door_visits.at: a demand node", instance.door_visits.at),
    )
    faults = [f"instance.{name} stands there twice" for name, index in once if len(np.unique(index)) < len(index)]
    return faults + [
        f"instance.{name}: runs from {index.min()} to {index.max()}; there are {n} rows to point at"
        for name, index, n in indices
        if index.size and not (index.min() >= 0 and index.max() < n)
    ]


def _array_faults(instance: Instance) -> list[str]:
    """Return the arrays of the wrong shape, or with a figure that is negative or not finite."""
    faults = []
    for name in PARTS:
        arrays = vars(getattr(instance, name))
        n = len(next(iter(arrays.values())))
        for field, array in arrays.items():
            expected = (n,) if array.ndim == 1 else (n, instance.n_materials if name in BY_MATERIAL else None)
            where = f"instance.{name}.{field}"
            if array.shape != expected and (n or len(array)):
                faults.append(f"{where}: shape {array.shape} where {expected} is expected")
            elif array.dtype.kind == "f" and not (is_usable := _is_usable(array, field)).all():
                bad = int(np.flatnonzero(~is_usable.reshape(n, -1).all(axis=1))[0])
                faults.append(f"{where}: row {bad} is {array[bad]}; every figure must be finite and not negative")
    return faults


LARGEST = 1e15
"""No figure in CNY, tonnes, metres or residents is as large: solvers take such a coefficient for infinite."""


NO_LIMIT = "].value"
"""A target may ask for no more than infinity: it is no limit."""
PLAIN = (str, int, type(None))
"""Types of values that are always finite, and are passed over."""


def _figure_faults(part: object, where: str) -> Iterator[str]:
    """Yield figures anywhere in `part` that are not finite, or too large for a solver: with one a solve may not end."""
    if isinstance(part, np.ndarray):
        if part.dtype.kind == "f" and part.size and not np.abs(part).max() < LARGEST:
            yield from _unusable(part, where, place="row {row} ")
    elif isinstance(part, float):
        if not abs(part) < LARGEST:
            yield from _unusable(np.atleast_1d(part), where)
    elif isinstance(part, tuple):
        for number, one in enumerate(part):
            yield from _figure_faults(one, f"{where}[{getattr(one, 'id', number)}]")
    elif dataclasses.is_dataclass(part):
        for name in part.__dataclass_fields__:
            one = getattr(part, name)
            if not isinstance(one, PLAIN):
                yield from _figure_faults(one, f"{where}.{name}")


def _unusable(figures: Floats, where: str, *, place: str = "") -> Iterator[str]:
    """Yield the first row of figures that is not usable, if there is one."""
    is_usable = (np.abs(figures) < LARGEST) | (np.isinf(figures) & where.endswith(NO_LIMIT))
    if not is_usable.all():
        row = int(np.flatnonzero(~is_usable.reshape(len(figures), -1).all(axis=1))[0])
        shown = place.format(row=row)
        yield f"{where}: {shown}is {figures[row]}; every figure must be finite and below {LARGEST:g}"


MAY_BE_NEGATIVE = ("unit_cny_per_t", "cny_per_t", "investment_cny", "investment_cny_per_t")
"""Figures that may earn rather than cost; an investment where what is bought in a later year costs more."""


def _is_usable(array: Floats, name: str) -> Bools:
    """Return whether each figure is finite, and not negative where it may not be."""
    return np.asarray(np.isfinite(array) & ((array >= 0) | (name in MAY_BE_NEGATIVE)))
