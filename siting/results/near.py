"""The facilities of a run as the section `near` of a config has them, for plans that differ from it little."""

from __future__ import annotations

from typing import Any

from siting.instance import Instance
from siting.plan import Plan
from siting.results.record import RunRecord


def near_section(run: RunRecord) -> dict[str, Any]:
    """Return the section `near` that counts changes against the plan of a run, in each of its periods."""
    whole = run.whole_instance
    names = [""] if whole.stages is None else whole.stages.name.tolist()
    plans = [
        _period(whole.at_stage(number), plan, name)
        for number, (name, plan) in enumerate(zip(names, run.solution.plans, strict=True))
    ]
    return {"run": run.config.name, "plans": plans}


def _period(instance: Instance, plan: Plan, name: str) -> dict[str, Any]:
    options, opened = instance.options, plan.is_open
    facilities: dict[str, dict[str, list[str]]] = {}
    columns = (instance.sites.id[options.site], instance.facility_types[options.type], options.size)
    for site, type_, size in zip(*(one[opened].tolist() for one in columns), strict=True):
        facilities.setdefault(type_, {}).setdefault(size, []).append(site)
    return {"period": name, "year": int(instance.year), "facilities": facilities}
