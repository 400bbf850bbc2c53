"""Errors that a user can act on: each is also the built-in that fits, and knows its exit code.

A message says where (file, key, row), what is wrong, the value, and the cure.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

EXIT_BAD_INPUT = 2
EXIT_NO_PLAN = 3
EXIT_OUT_OF_TIME = 4
EXIT_REFUSED = 5


class SitingError(Exception):
    """Base of every error that `siting` raises on purpose."""

    exit_code = EXIT_BAD_INPUT


class ConfigError(SitingError, ValueError):
    """The config file says something that cannot be used."""


class DataError(SitingError, ValueError):
    """A table of the city folder holds something that cannot be used."""


class FileError(SitingError, OSError):
    """A file or folder is missing, unreadable, damaged or not writable."""


class InfeasibleError(SitingError, ValueError):
    """No plan can meet the targets."""

    exit_code = EXIT_NO_PLAN


class OutOfTimeError(SitingError, TimeoutError):
    """The time limit ended before any plan was found."""

    exit_code = EXIT_OUT_OF_TIME


class SolverError(SitingError, RuntimeError):
    """No usable solver, or the solver failed."""


class VerificationError(SitingError, ArithmeticError):
    """A plan does not hold, or its figures differ from what the instance says."""


class RefusedPlanError(VerificationError):
    """A plan was found, and verification refuses it; `result` has it, to be written and looked into."""

    exit_code = EXIT_REFUSED

    def __init__(self, message: str, result: Any) -> None:
        super().__init__(message)
        self.result = result


def raise_faults(faults: Sequence[str], error: type[SitingError]) -> None:
    """Raise `error` with all faults in one list, or do nothing when there are none.

    >>> raise_faults([], ConfigError)
    >>> raise_faults(["a: 1", "b: 2"], ConfigError)
    Traceback (most recent call last):
    siting.errors.ConfigError: 2 faults:
      - a: 1
      - b: 2
    """
    if faults:
        raise error(fault_list(faults))


def fault_list(faults: Sequence[str]) -> str:
    """Return all faults as one text.

    >>> fault_list(["a: 1"])
    'a: 1'
    """
    return faults[0] if len(faults) == 1 else "\n".join([f"{len(faults)} faults:", *(f"  - {one}" for one in faults)])


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the cure for a name that is not known: the nearest one that is, or `otherwise`.

    >>> did_you_mean("transfr", ["point", "transfer"], "remove it"), did_you_mean("x", ["point"], "remove it")
    ("did you mean 'transfer'?", 'remove it')
    """
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else otherwise


def unknown(where: str, what: str, names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return a fault for each name that is not known.

    >>> unknown("targets.0.material", "material", ["glas"], ["paper", "glass"])
    ["targets.0.material: no material 'glas'; there are ['glass', 'paper']"]
    """
    there = sorted(known)
    return [f"{where}: no {what} {name!r}; there are {there}" for name in names if name not in there]
