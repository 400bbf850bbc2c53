"""Numbers as offices write them: full-width digits, thousands separators, units behind, degrees with minutes."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

from siting.errors import DataError
from siting.inputs.tables.schema import Quantity
from siting.inputs.tables.units import factor_of

MISSING = frozenset(
    (
        *("", "-", "--", "—", "——", "–", "/", "\\", ".", "无", "暂无", "不详", "未知", "缺", "空"),
        *("n/a", "na", "nan", "null", "none", "#n/a"),
    )
)
LONGEST_SIGN = max(len(sign) for sign in MISSING)
SHAPE = re.compile(r"([+-]?(?:\d[\d, ]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(.*)", re.DOTALL)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?|[+-]?\d{1,3}(?: \d{3})+(?:\.\d*)?")
MINUTES, SECONDS = r"(\d{1,2}(?:\.\d+)?)(?:['′’]|分)", r"(\d{1,2}(?:\.\d+)?)(?:\"|”|''|′′|’’|秒)"
DEGREES = re.compile(rf"([nsew东西南北]?[经纬]?)(\d{{1,3}})[°度](?:{MINUTES})?(?:{SECONDS})?([nsew]?)")
DIGITS_THAT_EXCEL_KEEPS = 15
WITH_COMMA = re.compile(r"\s*[+-]?(?:\d{1,3}(?:[. ]\d{3})+|\d*),\d+\s*")
THOUSANDS = re.compile(r"\s*[+-]?\d{1,3}(?:,\d{3})+\s*")
WITH_POINT = re.compile(r"\s*[+-]?\d+(?:,\d{3})*\.\d+\s*")
NUMERIC = re.compile(r"[\d.,+\-\s]*")
Rows = tuple[tuple[Any, ...], ...]


class NoUnitError(ValueError):
    """A bare number under a header that does not say its unit."""


def with_decimal_points(file: str, rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return rows of a text table without comma separators, decimal commas converted to points; and notes.

    >>> with_decimal_points("a.csv", (("id", "lon", "area"), ("a", "24,93018", "60,000")))[0][1]
    ('a', '24.93018', '60.000')

    Raises
    ------
    DataError
        If a comma may separate thousands or decimals, and no other number of the table tells.
    """
    cells = [cell for row in rows[1:] for cell in row if isinstance(cell, str)]
    if any(WITH_COMMA.fullmatch(cell) and not THOUSANDS.fullmatch(cell) for cell in cells):
        turned = tuple(tuple(_with_point(cell) for cell in row) for row in rows)
        return turned, (f"{file}: read with decimal commas",)
    unclear = next((cell for cell in cells if THOUSANDS.fullmatch(cell) and cell.count(",") == 1), None)
    if unclear is None or any(WITH_POINT.fullmatch(cell) for cell in cells):
        return rows, ()
    places = [place for place in range(len(rows[0])) if any(row[place] == unclear for row in rows[1:])]
    if all(NUMERIC.fullmatch(str(row[place] or "")) for place in places for row in rows[1:]):
        plain_number = unclear.replace(",", "")
        raise DataError(
            f"{file}: does the comma of {unclear!r} separate thousands or decimals? nothing in the table tells; write"
            f" {plain_number} or {unclear.replace(',', '.')}"
        )
    return rows, ()


def _with_point(cell: Any) -> Any:
    if not isinstance(cell, str) or not WITH_COMMA.fullmatch(cell):
        return cell
    whole, _, decimals = cell.strip().rpartition(",")
    return f"{re.sub('[. ]', '', whole)}.{decimals}"


def is_missing(value: Any) -> bool:
    """Return whether a cell says nothing: empty, or one of the usual signs for it.

    >>> [is_missing(value) for value in (None, " ", "—", "暂无", float("nan"), 0, "0")]
    [True, True, True, True, True, False, False]
    """
    if value is None:
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return (
        isinstance(value, str)
        and len(text := value.strip()) <= LONGEST_SIGN
        and _half_width(text).casefold() in MISSING
    )


