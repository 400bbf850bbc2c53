"""Dataclasses of arrays to one `.npz` and back, exactly and without pickle.

Every array of the dataclass is a member of the archive under its dotted name; whatever is no array goes into one JSON
text, the member `scalars`. A tuple of dataclasses (the targets) has its arrays stacked, one row for each.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import struct
import types
import typing
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from siting.errors import FileError
from siting.verify import Verification

T = TypeVar("T")
Arrays = dict[str, np.ndarray[Any, Any]]

SCALARS = "scalars"
DAMAGE = (
    ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, MemoryError, OverflowError, RuntimeError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""Errors by which damaged files are known."""
PLAIN: dict[Any, Any] = {float: (int, float), int: int, str: str}
"""JSON types allowed for a field of each type."""


def save_verifications(folder: Path, verifications: Sequence[Verification]) -> None:
    """Write the figures of each period; those of the last, or only, one under the plain name."""
    for path, verification in zip(verification_files(folder, len(verifications)), verifications, strict=True):
        save_arrays(path, verification)


def load_verifications(folder: Path, n_stages: int) -> tuple[Verification, ...]:
    """Read the verifications that `save_verifications` wrote."""
    return tuple(load_arrays(path, Verification) for path in verification_files(folder, n_stages))


def verification_files(folder: Path, n_stages: int) -> list[Path]:
    """Return the files of the figures of each period."""
    return [*(folder / f"verification-{number}.npz" for number in range(1, n_stages)), folder / "verification.npz"]


def verification_arrays(verification: Verification) -> dict[str, Any]:
    """Return the figures of a verification by their dotted names: arrays and, of its scalars, the numbers."""
    arrays: Arrays = {}
    return dict(_leaves(_pack(verification, "", arrays))) | arrays


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, _under(at, name))
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            yield from _leaves(one, _under(at, str(number)))
    elif value is not None:
        yield at, value


def save_arrays(path: Path, value: Any) -> None:
    """Write a dataclass whose fields are arrays, scalars, dicts of numbers, and dataclasses of these."""
    arrays: Arrays = {}
    scalars = _pack(value, "", arrays)
    arrays[SCALARS] = np.array(json.dumps(scalars, ensure_ascii=False))
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # its stub takes the flag allow_pickle for an array


def load_arrays(path: Path, kind: type[T]) -> T:
    """Read a dataclass of type `kind` that `save_arrays` wrote.

    Raises
    ------
    FileError
        If the file is missing, damaged, or holds something else.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        value: T = _unpack(kind, json.loads(str(arrays.pop(SCALARS))), "", arrays)
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror or error}); check the run folder") from error
    except DAMAGE as error:
        raise FileError(f"{path}: damaged or of another version ({error}); run again to write it anew") from error
    return value


def _pack(value: Any, at: str, arrays: Arrays) -> Any:
    """Return the JSON part of `value`; its arrays are added to `arrays` under names that begin with `at`."""
    if isinstance(value, np.ndarray):
        arrays[at] = value.astype(np.str_) if value.dtype.kind == "O" else value
        return None
    if dataclasses.is_dataclass(value):
        return {
            field.name: _pack(getattr(value, field.name), _under(at, field.name), arrays)
            for field in dataclasses.fields(value)
        }
    if isinstance(value, tuple):
        rows: list[Arrays] = [{} for _ in value]
        packed = [_pack(item, at, row) for item, row in zip(value, rows, strict=True)]
        for name in rows[0] if rows else ():
            arrays[name] = np.stack([row[name] for row in rows])
        return packed
    return value.item() if isinstance(value, np.generic) else value


def _unpack(hint: Any, packed: Any, at: str, arrays: Arrays) -> Any:
    """Return what `_pack` was given, by the type that its place is declared to hold; raise TypeError for another."""
    optional = typing.get_origin(hint) in (types.UnionType, typing.Union)
    if optional:
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    if at in arrays:
        return _of_kind(hint, arrays[at], at)
    if packed is None and optional:
        return None
    if _declared(hint) is not None:
        raise TypeError(f"{at} is missing")
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        fields = {name: _unpack(hints[name], inner, _under(at, name), arrays) for name, inner in packed.items()}
        return hint(**fields)  # type: ignore[operator]  # a dataclass by its annotation
    if typing.get_origin(hint) is tuple:
        of = typing.get_args(hint)[0]
        if any(len(array) != len(packed) for name, array in arrays.items() if name.startswith(f"{at}.")):
            raise TypeError(f"{at} has other rows than {len(packed)}")
        return tuple(_unpack(of, item, at, _row(arrays, at, number)) for number, item in enumerate(packed))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(packed)
    if hint in PLAIN and not isinstance(packed, PLAIN[hint]):
        raise TypeError(f"{at} is {packed!r}")
    return packed


def _declared(hint: Any) -> np.dtype[Any] | None:
    """Return the kind of number that an annotation `NDArray[...]` declares; None for any other annotation."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    scalar: Any = None
    if origin is np.ndarray:
        scalar = typing.get_args(arguments[1])[0]
    elif getattr(origin, "__name__", "") == "NDArray":  # a TypeAliasType since NumPy 2.5
        scalar = arguments[0]
    declared: np.dtype[Any] | None = None if scalar is None else np.dtype(scalar)
    return declared


def _of_kind(hint: Any, array: np.ndarray[Any, Any], at: str) -> np.ndarray[Any, Any]:
    """Return an array of the kind (number, truth, text) that its place is declared to hold."""
    declared = _declared(hint)
    if declared is None or not np.can_cast(array.dtype, declared, "same_kind"):
        raise TypeError(f"{at} holds {array.dtype}")
    return array


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _row(arrays: Arrays, at: str, number: int) -> Arrays:
    """Return row `number` of the stacked arrays below `at`."""
    return {name: array[number] for name, array in arrays.items() if name.startswith(f"{at}.")}
