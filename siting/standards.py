"""Rules of standards as arrays beside an instance."""

from __future__ import annotations

from dataclasses import dataclass

from siting.instance import Bools, Floats, Target


@dataclass(frozen=True)
class Check:
    """A rule of a standard for one responsibility unit: what it asks, and what it is judged by, one of three.

    `target`: what is reached of a target. `figure` (n_options,): the least figure of the open options that it
    `counts` (n_options,). `households` (n_demand,): the least area of a counted point for each 100 households that it
    serves, m2. None of them: nothing that a plan could be judged by.
    """

    pack: str
    rule: str
    title_en: str
    title_zh: str
    unit: str
    is_constraint: bool
    asked: float
    measured_in: str
    source: str
    clause: str
    status: str
    note: str
    target: Target | None = None
    counts: Bools | None = None
    figure: Floats | None = None
    households: Floats | None = None
