"""`compare.html`: one file that asks nothing of the network; maps that move together, what differs, tables."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jinja2

from siting.language import Label, text
from siting.render.html.compare.charts import comparison_charts
from siting.render.html.compare.data import page_data
from siting.render.html.elements import asset, json_element, leaflet_script, leaflet_style, units_element, words_element
from siting.results.comparison.comparison import Comparison
from siting.results.comparison.display import Judged, ReadRow, asked_text, read_figure, read_target
from siting.results.comparison.figures import group_labels, headline_figures
from siting.results.results import Results

SCRIPTS = (
    "words.js", "view.js", "batch.js", "symbols.js", "ground.js", "names.js", "network.js", "looks.js",
    "comparemaps.js", "comparelegend.js", "comparelist.js", "comparepage.js",
)  # fmt: skip
TILE_DIGITS = 4
MOST_ROWS = 400


def draw_comparison(comparison: Comparison, results: Sequence[Results]) -> str:
    """Return the page of a comparison; `results` are those that were compared, in their order."""
    geographies = [one.run.geography for one in results]
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    environment.filters["letter"] = lambda number: string.ascii_uppercase[number % 26]
    return environment.from_string(asset("compare.html.j2")).render(
        text=text,
        names=[face.name for face in comparison.runs],
        faces=comparison.runs,
        verdicts=[pair.verdict.sentence for pair in comparison.pairs if pair.verdict is not None],
        obstacles=list(dict.fromkeys(one for pair in comparison.pairs if pair.first == 0 for one in pair.obstacles)),
        tiles=_tiles(comparison) if len(comparison.runs) == 2 else [],
        charts=comparison_charts(comparison, results),
        groups=_groups(comparison),
        targets=_targets(comparison),
        settings=comparison.settings[:MOST_ROWS],
        notes=list(dict.fromkeys(note for one in geographies for note in (*one.notes, *one.attributions))),
        style=leaflet_style() + asset("compare.css"),
        leaflet=leaflet_script(),
        script="\n".join(asset(name) for name in SCRIPTS),
        words=words_element("map", "compare_page") + units_element(),
        data=json_element("comparison", page_data(comparison, results)),
    )


def _tiles(comparison: Comparison) -> list[ReadRow]:
    """Return the figures of the head of the page that are compared."""
    rows = [read_figure(comparison, figure, digits=TILE_DIGITS) for figure in headline_figures(comparison)]
    return [row for row in rows if row.changes[0].judged is not Judged.NOT_COMPARED]


def _groups(comparison: Comparison) -> list[dict[str, Any]]:
    rows = [read_figure(comparison, figure) for figure in comparison.figures]
    of_group = {label: [row for row in rows if row.group == name] for name, label in group_labels().items()}
    return [{"label": label, "rows": rows} for label, rows in of_group.items() if rows]


@dataclass(frozen=True)
class TargetLine:
    """A target for the page: its value (once if all runs share it) and the runs that miss it."""

    unit: Label
    row: ReadRow
    asked: tuple[Label, ...]
    missed: tuple[str, ...]


def _targets(comparison: Comparison) -> list[TargetLine]:
    names = [face.name for face in comparison.runs]
    lines = []
    for row in comparison.targets:
        asked = {label.en: label for label in (asked_text(row, number) for number in range(len(names)))}
        missed = (name for name, one in zip(names, row.reached, strict=True) if one is not None and not one.holds)
        lines.append(TargetLine(row.unit, read_target(comparison, row), tuple(asked.values()), tuple(missed)))
    lines.sort(key=lambda line: all(change.judged is Judged.SAME for change in line.row.changes))
    return lines[:MOST_ROWS]
