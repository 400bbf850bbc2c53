"""A fixed plan in years of demand drawn at random: the distribution of its cost and of what it reaches."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from siting.evaluate.recourse import solve_recourse, with_tonnes
from siting.instance import Bools, Floats, Instance, Target
from siting.plan import Plan, site_inflow_t
from siting.verify import verify

TOLERANCE = 1e-6


class Law(enum.StrEnum):
    """Distribution of the factors on tonnes; their mean is 1."""

    LOGNORMAL = "lognormal"
    NORMAL = "normal"


def draw_factors(instance: Instance, number: int, *, seed: int, cv: float, law: Law = Law.LOGNORMAL) -> Floats:
    """Draw the factors on the tonnes of each demand node in year `number`, (n_demand, n_materials).

    One factor for each district and material, independent of the others, with mean 1 and coefficient of variation `cv`:
    log-normal, exp(σ z − σ²/2) with σ² = ln(1 + cv²), or normal, cut at 0. The same seed and number give the same
    factors, however many years are drawn.
    """
    rng = np.random.default_rng([seed, number])
    z = rng.standard_normal((len(instance.districts), instance.n_materials))
    sigma = np.sqrt(np.log1p(cv**2))
    factors = np.exp(sigma * z - sigma**2 / 2) if law is Law.LOGNORMAL else np.maximum(0.0, 1 + cv * z)
    return np.asarray(factors[instance.demand.district])


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
    """Return the stage that is tried: the one of that name, else the last year, or the likeliest case.

    Raises
    ------
    KeyError
        If there is no stage of that name.
    """
    stages = instance.stages
    if name is not None:
        if stages is None or name not in stages.name:
            raise KeyError(name)
        return int(np.flatnonzero(stages.name == name)[0])
    if stages is None or stages.is_nested:
        return instance.n_stages - 1
    return int(np.argmax(stages.weight))


def evaluate(
    instance: Instance,
    plan: Plan,
    *,
    samples: int,
    seed: int,
    cv: float,
    law: Law = Law.LOGNORMAL,
    before: Plan | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Try `plan`, made for `instance` of one stage, in `samples` drawn years.

    `progress` is called with the number of years done. `before` is the plan of the year before; its facilities are
    not invested in again.
    """
    years = []
    for number in range(samples):
        factors = draw_factors(instance, number, seed=seed, cv=cv, law=law)
        years.append(_sample(instance, plan, factors, before))
        progress(number + 1)
    return Evaluation(instance, instance.targets, tuple(years), seed, cv, law)


def _sample(instance: Instance, plan: Plan, factors: Floats, before: Plan | None) -> Sample:
    year, recourse = with_tonnes(instance, factors), solve_recourse(instance, plan, factors)
    verified = verify(year, recourse.plan, before=before)
    walks, options = instance.walks, instance.options
    served = float(instance.demand.residents[walks.demand] @ recourse.plan.assign)
    inflow_t = site_inflow_t(year, recourse.plan).sum(axis=1)
    least_t = np.zeros(instance.n_sites)
    least_t[options.site[plan.is_open]] = options.in_use_from_t[plan.is_open]
    return Sample(
        cost_cny=verified.cost_cny,
        offered_t=float(year.demand.tonnes.sum()),
        collected_t=float(verified.collected_t.sum()),
        turned_away_t=float(recourse.turned_away_t.sum()),
        served_share=served / max(1.0, instance.residents),
        emissions_kg_co2e=sum(verified.emissions_kg_co2e.values()),
        is_overloaded=recourse.is_overloaded,
        is_underloaded=np.asarray(inflow_t < least_t * (1 - TOLERANCE) - TOLERANCE),
        reached=np.array([outcome.reached for outcome in verified.targets]),
        holds=np.array([outcome.holds for outcome in verified.targets], dtype=bool),
    )
