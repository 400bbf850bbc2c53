"""Irreducible conflicts of targets, how far each target of one must give way, and the smallest changes that lift all.

A set of targets is an irreducible conflict if no plan meets them together and some plan meets them without any one of
them (an irreducible infeasible subset of rows; Chinneck and Dravnieks 1991, deletion filter). Models above
`LARGE_COLUMNS` are judged by their linear relaxation: what it finds in conflict is, and it may miss a conflict that
only whole facilities have.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.case import Case
from siting.explain.elastic import SLACK, Elastic, answer_of, least_misses, without_rows
from siting.explain.limits import limit_of
from siting.explain.reach import trace_reach
from siting.explain.wording import excess, value_to_set
from siting.instance import Instance, Target
from siting.model.target_rows import miss_units, row_reached
from siting.vocabulary import Measure

MOST_CONFLICTS = 8
STEPS_OF_SHARE = 100
"""Shares are set to whole percentage points, other values to whole units."""


@dataclass(frozen=True)
class Relaxation:
    """A target with the value, as the config gives it, that it is to have instead; None: it is to be dropped."""

    target: Target
    value: float | None


@dataclass(frozen=True)
class Conflict:
    """Targets that no plan meets together, of which each alone lifts the conflict by giving way to its value.

    `is_irreducible`: without any one of them a plan exists; else the time ended before that was known of all.
    """

    members: tuple[Relaxation, ...]
    is_irreducible: bool


@dataclass(frozen=True)
class Diagnosis:
    """Conflicts that share no target, and `repair`, changes of least sum that lift all of them at once.

    The sum is proven to be the least where `is_exact`. Of a large model the changes are those of its relaxation, and a
    plan may need more. Without conflicts it is not proven that anything has to change.
    """

    conflicts: tuple[Conflict, ...] = ()
    repair: tuple[Relaxation, ...] = ()
    is_exact: bool = True


def diagnose(instance: Instance, *, time_limit_s: float = 60.0) -> Diagnosis:
    """Return the conflicts of the hard targets of one year or case, and the smallest changes that lift them."""
    reach, alone = trace_reach(instance), replace(instance, targets=())
    single: dict[str, Relaxation] = {}
    for target in instance.targets:
        of_sum = target.measure is Measure.CHANGES or target.measure.unit.startswith("CNY")
        bounded = target.is_hard and (target.measure.record.is_bounded or of_sum)
        limit = limit_of(alone, reach, target).value if bounded else target.asked
        if excess(target, limit) > 1e-9 * max(1.0, abs(target.asked)):
            single[target.id] = Relaxation(target, float(value_to_set(target, limit)))
    conflicts = [Conflict((one,), is_irreducible=True) for one in single.values()]
    if single:
        targets = tuple(_at_value(one, single[one.id].value) if one.id in single else one for one in instance.targets)
        instance = replace(instance, targets=targets)
    case = _Case.of(instance, time_limit_s=time_limit_s)
    found = case.conflicts()
    misses = case.smallest_misses()
    is_proven = misses is not None and misses.is_proven
    joint = case.repaired(misses) if misses is not None else []
    if not is_proven and found:
        joint = min((joint or list(found[0].members), [_cheapest(one) for one in found]), key=_sum_of_changes)
    repair = {**single, **{one.target.id: one for one in joint}}
    return Diagnosis((*conflicts, *found), tuple(repair.values()), is_exact=not case.is_large and is_proven)


def _cheapest(conflict: Conflict) -> Relaxation:
    """Return the member that lifts a conflict by the smallest change."""
    return min(conflict.members, key=lambda one: _sum_of_changes([one]))


def _sum_of_changes(changes: Sequence[Relaxation]) -> float:
    """Return the sum of changes, each as a share of what its target asks; one that is dropped counts as whole."""
    return sum(
        1.0 if one.value is None else abs(one.value - one.target.value) / max(abs(one.target.value), 1e-9)
        for one in changes
    )


class _Case(Case):
    """A case in which conflicts of hard targets are searched for, and the smallest changes that lift them."""

    def misses(self, among: Sequence[int], *, is_linear: bool) -> Elastic | None:
        """Return the minimum sum of misses with the targets `among` alone; None without an answer in time."""
        others = np.setdiff1d(np.arange(len(self.rows)), among)
        model = without_rows(self.model, self.rows[others])
        if not len(among):
            return None
        return least_misses(model, self.rows[list(among)], is_linear=is_linear, time_limit_s=self.seconds_left)

    def is_in_conflict(self, among: Sequence[int], *, is_linear: bool) -> bool | None:
        """Return whether no plan meets the targets `among`; None where that is not known in time."""
        if not among:
            return False
        if time.monotonic() > self.ends_at:
            return None
        found = self.misses(among, is_linear=is_linear)
        if found is None:
            return None
        return bool(found.missed.any()) if found.is_proven or not found.missed.any() else None

    def smallest_misses(self) -> Elastic | None:
        """Return the minimum sum of misses of all targets: of whole facilities, or of the relaxation if it is large."""
        return self.misses(range(len(self.rows)), is_linear=self.is_large)

    def conflicts(self) -> list[Conflict]:
        """Return irreducible conflicts, each among the targets that are in none of those before."""
        left, found = list(range(len(self.rows))), list[Conflict]()
        while len(found) < MOST_CONFLICTS:
            is_linear = True
            verdict = self.is_in_conflict(left, is_linear=True)
            if not verdict and not self.is_large:
                is_linear, verdict = False, self.is_in_conflict(left, is_linear=False)
            if not verdict:
                break
            members, is_irreducible = self._filtered(left, is_linear=is_linear)
            given = tuple(self._beside(n, [one for one in members if one != n]) for n in members)
            found.append(Conflict(given, is_irreducible))
            left = [n for n in left if n not in members]
        return found

    def _filtered(self, among: Sequence[int], *, is_linear: bool) -> tuple[list[int], bool]:
        """Leave targets out of a conflict one after the other as long as it is one."""
        members, is_known = list(among), True
        if is_linear:  # targets with multiplier 0 are not needed for the proof
            proof = self.misses(members, is_linear=True)
            used = [n for n, is_used in zip(members, proof.is_in_conflict, strict=True) if is_used] if proof else []
            if used and self.is_in_conflict(used, is_linear=True):
                members = used
        for n in list(members):
            rest = [one for one in members if one != n]
            verdict = self.is_in_conflict(rest, is_linear=is_linear)
            is_known &= verdict is not None
            if verdict:
                members = rest
        return members, is_known

    def _beside(self, n: int, others: Sequence[int]) -> Relaxation:
        """Return how far a target must give way for a plan that meets `others`."""
        target = self.targets[n]
        if not target.measure.record.is_soft:
            return Relaxation(target, None)
        row = int(self.rows[n])
        dropped = np.setdiff1d(self.rows, self.rows[list(others)])
        is_at_least = np.isfinite(self.model.row_lower[row])
        terms = self.model.matrix[[row]].toarray().ravel()
        model = replace(without_rows(self.model, dropped), cost=-terms if is_at_least else terms)
        answer = answer_of(model, is_linear=self.is_large, time_limit_s=self.seconds_left)
        if answer.values is None:
            return Relaxation(target, None)
        reached = row_reached(self.instance, target, float(terms @ answer.values))
        return Relaxation(target, self._value(n, reached))

    def _value(self, n: int, reached: float) -> float:
        """Return the value to set for a target of which `reached` can be reached, in its own unit."""
        target = self.targets[n]
        steps = reached * STEPS_OF_SHARE if target.measure.unit.startswith("share") else reached
        if abs(steps - round(steps)) < SLACK * max(1.0, abs(steps)):  # rounding must not cost a step
            reached *= round(steps) / steps if steps else 1.0
        value = float(value_to_set(target, reached))
        return value if target.measure.record.may_be_negative else max(0.0, value)

    def repaired(self, best: Elastic) -> list[Relaxation]:
        """Return the targets that are missed, with the values that they are to have instead."""
        found = []
        for n in np.flatnonzero(best.missed > 0).tolist():
            target = self.targets[n]
            if not target.measure.record.is_soft:
                found.append(Relaxation(target, None))
                continue
            missed = float(best.missed[n]) * miss_units(self.instance, target)
            reached = target.asked + (-missed if target.is_at_least else missed)
            found.append(Relaxation(target, self._value(n, reached)))
        return found


def _at_value(target: Target, value: float | None) -> Target:
    """Return a target with another value, and its margin of that."""
    assert value is not None
    margin = (
        target.margin if target.measure.record.is_share or not target.value else target.margin * value / target.value
    )
    return replace(target, value=value, margin=margin)
