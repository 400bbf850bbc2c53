"""How the cells of the template look."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TEXT_FORMAT = "@"
WIDEST = 60


@dataclass(frozen=True)
class Look:
    """Colours as hexadecimal RGB; no fill where it is empty."""

    ink: str = "000000"
    fill: str = ""
    is_bold: bool = False
    is_italic: bool = False


TITLE = Look(is_bold=True)
NEEDED = Look(ink="FFFFFF", fill="1F4E79", is_bold=True)
OPTIONAL = Look(fill="DDEBF7", is_bold=True)
EXAMPLE = Look(ink="808080", is_italic=True)
PLAIN = Look()


def style(cell: Any, look: Look) -> None:
    """Give a cell its look."""
    from openpyxl.styles import Alignment, Font, PatternFill

    cell.font = Font(color=look.ink, bold=look.is_bold, italic=look.is_italic)
    cell.alignment = Alignment(vertical="top", wrap_text=look == PLAIN)
    if look.fill:
        cell.fill = PatternFill("solid", start_color=look.fill)


def widen(sheet: Worksheet) -> None:
    """Make every column as wide as its longest text, within reason."""
    for cells in sheet.iter_cols():
        width = max((text_width(cell.value) for cell in cells if cell.value is not None), default=8)
        sheet.column_dimensions[cells[0].column_letter].width = min(max(width + 3, 11), WIDEST)


def text_width(value: object) -> int:
    """How wide a text stands in a column, in Latin letters; a Chinese one is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in str(value))
