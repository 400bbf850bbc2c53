"""Decisions of reviewers that a plan was made with."""

from __future__ import annotations

from siting.language import text
from siting.render.html.report.parts import Section, Sentence
from siting.render.table import NOTHING, Table, columns
from siting.results.results import Results


def decision_section(results: Results) -> Section | None:
    """Return what reviewers decided, who, when and why; None where nobody did."""
    if not results.decisions:
        return None
    rows = tuple(
        (
            " → ".join(filter(None, (one.site, one.to))), text(f"map.decide_{one.decision}"), one.who, one.when,
            one.why,
        )
        for one in results.decisions
    )  # fmt: skip
    heads = columns("answers.decisions", site="text", decision="text", who="text", when="text", why="long")
    lead = Sentence(text("answers.decisions.report_lead", n=len(rows)))
    return Section("decisions", text("answers.decisions.report"), (lead, Table(NOTHING, heads, rows)))
