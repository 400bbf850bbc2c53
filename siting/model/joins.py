"""Pairs of rows of two tables that share a key."""

from __future__ import annotations

import numpy as np

from siting.instance import Bools, Instance, Ints


def spans(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Return (number, place) of the `count` places that follow each other from each `first` on.

    >>> [part.tolist() for part in spans(np.array([5, 0]), np.array([2, 1]))]
    [[0, 0, 1], [5, 6, 0]]
    """
    number = np.repeat(np.arange(len(first)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return number, first[number] + within


def option_terms(instance: Instance, row: Ints, site: Ints, wanted: Bools | None = None) -> tuple[Ints, Ints]:
    """Return (row, option) for every option that stands at the `site` of each row; `wanted` (n_options,) keeps some."""
    options = instance.options
    order = np.argsort(options.site, kind="stable")
    first, last = (np.searchsorted(options.site[order], site, side) for side in ("left", "right"))
    number, place = spans(first, last - first)
    option = order[place]
    kept = slice(None) if wanted is None else wanted[option]
    return row[number][kept], option[kept]
