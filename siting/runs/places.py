"""Where a run goes: found writable before the solve, and the plan saved elsewhere if it no longer is after it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from siting.config import Config
from siting.errors import FileError

LEAST_FREE_MB = 100
PROBE_BYTES = 1_000_000


def cache_folder(config: Config) -> Path:
    """Where travel distances are kept: SITING_CACHE if it is set, else `.cache` in the folder of the runs."""
    return Path(os.environ.get("SITING_CACHE") or config.runs / ".cache")


def require_writable(folder: Path) -> None:
    """Refuse a run folder that could not be written, before any work is done for it.

    Raises
    ------
    FileError
        If it stands there and is no run folder, if nothing can be written beside it, or if the disk is nearly full.
    """
    folder = folder.absolute()
    if folder.exists() and not (folder / "plan.json").exists() and (folder.is_file() or any(folder.iterdir())):
        raise FileError(f"{folder}: stands there and is no run folder; choose another name or remove it yourself")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder.parent) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
        free_mb = shutil.disk_usage(folder.parent).free / 1e6
    except OSError as error:
        cure = "free space on the disk, check permissions, or choose another folder with --out"
        raise FileError(f"{folder}: the run could not be written there ({error.strerror}); {cure}") from error
    if free_mb < LEAST_FREE_MB:
        cure = f"at least {LEAST_FREE_MB} MB are needed; free some or choose another folder with --out"
        raise FileError(f"{folder}: only {free_mb:.0f} MB are free on its disk; {cure}")
