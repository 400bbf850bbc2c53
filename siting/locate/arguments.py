"""Arguments about nodes and sites, checked: weights, sites that are fixed or forbidden, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import DataError, InfeasibleError, raise_faults
from siting.instance import Bools, Floats, Ints
from siting.locate.arcs import SHOWN, Arcs


@dataclass(frozen=True)
class SiteRules:
    """Sites that must be chosen and sites that must not, (n_sites,)."""

    is_fixed: Bools
    is_forbidden: Bools

    @property
    def is_free(self) -> Bools:
        """Sites that may be chosen or not."""
        return ~(self.is_fixed | self.is_forbidden)


def site_rules(arcs: Arcs, fixed: Any, forbidden: Any) -> SiteRules:
    """Return the rules from flags (n_sites,) or lists of sites, by their ids.

    Raises
    ------
    DataError
        If a site is not there, or is both fixed and forbidden.
    """
    rules = SiteRules(flags(fixed, arcs.site_id, "fixed"), flags(forbidden, arcs.site_id, "forbidden"))
    both = np.flatnonzero(rules.is_fixed & rules.is_forbidden)
    raise_faults(
        [f"site {arcs.site_id[j]}: fixed and forbidden at once; take it off one of the lists" for j in both[:SHOWN]],
        DataError,
    )
    return rules


def flags(given: Any, ids: NDArray[Any], name: str) -> Bools:
    """Return which sites are named, (n_sites,), from flags or a list of ids; none where nothing is given.

    Raises
    ------
    DataError
        If there is a flag too many or too few, or a site is not there.
    """
    chosen: Bools = np.zeros(len(ids), dtype=bool)
    if given is None:
        return chosen
    listed = np.asarray(given)
    if listed.dtype == bool:
        if listed.shape != chosen.shape:
            raise DataError(f"{name}: {len(listed)} flags for {len(ids)} sites; give one for each, or a list of sites")
        return listed
    place = {one: row for row, one in enumerate(ids.tolist())}
    unknown = [one for one in listed.tolist() if one not in place]
    raise_faults(
        [f"{name}: no site {one!r}; sites are named as in the distances" for one in unknown[:SHOWN]], DataError
    )
    chosen[[place[one] for one in listed.tolist()]] = True
    return chosen


def by_place(given: Any, ids: NDArray[Any], name: str, *, default: float = 1.0) -> Floats:
    """Return a figure for each place, (n,): from one number, an array in their order, or a mapping or series by id.

    Raises
    ------
    DataError
        If one is missing, negative or not finite.
    """
    if given is None:
        return np.full(len(ids), default)
    if isinstance(given, pd.Series):
        given = given.to_dict()
    if isinstance(given, Mapping):
        missing = [one for one in ids.tolist() if one not in given]
        raise_faults([f"{name}: nothing for {one!r}; give one for every place" for one in missing[:SHOWN]], DataError)
        given = [given[one] for one in ids.tolist()]
    values = np.asarray(given, dtype=float)
    if values.ndim == 0:
        values = np.full(len(ids), float(values))
    if values.shape != (len(ids),):
        raise DataError(f"{name}: {values.shape} figures for {len(ids)} places; give one for each, in their order")
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= 0)))
    raise_faults([f"{name} of {ids[k]}: {values[k]}; give a number ≥ 0" for k in bad[:SHOWN]], DataError)
    return values


def check_count(p: int, rules: SiteRules) -> int:
    """Return `p`, the number of sites to choose, after checking that so many exist.

    Raises
    ------
    DataError
        If there are fewer sites to choose from, or more that are fixed.
    """
    allowed, fixed = int((~rules.is_forbidden).sum()), int(rules.is_fixed.sum())
    if int(p) != p or p < 1:
        raise DataError(f"p: {p}; give a whole number of sites, 1 or more")
    if p > allowed:
        raise DataError(f"p: {p} sites to choose of {allowed} that are allowed; lower p or allow more sites")
    if p < fixed:
        raise DataError(f"p: {p} sites to choose, but {fixed} are fixed; raise p or fix fewer")
    return int(p)


def refuse_unreachable(arcs: Arcs, wanted: Bools, cure: str) -> None:
    """Raise an error that lists the nodes which no site can serve.

    Raises
    ------
    InfeasibleError
        If there is a node that is `wanted` (n_nodes,) and has no arc, and none beyond.
    """
    lost = np.flatnonzero(wanted & (np.diff(arcs.start) == 0) & ~np.isfinite(arcs.beyond))
    raise_faults(
        [f"node {_names(arcs.node_id, lost)}: no site can be reached; {cure}"] if lost.size else [], InfeasibleError
    )


def _names(ids: NDArray[Any], rows: Ints) -> str:
    text = ", ".join(str(one) for one in ids[rows[:SHOWN]])
    return text if len(rows) <= SHOWN else f"{text}, … ({len(rows)} in all)"
