"""A comparison of runs on the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from siting.render.terminal.table import english_column, english_table, rich_table
from siting.results.comparison.comparison import Comparison, Pair
from siting.results.comparison.display import (
    Change,
    Judged,
    ReadRow,
    asked_text,
    read_figure,
    read_target,
)
from siting.results.comparison.figures import DISTRICT_GROUPS, group_labels
from siting.vocabulary import Echelon

MOST_LISTED = 12
STYLES = {Judged.BETTER: "green", Judged.WORSE: "yellow", Judged.SAME: "dim", Judged.NOT_COMPARED: "dim"}


def print_comparison(console: Console, comparison: Comparison) -> None:
    """Print what is in the way, what the bounds prove, figures, targets and sites."""
    for pair in comparison.pairs:
        if pair.first == 0:
            _print_pair(console, pair)
    names = [face.name for face in comparison.runs]
    for group, label in group_labels().items():
        if group in DISTRICT_GROUPS:
            continue  # a row for each district is for the page and the workbook
        rows = [read_figure(comparison, figure) for figure in comparison.figures if figure.group == group]
        if rows:
            console.print(_figure_table(label.en, names, rows))
    if comparison.targets:
        _print_targets(console, comparison, names)
    if comparison.settings:
        _print_settings(console, comparison, names)
    for pair in comparison.pairs:
        if pair.first == 0 and pair.sites is not None:
            _print_sites(console, comparison, pair)
    if comparison.in_all is not None and len(names) > 2:
        console.print(f"Open in every run: {len(comparison.in_all):,} sites")


def _print_pair(console: Console, pair: Pair) -> None:
    for obstacle in pair.obstacles:
        sign = "Not compared" if obstacle.blocks else "Note"
        console.print(Text(f"{sign}: {obstacle.reason.en}", style="yellow" if obstacle.blocks else ""), soft_wrap=True)
    if pair.verdict is not None:
        console.print(Text(str(pair.verdict), style="bold"), soft_wrap=True)


def _figure_table(title: str, names: Sequence[str], rows: Sequence[ReadRow]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for column in _value_columns(names):
        table.add_column(column, justify="right")
    table.add_column("unit")
    for row in rows:
        label = "  " * row.is_part + row.label.en
        table.add_row(Text(label), *_value_cells(row), Text(row.unit.en))
    return table


def _value_columns(names: Sequence[str]) -> Iterator[str]:
    """Yield a column for each run; changes have one of their own where there are two runs, else stand below."""
    yield names[0]
    if len(names) == 2:
        yield from (names[1], "change")
    else:
        yield from (f"{name}\nto {names[0]}" for name in names[1:])


def _value_cells(row: ReadRow) -> Iterator[Text]:
    yield Text(row.values[0].en)
    for value, change in zip(row.values[1:], row.changes, strict=True):
        if len(row.values) == 2:
            yield from (Text(value.en), change_text(change))
        else:
            yield Text.assemble(value.en, "" if change.judged is Judged.SAME else "\n", change_text(change, short=True))


def change_text(change: Change, *, short: bool = False) -> Text:
    """Return a change as arrow, number, share of the first and, in a word, whether it is better or worse.

    `short`: without the share of the first, and nothing for what is the same.
    """
    if short and change.judged is Judged.SAME:
        return Text("")
    parts = [change.text.en]
    if change.percent and not short:
        parts.append(f"({change.percent})")
    if change.judged in {Judged.BETTER, Judged.WORSE}:
        parts.append(change.judged.label.en)
    return Text(" ".join(parts), style=STYLES.get(change.judged, ""))


def _print_targets(console: Console, comparison: Comparison, names: Sequence[str]) -> None:
    """Print targets that differ in what is asked or reached, those of several runs first."""
    common = [row for row in comparison.targets if sum(one is not None for one in row.reached) > 1]
    read = [(row, read_target(comparison, row)) for row in common]
    differing = [
        (row, text)
        for row, text in read
        if len({asked_text(row, n).en for n in range(len(names))}) > 1
        or any(change.judged is not Judged.SAME for change in text.changes)
    ]
    alone = len(comparison.targets) - len(common)
    console.print(
        f"Targets: {len(common):,} in more than one run, {len(differing):,} of them asked or reached differently;"
        f" {alone:,} in one run only"
    )
    if not differing:
        return
    table = Table(title="Targets that differ", title_justify="left")
    for name in ("unit", "target", "asked", *_value_columns(names), ""):
        table.add_column(name, justify="left" if name in {"unit", "target"} else "right")
    for row, text in differing[:MOST_LISTED]:
        asked = list(dict.fromkeys(asked_text(row, number).en for number in range(len(names))))
        missed = [name for name, one in zip(names, row.reached, strict=True) if one is not None and not one.holds]
        mark = Text(f"MISSED in {', '.join(missed)}" if missed else "", style="bold red")
        unit = "" if text.unit.en in {"%", ""} else f" [{text.unit.en}]"
        table.add_row(Text(row.unit.en), Text(row.label.en + unit), Text(" → ".join(asked)), *_value_cells(text), mark)
    console.print(table)
    _print_more(console, len(differing))


def _print_settings(console: Console, comparison: Comparison, names: Sequence[str]) -> None:
    columns = (english_column("key"), *(english_column(name, "any") for name in names))
    rows = [
        (setting.path, *(value or "–" for value in setting.values)) for setting in comparison.settings[:MOST_LISTED]
    ]
    console.print(rich_table(english_table("What the configs do not have alike, targets aside", columns, rows)))
    _print_more(console, len(comparison.settings))


def _print_sites(console: Console, comparison: Comparison, pair: Pair) -> None:
    """Print how many sites are in both, moved, and in one only, by echelon; and the moves that are longest."""
    if pair.sites is None:
        return
    sites, names = pair.sites, (comparison.runs[pair.first].name, comparison.runs[pair.second].name)
    heads = ("in both", "of these changed", "moved", f"only in {names[0]}", f"only in {names[1]}")
    rows = [(echelon.label, *sites.counts(echelon)) for echelon in Echelon if any(sites.counts(echelon))]
    columns = (english_column("echelon"), *(english_column(head, "whole") for head in heads))
    console.print(rich_table(english_table(f"Sites: {names[0]} and {names[1]}", columns, rows)))
    for one in sorted(sites.moved, key=lambda moved: (-moved.first.echelon, moved.distance_m))[:MOST_LISTED]:
        kind = one.first.echelon.singular.en
        console.print(f"Moved: {kind} {one.first.id} → {one.second.id}, {one.distance_m:,.0f} m", soft_wrap=True)
    _print_more(console, len(sites.moved))


def _print_more(console: Console, number: int) -> None:
    if number > MOST_LISTED:
        console.print(Text(f"… and {number - MOST_LISTED:,} more; see the page", style="dim"))
