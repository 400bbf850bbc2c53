"""A higher bound for plans with any link, after a solve that knew only the nearest links of each place.

At the prices of such a solve few of millions of omitted links matter. These get columns, prices are raised a little
further, and what is left over is priced into the bound (`siting.certificate.omitted`).
"""

from __future__ import annotations

from dataclasses import replace

from siting.certificate import certified_bound, certify, floor_bound, tightened
from siting.certificate.omitted import links_that_matter, sound_multipliers
from siting.instance import Floats, Instance
from siting.model import LinearModel, Whole, build_model, build_whole
from siting.model.columns import Columns
from siting.model.target_rows import objective_scale
from siting.plan import Certificate, Solution, Status
from siting.solve.city.ascent import ascend, first_prices
from siting.solve.city.echelons import make_tiers
from siting.solve.city.sitewise import Sitewise
from siting.solve.clock import Record
from siting.solve.relink import carried_certificate, padded
from siting.solve.stages import of_stages

ROUNDS, STEPS, MORE_STEPS = 6, 100, 300
"""Times that links are looked for at most, and steps by which prices are raised with columns for them; more are worth
their time in a model of up to `LARGE_COLUMNS` columns."""
LARGE_COLUMNS = 150_000
LEAST_RISE = 5e-4
"""No more are looked for once the bound has risen by less than this share."""
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
            tight, multipliers = tightened(whole, certificate)
            found = links_that_matter(tight, sound_multipliers(tight, multipliers))
            n_used = int(found.used["direct"].sum() + found.used["haul"].sum())
            record.note(f"{n_used:,} more links matter, of {whole.instance.n_omitted:,}")
            if found.saved < FEW_LEFT * found.size or record.seconds_left == 0:
                break
            wide = build_whole(whole.instance.with_links(found.used["direct"], found.used["haul"]))
            certificate = _raised(wide, carried_certificate(whole, wide, certificate), record)
            whole, before, proven = wide, bound, certified_bound(wide, certificate)
            if proven > bound:
                known, bound = (wide.instance, _rebound(wide, certificate, proven, known[1])), proven
                record.best_bound = bound
            if 0 <= proven - before < LEAST_RISE * abs(bound):
                break
    except KeyboardInterrupt:
        record.note("stopped; some links are priced by a first estimate")
        known = known[0], replace(known[1], status=Status.INTERRUPTED)
    except MemoryError:
        record.note("out of memory; some links are priced by a first estimate")
    return known


def _raised(whole: Whole, known: Certificate, record: Record) -> Certificate:
    """Return the certificate with prices raised further.

    Prices of covers rise too in one year; in several they stay as they are, and so do the others.
    """
    if known.covers and len(whole.parts) > 1:
        return known
    steps = STEPS if whole.model.n_columns > LARGE_COLUMNS else MORE_STEPS

    def of_stage(number: int) -> Floats:
        built = build_model(whole.parts[number].instance)
        return raised_prices(whole, number, built, known.multipliers, Record(record.seconds_left), steps=steps)

    multipliers = _with_covers(whole, known, record, steps) if known.covers else of_stages(whole, of_stage)
    return certify(whole.instance, whole, multipliers, known.covers, floor=known.floor_multipliers)


def _with_covers(whole: Whole, known: Certificate, record: Record, steps: int) -> Floats:
    """Return multipliers (n_rows + n_covers,) of one year raised with the rows of the covers in the model."""
    (part,), (tight, multipliers) = whole.parts, tightened(whole, known)
    tiers = make_tiers(part.instance, tight.model, part.columns)
    sitewise = Sitewise(part.instance, tight.model, part.columns, tiers)
    return ascend(sitewise, multipliers, Record(record.seconds_left), steps=steps).multipliers


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
