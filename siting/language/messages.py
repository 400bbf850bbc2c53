"""Errors and notes in Chinese, recognised by their English templates.

Messages are raised in English, for programs, logs and bug reports. The command line translates the usual ones line by
line: the first entry of `siting/language/texts/messages.yaml` whose English template matches gives the Chinese, and its
fields are looked up in turn. A line without an entry stays English.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache

from siting.language.catalogue import text, texts
from siting.language.reader import reader_language

INDENT = re.compile(r"\s*(- )?")


def reader_message(message: str) -> str:
    """Return a message in the language of the reader, as far as its lines are known.

    Examples
    --------
    >>> reader_message("no plan within 60 s; raise solve.time_limit_s (--time-limit) or relax the targets")
    'no plan within 60 s; raise solve.time_limit_s (--time-limit) or relax the targets'
    """
    if reader_language() != "zh":
        return message
    return "\n".join(_line(line) for line in message.split("\n"))


def _line(line: str) -> str:
    found = INDENT.match(line)
    indent = found[0] if found else ""
    return indent + chinese(line[len(indent) :])


def chinese(words: str) -> str:
    """Return a line or a field of one in Chinese; as it is if no template matches.

    Examples
    --------
    >>> chinese("no plan within 60 s; raise solve.time_limit_s (--time-limit) or relax the targets")
    '60 秒内未找到方案；请调大 solve.time_limit_s（--time-limit）或放宽目标'
    """
    for key, pattern in _patterns():
        found = pattern.fullmatch(words)
        if found:
            return text(f"messages.{key}", **{name: chinese(value) for name, value in found.groupdict().items()}).zh
    return words


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the templates as patterns, in their order."""
    area = "messages"
    return tuple(
        (key.removeprefix(f"{area}."), re.compile("".join(_pieces(label.en)))) for key, label in texts(area).items()
    )


def _pieces(template: str) -> Iterator[str]:
    for literal, name, _, _ in string.Formatter().parse(template):
        yield re.escape(literal)
        if name:
            yield f"(?P<{name}>.+?)"
