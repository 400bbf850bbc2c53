"""Prove that sites are open, or closed, in every cheaper plan, from a bound that is a sum over sites.

If a site is fixed open or closed, only its own term of the bound changes (`SiteTerms`). So the bound of the problem
with the site fixed needs no new solve.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np

from siting.certificate.decomposition import SiteTerms
from siting.instance import Bools, Floats, Instance, Texts
from siting.model.whole import Whole

LIKELY_SHARE = 0.5
"""A site is likely if the bound without it rises by at least this share of the gap between cost and bound."""


class Certainty(enum.StrEnum):
    """Certainty that a cheaper plan has a site open, or closed; `must` and `cannot` hold for every plan."""

    MUST = "must"
    IN_EVERY = "in_every"
    LIKELY = "likely"
    EXCHANGEABLE = "exchangeable"
    UNLIKELY = "unlikely"
    IN_NONE = "in_none"
    CANNOT = "cannot"


@dataclass(frozen=True)
class Certainties:
    """Certainty of each site, arrays (n_sites,).

    `rise` is the increase of the bound, in the model's cost unit, with the site in the opposite state: closed if the
    plan has it open, open if the plan has it closed; inf if that is infeasible. `certainty` has values of `Certainty`.
    """

    is_open: Bools
    rise: Floats
    certainty: Texts


def certainties_of(whole: Whole, terms: SiteTerms, *, is_open: Bools, cost: float) -> Certainties:
    """Return the certainty of each site: proven if the bound with its state reversed exceeds the `cost` of the plan.

    `is_open` (n_sites,) is the state in the last period of the plan, or in all cases; `cost` is in the model's unit.
    """
    closed, opened = rises(whole, terms)
    rise, gap = np.where(is_open, closed, opened), cost - terms.bound
    cannot_be, is_proven, is_likely = np.isinf(rise), rise > gap, rise >= LIKELY_SHARE * gap
    chosen = np.select(
        [cannot_be & is_open, cannot_be, is_proven & is_open, is_proven, is_likely & is_open, is_likely],
        [
            Certainty.MUST, Certainty.CANNOT, Certainty.IN_EVERY, Certainty.IN_NONE, Certainty.LIKELY,
            Certainty.UNLIKELY,
        ],
        Certainty.EXCHANGEABLE,
    )  # fmt: skip
    return Certainties(is_open, rise, chosen)


def rises(whole: Whole, terms: SiteTerms) -> tuple[Floats, Floats]:
    """Return the rise of the bound with each site closed, and open, in the last year, (n_sites,), in the model's unit.

    What is new and closed in the last year was never open; what exists and is open in it was always: then the terms of
    all years rise.
    """
    stages, closed, opened = whole.stages, terms.dearer_closed, terms.dearer_opened
    if stages is None or not stages.is_nested:
        return closed.sum(axis=0), opened.sum(axis=0)
    is_existing = _has_existing(whole.parts[0].instance)
    return (
        np.where(is_existing, closed[-1], closed.sum(axis=0)),
        np.where(is_existing, opened.sum(axis=0), opened[-1]),
    )


def _has_existing(instance: Instance) -> Bools:
    """Return whether something stands at each site today, (n_sites,)."""
    stands = np.zeros(instance.n_sites, dtype=bool)
    stands[instance.options.site[instance.options.is_existing]] = True
    return stands
