"""The p-median problem."""

from __future__ import annotations

from typing import Any

import numpy as np

from siting.locate.arcs import as_arcs
from siting.locate.arguments import by_place, check_count, site_rules
from siting.locate.solution import Limits, Located
from siting.locate.uncapacitated.incumbent import compile_search
from siting.locate.uncapacitated.solver import solve_siting, weighted


def p_median(
    distance: Any,
    weights: Any = None,
    p: int = 1,
    *,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "distance",
) -> Located:
    """Choose `p` sites so that the sum of weight × distance to the nearest chosen site is least.

    Hakimi (1964), Optimum locations of switching centers and the absolute centers and medians of a graph; the integer
    program is that of ReVelle and Swain (1970), Central facilities location.

    Parameters
    ----------
    distance
        (n_nodes, n_sites): dense (inf: no way), scipy sparse (not stored: no way), or a table of `node`, `site`,
        `distance`.
    weights
        Of each node, ≥ 0; 1 where left out. A node of weight 0 need not be served.
    p
        Sites to choose, fixed ones among them.
    fixed, forbidden
        Flags (n_sites,) or lists of sites.
    time_limit_s, gap
        When to stop.
    unit
        What the value is called in outputs.

    Raises
    ------
    DataError
        If a figure cannot be used or `p` does not fit the sites.
    InfeasibleError
        If some node can reach no site, or no `p` sites reach all.
    OutOfTimeError
        If the time limit came before any choice that reaches all.

    >>> street = np.abs(np.subtract.outer(np.array([0.0, 1, 5, 6]), np.array([0.0, 1, 5, 6])))
    >>> both = p_median(street, p=2)
    >>> both.value, both.status.value
    (2.0, 'optimal')
    >>> p_median(street, p=2, fixed=[0], weights=[1, 9, 1, 1]).value  # 4 + 5 to the second house
    9.0
    """
    compile_search()
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(distance)
    rules = site_rules(arcs, fixed, forbidden)
    p = check_count(p, rules)
    weight = by_place(weights, arcs.node_id, "weights")
    siting = weighted(arcs, weight, rules, opening=np.zeros(arcs.n_sites), least=p, most=p)
    return solve_siting("p-median", siting, arcs, limits, unit=unit)
