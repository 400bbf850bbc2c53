"""Value of a site: the best plan without it, or with it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from siting.certificate import Certainties, certainties_of, rises
from siting.instance import Bools, Floats, Instance, Ints
from siting.model import LinearModel
from siting.model.linear import MODEL_CNY
from siting.pricing.difference import Known
from siting.pricing.replan import is_verified, mend, open_sites, replan_in_steps
from siting.pricing.solved import Solved
from siting.solve.city.neighbourhoods import around, centre_graph, site_graph
from siting.solve.city.restrict import Holder
from siting.solve.clock import Record
from siting.solve.exact import solve_exact
from siting.solve.solve import EXACT_COLUMNS, SETTLE_S
from siting.vocabulary import Echelon

MOST_SITES = 8, 30, 150
"""So many sites around one are decided anew with it, one number after the other, the last of all echelons."""
LOCAL_SHARE, LEAST_S = 0.6, 1.0
"""Of the time for a site, what deciding the sites near it may take, and the least for a search of the whole, s; branch
and bound has the rest."""


def open_at_last(solved: Solved) -> Bools:
    """Return whether something is open at each site in the last year, or in the cases, (n_sites,)."""
    return open_sites(replace(solved.whole, parts=solved.whole.parts[-1:]), solved.values)


def certainties(solved: Solved) -> Certainties:
    """Return how sure each site of a solved problem is."""
    cost = solved.known.cost_cny / MODEL_CNY
    return certainties_of(solved.whole, solved.terms, is_open=open_at_last(solved), cost=cost)


@dataclass(frozen=True)
class PricedSite:
    """Result of the problem with the state of a site reversed: closed if the plan has it open, and open if not.

    `is_open` is its state in the plan. `estimate_cny` is the increase of the bound, inf if the reversed state is
    infeasible. `values` (n_columns,) are the best plan found, None if there is none.
    """

    site: int
    is_open: bool
    known: Known
    estimate_cny: float
    values: Floats | None


def price_site(solved: Solved, site: int, *, seconds: float, threads: int = 1, seed: int = 1) -> PricedSite:
    """Solve the problem with `site` closed if the plan has it open, and open if the plan has it closed.

    The bound is that of the plan with the term of this site changed, and of branch and bound where the model is small.
    """
    is_open = bool(open_at_last(solved)[site])
    rise_cny = float(rises(solved.whole, solved.terms)[0 if is_open else 1][site]) * MODEL_CNY
    if math.isinf(rise_cny):
        return PricedSite(site, is_open, Known(math.inf, math.inf), math.inf, None)
    bound_cny = max(solved.known.bound_cny, solved.terms.bound * MODEL_CNY + rise_cny)
    held = hold_site(solved, site, is_open=not is_open)
    start = _without(solved, site) if is_open else solved.values
    steps = _around(solved.instance, site)
    ends_at = time.monotonic() + LOCAL_SHARE * seconds
    found = replan_in_steps(solved.whole, start, steps, time_limit_s=LOCAL_SHARE * seconds, model=held)
    if found is None and is_open and len(solved.whole.parts) == 1:  # what comes here can only go far away
        left_s = max(LEAST_S, ends_at - time.monotonic())
        found = mend(replace(solved.whole, model=held), start, solved.multipliers, time_limit_s=left_s, seed=seed)
    known = Known(math.inf, bound_cny)
    if held.n_columns <= EXACT_COLUMNS:
        limits = {"time_limit_s": (1 - LOCAL_SHARE) * seconds, "threads": threads, "seed": seed}
        found, by_search = searched(held, found, limits)
        known = known.and_also(by_search)
    cost_cny = math.inf if found is None else solved.cost_of(found)
    if (
        found is None
        or not is_verified(solved.instance, solved.whole, found, cost_cny)
        or (open_at_last(replace(solved, values=found))[site] == is_open)
    ):
        return PricedSite(site, is_open, known, rise_cny, None)
    return PricedSite(site, is_open, known.and_also(Known(cost_cny, -math.inf)), rise_cny, found)


def hold_site(solved: Solved, site: int, *, is_open: bool) -> LinearModel:
    """Return the model with a site held open in the last year, by one row more at the end, or closed in all."""
    model, parts = solved.whole.model, solved.whole.parts
    if is_open:
        columns = _options_at(site, parts[-1:])
        row = sparse.csr_array((np.ones(len(columns)), ([0] * len(columns), columns)), shape=(1, model.n_columns))
        return replace(
            model,
            matrix=sparse.csr_array(sparse.vstack([model.matrix, row])),
            row_lower=np.append(model.row_lower, 1.0),
            row_upper=np.append(model.row_upper, np.inf),
            row_families=model.row_families.and_also("hold_open", 1),
        )
    upper = model.column_upper.copy()
    upper[_options_at(site, parts)] = 0.0
    return replace(model, column_upper=upper)


def _options_at(site: int, parts: Sequence[Any]) -> Ints:
    own = [part.in_whole("open")[part.instance.options.site == site] for part in parts]
    return np.unique(np.concatenate(own))


def _without(solved: Solved, site: int) -> Floats:
    """Return the column values of the plan with nothing open at a site; its flows are left to be mended."""
    values = solved.values.copy()
    values[_options_at(site, solved.whole.parts)] = 0.0
    return values


def _around(instance: Instance, site: int) -> list[Ints]:
    """Return the site with its nearest neighbours by shared links, first of its echelon, then of all."""
    echelons, is_centre = instance.sites.echelon, instance.sites.echelon[site] >= Echelon.SORTING
    graph = centre_graph(instance) if is_centre else site_graph(instance)
    everywhere = echelons >= Echelon.SORTING if is_centre else echelons < Echelon.SORTING
    steps = []
    for most, kept in zip(
        MOST_SITES, (echelons == echelons[site], echelons == echelons[site], everywhere), strict=True
    ):
        weight = kept.astype(np.int64)
        near = around(graph, site, weight, most)
        steps.append(np.union1d(near[weight[near] > 0], [site]))
    return steps


def searched(held: LinearModel, start: Floats | None, limits: dict[str, Any]) -> tuple[Floats | None, Known]:
    """Return the best plan that branch and bound on a model with rows of ours finds, and what it proves."""
    record = Record(limits["time_limit_s"])
    if start is not None:
        record.offer_plan(start, float(held.cost @ start), "start")
    ended = solve_exact(
        held, record, solver="highs", gap=0.0, threads=limits["threads"], seed=limits["seed"], start=start
    )
    if ended.is_infeasible:
        return None, Known(math.inf, math.inf)
    best = record.best_values
    settled = best if best is None or best is start else _settled(held, best)
    return settled, Known(math.inf, record.best_bound * MODEL_CNY)


def _settled(model: LinearModel, found: Floats) -> Floats | None:
    values = np.where(model.is_integer, np.round(found), found)
    free = np.flatnonzero(~model.is_integer)
    settled, _ = Holder.of(model).resolve(values, free, is_integer=None, time_limit_s=SETTLE_S, is_strict=True)
    return settled
