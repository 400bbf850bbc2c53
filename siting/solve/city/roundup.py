"""The plain way to whole options where no small program has decided: each site in use gets the size it needs."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_T

WHOLE = 1e-6


def rounded_up(instance: Instance, columns: Columns, values: Floats, sites: Ints) -> Floats:
    """`values` (n_columns,) with one whole option at each of `sites` that has a fractional one, others untouched.

    Of the options in use the smallest that holds the load, else the largest of the site that accepts the same.
    """
    changed = values.copy()
    opened = changed[columns.open : columns.assign]
    is_fractional = np.abs(opened - np.round(opened)) > WHOLE
    at = np.isin(instance.options.site, sites)
    load_kt = _load_kt(instance, columns, values)
    for site in np.unique(instance.options.site[at & is_fractional]):
        options = np.flatnonzero(instance.options.site == site)
        opened[options] = _one_option(instance, options, opened[options], float(load_kt[site]))
    return changed


def _one_option(instance: Instance, options: Ints, opened: Floats, load_kt: float) -> Floats:
    used = options[opened > WHOLE]
    capacity_kt = instance.options.capacity_t / MODEL_T
    enough = used[capacity_kt[used] >= load_kt - WHOLE]
    alike = options[(instance.options.accepts[options] == instance.options.accepts[used[0]]).all(axis=1)]
    fitting = alike[instance.options.area_m2[alike] <= instance.sites.area_m2[instance.options.site[alike]]]
    large = fitting[capacity_kt[fitting] >= load_kt - WHOLE]
    pool = enough if len(enough) else (large if len(large) else fitting)
    chosen = pool[np.argmin(capacity_kt[pool])] if len(enough) or len(large) else pool[np.argmax(capacity_kt[pool])]
    return np.asarray(options == chosen).astype(np.float64)


def _load_kt(instance: Instance, columns: Columns, values: Floats) -> Floats:
    site, _, column, value = inflow_terms(instance, columns)
    load = np.zeros(instance.n_sites)
    np.add.at(load, site, value * values[column])
    return load
