"""A result in a few lines, as Python and notebooks show it."""

from __future__ import annotations

import html
import math

from siting.chains import ChainTotals
from siting.language.quantities import quantity
from siting.results.record import RunRecord
from siting.results.results import Results
from siting.results.sentences import LEAST_PENALTY_CNY
from siting.results.targets import standing
from siting.vocabulary import Echelon


def overview_text(results: Results) -> str:
    """Return the overview as lines of text."""
    overview = _overview(results)
    width = max(10, *map(len, overview))
    lines = (f"  {label:<{width}} {value}" for label, value in overview.items())
    return "\n".join((f"<Result {results.run.config.name}>", *lines))


def overview_html(results: Results) -> str:
    """Return the overview as an HTML table."""
    rows = "".join(
        f'<tr><th style="text-align:left">{html.escape(label)}</th>'
        f'<td style="text-align:left">{html.escape(value)}</td></tr>'
        for label, value in _overview(results).items()
    )
    caption = html.escape(results.run.config.title.en)
    return f'<table><caption style="text-align:left"><b>{caption}</b></caption><tbody>{rows}</tbody></table>'


def _overview(results: Results) -> dict[str, str]:
    """Return label and value of each line."""
    run, chains = results.run, results.last.chain_totals
    solution, penalty_cny = run.solution, results.penalty_cny
    gap = f"{100 * solution.gap:.2f} %" if math.isfinite(solution.gap) else "not known"
    if solution.floor_cny > 0 and math.isfinite(solution.decidable_gap):
        gap = f"{gap} of the cost, {100 * solution.decidable_gap:.2f} % of what a plan decides"
    bound = f"{solution.bound_cny:,.0f} CNY/yr" if math.isfinite(solution.bound_cny) else "not known"
    ending = solution.status.value.replace("_", " ")
    return {
        **{one.chain.label.en: _per_unit(one) for one in chains},
        "status": f"{ending}, {solution.engine} engine, {solution.seconds:,.1f} s",
        "cost" if len(chains) == 1 else "cost of both": f"{results.paid_cny:,.0f} CNY/yr",
        **({"penalties, paid by nobody": f"{penalty_cny:,.0f} CNY/yr"} if penalty_cny > LEAST_PENALTY_CNY else {}),
        "bound": bound,
        "gap": gap,
        "open": _open_counts(run),
        "targets": standing(run.verification.targets).en,
    }


def _open_counts(run: RunRecord) -> str:
    """Return the number of open facilities of each echelon."""
    echelon = run.instance.option_echelon()[run.solution.plan.is_open]
    counts = {one: int((echelon == one).sum()) for one in Echelon}
    parts = (f"{n:,} {(one.singular if n == 1 else one.label).en}" for one, n in counts.items() if n)
    return ", ".join(parts) or "nothing"


def _per_unit(one: ChainTotals) -> str:
    """Return the cost of a chain per tonne, per resident where it has residents, and per year."""
    amounts = ((one.cost_cny_per_t, "CNY/t"), (one.cost_cny_per_resident, "CNY per resident"), (one.paid_cny, "CNY/yr"))
    return ", ".join(quantity(value, unit).en for value, unit in amounts if math.isfinite(value))
