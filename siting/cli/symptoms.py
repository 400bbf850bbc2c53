"""The table of `siting doctor`."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from siting.doctor import Symptom, Verdict

STYLES = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAULT: "bold red"}


def symptom_table(symptoms: Iterable[Symptom]) -> Table:
    """One row for each thing looked at."""
    table = Table("what", "", "found")
    for symptom in symptoms:
        table.add_row(symptom.name, Text(symptom.verdict.value, style=STYLES[symptom.verdict]), Text(symptom.text))
    return table