def parse_number(
    value: Any, quantity: Quantity | None = None, *, factor: float | None = 1.0, period: str = ""
) -> float:
    """Return the number in a cell, in the unit that is counted in.

    A bare number is in the header's unit, worth `factor` (None: the header does not say, bare numbers are refused).
    A number with a unit behind it is in that unit; `period` (`day`, `year` …) is what the header says of time.

    >>> parse_number("１，２３４．５"), parse_number("5万人", "persons")
    (1234.5, 50000.0)
    >>> parse_number("50吨/日", "tonnes_a_year", factor=None)
    18250.0

    Raises
    ------
    ValueError
        If it is no number; the message says what it is and the cure.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number, unit = float(value), ""
    else:
        number, unit = _split(value, quantity)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not a number")
    if unit and quantity is None:
        raise ValueError(f"{value!r} is not a number; take away {unit!r}")
    if unit and quantity is not None:
        return _times(number, factor_of(quantity, unit, period))
    if factor is None:
        raise NoUnitError(
            f"{value!r} has no unit and its header none either; write 吨/年 or 吨/日 (t/year or t/day) in the header"
        )
    return _times(number, factor)


def as_id(value: Any) -> str:
    """Return an id as text, never as a rounded number.

    >>> as_id(120101.0), as_id(" 120101001001 "), as_id("Ａ－１２")
    ('120101', '120101001001', 'A-12')

    Raises
    ------
    ValueError
        If Excel has already changed it: more digits than it keeps, powers of ten, a date.
    """
    if isinstance(value, (datetime, date, time)):
        raise ValueError(
            f"Excel made a date of this id ({value:%Y-%m-%d}); format the column as text and enter it again"
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) >= 10**DIGITS_THAT_EXCEL_KEEPS:
            raise ValueError(
                f"{value:.0f}: a number keeps 15 digits only, the last digits of this id are lost; format the column as"
                " text and enter it again"
            )
        return str(int(value)) if float(value).is_integer() else repr(value)
    text = _half_width(str(value))
    if re.fullmatch(r"\d(\.\d+)?[eE]\+\d+", text):
        raise ValueError(f"{text!r}: digits of this id are lost; format the column as text and enter it again")
    return text


def refuse_formula(text: str) -> None:
    """Refuse what a spreadsheet could not compute.

    Raises
    ------
    ValueError
        If the text is a formula without a value, or an error such as #REF!.
    """
    if not text.startswith(("=", "#")):
        return
    if text.startswith("="):
        raise ValueError(
            f"{text!r} is a formula that was never computed; open the workbook in Excel or WPS and save it"
        )
    if re.fullmatch(r"#(ref|div/0|value|name|num|null|spill|n/a)[!?]?", text.casefold()):
        raise ValueError(f"{text!r} is an error of the spreadsheet; correct its formula")


def _split(value: Any, quantity: Quantity | None) -> tuple[float, str]:
    if not isinstance(value, str):
        what = "a date" if isinstance(value, (date, time)) else f"a {type(value).__name__}"
        raise ValueError(f"{value} is {what}, not a number; format the cell as a number and enter it again")
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return float(value), ""
    text = _half_width(value).lstrip("'").casefold()
    refuse_formula(value.strip())
    if quantity == "angle" and (degrees := DEGREES.fullmatch(text.replace(" ", ""))):
        before, whole, minutes, seconds, behind = degrees.groups()
        number = float(whole) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
        return -number if set(before + behind) & set("sw西南") else number, ""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError(f"{value!r} is not a number; enter one, or leave the cell empty")
    digits, unit = shape.group(1).strip(), shape.group(2).strip()
    if ("," in digits or " " in digits) and not GROUPED.fullmatch(digits):
        raise ValueError(f"{value!r} is not a number: a comma separates thousands, a point the decimals")
    return float(re.sub("[, ]", "", digits)), unit


def _half_width(text: str) -> str:
    """Return the half-width, with one kind of blank, dash and quote."""
    if text.isascii():
        return " ".join(text.split())
    half = unicodedata.normalize("NFKC", text).replace("−", "-")
    return re.sub(r"\s+", " ", half.replace("\u200b", "")).strip()


def _times(number: float, factor: float) -> float:
    return number if factor == 1.0 else float(f"{number * factor:.12g}")
