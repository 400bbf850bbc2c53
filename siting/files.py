"""Files, written whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.errors import FileError

if TYPE_CHECKING:
    import pandas as pd


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


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table so that spreadsheets read its Chinese text; a missing value is an empty field."""
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def write_json(path: Path, content: Any) -> None:
    """Write readable JSON; what JSON cannot say (nan, infinity) is an error of ours."""
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
