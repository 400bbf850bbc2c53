"""`siting export`: a run, or the model of a config, in the format that the ending of a file name asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console

from siting.cli.planning import instance_of
from siting.cli.publishing import shown_run
from siting.errors import ConfigError, FileError
from siting.inputs.datums import parse_datum
from siting.render.exports import ENDINGS, WGS84, export_run

MODELS = (".lp", ".mps")


@dataclass(frozen=True)
class Wishes:
    """The options of `siting export`."""

    language: Literal["zh", "en"] | None = None
    datum: str | None = None
    is_public: bool = False
    approval_number: str | None = None


def export_and_report(console: Console, source: Path, out: Path, wishes: Wishes) -> None:
    """Write what the ending of `out` asks for, and say what was written.

    Raises
    ------
    FileError
        If the ending is not known, the source is not of the kind it needs, or the file cannot be written.
    ConfigError
        If the datum is not known, or an option does not go with the ending.
    """
    ending = out.suffix.lower()
    if ending not in (*ENDINGS, *MODELS):
        raise FileError(f"{out}: unknown format {out.suffix!r}; end the name in {', '.join((*ENDINGS, *MODELS))}")
    if ending in MODELS:
        if wishes != Wishes():
            raise ConfigError(f"{out}: a model takes no options; leave them out")
        _export_model(console, source, out)
        return
    datum = WGS84 if wishes.datum is None else parse_datum(wishes.datum)
    run = shown_run(source, is_public=wishes.is_public, approval_number=wishes.approval_number)
    written = export_run(run, out, language=wishes.language, datum=datum)
    told = f" ({datum.name})" if wishes.datum else ""
    console.print(f"Written: {written}{told}", soft_wrap=True)


def _export_model(console: Console, source: Path, out: Path) -> None:
    from siting.model import build_whole
    from siting.model.pulp_model import export_model

    model = build_whole(instance_of(source)).model
    export_model(model, out)
    console.print(f"Model of {model.n_columns:,} columns and {model.n_rows:,} rows: {out}", soft_wrap=True)
