"""Runs to compare: made from one small city, with what is changed in their plans or records."""

import dataclasses

import numpy as np

from siting.verify import district_figures, verify
from tests.outputs_city import make_run


def run_without(run, *sites):
    """The run with sites closed: the cells that walked there, and what was hauled there, go to the next open one."""
    instance, plan = run.instance, run.solution.plan
    closed = np.isin(instance.sites.id, sites)
    is_open = plan.is_open & ~closed[instance.options.site]
    assign = np.where(closed[instance.walks.site], 0.0, plan.assign)
    for cell in np.unique(instance.walks.demand[plan.assign > assign]):
        pairs = np.flatnonzero((instance.walks.demand == cell) & ~closed[instance.walks.site])
        if len(pairs):
            assign[pairs[np.argmin(instance.walks.distance_m[pairs])]] = 1.0
    return with_plan(run, dataclasses.replace(plan, is_open=is_open, assign=assign))


def with_plan(run, plan):
    """The run with another plan, its flows as they follow from it and all figures anew."""
    instance = run.instance
    inflow = np.zeros((instance.n_sites, 2))
    walks = instance.walks
    brought = instance.demand.tonnes[walks.demand] * (plan.assign * walks.participation)[:, None]
    np.add.at(inflow, walks.site, brought)
    haul_t = np.zeros_like(plan.haul_t)
    for link in np.unique(instance.haul.tail, return_index=True)[1]:
        haul_t[link] = inflow[instance.haul.tail[link]]
        inflow[instance.haul.head[link]] += haul_t[link]
    plan = dataclasses.replace(plan, haul_t=haul_t)
    verified = verify(instance, plan)
    solution = dataclasses.replace(
        run.solution, plans=(plan,), cost_cny=verified.cost_cny, value=verified.cost_cny,
        bound=0.99 * verified.cost_cny, bound_cny=0.99 * verified.cost_cny,
    )  # fmt: skip
    figures = district_figures(instance, plan)
    return dataclasses.replace(run, solution=solution, verification=verified, district_figures=figures)


def with_config(run, **changes):
    """The run of a changed config."""
    return dataclasses.replace(run, config=run.config.model_copy(update=changes))


def other_city():
    """A run of a city that lies elsewhere."""
    run = make_run()
    geography = run.geography
    shift = {"xoff": 5.0, "yoff": 5.0}
    moved = {name: getattr(geography, name).copy() for name in ("demand", "sites", "districts", "roads", "water")}
    for frame in moved.values():
        frame["geometry"] = frame.geometry.translate(**shift)
    moved["demand"]["cell"] = moved["demand"]["cell"].map(lambda cell: cell and _shifted(cell))
    place = dataclasses.replace(geography, city_name_en="Elsewhere", city_name_zh="别处", **moved)
    return dataclasses.replace(run, geography=place)


def _shifted(cell):
    import shapely

    return shapely.transform(cell, lambda xy: xy + 5.0)
