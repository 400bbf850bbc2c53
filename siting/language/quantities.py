"""Numbers with their units as readers of English and of Chinese write them; a figure reads the same everywhere.

A value is rounded once, in the unit that it is kept in; only then is it written, in Mt and million CNY for the one, in
万吨 and 亿元 for the other. So both languages show the same number, and every output shows
the same digits.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from siting.language import Label, text
from siting.language.units import Step, Unit, unit_named

NO_NUMBER, NO_MORE = Label("–", "–"), Label("0", "0")
DIGITS = 4
TOLERANCE = 1e-6
WIDE = Context(prec=40)
AXIS_EXPONENT = -4


def quantity(value: float | None, unit: str, *, signed: bool = False, digits: int = DIGITS) -> Label:
    """Return `value` with its unit, for readers of both languages.

    Parameters
    ----------
    value
        In `unit`; None, nan and infinities read as "not known".
    unit
        A key of `siting.language.units.UNITS`; any other is written as it is.
    signed
        Write a plus before what is above zero, as margins and differences have it.
    digits
        Significant digits; facilities are always counted to the last, shares written to a tenth of a per cent.

    Examples
    --------
    >>> quantity(1_755_312_000.0, "CNY/yr")
    Label(en='1,755 million CNY a year', zh='17.55亿元/年')
    >>> quantity(520_000, "t")
    Label(en='520 kt', zh='52万吨')
    >>> quantity(-0.0123, "share").en
    '−1.2 %'
    """
    if value is None or not math.isfinite(value):
        return text("common.not_known")
    known = unit_named(unit)
    exact = _rounded(float(value), known, digits)
    texts = [_sign(exact, signed) + _whole(exact, steps) for steps in (known.en, known.zh)]
    return Label(*texts)


def difference(value: float | None, unit: str) -> Label:
    """Return a difference with its sign; that of two shares in percentage points, not in per cent.

    >>> difference(0.024, "share of residents")
    Label(en='+2.4 points', zh='+2.4个百分点')
    """
    return quantity(value, "points" if unit.startswith("share") else unit, signed=True)


@dataclass(frozen=True)
class Scale:
    """One unit and one number of places for all numbers of a column or an axis.

    `unit` stands in its head (million CNY a year, 亿元/年); numbers are rounded to 10**`exponent` of the unit that they
    are kept in, divided by 10**`power_en` or 10**`power_zh`.
    """

    unit: Label
    power_en: int
    power_zh: int
    exponent: int

    def number(self, value: float | None, *, signed: bool = False) -> Label:
        """Return `value` as a bare number of the column; a dash where it is not known, 0 where it is nothing."""
        if value is None or not math.isfinite(value):
            return NO_NUMBER
        if not value:
            return NO_MORE
        exact = _at(float(value), self.exponent)
        texts = [_sign(exact, signed) + self._padded(exact, power) for power in (self.power_en, self.power_zh)]
        return Label(*texts)

    def tick(self, value: float) -> Label:
        """Return `value` as the label of an axis: with no zeros at its end."""
        exact = _at(value, min(self.exponent, AXIS_EXPONENT))
        texts = [_sign(exact, False) + _trimmed(abs(exact).scaleb(-power)) for power in (self.power_en, self.power_zh)]
        return Label(*texts)

    def _padded(self, exact: Decimal, power: int) -> str:
        return f"{abs(exact).scaleb(-power):,.{max(0, power - self.exponent)}f}"


def scale_of(values: Iterable[float | None], unit: str, *, digits: int = DIGITS) -> Scale:
    """Return the unit and the places for a whole column: those that suit its largest number.

    >>> costs = scale_of([1_755_312_000.0, 12_340_000.0], "CNY/yr")
    >>> costs.unit
    Label(en='million CNY a year', zh='亿元/年')
    >>> costs.number(12_340_000.0)
    Label(en='12', zh='0.12')
    """
    known = unit_named(unit)
    largest = max((abs(float(v)) for v in values if v is not None and math.isfinite(v)), default=0.0)
    exact = _rounded(largest, known, digits)
    en, zh = _step(exact, known.en), _step(exact, known.zh)
    exponent = -known.places if known.is_fixed else _exponent(largest, known, digits)
    return Scale(Label(en.name.strip(), zh.name.strip()), en.power, zh.power, exponent)


def _rounded(value: float, unit: Unit, digits: int) -> Decimal:
    return _at(value, _exponent(value, unit, digits))


def _exponent(value: float, unit: Unit, digits: int) -> int:
    """Return the power of ten that a value is rounded to."""
    if unit.is_fixed:
        return -unit.places - _hides(value, unit.places)
    leading = math.floor(math.log10(abs(value))) if value else 0
    return max(leading - digits + 1, -unit.places)


def _hides(value: float, places: int) -> bool:
    """Return whether so many places would call a share nothing, or all, that is neither: it is given one place more."""
    nearest = abs(round(value))
    return places > 0 and nearest <= 1 and TOLERANCE < abs(abs(value) - nearest) < 0.5 * 10.0**-places


def _at(value: float, exponent: int) -> Decimal:
    """Return `value` rounded to 10**`exponent`, halves away from zero as they are taught at school."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(exponent), rounding=ROUND_HALF_UP, context=WIDE)


def _sign(exact: Decimal, signed: bool) -> str:
    if exact < 0:
        return "−"
    return "+" if signed and exact > 0 else ""


def _whole(exact: Decimal, steps: tuple[Step, ...]) -> str:
    """Return the number without its sign, and its unit."""
    step = _step(exact, steps)
    return _trimmed(abs(exact).scaleb(-step.power)) + step.name


def _trimmed(number: Decimal) -> str:
    """Return a number with no zeros at its end."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _step(exact: Decimal, steps: tuple[Step, ...]) -> Step:
    """Return the largest multiple of the unit that the number reaches."""
    return next((step for step in reversed(steps) if abs(exact) >= Decimal(1).scaleb(step.start)), steps[0])
