"""Coverage while points are placed: by who is assigned, which is never more than who has a point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from siting.instance import Floats, Instance
from siting.model.access import near_options
from siting.model.columns import Columns, near_values
from siting.model.linear import LinearModel


def with_assigned_coverage(instance: Instance, columns: Columns, model: LinearModel) -> LinearModel:
    """Return `model` with coverage counted by assignments, and no rows of its own for who has a point.

    A search that decides one site after the other knows at once what an assignment adds to a row. A plan that meets
    these rows meets those of the model, as whoever is assigned within a distance has a point within it.
    """
    if not columns.accesses:
        return model
    kept = np.ones(model.n_rows)
    kept[model.rows_of("near_open", "near_every_open")] = 0.0
    counted = sparse.csr_array(sparse.diags_array(kept) @ model.matrix)
    near = columns.numbers("near")
    is_other = np.ones(model.n_columns)
    is_other[near] = 0.0
    by_assignment = sparse.csc_array(counted)[:, near] @ _assignments(instance, columns, model.n_columns)
    matrix = sparse.csr_array(counted @ sparse.diags_array(is_other) + by_assignment)
    free = kept == 0
    return replace(
        model,
        matrix=matrix,
        row_lower=np.where(free, -np.inf, model.row_lower),
        row_upper=np.where(free, np.inf, model.row_upper),
    )


def told(instance: Instance, columns: Columns, values: Floats) -> Floats:
    """Return `values` (n_columns,) with who has a point set to what is open."""
    set_anew = values.copy()
    set_anew[columns["near"]] = near_values(instance, columns, values[columns["open"]] > 0.5)
    return set_anew


def _assignments(instance: Instance, columns: Columns, n_columns: int) -> sparse.csr_array:
    """Return the assignments within the distance of each column `near`, (n_near, n_columns)."""
    rows, walks, first = [], [], 0
    for access in columns.accesses:
        node, _, walk = near_options(instance, access)
        pairs = np.unique(np.column_stack([first + node, walk]), axis=0)
        rows.append(pairs[:, 0])
        walks.append(pairs[:, 1])
        first += len(access.node)
    row, walk = np.concatenate(rows), np.concatenate(walks)
    return sparse.csr_array((np.ones(len(row)), (row, columns.at("assign", walk))), shape=(first, n_columns))
