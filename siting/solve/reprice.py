"""A solution at other prices: the same plan and multipliers, with cost and bounds recomputed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from siting.certificate import certified_bound, certify, floor_bound
from siting.instance import Instance
from siting.model import build_whole
from siting.model.linear import MODEL_CNY
from siting.plan import Solution
from siting.verify import verify_stages, whole_cost_cny

ROUNDING = 1e-9
"""Of a bound: a difference as small is none."""


def at_prices(priced: Instance, solution: Solution) -> Solution | None:
    """Return the solution of an instance as one of `priced`, which differs from it in prices only.

    None where multipliers alone do not prove its bound, so that none is known at other prices; where something other
    than cost was optimised; and where the plan breaks a limit on money or emissions at these prices.
    """
    certificate = solution.certificate
    if certificate is None or certificate.leaves or priced.objective is not None:
        return None
    if solution.bound - solution.proven > ROUNDING * max(1.0, abs(solution.bound)):
        return None
    found = verify_stages(priced, solution.plans)
    if any(one.faults for one in found):
        return None
    whole, cost_cny = build_whole(priced), whole_cost_cny(priced, found)
    multipliers = np.concatenate([certificate.multipliers, certificate.cover_price])
    again = certify(priced, whole, multipliers, certificate.covers, floor=certificate.floor_multipliers)
    proven_cny = min(certified_bound(whole, again) * MODEL_CNY, cost_cny)
    floor_cny = min(floor_bound(whole, again.floor_multipliers) * MODEL_CNY, cost_cny)
    return replace(
        solution,
        certificate=again,
        value=cost_cny,
        cost_cny=cost_cny,
        bound=proven_cny,
        bound_cny=proven_cny,
        proven=proven_cny,
        floor_cny=floor_cny,
    )
