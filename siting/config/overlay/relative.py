"""Values of targets that are given by their difference from a network that stands: `+20`, `-3`, `+10%`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from siting.errors import ConfigError
from siting.vocabulary import Measure

SIGNED = re.compile(r"\s*([+-])\s*(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Reference:
    """City and network that changes of targets refer to.

    Attributes
    ----------
    districts
        Returns code, English name and Chinese name of each district.
    reached
        Returns what the network reaches of the target with this id of a line: by code of its district of a line for
        each district, by an empty text of any other line.
    """

    districts: Callable[[], Iterable[tuple[str, str, str]]]
    reached: Callable[[str], Mapping[str, float]]


def _nowhere(id: str) -> Mapping[str, float]:
    raise ConfigError(f"target {id}: a signed value needs a network to be added to; give the value itself")


NO_REFERENCE = Reference(lambda: (), _nowhere)
"""No city: targets of single districts and signed values are refused."""


@dataclass(frozen=True)
class Difference:
    """A difference from what a network reaches: an amount in the unit of the measure, or a share of what it reaches."""

    amount: float
    is_share: bool

    def added_to(self, reached: float) -> float:
        """Return the value of the target.

        >>> Difference(0.1, is_share=True).added_to(200.0)
        220.0
        """
        return reached + self.amount * (reached if self.is_share else 1.0)


def difference(value: object, measure: Measure) -> Difference | None:
    """Return the difference that a value stands for; None where it is no signed one.

    A number below 0 is a difference too, unless the measure may be negative.

    >>> difference("+20", Measure.COUNT), difference(20, Measure.COUNT)
    (Difference(amount=20.0, is_share=False), None)
    >>> difference("-5%", Measure.COVERAGE)
    Difference(amount=-0.05, is_share=True)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_below = value < 0 and not measure.record.may_be_negative
        return Difference(float(value), is_share=False) if is_below else None
    found = SIGNED.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    sign, amount, percent = found.groups()
    return Difference(float(sign + amount) / (100 if percent else 1), is_share=bool(percent))
