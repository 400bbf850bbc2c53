"""Certificates: made for one instance and one layout of rows, and refused for any other."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from siting.certificate.covers import cover_faults, least_units
from siting.certificate.lagrangian import without_soft_targets
from siting.certificate.leaves import hold_all
from siting.certificate.omitted import sound_multipliers
from siting.instance import Floats, Instance
from siting.model import Whole
from siting.plan import Certificate, Cover, Leaf, Solution

FOREIGN_INSTANCE = "certificate: made for another instance than the one stored beside it; run again with this one"


def certify(
    instance: Instance,
    whole: Whole,
    multipliers: Floats,
    covers: tuple[Cover, ...] = (),
    leaves: tuple[Leaf, ...] = (),
    *,
    floor: Floats | None = None,
) -> Certificate:
    """Return the certificate of row multipliers of the model `whole` of `instance`.

    `multipliers` (n_rows + n_covers,) end with those of the rows of `covers`; `floor` (n_rows,) are those of the floor.
    Where links are omitted, what is kept needs no bound that they could exceed.
    """
    blocks, n_rows = whole.model.row_families.blocks, whole.model.n_rows
    of_rows = multipliers[:n_rows]
    if instance.omits_links:
        of_rows = sound_multipliers(whole, of_rows)
        leaves = tuple(
            dataclasses.replace(leaf, multipliers=sound_multipliers(whole, leaf.multipliers)) for leaf in leaves
        )
        covers = tuple(
            dataclasses.replace(cover, multipliers=without_soft_targets(whole.model, cover.multipliers))
            for cover in covers
        )
    return Certificate(
        multipliers=of_rows,
        family=np.array([block.name for block in blocks], dtype=str),
        start=np.array([block.start for block in blocks], dtype=np.int64),
        stop=np.array([block.stop for block in blocks], dtype=np.int64),
        instance_digest=digest(instance),
        covers=_of_one_length(covers),
        cover_price=multipliers[n_rows:],
        leaves=leaves,
        floor_multipliers=np.empty(0) if floor is None else floor,
    )


def _of_one_length(covers: tuple[Cover, ...]) -> tuple[Cover, ...]:
    """Return `covers` with tables of sizes of one length, the last size repeated: so they can be stored as arrays."""
    n = max((len(cover.size) for cover in covers), default=0)
    return tuple(
        dataclasses.replace(
            cover,
            size=np.append(cover.size, np.repeat(cover.size[-1:], n - len(cover.size))),
            price=np.append(cover.price, np.repeat(cover.price[-1:], n - len(cover.price))),
        )
        for cover in covers
    )


def certificate_faults(instance: Instance, whole: Whole, solution: Solution) -> list[str]:
    """Return the reasons why the certificate of `solution` is not valid for `instance`, each with its cure.

    A missing certificate is a fault, whatever is claimed: every engine leaves one. The list is empty where the bound
    can be recomputed.
    """
    certificate = solution.certificate
    if certificate is None:
        return [f"certificate: missing, yet a bound of {solution.bound:,.0f} is claimed; run again to prove it"]
    if certificate.instance_digest != digest(instance):
        return [FOREIGN_INSTANCE]
    n = len(certificate.multipliers)
    if certificate.multipliers.shape != (whole.model.n_rows,):
        return [f"certificate: {n} multipliers for a model of {whole.model.n_rows} rows; run again to prove the bound"]
    return _layout_faults(certificate, whole) or _cover_faults(certificate, whole) or _floor_faults(certificate)


def _floor_faults(certificate: Certificate) -> list[str]:
    """Return the reasons why the multipliers of the floor are not valid; without multipliers the floor is 0."""
    y = certificate.floor_multipliers
    if y.shape not in ((0,), certificate.multipliers.shape) or not np.isfinite(y).all():
        return ["certificate: its floor is of another model or damaged; run again to prove the gaps"]
    return []


def _cover_faults(certificate: Certificate, whole: Whole) -> list[str]:
    """Return the reasons why covers and leaves are not valid for the model."""
    model, covers, leaves = whole.model, certificate.covers, certificate.leaves
    n = len(covers)
    of_covers = [certificate.cover_price, *(part for leaf in leaves for part in _by_cover(leaf))]
    of_rows = [*(cover.multipliers for cover in covers), *(leaf.multipliers for leaf in leaves)]
    of_rows += [cover.capacity_row.astype(float) for cover in covers]
    of_columns = [part for cover in covers for part in (cover.is_counted, cover.units)]
    lengths = ((of_covers, n), (of_rows, model.n_rows), (of_columns, model.n_columns))
    if any(part.shape != (length,) for parts, length in lengths for part in parts):
        return ["certificate: covers or leaves of another model; run again to prove the bound"]
    if not all(np.isfinite(part).all() for part in (*of_covers, *of_rows)):
        return ["certificate: prices of covers that are no finite numbers prove nothing; run again to prove the bound"]
    faults = [
        f"certificate: cover {number} {fault}; run again to prove the bound"
        for number, cover in enumerate(covers)
        for fault in cover_faults(model, cover)
    ]
    if not faults and leaves and not hold_all(leaves, np.array([least_units(model, cover, whole) for cover in covers])):
        faults = ["certificate: its leaves leave some plans out; run again to prove the bound"]
    return faults


def _by_cover(leaf: Leaf) -> list[Any]:
    return [leaf.at_least, leaf.at_most, leaf.low_price, leaf.high_price]


def _layout_faults(certificate: Certificate, whole: Whole) -> list[str]:
    """Return the reasons why multipliers and row families do not match the rows of the model."""
    if not np.isfinite(certificate.multipliers).all():
        return ["certificate: multipliers that are no finite numbers prove nothing; run again to prove the bound"]
    columns = (certificate.family, certificate.start, certificate.stop)
    if len({len(column) for column in columns}) > 1:
        return ["certificate: damaged (family, start and stop differ in length); run again to prove the bound"]
    stored = list(zip(*columns, strict=True))
    ours = [(block.name, block.start, block.stop) for block in whole.model.row_families]
    if stored != ours:
        odd = next((str(one[0]) for one, other in zip(stored, ours, strict=False) if tuple(one) != other), "the last")
        return [
            f"certificate: its rows are laid out otherwise than in this version, from {odd} on; verify it with the"
            " version that made the run, or run again"
        ]
    return []


def digest(instance: Instance) -> str:
    """Return the SHA-256 of all arrays and scalars of an instance, the same on every platform."""
    told = hashlib.sha256()
    for part in _parts(instance):
        told.update(len(part).to_bytes(8, "little"))
        told.update(part)
    return told.hexdigest()


LITTLE_ENDIAN = {"b": "|u1", "i": "<i8", "u": "<i8", "f": "<f8"}


def _parts(value: Any) -> Iterator[bytes]:
    """Yield the bytes of a value, dataclasses and tuples part by part."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield field.name.encode()
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, tuple):
        yield f"{len(value)} items".encode()
        for item in value:
            yield from _parts(item)
    elif isinstance(value, np.ndarray):
        yield f"array {value.shape}".encode()
        if value.dtype.kind in LITTLE_ENDIAN:
            yield np.ascontiguousarray(value, dtype=LITTLE_ENDIAN[value.dtype.kind]).tobytes()
        else:
            yield from (str(item).encode() for item in value.ravel())
    else:
        plain = value.value if isinstance(value, enum.Enum) else value
        plain = plain.item() if isinstance(plain, np.generic) else plain
        yield (float(plain).hex() if isinstance(plain, int | float) else repr(plain)).encode()
