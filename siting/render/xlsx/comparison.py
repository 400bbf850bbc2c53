"""A comparison as a workbook: what can be concluded, figures, targets, sites, and how the configs differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siting.language import Label, Language, text
from siting.language.quantities import scale_of
from siting.render.table import Cell, Column, Row, Section, Table, Value, column
from siting.render.xlsx.units import MONEY, MONEY_A_YEAR, heads
from siting.render.xlsx.write import workbook_bytes
from siting.results.comparison.comparison import Better, Comparison, Figure, Pair, TargetComparison
from siting.results.comparison.display import asked_text, judge_difference
from siting.results.comparison.figures import group_labels
from siting.results.comparison.sites import OpenSite

FORMS = {"CNY/yr": "money", "CNY": "money"} | dict.fromkeys(("facilities", "residents", "m", "t-km/yr"), "whole")
UNITS = {"CNY/yr": MONEY_A_YEAR, "CNY": MONEY}


def comparison_workbook(comparison: Comparison, language: Language) -> bytes:
    """Return the workbook as the bytes of an .xlsx; heads are in both languages, other texts in `language`."""
    pages = [_figure_page(comparison), _target_page(comparison)]
    pages += [_site_page(comparison, pair) for pair in comparison.pairs if pair.first == 0 and pair.sites is not None]
    pages.append(_setting_page(comparison))
    return workbook_bytes([page for page in pages if page.rows], language)


def conclusions(comparison: Comparison) -> tuple[Label, ...]:
    """Return the obstacles to comparing each run with the first, and what the bounds prove."""
    notes: list[Label] = []
    for pair in comparison.pairs:
        if pair.first == 0:
            notes += [] if pair.verdict is None else [pair.verdict.sentence]
            notes += [obstacle.reason for obstacle in pair.obstacles]
    return tuple(notes)


def _run_columns(comparison: Comparison) -> Iterator[Column]:
    """Yield a column for each run, and for each but the first its difference and what that is worth."""
    for number, face in enumerate(comparison.runs):
        yield Column(Label(face.name, face.name), "any")
        if number:
            yield column("workbook.column.run_difference", "any", name=face.name)
            yield from heads("judged")


def _figure_page(comparison: Comparison) -> Table:
    names = " · ".join(face.name for face in comparison.runs)
    rows: list[Row] = []
    for group, label in group_labels().items():
        figures = [figure for figure in comparison.figures if figure.group == group]
        if figures:
            rows += [Section(label), *(_figure_row(comparison, figure) for figure in figures)]
    return Table(
        name=text("workbook.sheet.figures"),
        title=text("workbook.title.comparison", names=names),
        columns=(*heads("figure unit"), *_run_columns(comparison)),
        rows=tuple(rows),
        notes=conclusions(comparison),
        is_list=False,
        frozen=2,
    )


def _figure_row(comparison: Comparison, figure: Figure) -> Row:
    differences = [comparison.difference(figure, 0, number) for number in range(len(figure.values))]
    return (figure.label, _unit(figure.unit), *_run_cells(figure.unit, figure.values, differences, figure.better))


def _unit(unit: str) -> Label:
    return UNITS.get(unit) or scale_of([0.0], unit).unit


def _run_cells(
    unit: str, values: Sequence[float], differences: Sequence[float], better: Better
) -> Iterator[Value | Cell]:
    for number, (value, more) in enumerate(zip(values, differences, strict=True)):
        yield _number(value, unit)
        if number:
            yield _number(more, unit)
            yield judge_difference(more, better, scale=abs(values[0])).label


def _number(value: float, unit: str) -> Cell:
    """Return a number in the unit of its row: money in 10,000 CNY, shares as per cent."""
    if unit.startswith("share"):
        return Cell(value, "fine share" if unit == "share proven" else "share")
    return Cell(value, FORMS.get(unit, "hundredth" if unit.startswith("CNY") else "tenth"))


def _target_page(comparison: Comparison) -> Table:
    return Table(
        name=text("workbook.sheet.targets"),
        title=text("workbook.title.targets"),
        columns=(
            *heads("unit_in_charge target unit_of_target"),
            *(column("workbook.column.run_asked", name=face.name) for face in comparison.runs),
            *_run_columns(comparison),
        ),
        rows=tuple(_target_row(comparison, row) for row in comparison.targets),
        frozen=2,
    )


def _target_row(comparison: Comparison, row: TargetComparison) -> Row:
    runs = range(len(row.reached))
    differences = [comparison.target_difference(row, 0, number) for number in runs]
    asked = (asked_text(row, number) for number in runs)
    cells = _run_cells(row.measured_in, row.values, differences, row.better)
    return (row.unit, row.label, _unit(row.measured_in), *asked, *cells)


def _site_page(comparison: Comparison, pair: Pair) -> Table:
    first, second = comparison.runs[pair.first].name, comparison.runs[pair.second].name
    columns = [*heads("echelon state its_district")]
    for name in (first, second):
        columns += [column("workbook.column.run_id", name=name), *heads("name type size lon lat")]
    return Table(
        name=text("workbook.sheet.sites", second=pair.second + 1),
        title=text("workbook.title.sites", first=first, second=second),
        columns=(*columns, column("workbook.column.moved_by", "whole", text("workbook.unit.metres"))),
        rows=tuple(_site_rows(pair, (first, second))),
        frozen=2,
    )


def _site_rows(pair: Pair, names: tuple[str, str]) -> Iterator[Row]:
    """Yield all sites of the two runs, the ones that differ first."""
    if pair.sites is None:
        return
    alone = [text("workbook.state.only_in", name=name) for name in names]
    for one in pair.sites.moved:
        yield _site_row(text("workbook.state.moved"), one.first, one.second, one.distance_m)
    for site in pair.sites.only_first:
        yield _site_row(alone[0], site, None)
    for site in pair.sites.only_second:
        yield _site_row(alone[1], None, site)
    for one in sorted(pair.sites.both, key=lambda both: not both.is_changed):
        yield _site_row(text(f"workbook.state.{'changed' if one.is_changed else 'both'}"), one.first, one.second)


def _site_row(state: Label, first: OpenSite | None, second: OpenSite | None, moved_m: float | None = None) -> Row:
    known = first or second
    if known is None:
        raise ValueError("a row is of a site")
    cells: list[Value] = [known.echelon.label, state, known.district]
    for site in (first, second):
        if site is None:
            cells += [None] * 6
        else:
            cells += [site.id, site.name, site.type_label, site.size, site.lon, site.lat]
    return (*cells, moved_m)


def _setting_page(comparison: Comparison) -> Table:
    return Table(
        name=text("workbook.sheet.settings"),
        title=text("workbook.title.settings"),
        columns=(*heads("key"), *(Column(Label(face.name, face.name)) for face in comparison.runs)),
        rows=tuple((one.path, *one.values) for one in comparison.settings),
        frozen=1,
    )
