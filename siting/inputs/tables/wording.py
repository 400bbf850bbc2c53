"""Compare texts of tables, and suggest the nearest known word."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

BLANKS = re.compile(r"\s+")
ORNAMENTS = re.compile(r"[\s*※☆★_·\u200b\ufeff]+")


def plain(value: object) -> str:
    """Return the text as it is compared: half-width, lower case, without blanks, underscores and stars.

    >>> plain("面 积(㎡)*")
    '面积(m2)'
    >>> plain("Land area")
    'landarea'
    """
    if value is None:
        return ""
    return ORNAMENTS.sub("", unicodedata.normalize("NFKC", str(value))).casefold()


def tidy(value: object) -> str:
    """Return the text as it is stored: half-width letters and digits, blanks at the ends and runs of blanks removed.

    >>> tidy(" 大沽南路１２号  2 栋 ")
    '大沽南路12号 2 栋'
    """
    text = str(value).translate(_HALF_WIDTH)
    return BLANKS.sub(" ", text.replace("\u200b", "").replace("\ufeff", "")).strip()


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question for the nearest of the known words, ending in a blank, or nothing.

    >>> did_you_mean("demnad", ["demand", "districts"])
    "did you mean 'demand'? "
    """
    spellings = {plain(one): one for one in known}
    near = difflib.get_close_matches(plain(word), spellings, n=1, cutoff=0.5)
    return f"did you mean {spellings[near[0]]!r}? " if near else ""


_HALF_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_HALF_WIDTH |= {0x3000: 0x20, 0xA0: 0x20}
