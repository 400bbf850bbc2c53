"""Options of which few may be open together: at one place, too near to each other, at most so many of a list."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from siting.config.layout import AtMost, Spacing
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Bools, Floats, Groups, Ints
from siting.prepare.candidates import PLACE
from siting.prepare.existing import CLOSE, no_candidate
from siting.prepare.options import Feasible
from siting.prepare.roads import xy_m
from siting.prepare.scope import Places

MOST_PAIRS = 3_000_000
Member = tuple[Ints, float]
"""The options of a group, and how many of them may be open."""


def groups_of(config: Config, city: City, places: Places, feasible: Feasible) -> tuple[Groups, tuple[str, ...]]:
    """Return the groups of what must close, of places and of rules of layout; and a sentence on each rule.

    Raises
    ------
    ConfigError
        If sites that must be open stand too near or are too many, or a rule would make too many pairs.
    """
    candidates, xy = places.candidates, xy_m(city, places.candidates)
    members: list[Member] = []
    notes, faults = [], []
    for number, rule in enumerate(config.layout.spacing):
        found, note, fault = _spaced(rule, f"layout.spacing.{number}", candidates, xy, feasible)
        members += found
        notes.append(note)
        faults += fault
    faults += _unknown(config.layout.at_most, city.candidates)
    found, at_most_notes, at_most_faults = _at_most(config.layout.at_most, candidates, feasible)
    raise_faults([*faults, *at_most_faults], ConfigError)
    closed = np.flatnonzero((candidates["action"] == CLOSE).to_numpy()[feasible.site])
    groups = _one_after_the_other(
        _joined([(closed, 0.0)] if len(closed) else []),
        _one_at_a_place(candidates, feasible),
        _joined([*members, *found]),
    )
    return groups, (*notes, *at_most_notes)


def _one_at_a_place(candidates: gpd.GeoDataFrame, feasible: Feasible) -> Groups:
    """Return one group for each place at which several candidates stand."""
    if PLACE not in candidates:
        return Groups.none()
    code, _ = pd.factorize(candidates[PLACE])  # −1 where a candidate stands alone
    n_sites = np.bincount(code[np.unique(feasible.site)] + 1, minlength=code.max(initial=-1) + 2)[1:]
    is_crowded = np.append(n_sites > 1, False)[code]
    option = np.flatnonzero(is_crowded[feasible.site])
    places, group = np.unique(code[feasible.site[option]], return_inverse=True)
    return Groups(option, group.astype(np.int64), np.ones(len(places)))


def _one_after_the_other(*parts: Groups) -> Groups:
    first = np.cumsum([0, *(len(part.most) for part in parts)])
    return Groups(
        np.concatenate([part.option for part in parts]),
        np.concatenate([part.group + start for part, start in zip(parts, first[:-1], strict=True)]),
        np.concatenate([part.most for part in parts]),
    )


def _spaced(
    rule: Spacing, key: str, candidates: gpd.GeoDataFrame, places_m: Floats, feasible: Feasible
) -> tuple[list[Member], str, list[str]]:
    """Return the groups of a spacing rule. Facilities that stand today may keep their distances."""
    covered = np.flatnonzero(feasible.where(lambda one: rule.covers(one.echelon, one.type_name)))
    sites, starts = np.unique(feasible.site[covered], return_index=True)
    options_at = dict(zip(sites.tolist(), np.split(covered, starts[1:]), strict=True))
    held = sites[(candidates["action"] != CLOSE).to_numpy()[sites]]
    n_pairs = count_near(places_m[held], rule.least_m)
    if n_pairs > MOST_PAIRS:
        cure = "lower least_m, or name types of fewer candidates"
        return [], "", [f"{key}: {n_pairs:,} pairs of sites are nearer than {rule.least_m:,.0f} m; {cure}"]
    stands = (candidates["role"] == "existing").to_numpy()
    fixed, members, faults = candidates["must_open"].to_numpy(), [], set()
    for group in (held[one] for one in near_groups(places_m[held], rule.least_m)):
        for part in _without_two_standing(group, stands):
            members.append((np.concatenate([options_at[int(site)] for site in part]), 1.0))
            clash = part[fixed[part]]
            if len(clash) > 1:
                faults.add(f"{key}: {_named(candidates['id'].to_numpy()[clash])} must all be open, and stand nearer"
                           f" than {rule.least_m:,.0f} m; let one close, or lower least_m")  # fmt: skip
    note = f"{key}: {n_pairs:,} pairs of sites are nearer than {rule.least_m:,.0f} m, in {len(members):,} groups"
    return members, note, sorted(faults)


def _without_two_standing(group: Ints, stands: Bools) -> Iterator[Ints]:
    """Yield the group; where more than one facility stands in it today, the new sites with each of these in turn."""
    old, new = group[stands[group]], group[~stands[group]]
    if len(old) <= 1:
        yield group
    elif len(new):
        yield from (np.append(new, one) for one in old)


def _at_most(
    listed: tuple[AtMost, ...], candidates: gpd.GeoDataFrame, feasible: Feasible
) -> tuple[list[Member], list[str], list[str]]:
    """Return the groups of the config and those of the candidate column `at_most_group`, at most one facility each."""
    fixed = candidates["must_open"].to_numpy()
    column = candidates["at_most_group"] if "at_most_group" in candidates else candidates["id"].map(lambda _: None)
    faults, members, notes = [], [], []
    configured = {rule.group for rule in listed}
    rules = [(f"layout.at_most.{number}", rule) for number, rule in enumerate(listed)]
    rules += [(f"at_most_group {one!r}", AtMost(group=one)) for one in sorted(set(column.dropna()) - configured - {""})]
    for key, rule in rules:
        inside = (candidates["id"].isin(rule.sites) if rule.sites else column == rule.group).to_numpy(dtype=bool)
        option = np.flatnonzero(inside[feasible.site])
        n_sites = len(np.unique(feasible.site[option]))
        if (inside & fixed).sum() > rule.most:
            names = _named(candidates.loc[inside & fixed, "id"].to_numpy())
            faults.append(f"{key}: {names} must all be open, and at most {rule.most} may; raise most, or let one close")
        if n_sites > rule.most:
            members.append((option, float(rule.most)))
            notes.append(f"{key}: at most {rule.most} of {n_sites:,} sites")
    return members, notes, faults


def _unknown(listed: tuple[AtMost, ...], candidates: gpd.GeoDataFrame) -> Iterator[str]:
    ids = set(candidates["id"])
    groups = set(candidates["at_most_group"].dropna()) if "at_most_group" in candidates else set()
    for number, rule in enumerate(listed):
        for one in sorted(set(rule.sites) - ids):
            yield f"layout.at_most.{number}: {no_candidate(one, ids)}"
        if rule.group is not None and rule.group not in groups:
            yield f"layout.at_most.{number}: no candidate is of group {rule.group!r}; there are {sorted(groups)}"


def _named(ids: np.ndarray) -> str:
    return ", ".join(str(one) for one in ids[:4]) + (f" and {len(ids) - 4} more" if len(ids) > 4 else "")


def _joined(members: list[Member]) -> Groups:
    if not members:
        return Groups.none()
    sizes = [len(option) for option, _ in members]
    return Groups(
        np.concatenate([option for option, _ in members]),
        np.repeat(np.arange(len(members)), sizes),
        np.array([most for _, most in members]),
    )


def count_near(xy_m: Floats, least_m: float) -> int:
    """Return the number of pairs of places nearer than `least_m`."""
    if len(xy_m) < 2:
        return 0
    tree = cKDTree(xy_m)
    return int(tree.count_neighbors(tree, _below(least_m)) - len(xy_m)) // 2


def near_groups(xy_m: Floats, least_m: float) -> list[Ints]:
    """Return the groups of places, any two of a group nearer than `least_m`, that hold every such pair together.

    The places within half the distance of the middle of a pair are such a group: any two points of a disc are no
    farther than its diameter. Pairs are taken the longest first, and only those that no group holds yet; a place that
    is near to all of a group joins it.
    """
    if len(xy_m) < 2:
        return []
    tree, reach_m = cKDTree(xy_m), _below(least_m)
    pairs = tree.query_pairs(reach_m, output_type="ndarray")
    length_m = np.hypot(*(xy_m[pairs[:, 0]] - xy_m[pairs[:, 1]]).T)
    held: set[tuple[int, int]] = set()
    groups = []
    for a, b in pairs[np.argsort(-length_m, kind="stable")].tolist():
        if (a, b) in held:
            continue
        members = sorted({a, b, *tree.query_ball_point((xy_m[a] + xy_m[b]) / 2, reach_m / 2)})
        for one in sorted(set(tree.query_ball_point(xy_m[a], reach_m)) - set(members)):
            if (np.hypot(*(xy_m[members] - xy_m[one]).T) <= reach_m).all():
                members.append(one)
        members.sort()
        held.update(combinations(members, 2))
        groups.append(np.array(members, dtype=np.int64))
    return groups


def _below(least_m: float) -> float:
    """Return the longest distance that is too near; places that far apart as asked are not."""
    return least_m * (1 - 1e-9)
