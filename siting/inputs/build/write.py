"""Writes a city folder whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from siting.errors import FileError
from siting.inputs.build.spec import Spec
from siting.inputs.build.tables import Tables

SPEC_NAME = "city-source.yaml"
PREVIEW_NAME = "preview.html"  # what `siting data check` leaves in a city folder


def write_folder(out: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a new folder beside `out`, then put it in the place of `out`.

    If `fill` fails, `out` stays as it was. A folder that holds files which a build does not write is not replaced.

    Raises
    ------
    FileError
        If `out` is a file, holds foreign files, or its place is not writable.
    """
    out = out.resolve()
    if out.exists() and not out.is_dir():
        raise FileError(f"{out}: a file, not a folder; give another --out")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise FileError(f"{out}: cannot be written ({error.strerror}); give another --out") from error
    try:
        fill(fresh)
        fresh.chmod(0o755)
        _refuse_foreign(out, fresh)
        _exchange(fresh, out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_tables(folder: Path, tables: Tables) -> None:
    """Every table as GeoParquet, zstd."""
    for stem, table in tables.items():
        table.to_parquet(folder / f"{stem}.parquet", compression="zstd", index=False, compression_level=15)


def write_city_yaml(folder: Path, spec: Spec, population: int) -> None:
    """`city.yaml`: names, metric CRS, census total, land prices, and the source of each table."""
    facts: dict[str, Any] = {
        "id": spec.id,
        "name_en": spec.name_en,
        "name_zh": spec.name_zh,
        "crs_metric": spec.crs_metric,
        "population": population,
        "attribution": spec.attribution,
        "tables": {stem: source.model_dump(mode="json") for stem, source in spec.tables.items()},
    }
    text = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=120)
    (folder / "city.yaml").write_text(text, encoding="utf-8")


def _refuse_foreign(out: Path, fresh: Path) -> None:
    if not out.exists():
        return
    known = {path.name for path in fresh.iterdir()} | {PREVIEW_NAME}
    foreign = sorted({path.name for path in out.iterdir()} - known)
    if foreign:
        raise FileError(f"{out}: holds {foreign}, which a build does not write; move them away or give another --out")


def _exchange(fresh: Path, out: Path) -> None:
    """Put `fresh` in the place of `out`; if that fails, `out` comes back."""
    old = fresh.with_name(f"{fresh.name}.old")
    if out.exists():
        out.rename(old)
    try:
        fresh.rename(out)
    except OSError as error:
        if old.exists():
            old.rename(out)
        raise FileError(f"{out}: cannot be replaced ({error.strerror}); close what uses it") from error
    shutil.rmtree(old, ignore_errors=True)
