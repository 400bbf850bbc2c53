"""One file, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from siting.errors import FileError


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and put it there when it is complete; its folder is made where it is missing.

    Raises
    ------
    FileError
        If the file cannot be written; nothing is left behind then.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        raise FileError(f"{path}: cannot be written ({error.strerror}); choose another place") from error
