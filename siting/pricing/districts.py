"""Cost of a plan by the district in which material is collected: what each district's part of it must be paid.

`siting.allocation` follows the material of each district through the facilities that districts share; a recycling point
that takes nothing is the district's in which it stands. The penalty of a missed target is split over its unit: by
residents where the target counts these, else by tonnes collected. The parts sum to the cost of the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siting.allocation import collected_by_node, follow_shares, part_totals, shares_of
from siting.instance import Bools, Floats, Instance
from siting.plan import Plan
from siting.verify import TargetResult, verify_stages
from siting.verify.costs import penalty_cny


@dataclass(frozen=True)
class DistrictCosts:
    """Net cost with penalties, CNY a year, and `tonnes` collected a year of some materials, (n_districts,).

    Of several years or cases, by their weights.
    """

    cost_cny: Floats
    tonnes: Floats


def district_costs(instance: Instance, plans: Sequence[Plan], materials: Bools) -> DistrictCosts:
    """Split the cost of the plan of each stage by district; `materials` (n_materials,) are those that are counted."""
    stages, cost_cny, tonnes = instance.stages, np.zeros(len(instance.districts)), np.zeros(len(instance.districts))
    verified = verify_stages(instance, plans)
    for number, (plan, own) in enumerate(zip(plans, verified, strict=True)):
        weight = 1.0 if stages is None else float(stages.weight[number])
        stage_cny, stage_t = _of_stage(instance.at_stage(number), plan, own.targets, materials)
        cost_cny += weight * stage_cny
        tonnes += weight * stage_t
    return DistrictCosts(cost_cny, tonnes)


def _of_stage(
    instance: Instance, plan: Plan, targets: Sequence[TargetResult], materials: Bools
) -> tuple[Floats, Floats]:
    """Return cost, CNY a year, and tonnes a year of the `materials` by district, each (n_districts,)."""
    rows = np.arange(len(instance.districts))[:, None]
    demand = (instance.demand.district == rows).astype(float)
    stands = (instance.sites.district == rows).astype(float)
    shares = follow_shares(instance, plan, demand, idle_point=stands)
    parts = [part_totals(instance, plan, shares, row) for row in range(len(rows))]
    cost_cny = np.array([sum(one.terms_cny.values()) for one in parts])
    tonnes = np.array([one.collected_t[materials].sum() for one in parts])
    return cost_cny + _penalties_cny(instance, plan, demand, targets), tonnes


def _penalties_cny(instance: Instance, plan: Plan, demand: Floats, targets: Sequence[TargetResult]) -> Floats:
    """Return the penalties for missed targets by district, CNY a year, (n_districts,)."""
    given_t, offered_t = collected_by_node(instance, plan), instance.demand.tonnes.sum(axis=1)
    total = np.zeros(len(demand))
    for result in targets:
        target, share = result.target, np.full(len(demand), 1 / len(demand))
        of_residents = target.measure.record.counted in ("residents", "districts")
        for of_node in (offered_t, instance.demand.residents if of_residents else given_t):
            share = shares_of(demand @ (of_node * target.in_unit_demand), share)
        total += share * penalty_cny(result)
    return total
