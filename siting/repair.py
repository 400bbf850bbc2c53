"""The smallest changes of its targets that give an infeasible config a plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from siting.errors import InfeasibleError, OutOfTimeError
from siting.explain.conflicts import Conflict, Diagnosis, Relaxation, diagnose
from siting.instance import Target
from siting.problem import Problem
from siting.result import Result

MOST_ROUNDS = 6
GIVE = 0.01
"""Share of its value by which each change is widened where the plan that it promises is not found."""


@dataclass(frozen=True)
class Repair:
    """Changes of targets under which a plan was found.

    Attributes
    ----------
    conflicts
        Irreducible conflicts of targets, each with how far every member would have to give way alone.
    changes
        New value of each changed target by id; None: without it.
    was
        Value of each changed target before.
    result
        The plan that proves that the changes suffice.
    """

    conflicts: tuple[Conflict, ...]
    changes: dict[str, float | None]
    was: dict[str, Target]
    result: Result

    @property
    def as_yaml(self) -> str:
        """The changes as a scenario, to paste into the config."""
        targets = {id: value if value is None else _number(value) for id, value in self.changes.items()}
        return yaml.safe_dump({"scenarios": {"feasible": {"targets": targets}}}, allow_unicode=True, sort_keys=False)

    @property
    def as_options(self) -> str:
        """The changes as options of `siting run`."""
        return " ".join(
            f"--set {id}={'null' if value is None else _number(value)}" for id, value in self.changes.items()
        )


def repair(
    problem: Problem, *, time_limit_s: float = 120.0, heard: Callable[[str], object] = lambda _: None
) -> Repair | None:
    """Return the smallest changes of targets that give the problem a plan; None where it has one as it is.

    The changes are of least sum, each as a share of what its target asks. Where the model is large they come from its
    relaxation, and are widened by steps of 1 % until a plan is found.

    Raises
    ------
    InfeasibleError
        If no changes of targets are found that give a plan.
    OutOfTimeError
        If neither a conflict is proven nor a plan is found in time.
    ConfigError
        If a conflict needs a change of a rule of standards, which is no target of the config.
    """
    conflicts: list[Conflict] = []
    changes: dict[str, float | None] = {}
    was: dict[str, Target] = {}
    changed = problem
    for number in range(MOST_ROUNDS):
        diagnosis = _diagnosis(changed, time_limit_s)
        conflicts += diagnosis.conflicts if number == 0 else ()
        if not diagnosis.conflicts:  # no change is proven necessary: a plan may exist
            try:
                result = changed.solve(gap=1.0, time_limit_s=time_limit_s)
                return Repair(tuple(conflicts), changes, was, result) if changes else None
            except InfeasibleError:
                if not (changes or diagnosis.repair):
                    raise
            except OutOfTimeError as error:
                cure = "raise --time-limit, or relax a target by hand"
                text = f"neither a conflict was proven nor a plan found within {time_limit_s:,.0f} s each; {cure}"
                raise OutOfTimeError(text) from error
        for one in diagnosis.repair:
            was.setdefault(one.target.id, one.target)
            changes[one.target.id] = one.value
        if not diagnosis.repair:
            changes = {id: _wider(was[id], value) for id, value in changes.items()}
        for id, value in changes.items():
            heard(f"{id}: {was[id].value:g} → {'dropped' if value is None else f'{value:g}'}")
        changed = problem.with_values({"targets": changes}, origin="repair")
    raise InfeasibleError(f"no plan after {MOST_ROUNDS} rounds of changes: {', '.join(changes)}; relax these by hand")


def _diagnosis(problem: Problem, time_limit_s: float) -> Diagnosis:
    """Return the diagnosis of the years or cases together: the widest change of each target."""
    instance = problem.instance
    found = [diagnose(instance.at_stage(n), time_limit_s=time_limit_s) for n in range(instance.n_stages)]
    widest: dict[str, Relaxation] = {}
    for one in (relaxation for diagnosis in found for relaxation in diagnosis.repair):
        other = widest.get(one.target.id)
        if other is None or _is_wider(one, other):
            widest[one.target.id] = one
    conflicts = tuple(conflict for diagnosis in found for conflict in diagnosis.conflicts)
    return Diagnosis(conflicts, tuple(widest.values()), all(diagnosis.is_exact for diagnosis in found))


def _is_wider(one: Relaxation, other: Relaxation) -> bool:
    if one.value is None or other.value is None:
        return one.value is None
    return one.value < other.value if one.target.is_at_least else one.value > other.value


def _wider(target: Target, value: float | None) -> float | None:
    if value is None:
        return None
    step = max(GIVE * abs(target.value), 1.0 if target.measure.record.is_number else 0.0)
    return value - step if target.is_at_least else value + step


def _number(value: float) -> Any:
    return int(value) if value == int(value) and abs(value) >= 1 else value
