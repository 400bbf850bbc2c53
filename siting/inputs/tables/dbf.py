"""Finds out in which encoding the texts of a shapefile are."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator
from pathlib import Path

from siting.errors import DataError, FileError

CODE_PAGES = {"65001": "utf-8", "936": "gbk", "utf8": "utf-8", "54936": "gb18030"}
RECORDS_LOOKED_AT = 5000


def dbf_encoding(path: Path) -> tuple[str | None, tuple[str, ...]]:
    """The encoding of a shapefile's texts: what its .cpg says if that holds, else UTF-8 if possible, else GB18030.

    None for plain ASCII. With notes where it is not what the shapefile says.

    Raises
    ------
    FileError
        If the .dbf is cut off.
    DataError
        If the texts are in neither encoding.
    """
    table = next((path.with_suffix(suffix) for suffix in (".dbf", ".DBF") if path.with_suffix(suffix).exists()), None)
    try:
        texts = [] if table is None else [text for text in _dbf_texts(table.read_bytes()) if not text.isascii()]
    except (struct.error, IndexError) as error:
        raise FileError(f"{table}: cut off; copy all files of the shapefile again") from error
    if not texts:
        return None, ()
    page = path.with_suffix(".cpg")
    said = page.read_text(encoding="ascii", errors="replace").strip() if page.exists() else ""
    said = CODE_PAGES.get(said.lower(), said)
    for encoding in (said, "utf-8", "gb18030"):
        if encoding and not encoding.upper().startswith("ISO") and all(_decodes(text, encoding) for text in texts):
            declared = f"its .cpg says {said}" if said else "it has no .cpg"
            return encoding, () if encoding == said else (f"{path.name}: texts read as {encoding.upper()}; {declared}",)
    raise DataError(f"{path.name}: its texts are neither UTF-8 nor GBK; export the layer again with UTF-8")


def _dbf_texts(content: bytes) -> Iterator[bytes]:
    """Field names and text values of the first records of a dBase table."""
    start, length = struct.unpack_from("<HH", content, 8)
    fields, offset = [], 1
    for place in range(32, start - 1, 32):
        name, kind, width = (
            content[place : place + 11].split(b"\0")[0],
            content[place + 11 : place + 12],
            content[place + 16],
        )
        yield name
        if kind == b"C":
            fields.append((offset, offset + width))
        offset += width
    for record in range(start, min(len(content) - length + 1, start + length * RECORDS_LOOKED_AT), max(length, 1)):
        for first, last in fields:
            yield content[record + first : record + last]


def _decodes(body: bytes, encoding: str) -> bool:
    """Whether the bytes can be in the encoding; a letter cut off at the end of a field does not count."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(body)
    except (UnicodeDecodeError, LookupError):
        return False
    return True
