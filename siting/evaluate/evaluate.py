"""The distribution of what a plan costs and reaches over drawn years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siting.evaluate.draw import Law, draw_factors
from siting.evaluate.taking import take, with_tonnes
from siting.instance import Bools, Floats, Instance, Target
from siting.plan import Plan, site_inflow_t
from siting.verify import verify

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Sample:
    """One drawn year. `is_overloaded` and `is_underloaded` (n_sites,); `reached`, `holds` (n_targets,).

    `served_share` of the residents are assigned to a point. Nothing is paid for what is turned away.
    """

    cost_cny: float
    offered_t: float
    collected_t: float
    turned_away_t: float
    served_share: float
    emissions_kg_co2e: float
    is_overloaded: Bools
    is_underloaded: Bools
    reached: Floats
    holds: Bools


@dataclass(frozen=True)
class Evaluation:
    """A plan of `instance`, of one stage, in the drawn years `samples`."""

    instance: Instance
    targets: tuple[Target, ...]
    samples: tuple[Sample, ...]
    seed: int
    cv: float
    law: Law


def stage_to_try(instance: Instance, name: str | None) -> int:
    """The stage that is tried: the one of that name, else the last year, or the likeliest case.

    Raises
    ------
    KeyError
        If there is no stage of that name.
    """
    if instance.stages is None:
        if name is not None:
            raise KeyError(name)
        return 0
    names = [str(one) for one in instance.stages.name]
    if name is not None:
        if name not in names:
            raise KeyError(name)
        return names.index(name)
    return len(names) - 1 if instance.stages.is_nested else int(np.argmax(instance.stages.weight))


def evaluate(
    instance: Instance,
    plan: Plan,
    *,
    samples: int,
    seed: int,
    cv: float,
    law: Law = Law.LOGNORMAL,
    before: Plan | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Try `plan`, made for `instance` of one stage, in `samples` drawn years; `told` hears how many are done.

    `before` is the plan of the year before, whose facilities are not invested in again.
    """
    found = []
    for number in range(samples):
        factors = draw_factors(instance, number, seed=seed, cv=cv, law=law)
        found.append(_sample(instance, plan, factors, before))
        told(number + 1)
    return Evaluation(instance, instance.targets, tuple(found), seed, cv, law)


def _sample(instance: Instance, plan: Plan, factors: Floats, before: Plan | None) -> Sample:
    year, taken = with_tonnes(instance, factors), take(instance, plan, factors)
    verified = verify(year, taken.plan, before=before)
    walks, options = instance.walks, instance.options
    served = float(instance.demand.residents[walks.demand] @ taken.plan.assign)
    inflow_t = site_inflow_t(year, taken.plan).sum(axis=1)
    least_t = np.zeros(instance.n_sites)
    least_t[options.site[plan.is_open]] = options.min_load_t[plan.is_open]
    return Sample(
        cost_cny=verified.cost_cny,
        offered_t=float(year.demand.tonnes.sum()),
        collected_t=float(verified.collected_t.sum()),
        turned_away_t=float(taken.turned_away_t.sum()),
        served_share=served / max(1.0, instance.residents),
        emissions_kg_co2e=sum(verified.emissions_kg_co2e.values()),
        is_overloaded=taken.is_overloaded,
        is_underloaded=np.asarray(inflow_t < least_t * (1 - TOLERANCE) - TOLERANCE),
        reached=np.array([outcome.reached for outcome in verified.targets]),
        holds=np.array([outcome.holds for outcome in verified.targets], dtype=bool),
    )
