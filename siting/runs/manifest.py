"""Record the files that a run folder was written with, to recognise changed files and files of others."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml

from siting.config.schema import Config
from siting.errors import FileError
from siting.files import write_json

MANIFEST, LOG = "files.json", "log.txt"
UNCOMPARED = ("solve", "runs", "title")
"""Sections of a config that do not make it another problem."""
SHOWN = 5


def write_manifest(folder: Path) -> None:
    """Write the SHA-256 of each file of a folder that has just been written."""
    written = {path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    write_json(folder / MANIFEST, written)


def note_file(path: Path) -> None:
    """Enter a file that was written into a run folder later; nothing happens in any other folder."""
    manifest = path.parent / MANIFEST
    if manifest.is_file():
        write_json(manifest, {**_read(manifest), path.name: file_digest(path)})


def changed_files(folder: Path) -> list[str]:
    """Return the faults of a run folder: files that are missing or are not as they were written.

    Raises
    ------
    FileError
        If the folder has no list of its files, or it cannot be read.
    """
    listed = _read(folder / MANIFEST)
    faults = []
    for name, digest in listed.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"{name}: is missing; run again to write it anew")
        elif file_digest(path) != digest:
            faults.append(f"{name}: was changed after the run wrote it; run again to write it anew")
    return faults


def foreign_files(folder: Path) -> list[str]:
    """Return the names of files in a run folder that the program did not write, or that were changed since."""
    listed = _read(folder / MANIFEST) if (folder / MANIFEST).is_file() else {}
    return [
        path.name
        for path in sorted(folder.iterdir())
        if path.name != MANIFEST
        and (path.name not in listed or not path.is_file() or file_digest(path) != listed[path.name])
    ]


def changed_sections(folder: Path, config: Config) -> list[str]:
    """Return the sections of a config that differ from those of the run in a folder; all where it cannot be read.

    The city folder may have moved.
    """
    new = config.model_dump(mode="json", exclude_none=True)
    try:
        old = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        old = None
    if not isinstance(old, dict):
        old = {}
    for sections in (new, old):
        sections["city"] = Path(str(sections.get("city"))).name
    names = [name for name in dict.fromkeys((*new, *old)) if name not in UNCOMPARED]
    return [name for name in names if new.get(name) != old.get(name)]


def require_kept(folder: Path, config: Config) -> None:
    """Refuse to put a run in the place of another config's run, or of files that the program did not write.

    Raises
    ------
    FileError
        If the folder holds either; the message names sections and files.
    """
    cure = "choose another folder with --out or --name, or replace it with --overwrite"
    if sections := changed_sections(folder, config):
        raise FileError(f"{folder}: holds the run of another config ({_some(sections)} differ); {cure}")
    if names := foreign_files(folder):
        raise FileError(f"{folder}: holds files that the run did not write ({_some(names)}); move them away, or {cure}")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    FileError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def _read(manifest: Path) -> dict[str, Any]:
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(f"{manifest}: cannot be read ({error}); run again to write it anew") from error
    if not isinstance(content, dict):
        raise FileError(f"{manifest}: is no list of files; run again to write it anew")
    return content
