"""Keep results of a computation in a folder under a hash of what went in."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

VERSION = "travel 1"  # to be raised whenever the same inputs give another result

Arrays = dict[str, npt.NDArray[Any]]
logger = logging.getLogger(__name__)


def cached(
    folder: Path | None,
    name: str,
    inputs: Sequence[npt.NDArray[Any] | str | float],
    compute: Callable[[], Arrays],
) -> Arrays:
    """Return what `compute` returns, from the folder if it was computed from the same inputs before.

    The cache never fails a run: a damaged file is computed again and replaced, a folder that cannot be written is left
    alone; both are logged as warnings.

    Parameters
    ----------
    folder
        Made if it is missing; `None` for no cache.
    name
        Start of the file name; part of the key.
    inputs
        All that the result depends on, in a fixed order. Arrays count with their type and shape.
    compute
        Called without arguments; its arrays hold no Python objects.

    Raises
    ------
    TypeError
        If an input array holds Python objects, which have no stable bytes.
    """
    if folder is None:
        return compute()
    path = folder / f"{name}-{_key(name, inputs)}.npz"
    arrays = _read(path)
    if arrays is None:
        arrays = compute()
        _write(path, arrays)
    return arrays


def _key(name: str, inputs: Sequence[npt.NDArray[Any] | str | float]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for value in (VERSION, name, *inputs):
        if not isinstance(value, np.ndarray):
            digest.update(_marked(f"{type(value).__name__} {value!r}"))
            continue
        if value.dtype.hasobject:
            raise TypeError(f"cache {name}: an input array holds Python objects; give numbers or fixed-width text")
        digest.update(_marked(f"array {value.dtype.str} {value.shape}"))
        digest.update(value.tobytes())
    return digest.hexdigest()


def _marked(text: str) -> bytes:
    """Return the text behind its length, so that no two lists of inputs run together to the same bytes."""
    return f"{len(text)}:{text}".encode()


def _read(path: Path) -> Arrays | None:
    """Return the arrays of a file, or nothing if it is missing or damaged."""
    if not path.is_file():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
        if damaged is None:
            with np.load(path, allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        reason = f"{damaged} does not match its checksum"
    except Exception as error:  # a damaged zip or header raises almost anything; none of it may stop a run
        reason = str(error) or type(error).__name__
    logger.warning("cache file %s is damaged (%s); it is computed again and replaced", path, reason)
    return None


def _write(path: Path, arrays: Arrays) -> None:
    """Write under a temporary name and rename, so that a file is whole or not there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}-", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        logger.warning("cache folder %s cannot be written (%s); nothing is kept", path.parent, error)
