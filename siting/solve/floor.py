"""Finds multipliers for the floor, what every plan pays for its tonnes: those of a small linear program.

Forced costs know no places. So the rows of all sites of an echelon can be added up, family by family, and columns with
entries in the same rows stand for each other: the cheapest and the dearest of them are kept. Any multipliers prove a
floor; those of sums of rows are the same for all rows of a sum.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import sparse

from siting.certificate.floor import floor_multipliers
from siting.certificate.lagrangian import lagrangian_bound
from siting.instance import Floats, Ints
from siting.model.facility_rows import alike_sites
from siting.model.flow_rows import conserved_places
from siting.model.forced import whole_forced_costs
from siting.model.joins import option_terms
from siting.model.linear import LinearModel
from siting.model.whole import Part, Whole
from siting.solve.highs import Program, run_highs

ASKED = (
    "within_offer", "reach_served", "reach_coverage", "reach_collected", "reach_collected_share",
    "reach_recycled_share", "reach_processed", "reach_count", "reach_capacity", "keep_open",
)  # fmt: skip
"""Families of rows that stand alone: what generators offer, and what is asked for."""
OF_CELLS = ("serve", "serve_near")
"""Families with a row for each cell. Beyond `CELL_COLUMNS` they are left out: there it took 20 s and proved no more."""
CELL_COLUMNS = 100_000
WORK, MOST_S = 10.0, 60.0
"""Of each linear program, at most; the clock is for a machine that is stuck."""
DIGITS, LEAST_SIZE = 9, 1e-12


def find_floor(whole: Whole) -> Floats:
    """Return multipliers (n_rows,) that prove a floor; 0 where nothing is forced or cost is not minimised."""
    forced = replace(whole.model, cost=whole_forced_costs(whole))
    best, highest = np.zeros(forced.n_rows), 0.0
    if whole.instance.objective is not None:
        return best
    for names in (ASKED, (*ASKED, *OF_CELLS)) if forced.n_columns <= CELL_COLUMNS else (ASKED,):
        program, group = _summed(forced, _groups(whole, names))
        answer = run_highs(program, time_limit_s=MOST_S, work=WORK)
        if len(answer.row_dual) == len(program.row_lower):
            found = floor_multipliers(forced, np.append(answer.row_dual, 0.0)[group])
            proven = lagrangian_bound(forced, found)
            best, highest = (found, proven) if proven > highest else (best, highest)
    return best


def _summed(forced: LinearModel, group: Ints) -> tuple[Program, Ints]:
    """Return the program of the sums of rows, and the sum that each row belongs to."""
    used = np.flatnonzero(group >= 0)
    shape = (int(group.max(initial=-1)) + 1, forced.n_rows)
    summed = sparse.csr_array((np.ones(len(used)), (group[used], used)), shape=shape)
    matrix = sparse.csc_array(summed @ forced.matrix)
    kept, most = _standing_for_others(matrix, forced)
    lower, upper = (summed @ np.where(group >= 0, side, 0.0) for side in (forced.row_lower, forced.row_upper))
    rows = sparse.csr_array(matrix[:, kept])
    return Program(forced.cost[kept], forced.column_lower[kept], most, rows, lower, upper), group


def _groups(whole: Whole, names: tuple[str, ...]) -> Ints:
    """Return the sum that each row belongs to, (n_rows,), −1 for none."""
    group = np.full(whole.model.n_rows, -1)
    for part in whole.parts:
        for rows, key in _keyed(part, names):
            _, number = np.unique(key, return_inverse=True)
            group[rows] = group.max() + 1 + number
    return group


def _keyed(part: Part, names: tuple[str, ...]) -> Iterator[tuple[Ints, Ints]]:
    """Yield rows of a stage, family by family, with a key for each: rows of one key are added up."""
    instance, columns, m = part.instance, part.columns, part.instance.n_materials
    echelon, options = instance.sites.echelon, instance.options
    conserved = conserved_places(instance, columns)
    split = np.unique(options.site[columns.load_option] * m + columns.load_material)
    for name, place in (("conserve_material", conserved), ("split_load", split)):
        yield part.rows.numbers(name), echelon[place // m] * m + place % m
    alike = alike_sites(instance, columns)
    row, option = option_terms(instance, np.arange(len(alike)), alike)
    kind = np.full(len(alike), len(instance.facility_types))
    np.minimum.at(kind, row, options.type[option])
    kinds = np.concatenate([kind, len(instance.facility_types) + options.type[np.unique(columns.load_option)]])
    yield part.rows.numbers("within_capacity"), kinds
    own = part.rows.numbers(*names)
    yield own, np.arange(len(own))


def _standing_for_others(matrix: sparse.csc_array, forced: LinearModel) -> tuple[Ints, Floats]:
    """Return the columns that stand for all with entries in the same rows, and how much of each pattern there can be.

    Of a pattern these are the smallest and the largest by the sum of their entries, and the cheapest for it.
    """
    n_rows, n_columns = matrix.shape
    marks, column = np.random.default_rng(0).random(n_rows), np.repeat(np.arange(n_columns), np.diff(matrix.indptr))
    signature = np.round(np.bincount(column, marks[matrix.indices], n_columns), DIGITS)
    _, pattern = np.unique(signature, return_inverse=True)
    size = np.bincount(column, np.abs(matrix.data), n_columns)
    has_entry = np.flatnonzero(size > 0)
    kept = []
    for key in (size, -size, forced.cost / np.maximum(size, LEAST_SIZE)):
        order = has_entry[np.lexsort((key[has_entry], pattern[has_entry]))]
        kept.append(order[np.diff(pattern[order], prepend=-1) != 0])
    columns = np.unique(np.concatenate(kept))
    return columns, np.bincount(pattern, forced.column_upper)[pattern[columns]]
