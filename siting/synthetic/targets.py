"""Targets for a made-up city, of the kind that Tianjin has, none beyond what a simple plan reaches."""

from __future__ import annotations

import dataclasses

import numpy as np

from siting.instance import Bools, Floats, Instance, Target
from siting.plan import Plan, collected_t, site_inflow_t
from siting.synthetic.simple_plan import simple_plan
from siting.vocabulary import Echelon, Measure

SOURCE = "synthetic: made up by siting.synthetic"
COVERAGE = ((500.0, 0.65, 0.50), (1_000.0, 0.85, 0.80))
"""Within so many metres: share of the city's residents, and of each district's."""
SPARE = 0.95
"""Targets ask for this share of what the simple plan reaches, at most."""
REACHED = 0.9
"""And of the residents that all candidates together could cover: no policy asks for every one of them to open."""
POINTS_SHARE, CENTRES_SHARE, COLLECTED_SHARE = 0.25, 0.31, 0.35


def targets_of(instance: Instance) -> tuple[Target, ...]:
    """Points, centres, tonnes processed and collected, and coverage of the city and of each district."""
    plan = simple_plan(instance)
    everyone, everywhere = np.ones(instance.n_demand, dtype=bool), np.ones(instance.n_sites, dtype=bool)
    opened = np.bincount(instance.option_echelon()[plan.is_open], minlength=len(Echelon))
    candidates = np.bincount(instance.sites.echelon, minlength=len(Echelon))
    is_sorting = instance.sites.echelon == Echelon.SORTING
    households_t = float(instance.demand.tonnes[instance.demand.is_household].sum())
    city = (everyone, everywhere)
    targets = [
        _target(instance, Measure.COUNT, _whole(POINTS_SHARE * candidates[0], opened[0]), city, Echelon.POINT),
        _target(instance, Measure.COUNT, _whole(CENTRES_SHARE * candidates[2], opened[2]), city, Echelon.SORTING),
        _target(instance, Measure.PROCESSED, SPARE * float(site_inflow_t(instance, plan)[is_sorting].sum()), city),
        _target(
            instance,
            Measure.COLLECTED,
            min(COLLECTED_SHARE * households_t, SPARE * float(collected_t(instance, plan).sum())),
            (instance.demand.is_household, everywhere),
        ),
    ]
    for within_m, of_city, of_district in COVERAGE:
        covered = _covered(instance, plan, within_m)
        units = [(everyone, everywhere, of_city)]
        for district in range(len(instance.districts)):
            here = instance.demand.district == district, instance.sites.district == district
            units.append((*here, of_district))
        for nodes, sites, nominal in units:
            share = min(nominal, REACHED * _share_of(covered, instance.demand.residents, nodes))
            targets.append(_target(instance, Measure.COVERAGE, share, (nodes, sites), within_m=within_m))
    return tuple(target for target in targets if target.value > 0)


def _whole(wanted: float, most: int) -> float:
    return float(min(np.floor(wanted), most))


def _covered(instance: Instance, plan: Plan, within_m: float) -> Floats:
    """Residents of each node who are assigned within a distance, (n_demand,)."""
    share = np.where(instance.walks.distance_m <= within_m, plan.assign, 0.0)
    served = np.bincount(instance.walks.demand, share, minlength=instance.n_demand)
    return np.asarray(served * instance.demand.residents)


def _share_of(part: Floats, whole: Floats, rows: Bools) -> float:
    return float(part[rows].sum() / whole[rows].sum()) if whole[rows].any() else 0.0


def _target(
    instance: Instance,
    measure: Measure,
    value: float,
    unit: tuple[Bools, Bools],
    echelon: Echelon | None = None,
    *,
    within_m: float | None = None,
) -> Target:
    in_unit_demand, in_unit_site = unit
    districts = np.unique(instance.demand.district[in_unit_demand])
    name = "city" if len(districts) != 1 else str(instance.districts[districts[0]])
    detail = "" if within_m is None else f"-{within_m:.0f}m"
    return dataclasses.replace(
        instance.hard_target(measure, value, is_at_least=True),
        id=f"{name}-{measure}{'' if echelon is None else f'-{echelon.name.lower()}'}{detail}",
        unit=name,
        echelon=echelon,
        within_m=within_m,
        source=SOURCE,
        responsible="synthetic",
        in_unit_demand=in_unit_demand,
        in_unit_site=in_unit_site,
    )
