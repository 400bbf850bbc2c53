"""Coverage, use and choice while sites are placed.

Coverage counts who is assigned, never more than who has a point; where residents choose, their search knows who has
one. A facility that must stay counts as used, and is given its least use where that can be.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from siting.instance import Floats, Instance
from siting.model.access import near_options
from siting.model.columns import Columns, near_values, use_values
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_T, LinearModel

CHOICE = ("near_open", "near_every_open", "assign_nearest", "serve_near")
"""Row families about who has a point, and who goes where."""


def decided_at_once(instance: Instance, columns: Columns, model: LinearModel) -> LinearModel:
    """Return `model` with coverage counted by assignments and use by open facilities, without rows of their own.

    A search that decides one site after the other knows at once what an assignment adds to a row. A plan that meets
    these rows meets those of the model, as whoever is assigned within a distance has a point within it. Where residents
    choose, coverage stays as it is counted: their search keeps the rows that are dropped by the way it assigns.
    """
    if not columns.accesses and not len(columns.used_option) and not instance.assigns_nearest:
        return model
    kept = np.ones(model.n_rows)
    kept[model.rows_of(*CHOICE, "use_open", "reach_use")] = 0.0
    counted = sparse.csr_array(sparse.diags_array(kept) @ model.matrix)
    following = columns.numbers("in_use") if instance.assigns_nearest else columns.numbers("in_use", "near")
    is_other = np.ones(model.n_columns)
    is_other[following] = 0.0
    decisions = _decisions(instance, columns, model.n_columns)[: len(following)]
    by_decision = sparse.csc_array(counted)[:, following] @ decisions
    matrix = sparse.csr_array(counted @ sparse.diags_array(is_other) + by_decision)
    free = kept == 0
    return replace(
        model,
        matrix=matrix,
        row_lower=np.where(free, -np.inf, model.row_lower),
        row_upper=np.where(free, np.inf, model.row_upper),
    )


def told(instance: Instance, columns: Columns, values: Floats) -> Floats:
    """Return `values` (n_columns,) with `near` and `in_use` recomputed from open facilities and flows."""
    set_anew, is_open = values.copy(), values[columns["open"]] > 0.5
    set_anew[columns["near"]] = near_values(instance, columns, is_open)
    site, _, column, kt = inflow_terms(instance, columns)
    load_t: Floats = np.bincount(site, kt * values[column], instance.n_sites).astype(float) * MODEL_T
    set_anew[columns["in_use"]] = use_values(instance, columns, is_open, load_t[instance.options.site])
    return set_anew


def _decisions(instance: Instance, columns: Columns, n_columns: int) -> sparse.csr_array:
    """Return the columns that replace each `in_use` and `near`, (n_in_use + n_near, n_columns).

    The option itself, and the assignments within the distance.
    """
    n_used = len(columns.used_option)
    rows, found, first = [np.arange(n_used)], [columns.at("open", columns.used_option)], n_used
    for access in columns.accesses:
        node, _, walk = near_options(instance, access)
        pairs = np.unique(np.column_stack([first + node, walk]), axis=0)
        rows.append(pairs[:, 0])
        found.append(columns.at("assign", pairs[:, 1]))
        first += len(access.node)
    row, column = np.concatenate(rows), np.concatenate(found)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(first, n_columns))
