"""Match headers with columns, and find the unit and period that they name."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from siting.inputs.tables.schema import Column, Kind
from siting.inputs.tables.units import PERIODS, factor_of, is_unit, period_of
from siting.inputs.tables.wording import plain

BRACKETS = re.compile(r"[\(\[（【{]([^()\[\]【】{}]*)[\)\]）】}]")
YEAR_BEFORE, YEAR_BEHIND = re.compile(r"^(?:19|20)\d{2}年?(?:末|底|度)?"), re.compile(r"(?:19|20)\d{2}年?(?:末|底)?$")
PERIOD = re.compile(r"每?(日|年|月|周)|daily|annual|yearly|monthly|weekly|per(day|year|month|week)")
REMARKS = re.compile(r"必填|选填|可选|required|optional|.*(?:19|20)\d{2}年?.*")
MAPPED = -1


@dataclass(frozen=True)
class Match:
    """A header that means `column`. The lower the `rank`, the surer.

    `unit` and `period` are what the header says (empty: nothing); `hint` is the text in its brackets, which for
    coordinates may name their datum.
    """

    column: Column
    rank: int
    unit: str = ""
    period: str = ""
    hint: str = ""

    @property
    def is_canonical(self) -> bool:
        """Return whether the header is the column's own name, which has its unit in it, or was mapped to it."""
        return self.rank <= 0


def recognise(text: str, kind: Kind) -> Match | None:
    """Return the column that a header means in a table of this kind; None if it means none.

    >>> from siting.inputs.tables.schema import kind_of
    >>> match = recognise("日处理能力（吨）", kind_of("facilities"))
    >>> match.column.name, match.unit, match.period
    ('capacity_t', '吨', 'day')
    """
    word = plain(text).rstrip(":")
    if not word:
        return None
    exact = next((column for column in kind.columns if word == plain(column.name)), None)
    if exact is not None:
        return Match(exact, 0)
    found = [match for column in kind.columns if (match := _as_column(word, column)) is not None]
    return min(found, key=lambda match: match.rank, default=None)


def read_as(text: str, column: Column) -> Match:
    """Return a header that the user has mapped to `column`, with the unit that it names."""
    word = plain(text).rstrip(":")
    found = _as_column(word, column)
    if found is None:
        _, brackets = _without_brackets(word)
        found = Match(column, MAPPED, unit=_unit_in(brackets, column), hint=" ".join(brackets))
        if column.quantity == "tonnes_a_year" and found.unit:
            found = replace(found, period=_period(word)[1])
    return replace(found, rank=MAPPED)


def scale_of(match: Match, sheet_units: tuple[str, ...]) -> tuple[float | None, str]:
    """Return the factor from a bare number under the header to the column's unit, and a note where it is assumed.

    None: the header does not say, and numbers without a unit of their own cannot be read.

    Raises
    ------
    ValueError
        If the header names a unit that is not known, or contradicts itself.
    """
    quantity = match.column.quantity
    if quantity is None or quantity == "angle":
        return 1.0, ""
    unit = match.unit
    if not unit and not match.is_canonical:
        unit = next((one for one in sheet_units if is_unit(quantity, one)), "")
        if not unit and match.hint and quantity not in ("persons", "households"):
            unit = match.hint
    if unit and quantity == "tonnes_a_year":
        own, period = period_of(unit), match.period
        if match.is_canonical and not (period or own):
            return factor_of(quantity, unit, "year"), f"{unit} taken as {unit} a year"
        if period and own not in ("", period):
            raise ValueError(f"unit {unit!r} is a {own}'s, the name a {period}'s; make them agree")
    if unit:
        return factor_of(quantity, unit, match.period), ""
    if quantity == "tonnes_a_year" and not match.is_canonical:
        return None, ""
    return 1.0, "" if match.is_canonical else f"no unit in the header, taken as {match.column.unit}"


def _as_column(word: str, column: Column) -> Match | None:
    """Return the header as this column: whole, without its brackets, its year, its period, or with a unit behind it."""
    names = [plain(name) for name in (column.header.en, column.header.zh, *column.aliases)]
    if word in names:
        return Match(column, names.index(word) + 1)
    base, brackets = _without_brackets(word)
    undated = YEAR_BEHIND.sub("", YEAR_BEFORE.sub("", base))
    is_dated = undated not in ("", base)
    base = undated or base
    hint = " ".join(brackets)
    unit, period = _unit_in(brackets, column), ""
    if column.quantity == "tonnes_a_year":
        base, period = _period(base, names)
        period = period or ("year" if is_dated else "")
    for rank in sorted(range(len(names)), key=lambda rank: -len(names[rank])):
        if base == names[rank]:
            return Match(column, rank + 1, unit, period, hint)
        rest = base.removeprefix(names[rank]).strip(",/:;-.") if base.startswith(names[rank]) else ""
        if rest and column.quantity is not None and is_unit(column.quantity, rest):
            return Match(column, rank + 1, rest, period, hint)
    return None


def _without_brackets(word: str) -> tuple[str, list[str]]:
    """Return the text outside of all brackets, and what stands in them apart from remarks."""
    pieces = [piece.strip() for inside in BRACKETS.findall(word) for piece in re.split(r"[,;:、，]", inside)]
    return BRACKETS.sub("", word), [piece for piece in pieces if piece and not REMARKS.fullmatch(piece)]


def _unit_in(brackets: list[str], column: Column) -> str:
    """Return the first piece that is a unit of the column."""
    return next((piece for piece in brackets if column.quantity is not None and is_unit(column.quantity, piece)), "")


def _period(base: str, names: list[str] | None = None) -> tuple[str, str]:
    """Split a header into its text and its period; unchanged where the period is part of the name."""
    found = PERIOD.search(base)
    if found is None or (names is not None and base in names):
        return base, ""
    bare = base[: found.start()] + base[found.end() :]
    word = found.group(1) or found.group(2) or found.group(0)
    return bare, PERIODS[word]
