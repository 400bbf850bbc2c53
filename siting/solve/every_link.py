"""A higher bound for plans with any link, after a solve that knew only the nearest links of each place.

At the prices of such a solve few of millions of omitted links matter. These get columns, prices are raised a little
further, and what is left over is priced into the bound (`siting.certificate.omitted`).
"""

from __future__ import annotations

from dataclasses import replace

from siting.certificate import certified_bound, certify, floor_bound
from siting.certificate.omitted import links_that_matter, sound_multipliers
from siting.instance import Floats, Instance
from siting.model import LinearModel, Whole, build_model, build_whole
from siting.model.columns import Columns
from siting.model.target_rows import objective_scale
from siting.plan import Certificate, Solution
from siting.solve.city.ascent import ascend, first_prices
from siting.solve.city.echelons import make_tiers
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record
from siting.solve.relink import carried_certificate, padded
from siting.solve.stages import of_stages

ROUNDS, STEPS = 2, 100
"""Times that links are looked for, and steps by which prices are raised with columns for them."""
FEW_LEFT = 1e-5
"""Links that could lower the bound by less than this share of what sites add to it need no columns."""


def price_every_link(instance: Instance, solution: Solution, record: Record) -> tuple[Instance, Solution]:
    """Return the solution with a higher bound for plans with any link, and the instance with columns for what matters.

    Ctrl-C, or too little memory, keeps what is known by then.
    """
    certificate, bound = solution.certificate, solution.bound / record.scale
    if certificate is None:
        return instance, solution
    known, whole = (instance, solution), build_whole(instance)
    try:
        for _ in range(ROUNDS):
            found = links_that_matter(whole, sound_multipliers(whole, certificate.multipliers))
            n_used = int(found.used["direct"].sum() + found.used["haul"].sum())
            record.note(f"{n_used:,} more links matter, of {known[0].n_omitted:,}")
            if found.saved < FEW_LEFT * found.size or record.seconds_left == 0:
                break
            wider = known[0].with_links(found.used["direct"], found.used["haul"])
            wide = build_whole(wider)
            certificate, bound = _raised(wide, carried_certificate(whole, wide, certificate), bound, record)
            known, whole = (wider, _rebound(wide, certificate, bound, known[1])), wide
            record.best_bound = bound
    except (KeyboardInterrupt, MemoryError):
        record.note("stopped; some links are priced by a first estimate")
    return known


def _raised(whole: Whole, known: Certificate, bound: float, record: Record) -> tuple[Certificate, float]:
    """Return the certificate with prices raised further, and its bound, where that proves more than `known` does.

    Prices of covers are of rows that the model has not: these stay as they are.
    """
    if known.covers or record.seconds_left == 0:
        return known, bound

    def of_stage(number: int) -> Floats:
        built = build_model(whole.parts[number].instance)
        return raised_prices(whole, number, built, known.multipliers, Record(record.seconds_left), steps=STEPS)

    multipliers = of_stages(whole, of_stage)
    raised = certify(whole.instance, whole, multipliers, floor=known.floor_multipliers)
    proven = certified_bound(whole, raised)
    return (raised, proven) if proven > bound else (known, bound)


def raised_prices(
    whole: Whole,
    number: int,
    built: tuple[LinearModel, Columns],
    multipliers: Floats | None,
    record: Record,
    *,
    steps: int,
    by_links: bool = False,
) -> Floats:
    """Return multipliers of the rows of one stage, raised by an ascent from those of the whole (n_rows,), if any.

    `built` are the model and columns of the stage; `by_links` leaves out what cells can send, which takes less time.
    """
    part, (model, columns) = whole.parts[number], built
    weight = 1.0 if whole.stages is None else float(whole.stages.weight[number])
    known = (
        first_prices(model, columns, part.instance)
        if multipliers is None
        else multipliers[part.rows.members()] / weight
    )
    sitewise = Sitewise(part.instance, model, columns, make_tiers(part.instance, model, columns))
    return ascend(sitewise.by_links() if by_links else sitewise, known, record, steps=steps).multipliers


def _rebound(whole: Whole, certificate: Certificate, proven: float, solution: Solution) -> Solution:
    """Return the solution with its plan on the links of `whole`, and the bounds that a certificate of it proves."""
    instance = whole.instance
    scale, is_cost = objective_scale(instance), instance.objective is None
    bound = min(proven * scale, solution.value)
    floor_cny = floor_bound(whole, certificate.floor_multipliers) * scale if is_cost else solution.floor_cny
    return replace(
        solution,
        plans=tuple(padded(plan, instance) for plan in solution.plans),
        certificate=certificate,
        bound=bound,
        proven=bound,
        bound_cny=bound if is_cost else solution.bound_cny,
        floor_cny=min(floor_cny, solution.value) if is_cost else floor_cny,
    )
