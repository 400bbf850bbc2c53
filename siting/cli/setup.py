"""Commands about the program itself: `siting doctor`, `siting examples` and `siting config`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from siting.cli.terminal import err, out, say


def doctor(
    runs: Annotated[Path, typer.Option(help="Folder that run folders go to.")] = Path("runs"),
) -> None:
    """Check what a run needs: solvers, folders, memory, packages."""
    from rich.table import Table
    from rich.text import Text

    from siting.doctor import Verdict, examine

    styles = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAULT: "bold red"}
    with err().status("trying the solvers"):
        symptoms = examine(runs)
    table = Table("what", "", "found")
    for symptom in symptoms:
        verdict = Text(symptom.verdict.value, style=styles[symptom.verdict])
        table.add_row(symptom.name, verdict, Text(symptom.text))
    out().print(table)
    if any(symptom.verdict is Verdict.FAULT for symptom in symptoms):
        raise typer.Exit(1)


def list_examples() -> None:
    """List the examples that come with the program."""
    from rich.table import Table

    from siting import examples

    table = Table("name", "title", "标题")
    for example in examples.list():
        table.add_row(example.name, example.title_en, example.title_zh)
    out().print(table)


def copy_example(
    name: Annotated[str, typer.Argument(help="Name of the example; see `siting examples list`.", show_default=False)],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.", show_default=False)],
) -> None:
    """Copy an example with all its files into a folder."""
    from siting import examples

    config = examples.copy(name, folder)
    say(f"Example: {folder}\nNext: siting run {config}")


def config_schema(
    out_file: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="File to write, .json.")] = None,
) -> None:
    """Print the JSON Schema of a config, for completion and checks in editors."""
    import json

    from siting.config import config_json_schema
    from siting.files import write_json

    schema = config_json_schema()
    if out_file is None:
        say(json.dumps(schema, ensure_ascii=False, indent=1))
        return
    write_json(out_file, schema)
    say(f"Schema: {out_file}")
