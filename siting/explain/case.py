"""The hard targets of an instance with their rows in its model: what conflicts are looked for among."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

import numpy as np

from siting.explain.elastic import LARGE_COLUMNS, without_links
from siting.instance import Instance, Ints, Target
from siting.model import build_model
from siting.model.linear import LinearModel
from siting.model.target_rows import rows_of_targets

LEAST_S = 0.5


@dataclass(frozen=True)
class Case:
    """The model of an instance, its hard targets with their rows, and the moment at which to stop.

    A large model is taken without its links; it is judged by its relaxation.
    """

    instance: Instance
    model: LinearModel
    targets: tuple[Target, ...]
    rows: Ints
    ends_at: float

    @classmethod
    def of(cls, instance: Instance, *, time_limit_s: float) -> Self:
        """Return the case of an instance, to be done with in `time_limit_s`."""
        model, _ = build_model(instance)
        if model.n_columns > LARGE_COLUMNS:
            model = without_links(model)
        hard = [number for number, target in enumerate(instance.targets) if target.is_hard]
        rows = rows_of_targets(instance, model)[hard] if hard else np.empty(0, dtype=np.int64)
        return cls(instance, model, tuple(instance.targets[n] for n in hard), rows, time.monotonic() + time_limit_s)

    @property
    def is_large(self) -> bool:
        """Whether the model is too large for whole facilities."""
        return self.model.n_columns > LARGE_COLUMNS

    @property
    def seconds_left(self) -> float:
        """Seconds until it must stop, a little at least."""
        return max(LEAST_S, self.ends_at - time.monotonic())
