"""A comparison of runs on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.language import Label, spoken, text
from siting.render.table import Column, columns
from siting.render.table import Table as SiteTable
from siting.render.terminal.table import rich_table
from siting.results.comparison.comparison import Comparison, Pair
from siting.results.comparison.display import (
    Change,
    Judged,
    ReadRow,
    asked_text,
    read_figure,
    read_target,
)
from siting.results.comparison.figures import DISTRICT_GROUPS, group_labels, headline_figures
from siting.vocabulary import Echelon

MOST_LISTED, MOST_NAMED = 12, 4
STYLES = {Judged.BETTER: "green", Judged.WORSE: "yellow", Judged.SAME: "dim", Judged.NOT_COMPARED: "dim"}


def print_comparison(console: Console, comparison: Comparison, *, has_details: bool = True) -> None:
    """Print the verdict of the bounds, obstacles, figures, targets and sites.

    Without details that is a screen: the figures of the head of the page, targets that a run misses, and how many sites
    are shared and moved.
    """
    for pair in comparison.pairs:
        if pair.first == 0:
            _print_pair(console, pair)
    names = [face.name for face in comparison.runs]
    if not has_details:
        _print_screen(console, comparison, names)
        return
    for group, label in group_labels().items():
        if group in DISTRICT_GROUPS:
            continue  # rows by district are in the page and the workbook only
        rows = [read_figure(comparison, figure) for figure in comparison.figures if figure.group == group]
        if rows:
            console.print(_figure_table(spoken(label), names, rows))
    if comparison.targets:
        _print_targets(console, comparison, names)
    if comparison.settings:
        _print_settings(console, comparison, names)
    for pair in comparison.pairs:
        if pair.first == 0 and pair.sites is not None:
            _print_sites(console, comparison, pair)
    if comparison.in_all is not None and len(names) > 2:
        console.print(spoken("terminal.compare.in_all", number=len(comparison.in_all)))


def _print_screen(console: Console, comparison: Comparison, names: Sequence[str]) -> None:
    """Print what fits a screen below the verdict."""
    rows = [read_figure(comparison, figure) for figure in headline_figures(comparison)]
    console.print(_figure_table(spoken("terminal.compare.headline"), names, rows))
    if comparison.targets:
        _print_targets(console, comparison, names, only_missed=True)
    if comparison.settings:
        keys = ", ".join(setting.path for setting in comparison.settings[:MOST_NAMED])
        more = " …" if len(comparison.settings) > MOST_NAMED else ""
        number = len(comparison.settings)
        console.print(spoken("terminal.compare.settings_named", number=number, keys=keys + more), soft_wrap=True)
    for pair in comparison.pairs:
        if pair.first == 0 and pair.sites is not None:
            console.print(rich_table(_site_counts(comparison, pair)))
    if comparison.in_all is not None and len(names) > 2:
        console.print(spoken("terminal.compare.in_all", number=len(comparison.in_all)))
    console.print(spoken("terminal.compare.details"))


def _print_pair(console: Console, pair: Pair) -> None:
    if pair.verdict is not None:
        console.print(Text(spoken(pair.conclusion), style="bold"), soft_wrap=True)
    for obstacle in pair.obstacles:
        key = "terminal.compare.not_compared" if obstacle.blocks else "terminal.compare.note"
        line = spoken(key, reason=obstacle.reason)
        console.print(Text(line, style="yellow" if obstacle.blocks else ""), soft_wrap=True)


def _figure_table(title: str, names: Sequence[str], rows: Sequence[ReadRow]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(spoken("terminal.compare.figure"))
    for column in _value_columns(names):
        table.add_column(column, justify="right")
    table.add_column(spoken("terminal.compare.unit"))
    for row in rows:
        label = "  " * row.is_part + spoken(row.label)
        table.add_row(Text(label), *_value_cells(row), Text(spoken(row.unit)))
    return table


def _value_columns(names: Sequence[str]) -> Iterator[str]:
    """Yield a column for each run; changes have one of their own where there are two runs, else stand below."""
    yield names[0]
    if len(names) == 2:
        yield from (names[1], spoken("terminal.compare.change"))
    else:
        yield from (spoken("terminal.compare.to", name=name, first=names[0]) for name in names[1:])


def _value_cells(row: ReadRow) -> Iterator[Text]:
    yield Text(spoken(row.values[0]))
    for value, change in zip(row.values[1:], row.changes, strict=True):
        if len(row.values) == 2:
            yield from (Text(spoken(value)), change_text(change))
        else:
            line_break = "" if change.judged is Judged.SAME else "\n"
            yield Text.assemble(spoken(value), line_break, change_text(change, short=True))


def change_text(change: Change, *, short: bool = False) -> Text:
    """Return a change as arrow, number, share of the first and, in a word, whether it is better or worse.

    `short`: without the share of the first, and nothing for what is the same.
    """
    if short and change.judged is Judged.SAME:
        return Text("")
    parts = [spoken(change.text)]
    if change.percent and not short:
        parts.append(f"({change.percent})")
    if change.judged in {Judged.BETTER, Judged.WORSE}:
        parts.append(spoken(change.judged.label))
    return Text(" ".join(parts), style=STYLES.get(change.judged, ""))


def _print_targets(
    console: Console, comparison: Comparison, names: Sequence[str], *, only_missed: bool = False
) -> None:
    """Print targets whose required or reached values differ, or only those of them that a run misses."""
    common = [row for row in comparison.targets if sum(one is not None for one in row.reached) > 1]
    read = [(row, read_target(comparison, row)) for row in common]
    differing = [
        (row, shown)
        for row, shown in read
        if len({asked_text(row, n).en for n in range(len(names))}) > 1
        or any(change.judged is not Judged.SAME for change in shown.changes)
    ]
    alone = len(comparison.targets) - len(common)
    counts = {"common": len(common), "differing": len(differing), "alone": alone}
    console.print(spoken("terminal.compare.targets", **counts))
    if only_missed:
        differing = [(row, shown) for row, shown in differing if any(one and not one.holds for one in row.reached)]
    if not differing:
        return
    title = "missed_title" if only_missed else "targets_title"
    table = Table(title=spoken(f"terminal.compare.{title}"), title_justify="left")
    for key in ("target_unit", "target"):
        table.add_column(spoken(f"terminal.compare.{key}"))
    for name in (spoken("terminal.compare.asked"), *_value_columns(names), ""):
        table.add_column(name, justify="right")
    most = MOST_NAMED if only_missed else MOST_LISTED
    for row, shown in differing[:most]:
        asked = list(dict.fromkeys(spoken(asked_text(row, number)) for number in range(len(names))))
        missed = [name for name, one in zip(names, row.reached, strict=True) if one is not None and not one.holds]
        mark = Text(spoken("terminal.compare.missed", runs=", ".join(missed)) if missed else "", style="bold red")
        unit = "" if shown.unit.en in {"%", ""} else f" [{spoken(shown.unit)}]"
        heads = Text(spoken(row.unit)), Text(spoken(row.label) + unit)
        table.add_row(*heads, Text(" → ".join(asked)), *_value_cells(shown), mark)
    console.print(table)
    _print_more(console, len(differing), most)


def _print_settings(console: Console, comparison: Comparison, names: Sequence[str]) -> None:
    heads = (*columns("terminal.compare", key="text"), *(Column(Label(name, name), "any") for name in names))
    rows = tuple(
        (setting.path, *(value or "–" for value in setting.values)) for setting in comparison.settings[:MOST_LISTED]
    )
    console.print(rich_table(SiteTable(text("terminal.compare.settings"), heads, rows)))
    _print_more(console, len(comparison.settings))


def _print_sites(console: Console, comparison: Comparison, pair: Pair) -> None:
    """Print how many sites are in both, moved, and in one only, by echelon; and the moves that are longest."""
    if pair.sites is None:
        return
    console.print(rich_table(_site_counts(comparison, pair)))
    sites = pair.sites
    for one in sorted(sites.moved, key=lambda moved: (-moved.first.echelon, moved.distance_m))[:MOST_LISTED]:
        ends = {"kind": one.first.echelon.singular, "first": one.first.id, "second": one.second.id}
        console.print(spoken("terminal.compare.moved_one", **ends, metres=one.distance_m), soft_wrap=True)
    _print_more(console, len(sites.moved))


def _site_counts(comparison: Comparison, pair: Pair) -> SiteTable:
    """Return the numbers of sites in both runs, changed, moved, and in one run only, by echelon."""
    sites, names = pair.sites, (comparison.runs[pair.first].name, comparison.runs[pair.second].name)
    if sites is None:
        raise ValueError("the sites of the two runs cannot be compared")
    rows = tuple((echelon.label, *sites.counts(echelon)) for echelon in Echelon if any(sites.counts(echelon)))
    heads = (
        *columns("terminal.compare", echelon="text", in_both="whole", changed="whole", moved="whole"),
        *(Column(text("terminal.compare.only_in", name=name), "whole") for name in names),
    )
    title = text("terminal.compare.sites", first=names[0], second=names[1])
    return SiteTable(title, heads, rows)


def _print_more(console: Console, number: int, most: int = MOST_LISTED) -> None:
    if number > most:
        console.print(Text(spoken("terminal.compare.more", number=number - most), style="dim"))
