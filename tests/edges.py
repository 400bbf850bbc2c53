"""Instances changed in one respect: targets replaced, everything scaled, sites in another order."""

from __future__ import annotations

import dataclasses

import numpy as np

from siting.instance import Earlier, Instance, Target
from siting.plan import Plan


def with_targets(instance: Instance, *targets: Target) -> Instance:
    return dataclasses.replace(instance, targets=targets)


def with_part(instance: Instance, part: str, **columns) -> Instance:
    """The instance with columns of one part (demand, sites, options, ...) replaced."""
    return dataclasses.replace(instance, **{part: dataclasses.replace(getattr(instance, part), **columns)})


def with_earlier(instance: Instance, plan: Plan, *, elsewhere: float = 0.0) -> Instance:
    """The instance of one year with a plan that changes count against, and so many facilities that are not here."""
    is_gone = np.zeros((1, instance.n_sites), dtype=bool)
    return dataclasses.replace(instance, earlier=Earlier(plan.is_open[None].copy(), is_gone, np.array([elsewhere])))


def in_other_order(instance: Instance, order: np.ndarray) -> Instance:
    """The instance with its sites in another order: `order[new] = old`."""
    place = np.argsort(order)
    sites = {f.name: getattr(instance.sites, f.name)[order] for f in dataclasses.fields(instance.sites)}
    instance = with_part(instance, "sites", **sites)
    instance = with_part(instance, "options", site=place[instance.options.site])
    instance = with_part(instance, "walks", site=place[instance.walks.site])
    instance = with_part(instance, "direct", head=place[instance.direct.head])
    instance = with_part(instance, "haul", tail=place[instance.haul.tail], head=place[instance.haul.head])
    targets = [dataclasses.replace(t, in_unit_site=t.in_unit_site[order]) for t in instance.targets]
    return with_targets(instance, *targets)
