"""Folders that keep travel distances between runs."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from siting.config.schema import Config


def cache_folder(config: Config) -> Path:
    """Return the folder of cached distances: SITING_CACHE if it is set, else `.cache` in the folder of the runs."""
    return Path(os.environ.get("SITING_CACHE") or config.runs / ".cache")


def default_cache(config: Config) -> Path:
    """Return the folder that keeps travel distances unless the caller names one."""
    is_named = bool(os.environ.get("SITING_CACHE"))
    return cache_folder(config) if is_named or config.runs.is_dir() else user_cache()


def user_cache() -> Path:
    """Return the cache folder of this user; it need not exist."""
    try:
        home = Path.home()
    except RuntimeError:  # the user has no home directory, as in some containers
        home = Path(tempfile.gettempdir())
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "siting" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "siting"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "siting"
