"""Knapsacks that may be filled in part, those of all options at once: by what a kt costs, as long as it gains."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from siting.instance import Bools, Floats, Ints


@dataclass(frozen=True)
class Pairs:
    """Possible inflows of options, arrays (n_pairs,).

    `inflow` is the inflow column, counted from the first, −1 where it is none by itself. `cost` is that of a unit, `kt`
    the capacity that a unit takes, `most` the units there can be.
    """

    inflow: Ints
    option: Ints
    cost: Floats
    kt: Floats
    most: Floats

    def only(self, kept: Bools) -> Pairs:
        """Return the pairs that are `kept` (n_pairs,)."""
        return Pairs(*(getattr(self, field.name)[kept] for field in fields(self)))

    def and_also(self, more: Pairs) -> Pairs:
        """Return these pairs followed by `more`."""
        return Pairs(*(np.append(getattr(self, field.name), getattr(more, field.name)) for field in fields(self)))


def fill(pairs: Pairs, base: Floats, full: Floats, price: Floats, least: Floats) -> Floats:
    """Return the least cost of `least` to `full` kt of the pairs of each option, each kt beyond `base` at `price` more.

    All arrays (n_options,); infinite where the pairs or the capacity do not reach `least`.
    """
    n = len(base)
    a_kt = pairs.cost / pairs.kt
    order = np.lexsort((a_kt, pairs.option))
    option, a_kt, kt = pairs.option[order], a_kt[order], (pairs.kt * pairs.most)[order]
    gaining = np.bincount(option, np.where(a_kt < 0, kt, 0.0), n)
    worth_more = np.bincount(option, np.where(a_kt < -price[option], kt, 0.0), n)
    taken = np.maximum(np.minimum(gaining, base), np.minimum(worth_more, full))
    taken = np.maximum(taken, least)
    used = np.clip(taken[option] - sum_before(option, kt, n), 0.0, kt)
    cost = np.bincount(option, a_kt * used, n) + price * np.maximum(0.0, taken - base)
    return np.where(least <= np.minimum(full, np.bincount(option, kt, n)), cost, np.inf)


def sum_before(group: Ints, values: Floats, n: int) -> Floats:
    """Return the cumulative sum before each value in its group, (n_values,); `group` is ascending, below `n`.

    Each group's total is taken off where it ends, so that the next begins at 0 to the last digit.

    >>> sum_before(np.array([0, 0, 2, 2]), np.array([1.0, 2.0, 4.0, 8.0]), 3)
    array([0., 1., 0., 4.])
    """
    ends = np.searchsorted(group, np.arange(n), side="right")
    running = np.cumsum(np.insert(values, ends, -np.bincount(group, values, n)))
    before: Floats = np.concatenate([[0.0], running])[np.arange(len(values)) + group]
    return before
