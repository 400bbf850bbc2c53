"""District names as lists write them: 和平, 和平区, 天津市和平区, Heping District, 120101, 120101000000."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from siting.inputs.tables.wording import plain

ABOVE = re.compile(r"^(?:.{2,8}?(?:特别行政区|自治区|自治州|省|地区|盟)|.{2,6}?市)(?=.{2,})")
LEVEL = re.compile(r"(?<=..)(?:自治县|自治旗|新区|矿区|林区|特区|区|县|市|旗)$")
LEVEL_EN = re.compile(r"(?<=..)(?:district|county|city|newarea|subdistrict|borough)$")
BRACKETS = re.compile(r"\(.*?\)$")
CODE = re.compile(r"\d{6}(?:0{3}|0{6})?")


@dataclass(frozen=True)
class Districts:
    """Look-up of districts by code, name or abbreviation.

    `codes` by exact spelling (code or name, as compared) and by what is left of a name without province, city and
    level; the latter only where one district has it.
    """

    spelt: dict[str, str]
    short: dict[str, str]

    def code_of(self, name: object) -> str | None:
        """Return the code of the district that `name` means; None if that is none or not clear."""
        word = plain(name)
        if not word:
            return None
        if word in self.spelt:
            return self.spelt[word]
        return self.spelt.get(word[:6]) if CODE.fullmatch(word) else self.short.get(short_name(word))


def short_name(name: object) -> str:
    """Return a district's name without province, city, level and blanks; equal for all ways to write it.

    >>> [short_name(name) for name in ("和平", "和 平 区", "天津市和平区", "天津市滨海新区", "Heping District")]
    ['和平', '和平', '和平', '滨海', 'heping']
    >>> [short_name(name) for name in ("蓟县", "市北区", "青岛市市北区", "沙市区", "津市市")]
    ['蓟县', '市北', '市北', '沙市', '津市']
    """
    word = BRACKETS.sub("", plain(name))
    above = ABOVE.match(word)
    while above is not None:
        word = word[above.end() :]
        above = ABOVE.match(word)
    return LEVEL_EN.sub("", LEVEL.sub("", word))


def districts_by_name(districts: pd.DataFrame) -> Districts:
    """Return the districts of a frame with `code` and `name`, `name_zh` or `name_en`, one of which may replace it."""
    spelt: dict[str, str] = {}
    owners: dict[str, set[str]] = {}
    columns = [column for column in ("name", "name_zh", "name_en") if column in districts]
    for row, given in enumerate(districts["code"]):
        names = [name for column in columns if isinstance(name := districts[column].iloc[row], str) and name.strip()]
        if given is None and not names:
            continue
        code = names[0] if given is None else str(given)
        spelt[plain(code)] = code
        for name in names:
            spelt.setdefault(plain(name), code)
            owners.setdefault(short_name(name), set()).add(code)
    return Districts(spelt, {name: next(iter(codes)) for name, codes in owners.items() if len(codes) == 1})


def district_codes(names: Iterable[object], districts: pd.DataFrame) -> list[str | None]:
    """Return the code of each name (None: missing, unknown or not clear), of the districts in a frame as above."""
    known = districts_by_name(districts)
    return [known.code_of(name) for name in names]
