"""One thing that was looked at: how it was found, how many, which, and the cure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from siting.vocabulary import Echelon

MOST_LISTED = 5
PLANNED = (Echelon.POINT, Echelon.TRANSFER, Echelon.SORTING)
"""Echelons that every plan needs."""


class Verdict(enum.StrEnum):
    """Verdict of a check: in order, worth a look, or not to be planned with."""

    OK = "ok"
    WARN = "warn"
    FAULT = "fault"


@dataclass(frozen=True)
class Finding:
    """`ids` are all odd rows, `which` the first of them, `count` how many; the cure is empty where none is needed."""

    what: str
    verdict: Verdict
    found: str
    count: int = 0
    which: str = ""
    cure: str = ""
    ids: tuple[str, ...] = ()


def fine(what: str, found: str) -> Finding:
    """A finding with nothing odd."""
    return Finding(what, Verdict.OK, found)


def odd(what: str, found: str, *, ids: Iterable[Any], cure: str, is_fault: bool = False) -> Finding:
    """A finding with the first of the odd ids."""
    texts = [str(one) for one in ids]
    shown = ", ".join(texts[:MOST_LISTED]) + (" …" if len(texts) > MOST_LISTED else "")
    return Finding(what, Verdict.FAULT if is_fault else Verdict.WARN, found, len(texts), shown, cure, tuple(texts))
