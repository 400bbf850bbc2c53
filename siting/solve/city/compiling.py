"""The engine's machine code made ready on a made-up town: on a new machine compiling takes as long as a first plan."""

from __future__ import annotations

import numpy as np

from siting.model import build_model
from siting.solve.city.echelons import make_tiers
from siting.solve.city.placing import Placing, asked_of
from siting.solve.city.ruin import Moves, search
from siting.solve.city.sitewise import Sitewise
from siting.synthetic import synthetic_instance

TOWN_CELLS = 30


def compile_ahead() -> None:
    """Compile what the engine runs, or load it where it has been compiled before."""
    instance = synthetic_instance(TOWN_CELLS)
    model, columns = build_model(instance)
    tiers = make_tiers(instance, model, columns)
    sitewise = Sitewise(instance, model, columns, tiers)
    sitewise.least(np.zeros(len(sitewise.rows)))
    _, tier = tiers[0]
    nothing = np.zeros(model.n_rows)
    placing = Placing(model, tier, asked_of(model, tier, np.zeros(model.n_columns)), nothing, seed=0)
    moves = Moves(1, 1, 0.0, 0.0, 0.0, 1.0, 1.0)
    search(placing.shape, placing.prices(), placing.state, moves, 0, placing.random, placing.centres)
