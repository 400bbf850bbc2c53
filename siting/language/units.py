"""The units of this program, and how readers of English and of Chinese write small and large numbers in them.

The keys of `UNITS` are those of `siting.vocabulary.MEASURES` and of the key figures.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A multiple of a unit: from 10**`start` on a number is divided by 10**`power`, and `name` follows it."""

    start: int
    power: int
    name: str


@dataclass(frozen=True)
class Unit:
    """Format of a unit. Steps ascend; the first also applies to smaller values.

    `places`: the last decimal place that is written, in the unit that the value is kept in. `is_fixed`: numbers are
    written to that place whatever their size, others to a number of significant digits.
    """

    en: tuple[Step, ...]
    zh: tuple[Step, ...]
    places: int
    is_fixed: bool = False


def _plain(en: str, zh: str, *, places: int = 0, power: int = 0, is_fixed: bool = False) -> Unit:
    return Unit((Step(power, power, en),), (Step(power, power, zh),), places, is_fixed)


def _tonnes(en: str = "", zh: str = "", *, of_en: str = "", of_zh: str = "") -> Unit:
    """Return t, kt, Mt and 吨, 万吨, 亿吨 of `of_en` and `of_zh`."""
    steps_en = [(0, 0, " t"), (4, 3, " kt"), (6, 6, " Mt")]
    steps_zh = [(0, 0, "吨"), (4, 4, "万吨"), (8, 8, "亿吨")]
    return Unit(
        tuple(Step(start, power, name + of_en + en) for start, power, name in steps_en),
        tuple(Step(start, power, name + of_zh + zh) for start, power, name in steps_zh),
        places=1,
    )


def _money(en: str = "", zh: str = "", *, places: int = 0) -> Unit:
    steps_en = [(0, 0, " CNY"), (6, 6, " million CNY")]
    steps_zh = [(0, 0, "元"), (4, 4, "万元"), (8, 8, "亿元")]
    return Unit(
        tuple(Step(start, power, name + en) for start, power, name in steps_en),
        tuple(Step(start, power, name + zh) for start, power, name in steps_zh),
        places,
    )


A_YEAR = (" a year", "/年")
CO2E = (" CO₂e", "二氧化碳当量")
SHARE = _plain(" %", "%", places=3, power=-2, is_fixed=True)

UNITS = {
    "": _plain("", "", places=6),
    "facilities": _plain("", "", is_fixed=True),
    "stops": _plain("", "", is_fixed=True),
    "vehicles": _plain("", "", places=1),
    "visits/day": _plain("", ""),
    "h/yr": _plain(" h a year", "小时/年"),
    "km/yr": _plain(" km a year", "公里/年"),
    "residents": Unit((Step(0, 0, ""), Step(6, 6, " million")), (Step(0, 0, "人"), Step(4, 4, "万人")), places=0),
    "CNY": _money(),
    "CNY/yr": _money(*A_YEAR),
    "CNY per resident": _money(" per resident a year", "/人·年", places=2),
    "CNY/t": _money("/t", "/吨", places=2),
    "t": _tonnes(),
    "t/yr": _tonnes(*A_YEAR),
    "t/day": _plain(" t a day", "吨/日", places=3),
    "kg CO2e/t": _plain(" kg CO₂e/t", "千克二氧化碳当量/吨", places=1),
    "t CO2e/yr": _tonnes(*A_YEAR, of_en=CO2E[0], of_zh=CO2E[1]),
    "t-km/yr": Unit(
        (Step(0, 0, " t·km a year"), Step(6, 6, " million t·km a year")),
        (Step(0, 0, "吨公里/年"), Step(4, 4, "万吨公里/年"), Step(8, 8, "亿吨公里/年")),
        places=0,
    ),
    "m": Unit((Step(0, 0, " m"), Step(4, 3, " km")), (Step(0, 0, "米"), Step(4, 3, "公里")), places=0),
    "km": _plain(" km", "公里", places=1),
    "m2": Unit(
        (Step(0, 0, " m²"), Step(4, 4, " ha"), Step(6, 6, " km²")),
        (Step(0, 0, "平方米"), Step(4, 4, "公顷"), Step(6, 6, "平方公里")),
        places=0,
    ),
    "s": _plain(" s", "秒", places=0),
    "m2 for 100 households": _plain(" m² for 100 households", "平方米/百户", places=2),
    "share": SHARE,
    "share proven": _plain(" %", "%", places=4, power=-2, is_fixed=True),
    "points": _plain(" points", "个百分点", places=3, power=-2, is_fixed=True),
    "share of residents": SHARE,
    "share of facilities": SHARE,
    "share of capacity": SHARE,
    "share of tonnes": SHARE,
    "share of what arises": SHARE,
    "share of what is brought": SHARE,
    "share of a district's residents": SHARE,
    "share of residents between districts": SHARE,
    "m a served resident": _plain(" m", "米"),
    "Gini coefficient": _plain("", "", places=3, is_fixed=True),
}


def unit_named(name: str) -> Unit:
    """Return the display form of the unit `name`; a unit that is not in `UNITS` is shown unchanged."""
    return UNITS.get(name) or _plain(f" {name}", f" {name}", places=3)
