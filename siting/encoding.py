"""Decode texts of offices: UTF-8, else by the evidence of their bytes GB18030 or Windows-1252, else refused."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

from siting.errors import DataError

UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
DAMAGED_SHARE = 0.1
MOST_ODD_SHARE = 0.25
"""Of runs of bytes above 127 in Chinese text: a letter has two of them, and only rare letters one."""
LEAST_LONE_SHARE = 0.5
"""Of such runs in Western European text: an accented letter stands alone between plain ones."""
FIRST_ACCENTED = 0xC0
NAMES = {"utf-8": "UTF-8", "utf-16": "UTF-16", "gb18030": "GB18030", "cp1252": "Windows-1252"}


class Decoded(NamedTuple):
    """A text and the name of the encoding that it was in."""

    text: str
    encoding: str


def decoded(file: str, content: bytes) -> Decoded:
    """Decode the text of a file.

    >>> decoded("a.csv", "点位".encode("gbk")), decoded("a.csv", "Straße".encode("latin-1")).text
    (Decoded(text='点位', encoding='GB18030'), 'Straße')

    Raises
    ------
    DataError
        If it is damaged, no text, or in an encoding that its bytes do not tell.
    """
    encoding = "utf-16" if content.startswith(UTF16_MARKS) else "utf-8"
    try:
        text = content.decode("utf-16" if encoding == "utf-16" else "utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_damaged(file, content, error.start)
        encoding = guessed([content]) or ""
        if not encoding:
            raise DataError(f"{file}: neither UTF-8 nor GB18030; save it again as 'CSV UTF-8'") from None
        try:
            text = content.decode(encoding, errors="replace" if encoding == "cp1252" else "strict")
        except UnicodeDecodeError as cut:  # a whole file does not end within a character, as a field may
            raise DataError(
                f"{file}: byte {cut.start + 1} is no {NAMES[encoding]}; save it again as 'CSV UTF-8'"
            ) from cut
    if "\x00" in text:
        raise DataError(f"{file}: not a text file; give the table as CSV in UTF-8, or as .xlsx")
    return Decoded(text, NAMES[encoding])


def guessed(pieces: Iterable[bytes]) -> str | None:
    """Return the encoding of pieces of text that are no UTF-8: `gb18030`, `cp1252`, or None where nothing tells.

    The last letter of a piece may be cut off, as in a field of a shapefile.
    """
    pieces = list(pieces)
    runs = [run for piece in pieces for run in HIGH_BYTES.findall(piece)]
    if not runs:
        return None
    if sum(len(run) == 1 and run[0] >= FIRST_ACCENTED for run in runs) > LEAST_LONE_SHARE * len(runs):
        return "cp1252"
    cut = sum(piece[-1:] > b"\x7f" and len(HIGH_BYTES.findall(piece)[-1]) % 2 for piece in pieces)
    if sum(len(run) % 2 for run in runs) - cut > MOST_ODD_SHARE * len(runs):
        return None
    try:
        for piece in pieces:
            codecs.getincrementaldecoder("gb18030")().decode(piece)
    except UnicodeDecodeError:
        return None
    return "gb18030"


def _refuse_damaged(file: str, content: bytes, start: int) -> None:
    """Refuse UTF-8 text with a few bytes that are none."""
    loose = content.decode("utf-8", errors="replace")
    if loose.count("\ufffd") < DAMAGED_SHARE * sum(letter > "\x7f" for letter in loose):
        line = content[:start].count(b"\n") + 1
        raise DataError(f"{file}, row {line}: damaged UTF-8 text, perhaps cut off; save the table again")
