"""One-off money as a yearly payment."""

from __future__ import annotations


def annuity(capital: float, rate: float, years: float) -> float:
    """The yearly payment that repays `capital` over `years` at interest `rate`.

    >>> round(annuity(1000.0, 0.08, 10), 2)
    149.03
    >>> annuity(1000.0, 0.0, 10)
    100.0
    """
    if rate == 0:
        return capital / years
    return float(capital * rate / (1 - (1 + rate) ** -years))
