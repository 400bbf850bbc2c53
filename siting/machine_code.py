"""Functions as machine code (numba), kept between runs for as long as none of them has changed.

By itself numba only knows that what it kept is stale where the file of the called function changed: a function that
calls one of another file would go on with the old one. So what is kept is kept apart by what all of them say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

PACKAGE = Path(__file__).parent
FOLDERS = ("locate", "solve/city", "tours")
IMPORTED = re.compile(r"^from (siting(?:\.\w+)+) import", re.MULTILINE)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """The function as machine code; it runs beside other threads."""
    return cast(Kernel, numba.njit(cache=True, nogil=True)(kernel))


def sources(package: Path) -> list[Path]:
    """The files of compiled functions, and those that they take constants from."""
    kernels = [path for folder in FOLDERS for path in (package / folder).rglob("*.py") if "@compiled" in _text(path)]
    names = {name for path in kernels for name in IMPORTED.findall(_text(path))}
    imported = [package.parent / f"{name.replace('.', '/')}.py" for name in names]
    return sorted({*kernels, *(path for path in imported if path.is_file())})


def fingerprint(package: Path) -> str:
    """What the compiled functions of a package say, in a few letters."""
    told = hashlib.sha256("\0".join(_text(path) for path in sources(package)).encode())
    return told.hexdigest()[:12]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


settings: Any = numba.config  # its names come into being as it is loaded
if not settings.CACHE_DIR:
    settings.CACHE_DIR = str(PACKAGE / "__pycache__" / f"machine-code-{fingerprint(PACKAGE)}")
