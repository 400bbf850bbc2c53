"""Rows about access: who has an open recycling point within a distance."""

from __future__ import annotations

import numpy as np

from siting.instance import Instance, Ints, Target
from siting.model.access import near_options
from siting.model.columns import Columns
from siting.model.linear import RowAssembler, Term


def add_access_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add near_open, and near_every_open where access is limited from above."""
    for access, first in columns.with_access():
        column = columns.at("near", first + np.arange(len(access.node)))
        node, option, walk = near_options(instance, access)
        n = len(column)
        terms: list[Term] = [(node, columns.at("open", option), 1.0), (np.arange(n), column, -np.ones(n))]
        rows.add("near_open", terms, n_rows=n, lower=0.0)
        if access.is_exact:
            pairs, row = np.unique(walk, return_inverse=True)
            of_pair = np.searchsorted(access.node, instance.walks.demand[pairs])
            terms = [(np.arange(len(pairs)), column[of_pair], 1.0), (row, columns.at("open", option), -1.0)]
            rows.add("near_every_open", terms, n_rows=len(pairs), lower=0.0)


def access_terms(columns: Columns, target: Target) -> tuple[Ints, Ints]:
    """Return the columns of the nodes whose access a target counts, and these nodes."""
    access, first = next((one, first) for one, first in columns.with_access() if one.serves(target))
    counted = np.flatnonzero(target.in_unit_demand[access.node])
    return columns.at("near", first + counted), access.node[counted]
