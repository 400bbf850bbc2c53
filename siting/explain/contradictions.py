"""At-least targets that together ask for more than an at-most target over the same things allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from siting.explain.limits import PLAIN
from siting.explain.wording import Finding, name_counted, write_value
from siting.instance import Bools, Instance, Ints, Target
from siting.model.columns import lay_out
from siting.model.target_rows import row_units, target_terms


def check_contradictions(instance: Instance) -> Iterator[Finding]:
    """One finding for each hard at-most target that at-least targets on disjoint parts of it exceed in sum."""
    columns = lay_out(instance)
    hard = [
        _Counting(
            target,
            target.value * row_units(instance, target),
            _counted(target_terms(instance, columns, target)[0], columns.n),
        )
        for target in instance.targets
        if target.is_hard and target.measure in PLAIN
    ]
    for most in (one for one in hard if not one.target.is_at_least):
        parts = _disjoint_parts(most, hard)
        asked = sum(part.amount for part in parts)
        if asked > most.amount + 1e-9 * max(1.0, most.amount):
            share = asked / row_units(instance, most.target)
            targets = [part.target for part in parts]
            yield Finding(_sentence(instance, most.target, targets, share), is_fatal=True, target_id=most.target.id)


@dataclass(frozen=True)
class _Counting:
    """A target, what it asks in the unit of its row, and the columns of the model that it counts, (n_columns,)."""

    target: Target
    amount: float
    columns: Bools


def _counted(columns: Ints, n: int) -> Bools:
    is_counted = np.zeros(n, dtype=bool)
    is_counted[columns] = True
    return is_counted


def _disjoint_parts(most: _Counting, hard: list[_Counting]) -> list[_Counting]:
    """At-least targets that count only what `most` counts, in the same measure, none counting what another does.

    Two choices are tried, the one that asks for more is taken: the wide targets first, or the narrow ones.
    """
    inside = [
        one
        for one in hard
        if one.target.is_at_least
        and one.target.measure is most.target.measure
        and not (one.columns & ~most.columns).any()
    ]
    inside.sort(key=lambda one: int(one.columns.sum()))
    choices = [_first_fit(most.columns, inside[::-1]), _first_fit(most.columns, inside)]
    return max(choices, key=lambda parts: sum(part.amount for part in parts))


def _first_fit(columns: Bools, offered: list[_Counting]) -> list[_Counting]:
    taken: list[_Counting] = []
    free = columns.copy()
    for one in offered:
        if free[one.columns].all():
            taken.append(one)
            free &= ~one.columns
    return taken


def _sentence(instance: Instance, most: Target, parts: list[Target], asked: float) -> str:
    ids = ", ".join(f"{target.id} of {target.unit} ({write_value(target, target.value)})" for target in parts[:4])
    more = f" and {len(parts) - 4} more" if len(parts) > 4 else ""
    return (
        f"{most.unit}: {name_counted(instance, most)} may be at most {write_value(most, most.value)} ({most.id}), yet"
        f" other targets ask at least {write_value(most, asked)} of it: {ids}{more}; raise the one or lower the others"
    )
