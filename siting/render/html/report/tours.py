"""Collection tours: what it costs to empty points, and the vehicles, hours and kilometres that it takes."""

from __future__ import annotations

from dataclasses import replace

from siting.language import text
from siting.render.html.report.parts import Section, Sentence
from siting.render.tours import density_sentence, district_table, recomputed_sentence, station_table, tour_sentence
from siting.results.results import Results

MOST_LISTED = 40


def tour_section(results: Results) -> Section | None:
    """Return the tours of the last period; None where no vehicle is described that makes any."""
    last = results.last
    collection = last.collection
    if collection is None:
        return None
    stations = station_table(last, collection)
    largest = sorted(stations.rows[:-1], key=lambda row: -float(row[2].value))[:MOST_LISTED]  # type: ignore[index,union-attr,arg-type]
    pieces = (
        Sentence(tour_sentence(last, collection), "key"),
        Sentence(density_sentence(collection), "note"),
        Sentence(recomputed_sentence(collection), "note"),
        district_table(last, collection),
        replace(stations, rows=(*largest, stations.rows[-1])),
    )
    return Section("tours", text("collection.title"), pieces)
