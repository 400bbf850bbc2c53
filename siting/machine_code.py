"""Compile functions to machine code (numba) and keep it between runs, for as long as no kernel has changed.

numba invalidates the cache of a function when its own file changes, but not when a function that it calls, or a
constant that it uses, changes in another file. The cache directory is therefore keyed by a hash of all kernel sources.
It is set for these functions only: other packages keep the cache that numba gives them.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

PACKAGE = Path(__file__).parent
IMPORTED = re.compile(r"^from (siting(?:\.\w+)+) import", re.MULTILINE)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(kernel: Kernel) -> Kernel:
    """Return the function as machine code, kept between runs where a folder can be written; it releases the GIL."""
    return _compiled(kernel)


def borrowing(kernel: Kernel) -> Kernel:
    """Return as `compiled` a function that makes no arrays, without counting references to those that it is given.

    Counting is atomic, for each array at each call: with dozens of arrays in a tuple it took nine tenths of a search.
    A function that makes an array, also for a draw by `Generator.integers`, is refused by numba.
    """
    return _compiled(kernel, _nrt=False)


def _compiled(kernel: Kernel, **options: bool) -> Kernel:
    make_dispatcher: Any = numba.njit
    dispatcher = make_dispatcher(nogil=True, **options)(kernel)
    if hasattr(dispatcher, "py_func") and cache_folder() is not None:  # with NUMBA_DISABLE_JIT it is a plain function
        make_cache: Any = _Cache
        dispatcher._cache = make_cache(dispatcher.py_func)
    return cast(Kernel, dispatcher)


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return the first folder for compiled code that can be written; None where there is none."""
    return first_writable(cache_folders(PACKAGE))


def cache_folders(package: Path) -> Iterator[Path]:
    """Yield possible cache folders of compiled code, keyed by the kernels: numba's if set, package, user cache."""
    key = f"machine-code-{fingerprint(package)}"
    settings: Any = numba.config  # its names are defined during import
    if settings.CACHE_DIR:
        yield Path(settings.CACHE_DIR) / f"siting-{key}"
    yield package / "__pycache__" / key
    user = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    with suppress(RuntimeError):  # the user has no home directory
        yield (Path(user) if user else Path.home() / ".cache") / "siting" / key


def first_writable(folders: Iterator[Path]) -> Path | None:
    """Return the first folder that exists, or can be made, and takes a file."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder
    return None


def sources(package: Path) -> list[Path]:
    """Return the files of kernels, and those that they import constants from."""
    kernels = [path for path in package.rglob("*.py") if "@compiled" in _text(path)]
    names = {name for path in kernels for name in IMPORTED.findall(_text(path))}
    imported = [package.parent / f"{name.replace('.', '/')}.py" for name in names]
    return sorted({*kernels, *(path for path in imported if path.is_file())})


def fingerprint(package: Path) -> str:
    """Return a short hash of all kernel sources of a package."""
    told = hashlib.sha256("\0".join(_text(path) for path in sources(package)).encode())
    return told.hexdigest()[:12]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class _Locator(_CacheLocator):
    """Place of a kernel's compiled code: a folder for its module in the cache folder of this package."""

    def __init__(self, kernel: Any, file: str) -> None:
        self._py_file, self._kernel = file, kernel

    @classmethod
    def from_function(cls, py_func: Any, py_file: str) -> _Locator:
        return cls(py_func, py_file)

    def get_cache_path(self) -> str:
        return str(cast(Path, cache_folder()) / self._kernel.__module__)

    def get_source_stamp(self) -> str:
        return hashlib.sha256(_text(Path(self._py_file)).encode()).hexdigest()

    def get_disambiguator(self) -> str:
        return str(self._kernel.__code__.co_firstlineno)


class _Implementation(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012 - the name and type that numba reads


class _Cache(FunctionCache):
    _impl_class = _Implementation
