"""From a fractional point of a model to one whose choices are whole, part by part (relax and fix).

Each part is decided as a small mixed-integer program while all else stays where it is: fractional before its turn,
whole after it. Every row holds all the way, so what the relaxation reaches of a target the plan reaches too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Ints
from siting.solve.city.restrict import Holder
from siting.solve.clock import Record

ROW_TOLERANCE = 1e-6
LEAST_TOLERANCE = 5e-6
"""Rows may be missed by the first times their activity, or by the second: the finished plan is settled exactly."""


@dataclass(frozen=True)
class Effort:
    """How hard to try: seconds and relative gap for one part, `workers` parts at a time, none begun after `until_s`."""

    seconds: float
    gap: float
    workers: int = 1
    until_s: float = math.inf
    presolve: str = "choose"


def decide_parts(
    holder: Holder, values: Floats, parts: Sequence[Ints], *, is_integer: Bools, record: Record, effort: Effort
) -> Floats:
    """`values` (n_columns,) with the columns of each part decided, marked ones whole.

    Parts are decided some at a time from the same point; one that no longer fits the rows once the others are in is
    decided again alone. A part without an answer in its time keeps its fractions.
    """

    def decide(free: Ints, times: float) -> Floats | None:
        limit_s = min(times * effort.seconds, record.seconds_left)
        changed, _ = holder.resolve(
            values, free, is_integer=is_integer, time_limit_s=limit_s, gap=effort.gap, presolve=effort.presolve
        )
        return changed

    with ThreadPoolExecutor(effort.workers) as pool:
        for group in _groups(parts, effort.workers):
            if record.seconds > min(effort.until_s, record.time_limit_s):
                break
            answers = list(pool.map(lambda free: decide(free, 1.0), group))
            for free, answer in zip(group, answers, strict=True):
                changed = None if answer is None else merged(values, free, answer)
                if changed is None or (len(group) > 1 and not holds(holder, changed)):
                    changed = decide(free, 3.0)
                values = values if changed is None else changed
    return values


def holds(holder: Holder, values: Floats) -> bool:
    """Whether column values meet every row of the holder's model."""
    model = holder.model
    activity = model.matrix @ values
    slack = np.maximum(LEAST_TOLERANCE, ROW_TOLERANCE * np.abs(activity))
    return bool((activity >= model.row_lower - slack).all() and (activity <= model.row_upper + slack).all())


def merged(values: Floats, free: Ints, answer: Floats) -> Floats:
    """`values` with the `free` columns taken from `answer`."""
    changed = values.copy()
    changed[free] = answer[free]
    return changed


def is_whole(values: Floats, is_integer: Bools) -> bool:
    """Whether every marked column is whole."""
    marked = values[is_integer]
    return bool((np.abs(marked - np.round(marked)) < 1e-6).all())


def _groups(parts: Sequence[Ints], size: int) -> Iterator[Sequence[Ints]]:
    """Parts that lie apart in the order, `size` at a time: neighbours are not decided together."""
    step = -(-len(parts) // size)
    for first in range(step):
        yield [parts[number] for number in range(first, len(parts), step)]
