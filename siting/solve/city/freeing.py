"""Which columns must be free together for some sites to be decided anew."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints
from siting.model.columns import FOLLOWING, Columns
from siting.vocabulary import Echelon

USED = 1e-9
"""A column above this counts as used."""


def free_columns(instance: Instance, columns: Columns, values: Floats, sites: Ints) -> Ints:
    """Columns to free so that what stands at `sites` can change, with all else held at `values` (n_columns,).

    Their options and loads; who walks to them; all ways on of what enters or leaves them now or could, as far as these
    end at open sites or at `sites`; and the shortfalls of soft targets.
    """
    is_chosen = np.zeros(instance.n_sites, dtype=bool)
    is_chosen[sites] = True
    can_take = is_chosen | _is_open(instance, columns, values)
    parts = [
        columns.at("open", np.flatnonzero(is_chosen[instance.options.site])),
        columns.at("assign", np.flatnonzero(is_chosen[instance.walks.site])),
        columns.at("load", np.flatnonzero(can_take[instance.options.site[columns.load_option]])),
        columns.numbers("close", "expand", "dispose", *FOLLOWING),
    ]
    parts += _flows(instance, columns, values, (is_chosen, can_take))
    return np.concatenate(parts)


def _is_open(instance: Instance, columns: Columns, values: Floats) -> Bools:
    is_open = np.zeros(instance.n_sites, dtype=bool)
    is_open[instance.options.site[values[columns["open"]] > USED]] = True
    return is_open


def _flows(instance: Instance, columns: Columns, values: Floats, sites: tuple[Bools, Bools]) -> list[Ints]:
    """Free direct and haul columns, echelon by echelon: what moves at one moves what follows."""
    is_chosen, can_take = sites
    haul, direct = columns.haul_link, columns.direct_link
    tail, head = instance.haul.tail[haul], instance.haul.head[haul]
    used = values[columns["haul"]] > USED
    moves = is_chosen.copy()
    moves[tail[used & is_chosen[head]]] = True
    from_points = moves[tail] & can_take[head] & (instance.sites.echelon[tail] == Echelon.POINT)
    moves[head[from_points]] = True
    from_stations = moves[tail] & can_take[head] & (instance.sites.echelon[tail] == Echelon.TRANSFER)
    parts = [columns.at("haul", np.flatnonzero(from_points | from_stations))]
    if is_chosen[instance.sites.echelon == Echelon.SORTING].any():
        giving = np.zeros(instance.n_demand, dtype=bool)
        giving[instance.direct.tail[direct][is_chosen[instance.direct.head[direct]]]] = True
        freed = giving[instance.direct.tail[direct]] & can_take[instance.direct.head[direct]]
        parts.append(columns.at("direct", np.flatnonzero(freed)))
    return parts
