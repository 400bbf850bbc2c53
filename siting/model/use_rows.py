"""Rows about use: which facilities that must stay take their least use, and so count in a target on their number."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_T, RowAssembler


def add_use_rows(rows: RowAssembler, instance: Instance, columns: Columns) -> None:
    """Add use_open and reach_use for each option whose use is a decision."""
    option, used = columns.used_option, columns.numbers("in_use")
    number, one = np.arange(len(option)), np.ones(len(option))
    rows.add("use_open", [(number, used, one), (number, columns.at("open", option), -one)], n_rows=len(option), upper=0)
    row_of_site = np.full(instance.n_sites, -1)
    row_of_site[instance.options.site[option]] = number
    site, _, column, value = inflow_terms(instance, columns)
    enters = row_of_site[site] >= 0
    least = instance.options.least_use_t[option] / MODEL_T
    terms = [(row_of_site[site[enters]], column[enters], value[enters]), (number, used, -least)]
    rows.add("reach_use", terms, n_rows=len(option), lower=0.0)


def counted_terms(columns: Columns, option: Ints, *, is_at_least: bool) -> tuple[Ints, Floats]:
    """Return the columns that count these options, and 1 for each.

    A target that asks for a number counts what is in use; one that limits it counts all that stands.
    """
    column = columns.at("open", option)
    if is_at_least:
        used = np.searchsorted(columns.used_option, option)
        is_used = np.isin(option, columns.used_option)
        column[is_used] = columns.at("in_use", used[is_used])
    return column, np.ones(len(column))
