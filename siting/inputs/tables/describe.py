"""A column in words, for the template and the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from siting.inputs.tables.schema import Column, Kind, Words, definition
from siting.inputs.tables.wording import plain
from siting.language import Language, text

LANGUAGES: tuple[Language, ...] = get_args(Language)

OPEN_ENDED = 1e7
"""Ranges that end beyond this say only where they begin."""


def unit_of(column: Column, language: Language) -> str:
    """Return the column's unit as written in the language, empty for none."""
    return "" if column.unit is None else definition().units[column.unit].of(language)


def header_of(column: Column, language: Language, *, is_needed: bool = False) -> str:
    """Return the header that the template gives the column.

    >>> from siting.inputs.tables.schema import kind_of
    >>> header_of(kind_of("facilities").column("capacity_t"), "zh")
    '处理能力（吨/年）'
    """
    header, unit = column.header.of(language), unit_of(column, language)
    told = text("tables.with_unit", header=header, unit=unit).in_language(language) if unit else header
    return told + ("*" if is_needed else "")


def is_needed(column: Column, kind: Kind) -> bool:
    """Return whether the template asks for the column: what is required, and where a row is."""
    is_place = column.key in ("lon", "lat") and kind.shape == "point"
    return is_place or column.key in (*kind.required, *kind.asked)


def example_of(column: Column, example: dict[str, Any], language: Language) -> Any:
    """Return the value of an example row in a column, in the language."""
    if column.type == "district":
        return Words(**definition().kinds["census"].examples[0]["district_name"]).of(language)
    value = example.get(column.key)
    if isinstance(value, dict):
        return Words(**value).of(language)
    if column.type == "list" and value:
        mark = text("tables.list_mark").in_language(language)
        return mark.join(column.values[word].of(language) for word in value.split(","))
    return column.values[value].of(language) if column.values and value else value


def is_example(cells: Iterable[Any], kind: Kind) -> bool:
    """Return whether cells hold nothing but what an example of the template holds, in one language."""
    written = {plain(cell) for cell in cells if cell is not None}
    return any(
        written <= {plain(example_of(column, example, language)) for column in kind.columns}
        for example in kind.examples
        for language in LANGUAGES
    )


def allowed(column: Column, language: Language) -> str:
    """Describe the values that may be entered: the words to choose from, or the type and its range."""
    if column.values:
        words = " / ".join(value.of(language) for value in column.values.values())
        others = text("tables.own_words").in_language(language) if column.type in ("label", "list") else ""
        return words + others
    kind = "number" if column.type in ("lon", "lat") else column.type
    told = text(f"tables.types.{kind}").in_language(language)
    if column.range is None:
        return told
    low, high = column.range
    return f"{told} ≥ {low:g}" if high >= OPEN_ENDED else f"{told} {low:g} … {high:g}"
