"""The plain way to whole options where no small program has decided: each site in use gets the size it needs."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_T

WHOLE = 1e-6


def rounded_up(instance: Instance, columns: Columns, values: Floats, sites: Ints) -> Floats:
    """`values` (n_columns,) with whole options at those of `sites` that have a fractional one, others untouched.

    The smallest option that fits the site, accepts and holds its load; the largest where none is large enough; none
    where even the smallest asks for more than the load.
    """
    changed = values.copy()
    opened = changed[columns.open : columns.assign]
    is_fractional = np.abs(opened - np.round(opened)) > WHOLE
    at = np.isin(instance.options.site, sites)
    load_kt = _load_kt(instance, columns, values)
    for site in np.unique(instance.options.site[at & is_fractional]):
        options = np.flatnonzero(instance.options.site == site)
        opened[options] = 0.0
        chosen = _option_for(instance, options, load_kt[site], bool(instance.sites.must_open[site]))
        if chosen is not None:
            opened[chosen] = 1.0
    return changed


def _option_for(instance: Instance, options: Ints, material_kt: Floats, must_open: bool) -> int | None:
    load_kt = float(material_kt.sum())
    accepts = instance.options.accepts[options][:, material_kt > WHOLE].all(axis=1)
    capacity_kt = instance.options.capacity_t[options] / MODEL_T
    least_kt = instance.options.min_load_t[options] / MODEL_T
    site_area = instance.sites.area_m2[instance.options.site[options]]
    fits = accepts & (instance.options.area_m2[options] <= site_area) & ((least_kt <= load_kt + WHOLE) | must_open)
    if not fits.any():
        return None
    holds = fits & (capacity_kt >= load_kt - WHOLE)
    if holds.any():
        return int(options[holds][np.argmin(capacity_kt[holds])])
    return int(options[fits][np.argmax(capacity_kt[fits])])


def _load_kt(instance: Instance, columns: Columns, values: Floats) -> Floats:
    """What enters each site, (n_sites, n_materials), kt a year."""
    site, material, column, value = inflow_terms(instance, columns)
    load = np.zeros((instance.n_sites, instance.n_materials))
    np.add.at(load, (site, material), value * values[column])
    return load
