"""The engine's machine code made ready on a made-up town: on a new machine compiling takes as long as a first plan."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import replace

import numpy as np

from siting.model import build_model
from siting.solve.city.access import decided_at_once
from siting.solve.city.choosing import Choosing
from siting.solve.city.echelons import make_tiers
from siting.solve.city.openings import anneal
from siting.solve.city.placing import Placing
from siting.solve.city.pricing import asked_of
from siting.solve.city.ruin import Moves, search
from siting.solve.city.sitewise import Sitewise
from siting.synthetic import synthetic_instance

TOWN_CELLS = 30
TELL_AFTER_S, TELL_EVERY_S = 2.0, 10.0
"""Loading what is compiled takes less than the first; from then on progress is told in these intervals."""


def compile_ahead(*, assigns_nearest: bool) -> None:
    """Compile what the engine runs, or load it where it has been compiled before."""
    instance = replace(synthetic_instance(TOWN_CELLS), assigns_nearest=assigns_nearest)
    model, columns = build_model(instance)
    tiers = make_tiers(instance, model, columns)
    sitewise = Sitewise(instance, model, columns, tiers)
    sitewise.least(np.zeros(len(sitewise.rows)))
    _, tier = tiers[0]
    nothing = np.zeros(model.n_rows)
    if assigns_nearest:
        stage = instance, columns
        none = np.zeros(model.n_columns)
        choosing = Choosing(stage, decided_at_once(*stage, model), tier, decided=none, multipliers=nothing, seed=0)
        anneal(choosing.town, choosing.costs(), choosing.state, 0.0, 0.0, 0, choosing.random, choosing.centres)
    placing = Placing(model, tier, asked_of(model, tier, np.zeros(model.n_columns)), nothing, seed=0)
    moves = Moves(1, 1, 0.0, 0.0, 0.0, 1.0, 1.0)
    search(placing.shape, placing.prices(), placing.state, moves, 0, placing.random, placing.centres)


def compile_with_progress(tell: Callable[[str], None], *, assigns_nearest: bool) -> None:
    """Compile as `compile_ahead`; report progress to `tell` where that takes long."""
    compiling: Future[None] = Future()

    def work() -> None:
        try:
            compile_ahead(assigns_nearest=assigns_nearest)
        except BaseException as error:
            compiling.set_exception(error)
        else:
            compiling.set_result(None)

    begun, pause_s = time.monotonic(), TELL_AFTER_S
    threading.Thread(target=work, daemon=True).start()  # what waits hears Ctrl-C
    while wait([compiling], timeout=pause_s).not_done:
        pause_s = TELL_EVERY_S
        so_far = f"{time.monotonic() - begun:.0f} s so far"
        tell(f"compiling machine code, once on this machine, for a minute or more; {so_far}")
    compiling.result()
    if pause_s == TELL_EVERY_S:
        tell(f"machine code compiled in {time.monotonic() - begun:.0f} s; the clock of the solve starts")
