"""Leaves: parts of all plans, by how many units of each cover are open, each with a bound of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from siting.certificate.covers import UNLIMITED, least_units, with_covers
from siting.certificate.omitted import proven_bound
from siting.instance import Floats, Ints
from siting.model.whole import Whole
from siting.plan import Certificate, Cover, Leaf


def certified_bound(whole: Whole, certificate: Certificate) -> float:
    """Return the bound that a certificate without faults proves, in the model's cost unit.

    The larger of what the multipliers of the whole model prove, with the rows of the covers, and of the least bound of
    the leaves.
    """
    root = proven_bound(*tightened(whole, certificate))
    bounds = [leaf_bound(whole, certificate, leaf) for leaf in certificate.leaves]
    return max(root, min(bounds)) if bounds else root


def tightened(whole: Whole, certificate: Certificate) -> tuple[Whole, Floats]:
    """Return `whole` with the rows of the covers, as far as their multipliers prove them here, and all multipliers."""
    return with_proven(whole, certificate.covers), np.append(certificate.multipliers, certificate.cover_price)


def with_proven(whole: Whole, covers: tuple[Cover, ...]) -> Whole:
    """Return `whole` with the row of each cover: as many units are open as its multipliers prove."""
    least = [least_units(whole.model, cover, whole) for cover in covers]
    return replace(whole, model=with_covers(whole.model, covers, least))


def leaf_bound(whole: Whole, certificate: Certificate, leaf: Leaf) -> float:
    """Return a bound on all plans that belong to `leaf`; infinite where there can be none."""
    tight = with_covers(whole.model, certificate.covers, leaf.at_least, leaf.at_most)
    return proven_bound(replace(whole, model=tight), leaf_multipliers(leaf))


def leaf_multipliers(leaf: Leaf) -> Floats:
    """Return the multipliers of all rows of the model of a leaf, those of its limits last."""
    return np.concatenate([leaf.multipliers, leaf.low_price, leaf.high_price[leaf.at_most < UNLIMITED]])


def hold_all(leaves: Sequence[Leaf], least: Ints) -> bool:
    """Return whether every plan belongs to one of `leaves`; at least `least` units of each cover are open in it.

    Looks for a cover and a number of units that no leaf reaches across, and asks the same of both sides.
    """
    if any((leaf.at_least <= least).all() and (leaf.at_most == UNLIMITED).all() for leaf in leaves):
        return True
    for cover in range(len(least)):
        for most in {int(leaf.at_most[cover]) for leaf in leaves} - {UNLIMITED}:
            low = [leaf for leaf in leaves if leaf.at_most[cover] <= most]
            high = [leaf for leaf in leaves if leaf.at_least[cover] > most]
            if len(low) + len(high) == len(leaves) and high and (low or most < least[cover]):
                above = np.maximum(least, np.where(np.arange(len(least)) == cover, most + 1, 0))
                return hold_all([_unlimited(leaf, cover, most) for leaf in low], least) and hold_all(high, above)
    return False


def _unlimited(leaf: Leaf, cover: int, most: int) -> Leaf:
    """Return `leaf` without a limit that a part of all plans has anyway."""
    is_same = (np.arange(len(leaf.at_most)) == cover) & (leaf.at_most == most)
    return replace(leaf, at_most=np.where(is_same, UNLIMITED, leaf.at_most))
