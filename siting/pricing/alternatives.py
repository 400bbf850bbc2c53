"""Other plans that cost little more and differ: by rows that keep a share of the stations and centres elsewhere.

    sum over s in R_j of open[s] <= |R_j| - d_j    differ_from    for each plan j so far    [1]

R_j are the stations, centres and bases that plan j has open in the last year, d_j the number of these that must be
elsewhere. Modelling to generate alternatives: Brill, Chang, Hopkins 1982; here with each plan bounded and verified.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Ints
from siting.model import LinearModel
from siting.model.linear import MODEL_CNY
from siting.pricing.replan import is_verified, replan_in_steps
from siting.pricing.sites import open_at_last, searched
from siting.pricing.solved import Solved
from siting.solve.city.neighbourhoods import around, centre_graph, site_graph
from siting.solve.solve import EXACT_COLUMNS
from siting.vocabulary import Echelon

LEAST_DIFFERENCE = 0.2
"""Share of a plan's stations, centres and bases that are elsewhere in another one, at least."""
OPEN_TIMES = 1.2, 2.0, 4.0
"""Of the sites that must change so many times as many are decided anew, one number after the other."""
OTHERS_PER_SITE = 4
"""Closed sites near each of these that may open instead."""
LOCAL_SHARE = 0.6
"""Of the time for a plan, what deciding sites anew may take; branch and bound on a small model has the rest."""


def find_alternatives(
    solved: Solved,
    *,
    within: float,
    count: int,
    seconds: float,
    threads: int = 1,
    seed: int = 1,
    tell: Callable[[int], None] = lambda _: None,
) -> list[Floats]:
    """Return column values of up to `count` verified plans that cost at most `within` (a share of |cost|) more.

    Each differs from the plan and from those before by `LEAST_DIFFERENCE` of its stations, centres and bases. `seconds`
    are for each; the search ends where none is found.
    """
    most_cny = solved.known.cost_cny + within * abs(solved.known.cost_cny)
    found: list[Floats] = []
    for number in range(count):
        values = _next(solved, [solved.values, *found], most_cny, seconds, {"threads": threads, "seed": seed + number})
        if values is None:
            break
        found.append(values)
        tell(len(found))
    return found


def large_sites(solved: Solved, values: Floats) -> Bools:
    """Return whether each site has a station, a centre or a base open in the last year or case, (n_sites,)."""
    return open_at_last(replace(solved, values=values)) & (solved.instance.sites.echelon > Echelon.POINT)


def least_elsewhere(n_open: int) -> int:
    """Return how many of so many sites must be elsewhere in another plan.

    >>> least_elsewhere(82), least_elsewhere(3)
    (17, 1)
    """
    return math.ceil(LEAST_DIFFERENCE * n_open - 1e-9)


def _next(
    solved: Solved, before: Sequence[Floats], most_cny: float, seconds: float, how: dict[str, int]
) -> Floats | None:
    """Return a plan that differs from all `before` and costs no more than `most_cny`; None where none is found."""
    model = differing(solved, before)
    steps = _steps(solved, before)
    found = replan_in_steps(solved.whole, before[0], steps, time_limit_s=LOCAL_SHARE * seconds, model=model)
    if model.n_columns <= EXACT_COLUMNS and (found is None or solved.cost_of(found) > most_cny):
        limits = {"time_limit_s": (1 - LOCAL_SHARE) * seconds, **how}
        found, _ = searched(model, found, limits)
    if found is None or solved.cost_of(found) > most_cny:
        return None
    is_valid = is_verified(solved.instance, solved.whole, found, solved.cost_of(found))
    return found if is_valid and all(differs(solved, one, found) for one in before) else None


def differs(solved: Solved, one: Floats, other: Floats) -> bool:
    """Return whether enough of the stations, centres and bases of `one` are elsewhere in `other`."""
    sites, kept = large_sites(solved, one), large_sites(solved, other)
    return int((sites & ~kept).sum()) >= least_elsewhere(int(sites.sum()))


def differing(solved: Solved, before: Sequence[Floats]) -> LinearModel:
    """Return the model with a row for each plan `before`, by which enough of its sites are elsewhere."""
    model, last = solved.whole.model, solved.whole.parts[-1]
    columns, site = last.in_whole("open"), last.instance.options.site
    rows, most = [], []
    for values in before:
        sites = large_sites(solved, values)
        own = columns[sites[site]]
        rows.append(sparse.csr_array((np.ones(len(own)), ([0] * len(own), own)), shape=(1, model.n_columns)))
        most.append(sites.sum() - least_elsewhere(int(sites.sum())))
    return replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, *rows])),
        row_lower=np.append(model.row_lower, np.full(len(rows), -np.inf)),
        row_upper=np.append(model.row_upper, np.array(most, dtype=float)),
        row_families=model.row_families.and_also("differ_from", len(rows)),
    )


def _steps(solved: Solved, before: Sequence[Floats]) -> list[Ints]:
    """Return the sites to free: those that the fewest plans have left and that cost the bound least, and neighbours."""
    instance = solved.instance
    opened = np.flatnonzero(large_sites(solved, before[0]))
    rise = solved.terms.dearer_closed.sum(axis=0) * MODEL_CNY
    n_without = sum((~large_sites(solved, one)).astype(int) for one in before[1:]) + np.zeros(instance.n_sites)
    order = opened[np.lexsort((rise[opened], n_without[opened]))]
    n_least = least_elsewhere(len(opened))
    graphs = {True: centre_graph(instance), False: site_graph(instance)}
    steps = []
    for times in OPEN_TIMES:
        chosen = order[: max(2, math.ceil(times * n_least))]
        near = [_others(solved, graphs, int(site)) for site in chosen]
        steps.append(np.unique(np.concatenate([chosen, *near])))
    return steps


def _others(solved: Solved, graphs: dict[bool, sparse.csr_array], site: int) -> Ints:
    """Return the sites of the same echelon nearest to one by the links that they share."""
    echelons = solved.instance.sites.echelon
    weight = (echelons == echelons[site]).astype(np.int64)
    near = around(graphs[bool(echelons[site] >= Echelon.SORTING)], site, weight, OTHERS_PER_SITE)
    others: Ints = near[weight[near] > 0]
    return others
