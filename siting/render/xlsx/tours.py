"""The sheet of collection tours: what each station needs to empty its points."""

from __future__ import annotations

from dataclasses import replace

from siting.language import text
from siting.render.table import Table
from siting.render.tours import density_sentence, recomputed_sentence, station_table, tour_sentence
from siting.results.collection import Collection
from siting.results.results import Results


def tour_page(results: Results, collection: Collection) -> Table:
    """Return the tours of each station in the last period, with a sum."""
    table = station_table(results.last, collection)
    said = (tour_sentence(results, collection), density_sentence(collection), recomputed_sentence(collection))
    return replace(table, name=text("workbook.sheet.tours"), notes=(*table.notes, *said), is_list=False, frozen=2)
