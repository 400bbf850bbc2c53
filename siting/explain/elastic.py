"""The elastic model: rows that may be missed at a price, and the most that a row can reach with others dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.model.linear import Families, LinearModel
from siting.solve.highs import Answer, program_of, run_highs

SLACK = 1e-5
"""A row missed by a smaller share of what it asks is not missed."""
EARLIER_WEIGHT = 0.01
"""The first elastic row counts this share more than the last, so that of equal sums the later rows are missed."""
LARGE_COLUMNS = 20_000
"""Above this many columns a model is solved as a linear program only."""


@dataclass(frozen=True)
class Elastic:
    """The minimum sum of misses.

    `missed` (n_rows given,) is by how much each elastic row is missed, as a share of what it asks. `is_in_conflict`
    marks the rows that the proof needs: those missed and, after a linear program, those with a multiplier.
    `is_proven`: no plan misses less in sum.
    """

    missed: Floats
    is_in_conflict: Bools
    is_proven: bool


def with_misses(model: LinearModel, rows: Ints) -> LinearModel:
    """Return `model` with one more column for each of `rows`, the only ones that cost.

    A column measures the miss of its row as a share of the row's bound (of one unit where the bound is 0), so that
    tonnes, shares and numbers compare. Weights fall slightly along `rows`: which of several optimal solutions a solver
    happens to return does not decide which row is missed.
    """
    is_lower, bound = _bounds(model, rows)
    scale = np.where(bound != 0, np.abs(bound), 1.0)
    most = abs(model.matrix[rows]) @ model.column_upper
    n = len(rows)
    entries = sparse.coo_array((np.where(is_lower, scale, -scale), (rows, np.arange(n))), shape=(model.n_rows, n))
    return replace(
        model,
        cost=np.concatenate([np.zeros(model.n_columns), np.linspace(1.0 + EARLIER_WEIGHT, 1.0, n)]),
        column_lower=np.concatenate([model.column_lower, np.zeros(n)]),
        column_upper=np.concatenate([model.column_upper, np.where(is_lower, 1.0, most / scale)]),
        is_integer=np.concatenate([model.is_integer, np.zeros(n, dtype=bool)]),
        matrix=sparse.csr_array(sparse.hstack([model.matrix, entries])),
        column_families=model.column_families.and_also("miss", n),
    )


def _bounds(model: LinearModel, rows: Ints) -> tuple[Bools, Floats]:
    """Return whether each of `rows` has a lower bound, and its bound, (n_rows given,) each."""
    is_lower = np.isfinite(model.row_lower[rows])
    return is_lower, np.where(is_lower, model.row_lower[rows], model.row_upper[rows])


def without_rows(model: LinearModel, rows: Ints) -> LinearModel:
    """Return `model` with the bounds of `rows` lifted."""
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[rows], upper[rows] = -np.inf, np.inf
    return replace(model, row_lower=lower, row_upper=upper)


def without_links(model: LinearModel) -> LinearModel:
    """Return `model` without the rows that tie each link to an open head: a relaxation that solves far faster."""
    kept = np.setdiff1d(np.arange(model.n_rows), model.rows_of("direct_to_open", "haul_to_open"))
    families = Families()
    for family in model.row_families:
        if family.name not in ("direct_to_open", "haul_to_open"):
            families = families.and_also(family.name, family.stop - family.start)
    return replace(
        model,
        matrix=model.matrix[kept],
        row_lower=model.row_lower[kept],
        row_upper=model.row_upper[kept],
        row_families=families,
    )


def least_misses(model: LinearModel, rows: Ints, *, is_linear: bool, time_limit_s: float) -> Elastic | None:
    """Return the minimum sum of misses of `rows`; None where there is no plan even so, or no answer in time."""
    elastic = with_misses(model, rows)
    answer = answer_of(elastic, is_linear=is_linear, time_limit_s=time_limit_s)
    if answer.values is None:
        return None
    missed = answer.values[elastic.column_families["miss"]]
    missed = np.where(missed > SLACK, missed, 0.0)
    in_conflict = missed > 0
    if is_linear and in_conflict.any():
        # multiplier × side is the row's part of the proof, in the unit of the sum of misses
        in_conflict |= np.abs(answer.row_dual[rows] * _bounds(model, rows)[1]) > SLACK
    return Elastic(missed, in_conflict, answer.is_optimal)


def most_alone(model: LinearModel, row: int, others: Ints, time_limit_s: float) -> float | None:
    """Return the extreme value of `row` with the `others` dropped: a maximum for at least, a minimum for at most.

    By the linear relaxation, so no plan goes further. None where there is no answer in time.
    """
    is_at_least = np.isfinite(model.row_lower[row])
    terms = model.matrix[[row]].toarray().ravel()
    alone = replace(without_rows(model, np.append(others, row)), cost=-terms if is_at_least else terms)
    answer = answer_of(alone, is_linear=True, time_limit_s=time_limit_s)
    if answer.values is None or not answer.is_optimal:
        return None
    return -answer.cost if is_at_least else answer.cost


def answer_of(model: LinearModel, *, is_linear: bool, time_limit_s: float) -> Answer:
    """Run HiGHS on the model or on its relaxation, by interior point where the model is large."""
    is_large = is_linear and model.n_columns > LARGE_COLUMNS
    options = {"solver": "ipm", "run_crossover": "off"} if is_large else None
    return run_highs(program_of(model, is_linear=is_linear), time_limit_s=time_limit_s, options=options)
