"""Schema of planners' tables, read from columns.yaml: one definition for reader, template and documentation."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import Field

from siting.config.closed import Closed
from siting.errors import ConfigError
from siting.inputs.tables.wording import did_you_mean, plain
from siting.language import Language
from siting.vocabulary import MEASURES

PlaceType = Literal["lon", "lat", "x", "y", "pair", "wkt"]
Type = Literal["id", "text", "words", "district", "number", "integer", "choice", "label", "list"] | PlaceType
Quantity = Literal["persons", "households", "area", "length", "price", "tonnes_a_year", "angle"]
NUMBER_TYPES = ("number", "integer", "lon", "lat", "x", "y")


class Words(Closed):
    """A text in both languages."""

    en: str
    zh: str

    def of(self, language: Language) -> str:
        """Return the text in one language."""
        return self.zh if language == "zh" else self.en


class Value(Words):
    """Spellings of one stored value; `more` are others than the two names."""

    more: tuple[str, ...] = ()


class Column(Closed):
    """One column. `name` is its name in the frame; numbers are turned into `unit` and must lie in `range`.

    A `choice` allows its `values` only; `label` and `list` know them and keep other words as they are.
    """

    key: str
    name: str
    type: Type = "text"
    header: Words
    aliases: tuple[str, ...] = ()
    quantity: Quantity | None = None
    unit: str | None = None
    range: tuple[float, float] | None = None
    values: dict[str, Value] = Field(default_factory=dict)
    help: Words

    @property
    def is_place(self) -> bool:
        """Return whether the column says where a row is; such columns end up as geometry."""
        return self.type in get_args(PlaceType)

    @property
    def is_number(self) -> bool:
        """Return whether its cells hold numbers."""
        return self.type in NUMBER_TYPES

    def stored(self, word: str) -> str | None:
        """Return the stored value that a word means, in either language; None if it is none of the list."""
        for name, value in self.values.items():
            if plain(word) in {plain(spelling) for spelling in (name, value.en, value.zh, *value.more)}:
                return name
        return None


class Kind(Closed):
    """One kind of table.

    Of `required` columns every cell is filled, of `one_of` one in each row; `asked` columns may be absent, but have no
    empty cell. `letter` starts the ids of rows that have none; `hidden` columns are not in the template. `is_plan`: the
    rows say what is planned, not what the city is.
    """

    name: str
    sheet: Words
    sheets: tuple[str, ...] = ()
    row: Words
    columns: tuple[Column, ...]
    required: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    shape: Literal["point", "polygon", "any"] | None = None
    letter: str | None = None
    hidden: tuple[str, ...] = ()
    examples: tuple[dict[str, Any], ...] = ()
    in_template: bool = True
    is_plan: bool = False

    def column(self, name: str) -> Column | None:
        """Return the column that is called `name` in the frame."""
        return next((column for column in self.columns if column.name == name), None)

    def is_called(self, sheet: str) -> bool:
        """Return whether a sheet of this name holds such a table."""
        return plain(sheet) in {plain(name) for name in (self.name, self.sheet.en, self.sheet.zh, *self.sheets)}

    @property
    def template_columns(self) -> tuple[Column, ...]:
        """The columns that the template shows, in its order."""
        return tuple(column for column in self.columns if column.key not in self.hidden)


class Workbook(Closed):
    """The sheets of the template that are no tables, and what the guide says."""

    city: Words
    guide: Words
    intro: tuple[Words, ...]
    guide_headers: tuple[Words, ...]


class Definition(Closed):
    """Every kind by its name, the columns of the city sheet, and the names of units."""

    kinds: dict[str, Kind]
    units: dict[str, Words]
    workbook: Workbook
    city: Annotated[tuple[Column, ...], Field(min_length=3)]


@functools.cache
def definition() -> Definition:
    """Return the definition in columns.yaml."""
    raw = yaml.safe_load((Path(__file__).parent / "columns.yaml").read_text(encoding="utf-8"))
    raw["columns"]["target_measure"]["values"] = {
        str(measure): {"en": record.label.en, "zh": record.label.zh} for measure, record in MEASURES.items()
    }
    columns = {key: Column(**{"key": key, "name": key, **facts}) for key, facts in raw["columns"].items()}
    kinds = {
        name: Kind(**{**facts, "name": name, "columns": tuple(columns[key] for key in facts["columns"])})
        for name, facts in raw["kinds"].items()
    }
    city = tuple(columns[key] for key in ("city_name_zh", "city_name_en", "datum"))
    return Definition(kinds=kinds, city=city, units=raw["units"], workbook=raw["workbook"])


def kind_of(name: str) -> Kind:
    """Return the kind called `name`.

    Raises
    ------
    ConfigError
        If there is no such kind.
    """
    kinds = definition().kinds
    if name not in kinds:
        raise ConfigError(f"kind {name!r}: unknown; {did_you_mean(name, kinds)}choose from {list(kinds)}")
    return kinds[name]
