"""Write files and folders whole or not at all.

A file or folder is written under a hidden name beside its place, flushed to the disk, and put there in one step. A
process that dies leaves at most a hidden partial; the next writer of the same name removes it, and puts back a folder
whose exchange was interrupted.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.errors import FileError

if sys.platform != "win32":
    import fcntl
if TYPE_CHECKING:
    import pandas as pd

CURE = "free space on the disk, check permissions, or choose another place"
ATTEMPTS = 10
ABANDONED_S = 86_400.0
"""Age from which a partial counts as abandoned where the system has no file locks, s."""
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[+-]?[\d.,\s]+(?:e[+-]?\d+)?%?|-+", re.IGNORECASE)
WRITING, FORMER = "writing", "former"
RENAME_EXCHANGE = 2  # <linux/fs.h>
AT_FDCWD = -100  # <fcntl.h>


def write_file(path: str | Path, content: str | bytes, *, cure: str = CURE) -> None:
    """Write a file whole or not at all; a text is encoded as UTF-8. Missing parent folders are made.

    Raises
    ------
    FileError
        If the file cannot be written; a former one stays as it was.
    """
    with new_file(path, cure=cure) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def write_csv(path: str | Path, table: pd.DataFrame) -> None:
    """Write a table so that spreadsheets read its Chinese text; a missing value is an empty field."""
    write_file(path, csv_bytes(table))


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return the content that `write_csv` writes; a text that a spreadsheet would run as a formula gets a quote.

    >>> import pandas as pd
    >>> csv_bytes(pd.DataFrame({"name": ["=1+1", "-3", "plain"]})).decode("utf-8-sig").split()
    ['name', "'=1+1", '-3', 'plain']
    """
    texts = table.select_dtypes(include=["object", "string"]).columns
    harmless = table.assign(**{name: table[name].map(_harmless) for name in texts if name in table})
    return harmless.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def write_json(path: str | Path, content: Any) -> None:
    """Write readable JSON; nan and infinity, which JSON does not know, are programming errors."""
    write_file(path, json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


@contextlib.contextmanager
def new_file(path: str | Path, *, cure: str = CURE) -> Iterator[Path]:
    """Yield an empty partial with the suffix of `path`; at the end of the block it takes the place of `path`.

    A symbolic link is followed. A device or a pipe is written directly.

    Raises
    ------
    FileError
        If the file cannot be written; a former one stays as it was. The message ends with `cure`.
    """
    target = Path(os.path.realpath(path))
    with _named(path, cure):
        if target.exists() and not target.is_file() and not target.is_dir():
            yield target
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        for abandoned in _abandoned(target, WRITING):
            _remove(abandoned)
        with _partial(target, lambda fresh: fresh.touch(exist_ok=False)) as partial:
            yield partial
            if target.is_file():
                shutil.copymode(target, partial)
            _flush(partial)
            partial.replace(target)
            _flush_folder(target.parent)


@contextlib.contextmanager
def new_folder(
    path: str | Path,
    *,
    marker: str | None = None,
    owned: Collection[str] = (),
    keeps_former: bool = False,
    cure: str = CURE,
) -> Iterator[Path]:
    """Yield an empty partial folder; at the end of the block it takes the place of the folder `path`.

    Parameters
    ----------
    path
        The folder to write; a symbolic link is followed. A former folder stays until the new one is complete.
    marker
        File by which a former folder is recognised as replaceable. Without one, every entry of the former folder must
        be among the new ones or in `owned`. An empty folder is always replaceable.
    owned
        Names that may be lost with a former folder.
    keeps_former
        Whether a former folder is kept as `NAME.1`, or the next number that is free.
    cure
        Last words of the message of an error.

    Raises
    ------
    FileError
        If the folder cannot be written, or one with other content stands there; it stays as it was.
    """
    target = Path(os.path.realpath(path))
    with _named(path, cure):
        target.parent.mkdir(parents=True, exist_ok=True)
        recover_folder(target)
        if marker is not None:
            require_replaceable(path, marker)
        with _partial(target, Path.mkdir) as partial:
            yield partial
            if marker is None:
                _refuse_foreign(path, {entry.name for entry in partial.iterdir()} | set(owned))
            _flush_tree(partial)
            if keeps_former:
                _put_before(partial, target)
            else:
                _put_in_place(partial, target)
            _flush_folder(target.parent)


def require_replaceable(path: str | Path, marker: str) -> None:
    """Refuse to replace a file, or a folder that holds something but not the file `marker`.

    Raises
    ------
    FileError
        If it is such a file or folder.
    """
    target = Path(path)
    names = _names(target)
    if target.is_file() or (names and marker not in names):
        raise FileError(f"{path}: exists and has no {marker}; choose another name or remove it yourself")


def recover_folder(path: str | Path) -> None:
    """Put back the folder `path` if a writer died while exchanging it; remove partials of dead writers."""
    target = Path(os.path.realpath(path))
    for former in _abandoned(target, FORMER):
        with contextlib.suppress(OSError):
            if target.exists():
                _remove(former)
            else:
                former.rename(target)
    for partial in _abandoned(target, WRITING):
        _remove(partial)


@contextlib.contextmanager
def _named(path: str | Path, cure: str) -> Iterator[None]:
    """Turn an error of the system into one that names the destination and the cure."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path}: cannot be written ({error.strerror or error}); {cure}") from error


@contextlib.contextmanager
def _partial(target: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """Yield a new hidden path beside `target`, locked so that others see that its writer lives."""
    partial, lock = _hidden(target, WRITING), None
    make(partial)
    for _ in range(ATTEMPTS):
        lock = _lock(partial)
        if lock is not None or sys.platform == "win32":
            break
        _remove(partial)  # another writer opened it before it was locked
        partial = _hidden(target, WRITING)
        make(partial)
    try:
        yield partial
    finally:
        _remove(partial)
        if lock is not None:
            os.close(lock)


def _hidden(target: Path, use: str) -> Path:
    return target.with_name(f".{target.stem}.{use}-{secrets.token_hex(6)}{target.suffix}")


def _abandoned(target: Path, use: str) -> Iterator[Path]:
    """Yield hidden paths of `target` whose writer is dead, the newest first, each locked while it is looked at.

    The writer is dead if the lock is free or, where the system has no locks, if the path is old.
    """
    for path in _beside(target, use):
        lock = _lock(path)
        if lock is None and (sys.platform != "win32" or time.time() - _modified(path) < ABANDONED_S):
            continue
        try:
            yield path
        finally:
            if lock is not None:
                os.close(lock)


def _beside(target: Path, use: str) -> list[Path]:
    """Return the hidden paths of `target` for a use, by any process, the newest first."""
    name = re.compile(rf"\.{re.escape(target.stem)}\.{use}-[0-9a-f]+{re.escape(target.suffix)}")
    paths: list[Path] = []
    with contextlib.suppress(OSError):
        paths = [path for path in target.parent.iterdir() if name.fullmatch(path.name)]
    return sorted(paths, key=_modified, reverse=True)


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _lock(path: Path) -> int | None:
    """Return a descriptor that holds the lock of a file or folder; None where another one holds it or it is gone."""
    if sys.platform == "win32":
        return None
    descriptor = None
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    if descriptor is not None:
        os.close(descriptor)
    return None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _names(folder: Path) -> set[str]:
    """Return the names in a folder; none where it is missing, as between two renames of another writer."""
    try:
        return {entry.name for entry in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _refuse_foreign(path: str | Path, known: Collection[str]) -> None:
    target = Path(path)
    if target.is_file():
        raise FileError(f"{path}: is a file, not a folder; choose another name")
    foreign = sorted(_names(target) - set(known))
    if foreign:
        listed = ", ".join(foreign[:5]) + (" …" if len(foreign) > 5 else "")
        raise FileError(f"{path}: holds other files ({listed}); move them away or choose another folder")


def _put_in_place(partial: Path, target: Path) -> None:
    """Exchange the partial with `target` in one step where the system can, else by two renames.

    The former folder, if any, then has a hidden name and is removed. Another writer of the same folder may be faster.
    """
    former = _hidden(target, FORMER)
    for _ in range(ATTEMPTS):
        try:
            if not target.exists():
                partial.rename(target)
            elif not _exchange(partial, target):
                _remove(former)  # of an attempt that another writer overtook
                _rename_twice(partial, target, former)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST}:
                raise
        else:
            _remove(former)
            return
    raise OSError(errno.EBUSY, "other processes are replacing it", str(target))


def _put_before(partial: Path, target: Path) -> None:
    """Give `target` the next number that is free, where it holds anything, and put the partial in its place."""
    for _ in range(ATTEMPTS):
        former = None
        try:
            if _names(target):
                former = target.with_name(f"{target.name}.{_free_number(target)}")
                target.rename(former)
            partial.rename(target)
        except OSError as error:
            if former is not None and former.exists() and not target.exists():
                former.rename(target)
            if error.errno not in {errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST}:
                raise
        else:
            return
    raise OSError(errno.EBUSY, "other processes are replacing it", str(target))


def _free_number(target: Path) -> int:
    """Return the number behind the largest that a folder beside `target` has, 1 where none has one."""
    numbers = [entry.name.removeprefix(f"{target.name}.") for entry in target.parent.iterdir()]
    return max((int(number) for number in numbers if number.isdecimal()), default=0) + 1


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two paths in one step; False where the system or the file system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if rename is None:
        return False
    return bool(rename(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0)


def _rename_twice(partial: Path, target: Path, former: Path) -> None:
    """Move `target` to `former`, then the partial to its place; `target` comes back where that fails."""
    lock = _lock(target)  # stays with the folder if that is renamed
    try:
        target.rename(former)
        try:
            partial.rename(target)
        except OSError:
            with contextlib.suppress(OSError):
                former.rename(target)
            raise
    finally:
        if lock is not None:
            os.close(lock)


def _flush_tree(folder: Path) -> None:
    """Flush all files of a folder, and the folders that list them, to the disk."""
    for entry in folder.iterdir():
        if entry.is_dir():
            _flush_tree(entry)
        else:
            _flush(entry)
    _flush_folder(folder)


def _flush(file: Path) -> None:
    with file.open("rb+") as handle:
        os.fsync(handle.fileno())


def _flush_folder(folder: Path) -> None:
    """Flush the list of a folder; systems and file systems without this are left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
