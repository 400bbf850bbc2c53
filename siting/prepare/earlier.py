"""The plan of an earlier run as targets of changes count against it: its facilities among the options here, by name."""

from __future__ import annotations

import numpy as np

from siting.config.schema import Near, NearPlan
from siting.instance import Earlier, Options, Sites, Stages, Texts


def earlier_of(
    near: Near | None, sites: Sites, options: Options, types: Texts, *, stages: Stages | None, year: int
) -> Earlier:
    """Return the earlier plan of each stage; none where the config has none.

    `year` is that of the instance and counts where there are no `stages`. A stage counts against the period of its
    name, else of the nearest year.
    """
    if near is None:
        return Earlier.none()
    periods = [("", year)]
    if stages is not None:
        periods = list(zip(stages.name.tolist(), stages.year.tolist(), strict=True))
    site = {one: number for number, one in enumerate(sites.id.tolist())}
    names = zip(options.site.tolist(), types[options.type].tolist(), options.size.tolist(), strict=True)
    option = {name: number for number, name in enumerate(names)}
    is_open = np.zeros((len(periods), len(options.site)), dtype=bool)
    is_gone = np.zeros((len(periods), len(sites.id)), dtype=bool)
    elsewhere = np.zeros(len(periods))
    for number, period in enumerate(periods):
        for type_, by_size in _plan_of(near, *period).facilities.items():
            for size, ids in by_size.items():
                here = [site[one] for one in ids if one in site]
                found = [option.get((one, type_, size), -1) for one in here]
                is_open[number, [one for one in found if one >= 0]] = True
                is_gone[number, [at for at, one in zip(here, found, strict=True) if one < 0]] = True
                elsewhere[number] += len(ids) - len(here)
    return Earlier(is_open, is_gone, elsewhere)


def _plan_of(near: Near, name: str, year: int) -> NearPlan:
    """Return the plan of the period of this name, else that of the nearest year, of equals the first."""
    of_name = [one for one in near.plans if one.period == name]
    return min(of_name or near.plans, key=lambda one: abs(one.year - year))
