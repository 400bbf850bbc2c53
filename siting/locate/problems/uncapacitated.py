"""The uncapacitated facility location problem (UFLP)."""

from __future__ import annotations

from typing import Any

from siting.locate.arcs import as_arcs
from siting.locate.arguments import by_place, site_rules
from siting.locate.solution import Limits, Located
from siting.locate.uncapacitated.incumbent import compile_search
from siting.locate.uncapacitated.solver import solve_siting, weighted


def uflp(
    cost: Any,
    opening_cost: Any,
    *,
    weights: Any = None,
    fixed: Any = None,
    forbidden: Any = None,
    time_limit_s: float = 60.0,
    gap: float = 1e-6,
    unit: str = "cost",
) -> Located:
    """Choose any number of sites so that opening costs and the costs of serving every node are least.

    Balinski (1965), Integer programming: methods, uses, computation; Cornuéjols, Nemhauser and Wolsey (1990) for the
    problem's place in the literature.

    Parameters
    ----------
    cost
        Of serving a node wholly from a site, (n_nodes, n_sites), as in `p_median`.
    opening_cost
        Of each site; paid for fixed sites too.
    weights, fixed, forbidden, time_limit_s, gap, unit
        As in `p_median`.

    Raises
    ------
    DataError, InfeasibleError, OutOfTimeError
        As in `p_median`.

    >>> uflp([[1.0, 9.0], [9.0, 1.0]], [3.0, 3.0]).value  # both: 3 + 3 + 1 + 1; one: 3 + 1 + 9
    8.0
    """
    compile_search()
    limits = Limits.start(time_limit_s, gap)
    arcs = as_arcs(cost)
    rules = site_rules(arcs, fixed, forbidden)
    opening = by_place(opening_cost, arcs.site_id, "opening cost", default=0.0)
    weight = by_place(weights, arcs.node_id, "weights")
    siting = weighted(arcs, weight, rules, opening=opening, least=0, most=arcs.n_sites)
    return solve_siting("UFLP", siting, arcs, limits, unit=unit)
