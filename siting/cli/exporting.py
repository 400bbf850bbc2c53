"""`siting export`: a run, or the model of a config, in the format that the ending of a file name asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rich.console import Console

from siting.cli.planning import instance_of
from siting.errors import FileError
from siting.outputs.reading import read_run

MODELS = (".lp", ".mps")
ENDINGS = (".xlsx", *MODELS)


def export_and_report(console: Console, source: Path, out: Path, *, language: Literal["zh", "en"] | None) -> None:
    """Write what the ending of `out` asks for, and say what was written.

    Raises
    ------
    FileError
        If the ending is not known, or the file cannot be written.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise FileError(f"{out}: unknown format {out.suffix!r}; end the name in {', '.join(ENDINGS)}")
    if ending in MODELS:
        _export_model(console, source, out)
        return
    from siting.outputs.workbook import plan_workbook

    _write(out, plan_workbook(read_run(source), language))
    console.print(f"Workbook: {out}", soft_wrap=True)


def _export_model(console: Console, source: Path, out: Path) -> None:
    from siting.model import build_whole
    from siting.model.pulp_model import export_model

    model = build_whole(instance_of(source)).model
    export_model(model, out)
    console.print(f"Model of {model.n_columns:,} columns and {model.n_rows:,} rows: {out}", soft_wrap=True)


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    partial = path.with_name(f".{path.name}.writing")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise FileError(f"{path}: cannot be written ({error.strerror}); choose another file with --out") from error
