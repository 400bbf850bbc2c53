"""The workbook to fill in, its sheet of costs with the figures in force."""

from __future__ import annotations

import importlib.resources
import re
from pathlib import Path

from siting.config.parameters import read_parameters
from siting.inputs.tables import write_template
from siting.language import Language


def write_book(path: Path, language: Language) -> None:
    """Write the workbook to fill in, its sheet of costs with the figures that the config of a new city uses.

    Raises
    ------
    FileError
        If `path` is there already, does not end in .xlsx, or cannot be written.
    """
    starter = importlib.resources.files("siting.starter")
    with importlib.resources.as_file(starter / "parameters.csv") as table:
        known = read_parameters(table)
    config = (starter / "config.yaml.j2").read_text(encoding="utf-8")
    used = dict.fromkeys(re.findall(r"\bfrom: ([\w.]+)", config))
    rows = [
        vars(one) | {"key": key, "in_force": one.value, "meaning": one.note}
        for key, one in known.items()
        if key in used
    ]
    write_template(path, language, {"costs": rows})
