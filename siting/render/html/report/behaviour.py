"""Section on the plan if residents walk to the nearest open point instead of to the one that it assigns."""

from __future__ import annotations

from siting.language import text
from siting.render.behaviour import figure_table, overload_tables
from siting.render.html.report.parts import Piece, Section, Sentence
from siting.results.behaviour import Behaviour, verdict
from siting.results.results import Results


def behaviour_section(results: Results) -> Section | None:
    """Return the verdict, the figures as assigned and if residents choose, and the most overloaded facilities.

    None where nobody walks to a point.
    """
    last = results.last
    if not last.behaviour.has_walkers:
        return None
    return Section("behaviour", text("behaviour.title"), behaviour_pieces(last, last.behaviour))


def behaviour_pieces(results: Results, behaviour: Behaviour) -> tuple[Piece, ...]:
    """Return the verdict, then the sentences and tables of the section; none where nothing changes."""
    tone = "caution" if len(behaviour.overloaded) and not behaviour.is_followed else "key"
    pieces: list[Piece] = [Sentence(verdict(results.run.instance, behaviour), tone)]
    if behaviour.is_followed or not behaviour.changes:
        return tuple(pieces)
    pieces += [Sentence(text("behaviour.how"), "note"), figure_table(behaviour.figures)]
    for table in overload_tables(results, behaviour):
        pieces += [table, *(Sentence(note, "note") for note in table.notes)]
    return tuple(pieces)
