"""Links that matter, found among millions before a problem is solved, and once more for the sites of its plan.

A model starts with the nearest links of each place. Prices of its rows tell which of the others could lower the bound;
those get columns, prices are raised again, and so on until few are left (column generation). What is left over is
priced into every bound (`siting.certificate.omitted`). At last a plan may use any link between the sites that it opens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from siting.certificate.omitted import carried_over, links_that_matter, sound_multipliers
from siting.instance import Floats, Instance
from siting.model import Whole, build_model, build_whole
from siting.model.target_rows import objective_scale, objective_unit
from siting.plan import Progress, Solution
from siting.solve.city.ascent import UNTIL
from siting.solve.clock import Record, Watch
from siting.solve.every_link import price_every_link, raised_prices
from siting.solve.relaxation import relax
from siting.solve.relink import between_open_sites
from siting.solve.solve import solve
from siting.solve.stages import LARGE_COLUMNS, of_stages
from siting.solve.start import Start

ROUNDS = 4
"""Times that prices are raised and links looked for, at most."""
STEPS = 200
"""Steps of an ascent each time."""
SHARE = 0.25
"""Share of the time limit for that, at most."""
FEW_LEFT = 1e-4
"""Links that could lower the bound by less than this share of it can wait."""
MANY, LAST_SHARE = 500_000, 0.2
"""More links are priced after the solve, in this share of the time limit: at early prices most of them seem to gain."""


def solve_for_all_links(
    instance: Instance,
    *,
    time_limit_s: float,
    work: float | None = None,
    multipliers: Floats | None = None,
    start: Start | None = None,
    watch: Watch | None = None,
    **how: Any,
) -> tuple[Instance, Solution]:
    """Solve as `siting.solve.solve.solve`, with columns for omitted links that matter.

    Returns
    -------
    The instance with these links, and its solution.
    """
    if not instance.omits_links:
        return instance, solve(
            instance, time_limit_s=time_limit_s, work=work, multipliers=multipliers, start=start, watch=watch, **how
        )
    record = Record(time_limit_s, watch, scale=objective_scale(instance), unit=objective_unit(instance))
    is_last, known = instance.n_omitted > MANY, instance
    if not is_last:
        known, multipliers = _with_links_that_matter(instance, multipliers, record)
    before_s = record.seconds

    def later(told: Progress) -> None:
        if watch is not None:
            stage = f"{told.stage} (bound for the nearest hauls)" if is_last else told.stage
            watch(replace(told, seconds=told.seconds + before_s, stage=stage))

    solution = solve(
        known, time_limit_s=max(1.0, (1 - LAST_SHARE * is_last) * time_limit_s - record.seconds), work=work,
        multipliers=multipliers, start=start, watch=later, prices_links=not is_last, **how,
    )  # fmt: skip
    told = [replace(line, seconds=line.seconds + before_s) for line in solution.history]
    if is_last:
        record.best_cost, record.best_bound = solution.value / record.scale, solution.bound / record.scale
        known, solution = price_every_link(known, solution, record)
        told = [replace(line, bound_cny=min(line.bound_cny, solution.bound)) for line in told]
    known, solution = between_open_sites(known, solution)
    return known, replace(solution, seconds=record.seconds, history=(*record.history, *told))


def _with_links_that_matter(
    instance: Instance, multipliers: Floats | None, record: Record
) -> tuple[Instance, Floats | None]:
    """Return the instance with columns for links that matter, and multipliers of its rows."""
    whole = build_whole(instance)
    y = multipliers if multipliers is not None and len(multipliers) == whole.model.n_rows else None
    for number in range(ROUNDS):
        seconds = SHARE * record.time_limit_s - record.seconds
        y = sound_multipliers(whole, _raised(whole, y, seconds / (ROUNDS - number)))
        found = links_that_matter(whole, y)
        n_used = int(found.used["direct"].sum() + found.used["haul"].sum())
        record.note(f"{n_used:,} more links matter, of {instance.n_omitted:,}")
        if n_used == 0 or found.saved < FEW_LEFT * found.size or seconds <= 0:
            break
        instance = instance.with_links(found.used["direct"], found.used["haul"])
        wider = build_whole(instance)
        whole, y = wider, carried_over(whole, wider, y)
    return instance, y


def _raised(whole: Whole, y: Floats | None, seconds: float) -> Floats:
    """Return multipliers of all rows (n_rows,), better than those in `y` if there are any, in about so many seconds."""
    each_s = max(1.0, seconds / len(whole.parts))

    def of_stage(number: int) -> Floats | None:
        model, columns = build_model(whole.parts[number].instance)
        if model.n_columns <= LARGE_COLUMNS:
            root = relax(model, time_limit_s=each_s)
            return None if root is None else root.multipliers
        return raised_prices(whole, number, (model, columns), y, Record(each_s / UNTIL), steps=STEPS, by_links=True)

    return of_stages(whole, of_stage)
