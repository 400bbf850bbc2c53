"""Rules about capacity bought by the tonne and about material that facilities dispose of."""

from __future__ import annotations

import numpy as np

from siting.instance import Floats, Instance
from siting.plan import Plan
from siting.verify.faults import allow, list_broken


def check_bought(instance: Instance, plan: Plan, *, tolerance: float) -> list[str]:
    """Nothing negative, nothing above what there is to buy or may be disposed of, and only where the option is open."""
    expansions, disposals = instance.expansions, instance.disposals
    most_t = expansions.most_t * plan.is_open[expansions.option]
    limit_t = disposals.limit_t * plan.is_open[disposals.option]
    expanded_t, disposed_t = plan.expanded_t, plan.disposed_t

    def extended(e: int) -> str:
        return f"{_site(instance, expansions.option[e])}: its capacity is extended by {expanded_t[e]:g} t/yr"

    def disposed(d: int) -> str:
        material = instance.materials.id[disposals.material[d]]
        return f"{_site(instance, disposals.option[d])}: {disposed_t[d]:g} t/yr of {material} are disposed of"

    return [
        *list_broken(-expanded_t, tolerance, lambda e: f"{extended(e)}, less than nothing"),
        *list_broken(-disposed_t, tolerance, lambda d: f"{disposed(d)}, less than nothing"),
        *list_broken(
            expanded_t - most_t, allow(most_t, tolerance), lambda e: f"{extended(e)}, by at most {most_t[e]:g} it may"
        ),
        *list_broken(
            disposed_t - limit_t, allow(limit_t, tolerance), lambda d: f"{disposed(d)}, at most {limit_t[d]:g} may"
        ),
    ]


def check_bought_before(instance: Instance, plans: tuple[Plan, Plan], how: tuple[int, float]) -> list[str]:
    """Capacity bought by a year stays, cases share it; `how` is the number of the later stage and the tolerance."""
    if instance.stages is None:
        return []
    (before, after), (number, tolerance) = plans, how
    lost_t: Floats = before.expanded_t - after.expanded_t
    if not instance.stages.is_nested:
        lost_t = np.abs(lost_t)
    earlier, later = (str(instance.stages.name[n]) for n in (number - 1, number))
    return list_broken(
        lost_t,
        allow(before.expanded_t, tolerance),
        lambda e: (
            f"{_site(instance, instance.expansions.option[e])}: its capacity is extended by {before.expanded_t[e]:g}"
            f" t/yr in {earlier}, by {after.expanded_t[e]:g} in {later}; what is bought must stay"
        ),
    )


def _site(instance: Instance, option: int) -> str:
    return f"site {instance.sites.id[instance.options.site[option]]}"
