"""Keep results of a computation in a folder under a hash of what went in."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from siting.errors import FileError
from siting.files import write_file

VERSION = "travel 2"  # raise it whenever the same inputs give another result, or files have another format
DIGEST_BYTES = 16

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
    path = folder / f"{name}-{_key(name, inputs)}.cache"
    arrays = _read(path)
    if arrays is None:
        arrays = compute()
        _write(path, arrays)
    return arrays


def _key(name: str, inputs: Sequence[npt.NDArray[Any] | str | float]) -> str:
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    for value in (VERSION, name, *inputs):
        text, content = f"{type(value).__name__} {value!r}", b""
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                raise TypeError(f"cache {name}: an input array holds Python objects; give numbers or fixed-width text")
            text, content = f"array {value.dtype.str} {value.shape}", value.tobytes()
        digest.update(f"{len(text)}:{text}".encode())  # with its length: other lists, other bytes
        digest.update(content)
    return digest.hexdigest()


def _read(path: Path) -> Arrays | None:
    """Return the arrays of a file, or nothing if it is missing or damaged."""
    if not path.is_file():
        return None
    try:
        kept = path.read_bytes()
        content = kept[DIGEST_BYTES:]
        if _digest(content) == kept[:DIGEST_BYTES]:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        reason = "it does not match its checksum"
    except Exception as error:  # an older or foreign file must not stop a run
        reason = str(error) or type(error).__name__
    logger.warning("cache file %s is damaged (%s); it is computed again and replaced", path, reason)
    return None


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()


def _write(path: Path, arrays: Arrays) -> None:
    """Write the arrays of a file.

    The digest of all bytes stands before them: a zip's own checksums say nothing of its list of contents.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]  # its stub takes the flag allow_pickle for an array
    content = buffer.getvalue()
    try:
        write_file(path, _digest(content) + content)
    except FileError as error:
        logger.warning("cache folder %s cannot be written (%s); nothing is kept", path.parent, error)
