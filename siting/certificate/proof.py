"""Certificates: made for one instance and one layout of rows, and refused for any other."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from siting.instance import Floats, Instance
from siting.model import Whole
from siting.plan import Certificate, Solution

FOREIGN_INSTANCE = "certificate: made for another instance than the one stored beside it; run again with this one"


def certify(instance: Instance, whole: Whole, multipliers: Floats) -> Certificate:
    """Return the certificate of row multipliers (n_rows,) of the model `whole` of `instance`."""
    blocks = whole.model.row_families.blocks
    return Certificate(
        multipliers=multipliers,
        family=np.array([block.name for block in blocks], dtype=str),
        start=np.array([block.start for block in blocks], dtype=np.int64),
        stop=np.array([block.stop for block in blocks], dtype=np.int64),
        instance_digest=digest(instance),
    )


def certificate_faults(instance: Instance, whole: Whole, solution: Solution) -> list[str]:
    """Return why the certificate of `solution` proves nothing about `instance`, each reason with its cure.

    A missing certificate is a fault where a bound is claimed. The list is empty where the bound can be recomputed, and
    where none is claimed.
    """
    certificate, is_claimed = solution.certificate, np.isfinite(solution.bound_cny) or instance.objective is not None
    if certificate is None:
        missing = f"certificate: missing, yet a bound of {solution.bound:,.0f} is claimed; run again to prove it"
        return [missing] if is_claimed else []
    if certificate.instance_digest != digest(instance):
        return [FOREIGN_INSTANCE]
    n = len(certificate.multipliers)
    if certificate.multipliers.shape != (whole.model.n_rows,):
        return [f"certificate: {n} multipliers for a model of {whole.model.n_rows} rows; run again to prove the bound"]
    return _layout_faults(certificate, whole)


def _layout_faults(certificate: Certificate, whole: Whole) -> list[str]:
    """Return why multipliers and row families do not fit the rows of the model."""
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
