"""A fixed plan in years of demand drawn at random: its cost, what it reaches, its loads.

Each year is tried in two ways. Its flows are decided by the linear program of `recourse`, as near to the plan as
capacities allow, which gives cost, targets and what cannot be taken. Its loads are those that each facility gets where
nobody decides anew: residents and generators go where they go in the plan, and each facility sends on in the
proportions of the plan.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from siting.behaviour import WalkTo, Ways, send_on, walk_to_nearest, ways_of
from siting.evaluate.bychain import ChainYear, chain_years
from siting.evaluate.recourse import Recourse, as_planned, solve_recourse, with_tonnes
from siting.instance import Bools, Floats, Instance, Target
from siting.plan import Plan, site_inflow_t
from siting.verify import verify
from siting.verify.tonnage import is_below_use, trace_tonnage

TOLERANCE = 1e-6


class Law(enum.StrEnum):
    """Distribution of the factors on tonnes; their mean is 1."""

    LOGNORMAL = "lognormal"
    NORMAL = "normal"


def draw_factors(
    instance: Instance, number: int, *, seed: int, cv: float, law: Law = Law.LOGNORMAL, mean: float = 1.0
) -> Floats:
    """Draw the factors on the tonnes of each demand node in year `number`, (n_demand, n_materials).

    One factor for each district and material, independent of the others, with mean `mean` and coefficient of variation
    `cv`: `mean` times log-normal, exp(σ z − σ²/2) with σ² = ln(1 + cv²), or normal, cut at 0. The same seed and number
    give the same factors, however many years are drawn.
    """
    rng = np.random.default_rng([seed, number])
    z = rng.standard_normal((len(instance.districts), instance.n_materials))
    sigma = np.sqrt(np.log1p(cv**2))
    factors = np.exp(sigma * z - sigma**2 / 2) if law is Law.LOGNORMAL else np.maximum(0.0, 1 + cv * z)
    return np.asarray(mean * factors[instance.demand.district])


@dataclass(frozen=True)
class Draw:
    """Random demand years: their number, the seed, and the coefficient of variation, law and mean of the factors."""

    samples: int = 100
    seed: int = 1
    cv: float = 0.15
    law: Law = Law.LOGNORMAL
    mean: float = 1.0


@dataclass(frozen=True)
class Sample:
    """One drawn year. `load_t`, `is_overloaded` and `is_underloaded` (n_sites,); `reached`, `holds` (n_targets,).

    `load_t` is what enters each site along the ways of the plan, t; the other figures are those of flows decided anew:
    `is_overloaded` sites are full and keep out what is turned away.
    `served_share` of the residents are assigned to a point. Nothing is paid for what is turned away. `chains` has the
    figures of each chain, households first.
    """

    cost_cny: float
    offered_t: float
    collected_t: float
    turned_away_t: float
    served_share: float
    emissions_kg_co2e: float
    load_t: Floats
    is_overloaded: Bools
    is_underloaded: Bools
    reached: Floats
    holds: Bools
    chains: tuple[ChainYear, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """The `plan` of `instance`, of one stage, in the drawn years `samples`, with residents who `walk_to` a point."""

    instance: Instance
    plan: Plan
    walk_to: WalkTo
    targets: tuple[Target, ...]
    samples: tuple[Sample, ...]
    draw: Draw


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
    draw: Draw,
    *,
    walk_to: WalkTo = WalkTo.ASSIGNED,
    before: Plan | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Evaluation:
    """Try `plan`, made for `instance` of one stage, in drawn years.

    `progress` is called with the number of years done. `before` is the plan of the year before; its facilities are
    not invested in again. Where residents walk to the nearest point they do so in every year.
    """
    ways, years, judged = ways_of(instance, plan), [], counted_as_planned(instance, plan)
    used = walk_to_nearest(instance, plan) if walk_to is WalkTo.NEAREST else plan
    least_t = _in_use_from_t(instance, plan)
    for number in range(draw.samples):
        factors = draw_factors(instance, number, seed=draw.seed, cv=draw.cv, law=draw.law, mean=draw.mean)
        load_t = _load_t(instance, used, ways=ways, factors=factors)
        if walk_to is WalkTo.ASSIGNED and (factors == 1.0).all():
            recourse = as_planned(instance, plan)
        else:
            kept_t = np.minimum(load_t, least_t)
            recourse = solve_recourse(instance, used, factors, kept_t=kept_t, walks_stay=walk_to is WalkTo.NEAREST)
        years.append(_sample(judged, factors, recourse, load_t=load_t, least_t=least_t, before=before))
        progress(number + 1)
    return Evaluation(instance, plan, walk_to, instance.targets, tuple(years), draw)


def _load_t(instance: Instance, plan: Plan, *, ways: Ways, factors: Floats) -> Floats:
    """Return the inflow of each site in a year along the ways of the plan, t, (n_sites,)."""
    given = replace(plan, direct_t=plan.direct_t * factors[instance.direct.tail])
    year = with_tonnes(instance, factors)
    return np.asarray(site_inflow_t(year, send_on(year, given, ways=ways)).sum(axis=1))


def _in_use_from_t(instance: Instance, plan: Plan) -> Floats:
    """Return the load from which what is open at each site counts as in use, t, (n_sites,); 0 where nothing is."""
    least_t = np.zeros(instance.n_sites)
    least_t[instance.options.site[plan.is_open]] = instance.options.in_use_from_t[plan.is_open]
    return least_t


def counted_as_planned(instance: Instance, plan: Plan) -> Instance:
    """Return the instance in which what the plan uses counts as in use, however little it is brought in a drawn year.

    A target for a number of facilities asks what there is; less demand in one year takes no facility away.
    """
    idle = is_below_use(instance, trace_tonnage(instance, plan))
    least_t = np.where(idle, instance.options.least_use_t, 0.0)
    return replace(instance, options=replace(instance.options, least_use_t=least_t))


def _sample(
    judged: Instance, factors: Floats, recourse: Recourse, *, load_t: Floats, least_t: Floats, before: Plan | None
) -> Sample:
    year = with_tonnes(judged, factors)
    verified = verify(year, recourse.plan, before=before)
    served = float(year.demand.residents[year.walks.demand] @ recourse.plan.assign)
    inflow_t = site_inflow_t(year, recourse.plan).sum(axis=1)
    return Sample(
        cost_cny=verified.paid_cny,
        offered_t=float(year.demand.tonnes.sum()),
        collected_t=float(verified.collected_t.sum()),
        turned_away_t=float(recourse.turned_away_t.sum()),
        served_share=served / max(1.0, year.residents),
        emissions_kg_co2e=sum(verified.emissions_kg_co2e.values()),
        load_t=load_t,
        is_overloaded=recourse.is_overloaded,
        is_underloaded=np.asarray(inflow_t < least_t * (1 - TOLERANCE) - TOLERANCE),
        reached=np.array([outcome.reached for outcome in verified.targets]),
        holds=np.array([outcome.holds for outcome in verified.targets], dtype=bool),
        chains=chain_years(judged, year, recourse, verified.targets),
    )
