"""Reads CSV and TSV: UTF-8 first, GB18030 only where UTF-8 is impossible, so that no text is corrupted in silence."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

from siting.errors import DataError
from siting.inputs.tables.grid import Grid, trimmed

DELIMITERS = ",\t;|"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
LINES_LOOKED_AT = 30
DAMAGED_SHARE = 0.1
QUOTED = re.compile(r'"[^"]*"')


def read_delimited(path: Path, content: bytes) -> Grid:
    """The rows of a CSV or TSV file; the delimiter is the one that stands in most of the first lines.

    Raises
    ------
    DataError
        If the text is in no known encoding, damaged, or not a table.
    """
    text, encoding = decoded(path.name, content)
    lines = [line for line in text.splitlines() if line.strip()][:LINES_LOOKED_AT]
    bare = [QUOTED.sub("", line) for line in lines]
    delimiter = max(
        DELIMITERS, key=lambda mark: (sum(mark in line for line in bare), sum(line.count(mark) for line in bare))
    )
    try:
        rows = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)]
    except csv.Error as error:
        raise DataError(f"{path.name}: not a table ({error}); save it again as CSV in UTF-8") from error
    notes = () if encoding == "UTF-8" else (f"{path.name}: read as {encoding}, it is not in UTF-8",)
    return Grid(path.name, trimmed(rows), notes=notes)


def decoded(file: str, content: bytes) -> tuple[str, str]:
    """The text and the name of the encoding that it was in.

    Raises
    ------
    DataError
        If it is no text, UTF-8 with damaged places, or in an encoding that is not known.
    """
    if content.startswith(UTF16_MARKS):
        return _checked(file, content.decode("utf-16", errors="replace")), "UTF-16"
    try:
        return _checked(file, content.decode("utf-8-sig")), "UTF-8"
    except UnicodeDecodeError as error:
        reason = error
    loose = content.decode("utf-8", errors="replace")
    wide, damaged = sum(letter > "\x7f" for letter in loose), loose.count("\ufffd")
    if damaged < DAMAGED_SHARE * wide:
        line = content[: reason.start].count(b"\n") + 1
        raise DataError(f"{file}, row {line}: damaged UTF-8 text, perhaps cut off; save the table again")
    try:
        return _checked(file, content.decode("gb18030")), "GB18030"
    except UnicodeDecodeError:
        raise DataError(f"{file}: neither UTF-8 nor GB18030; save it again as 'CSV UTF-8'") from None


def _checked(file: str, text: str) -> str:
    if "\x00" in text:
        raise DataError(f"{file}: not a text file; give the table as CSV in UTF-8, or as .xlsx")
    return text
