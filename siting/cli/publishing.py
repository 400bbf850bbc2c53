"""`--publication` of the commands that show a run."""

from __future__ import annotations

from pathlib import Path

from siting.errors import ConfigError
from siting.results.publication import publish
from siting.results.record import RunRecord
from siting.runs.folder import read_run


def shown_run(folder: Path, *, is_public: bool, approval_number: str | None) -> RunRecord:
    """The run of a folder, as it is or for the public.

    Raises
    ------
    ConfigError
        If an approval number is given and the run is not for the public.
    FileError
        If the folder cannot be read.
    """
    if approval_number is not None and not is_public:
        raise ConfigError("--approval-number: stands on what is for the public; add --publication, or leave it out")
    run = read_run(folder)
    return publish(run, approval_number) if is_public else run
