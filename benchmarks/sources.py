"""The cities that benchmarks run on, by a word: `synthetic-1000`, `synthetic-1000-seed-3`, a config, a run folder."""

from __future__ import annotations

import re
from pathlib import Path

from siting.instance import Instance
from siting.synthetic import synthetic_instance

SYNTHETIC = re.compile(r"synthetic-(\d+)(?:-seed-(\d+))?")


def instance_of(source: str) -> Instance:
    """The instance of a word, as in the name of this module."""
    made_up = SYNTHETIC.fullmatch(source)
    if made_up:
        return synthetic_instance(int(made_up[1]), seed=int(made_up[2] or 1))
    from siting.cli.planning import instance_of as of_path

    return of_path(Path(source))


def name_of(source: str) -> str:
    """What a source is called in tables: no place on this machine."""
    return source if SYNTHETIC.fullmatch(source) else Path(source).stem
