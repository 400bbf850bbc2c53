"""`siting export`: a run, or the model of a config, in the format that the ending of a file name asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from rich.console import Console

from siting.cli.planning import instance_of
from siting.errors import FileError
from siting.inputs.datums import parse_datum
from siting.outputs.exports import ENDINGS, export_run
from siting.outputs.reading import read_run

MODELS = (".lp", ".mps")


def export_and_report(
    console: Console, source: Path, out: Path, *, language: Literal["zh", "en"] | None, datum: str | None
) -> None:
    """Write what the ending of `out` asks for, and say what was written.

    Raises
    ------
    FileError
        If the ending is not known, the source is not of the kind it needs, or the file cannot be written.
    ConfigError
        If the datum is not known, or an option does not go with the ending.
    """
    ending = out.suffix.lower()
    if ending in MODELS:
        _export_model(console, source, out)
        return
    if ending not in ENDINGS:
        raise FileError(f"{out}: unknown format {out.suffix!r}; end the name in {', '.join((*ENDINGS, *MODELS))}")
    asked = None if datum is None else parse_datum(datum)
    written = export_run(read_run(source), out, language=language, datum=asked)
    told = f" ({asked.name})" if asked else ""
    console.print(f"Written: {written}{told}", soft_wrap=True)


def _export_model(console: Console, source: Path, out: Path) -> None:
    from siting.model import build_whole
    from siting.model.pulp_model import export_model

    model = build_whole(instance_of(source)).model
    export_model(model, out)
    console.print(f"Model of {model.n_columns:,} columns and {model.n_rows:,} rows: {out}", soft_wrap=True)
