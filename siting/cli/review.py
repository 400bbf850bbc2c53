"""`siting data check`: the table of what was looked at, and the preview map."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.errors import FileError
from siting.review import Finding, Verdict, draw_preview, look_over

STYLES = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAULT: "bold red"}


def review_folder(console: Console, folder: Path, *, reach_m: float, preview: Path) -> bool:
    """Look a city folder over, print what was found, write the preview; whether there is no fault.

    Raises
    ------
    FileError
        If the folder cannot be read or the preview cannot be written.
    DataError
        If its tables cannot be used.
    """
    city, findings = look_over(folder, reach_m=reach_m)
    console.print(finding_table(f"{city.meta['name_en']} {city.meta['name_zh']}", findings))
    odd_ids = frozenset(one for finding in findings for one in finding.ids)
    try:
        preview.write_text(draw_preview(city, findings, odd_ids), encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"{preview}: cannot be written ({error.strerror}); choose another file with --preview"
        ) from error
    console.print(f"Preview: {preview}", soft_wrap=True)
    return all(one.verdict is not Verdict.FAULT for one in findings)


def finding_table(title: str, findings: list[Finding]) -> Table:
    """One row for each thing looked at: how it was found, how many, which, and the cure."""
    table = Table("what", "", "found", "how many", "which", "cure", title=title, title_justify="left")
    for one in findings:
        number = f"{one.count:,}" if one.count else ""
        verdict = Text(one.verdict.value, style=STYLES[one.verdict])
        table.add_row(Text(one.what), verdict, Text(one.found), number, Text(one.which), Text(one.cure))
    return table
