"""The cities that benchmarks run on, by a word: a config, a run folder, or one that is made up.

`synthetic-1000`, `synthetic-1000-sites-500` (candidate sites of all echelons), `synthetic-1000-seed-3`.
"""

from __future__ import annotations

import re
from pathlib import Path

from siting import read_config, read_run
from siting.instance import Instance
from siting.synthetic import synthetic_instance
from siting.synthetic.instance import CENTRES_PER_NODE, STATIONS_PER_NODE

SYNTHETIC = re.compile(r"synthetic-(\d+)(?:-sites-(\d+))?(?:-seed-(\d+))?")


def instance_of(source: str) -> Instance:
    """The instance of a word, as in the name of this module."""
    made_up = SYNTHETIC.fullmatch(source)
    if made_up:
        n_demand, n_sites, seed = (int(number) if number else None for number in made_up.groups())
        return _made_up(n_demand or 0, n_sites, seed or 1)
    path = Path(source)
    return read_run(path).record.whole_instance if path.is_dir() else read_config(path).instance


def _made_up(n_demand: int, n_sites: int | None, seed: int) -> Instance:
    """A made-up city; of `n_sites` sites, stations and centres are as many as they would be otherwise."""
    if n_sites is None:
        return synthetic_instance(n_demand, seed=seed)
    others = round(STATIONS_PER_NODE * n_demand), round(CENTRES_PER_NODE * n_demand)
    return synthetic_instance(
        n_demand, n_points=n_sites - sum(others), n_stations=others[0], n_centres=others[1], seed=seed
    )


def name_of(source: str) -> str:
    """Name of a source in tables: no place on this machine."""
    return source if SYNTHETIC.fullmatch(source) else Path(source).stem
