"""Units as headers and cells write them, and what they are worth in the unit that `siting` counts in."""

from __future__ import annotations

from siting.inputs.tables.schema import Quantity
from siting.inputs.tables.wording import plain

DAYS_A_YEAR = 365.0
MU_M2 = 2000.0 / 3.0

COUNTS = {"万": 1e4, "千": 1e3, "百": 1e2, "百万": 1e6, "亿": 1e8, "thousand": 1e3, "thousands": 1e3, "million": 1e6}
COUNTS |= {"'000": 1e3, "000s": 1e3, "1000": 1e3}
AREAS = {"m2": 1.0, "m^2": 1.0, "平方米": 1.0, "平米": 1.0, "平方": 1.0, "sqm": 1.0, "squaremetres": 1.0, "万m2": 1e4}
AREAS |= {"万平方米": 1e4, "万平米": 1e4, "公顷": 1e4, "ha": 1e4, "hectares": 1e4, "亩": MU_M2, "mu": MU_M2}
AREAS |= {"km2": 1e6, "平方公里": 1e6, "平方千米": 1e6, "sqkm": 1e6}
MASSES = {"吨": 1.0, "公吨": 1.0, "t": 1.0, "ton": 1.0, "tons": 1.0, "tonne": 1.0, "tonnes": 1.0, "万吨": 1e4}
MASSES |= {"万t": 1e4, "千吨": 1e3, "kt": 1e3, "kg": 1e-3, "千克": 1e-3, "公斤": 1e-3}
MONEY = {"元": 1.0, "人民币元": 1.0, "cny": 1.0, "rmb": 1.0, "yuan": 1.0, "千元": 1e3, "万元": 1e4}
PERIODS = {"日": "day", "天": "day", "d": "day", "day": "day", "daily": "day", "月": "month", "month": "month"}
PERIODS |= {"monthly": "month", "年": "year", "a": "year", "y": "year", "yr": "year", "year": "year", "annum": "year"}
PERIODS |= {"annual": "year", "yearly": "year", "周": "week", "week": "week", "weekly": "week"}
TIMES_A_YEAR = {"day": DAYS_A_YEAR, "week": DAYS_A_YEAR / 7, "month": 12.0, "year": 1.0}
SHORT: dict[str, tuple[str, str]] = {"tpd": ("t", "day"), "tpa": ("t", "year"), "tpy": ("t", "year")}

SIMPLE: dict[Quantity, dict[str, float]] = {
    "persons": {"人": 1.0, "口": 1.0, "persons": 1.0, "person": 1.0, "people": 1.0, **COUNTS}
    | {f"{count}人": times for count, times in COUNTS.items() if not count.isascii()},
    "households": {"户": 1.0, "households": 1.0, **COUNTS}
    | {f"{count}户": times for count, times in COUNTS.items() if not count.isascii()},
    "area": AREAS,
    "length": {"m": 1.0, "米": 1.0, "metres": 1.0, "meters": 1.0, "km": 1e3, "公里": 1e3, "千米": 1e3},
    "angle": {"°": 1.0, "度": 1.0, "deg": 1.0, "degrees": 1.0, "十进制度": 1.0},
}
EXAMPLES: dict[Quantity, str] = {
    "persons": "人, 万人, persons",
    "households": "户, 万户, households",
    "area": "㎡, 平方米, 亩, 公顷, km²",
    "length": "m, 米, km",
    "price": "元/㎡, 万元/亩, CNY/m²",
    "tonnes_a_year": "吨/年, 万吨/年, 吨/日, kg/日, t/year, t/day",
    "angle": "°",
}


def factor_of(quantity: Quantity, unit: str, period: str = "") -> float:
    """Return one `unit` in the unit that the quantity is counted in; `period` holds where the unit has none.

    >>> factor_of("tonnes_a_year", "吨", "day"), factor_of("tonnes_a_year", "万吨/年"), factor_of("price", "万元/亩")
    (365.0, 10000.0, 15.0)

    Raises
    ------
    ValueError
        If the unit is not known, or a mass has no period; the message says which units are.
    """
    word = plain(unit).strip("()[]")
    if quantity == "tonnes_a_year":
        mass, own = _mass_and_period(unit)
        if mass in MASSES and not (own or period):
            raise ValueError(f"{word!r} in which time? write {word}/年 or {word}/日 (t/year or t/day)")
        factor = round(MASSES[mass] * TIMES_A_YEAR[own or period], 12) if mass in MASSES else None
    elif quantity == "price":
        money, _, area = word.replace("每", "/").replace("per", "/").partition("/")
        factor = MONEY[money] / AREAS[area] if money in MONEY and area in AREAS else None
    else:
        factor = SIMPLE[quantity].get(word)
    if factor is None:
        raise ValueError(f"unit {unit!r} is not known here; use one of {EXAMPLES[quantity]}")
    return factor


def period_of(unit: str) -> str:
    """Return the period that a unit of tonnes a year names itself, empty if it names none.

    >>> period_of("万吨/年"), period_of("tpd"), period_of("吨")
    ('year', 'day', '')
    """
    return _mass_and_period(unit)[1]


def is_unit(quantity: Quantity, text: str) -> bool:
    """Return whether the text is a unit of the quantity, with or without its period."""
    if quantity == "tonnes_a_year":
        return _mass_and_period(text)[0] in MASSES
    try:
        factor_of(quantity, text)
    except ValueError:
        return False
    return True


def _mass_and_period(unit: str) -> tuple[str, str]:
    """Return a mass and the period behind `/`, `每` or `per`; an empty period when there is none."""
    word = plain(unit).strip("()[]")
    mass, slash, period = word.replace("每", "/").replace("per", "/").partition("/")
    return SHORT.get(word) or ((mass, PERIODS[period]) if slash and period in PERIODS else (word, ""))
