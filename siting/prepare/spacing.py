"""Groups of options that rules of layout make: least spacing, at most so many of a list."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import numpy as np

from siting.config.layout import AtMost, Spacing
from siting.config.schema import Config
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Bools, Floats, Groups, Ints, Options
from siting.prepare.cliques import MOST_PAIRS, count_near, near_groups
from siting.prepare.existing import CLOSE, must_stay
from siting.prepare.groups import join_groups
from siting.prepare.roads import xy_m
from siting.prepare.scope import Scoped

Member = tuple[Ints, float]
"""The options of a group, and how many of them may be open."""


def layout_groups(config: Config, city: City, chosen: Scoped, options: Options) -> tuple[Groups, tuple[str, ...]]:
    """The groups that rules make, and a sentence on each rule.

    Raises
    ------
    ConfigError
        If sites that must be open stand too near or are too many, or a rule would make too many pairs.
    """
    parts = []
    notes, faults = [], []
    for number, rule in enumerate(config.layout.spacing):
        key = f"layout.spacing.{number}"
        covered = _covered_options(config, rule, options)
        members, note, fault = _spaced(config, chosen, (key, rule, xy_m(city, chosen.candidates)), (options, covered))
        parts.append(_joined(members))
        notes.append(note)
        faults += fault
    members, at_most_notes, at_most_faults = _at_most(config, city, chosen, options)
    raise_faults([*faults, *at_most_faults], ConfigError)
    return join_groups(*parts, _joined(members)), (*notes, *at_most_notes)


def _covered_options(config: Config, rule: Spacing, options: Options) -> Bools:
    covers = np.array([rule.covers(echelon, name) for echelon, name, _ in config.facilities.by_echelon()])
    return np.asarray(covers[options.type], dtype=bool)


def _spaced(
    config: Config, chosen: Scoped, what: tuple[str, Spacing, Floats], options: tuple[Options, Bools]
) -> tuple[list[Member], str, list[str]]:
    """The groups of a rule of spacing. Facilities that stand today may stay as near to each other as they are."""
    (key, rule, places_m), (all_options, covered) = what, options
    candidates = chosen.candidates
    held = np.unique(all_options.site[covered])
    held = held[(candidates["action"] != CLOSE).to_numpy()[held]]
    n_pairs = count_near(places_m[held], rule.least_m)
    if n_pairs > MOST_PAIRS:
        cure = "lower least_m, or name types of fewer candidates"
        return [], "", [f"{key}: {n_pairs:,} pairs of sites are nearer than {rule.least_m:,.0f} m; {cure}"]
    stands = (candidates["role"] == "existing").to_numpy()
    fixed, members, faults = must_stay(config, candidates), [], set()
    options_at = _options_at(all_options, covered)
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
    """The group; where more than one facility stands in it today, the new sites with each of these in turn."""
    old, new = group[stands[group]], group[~stands[group]]
    if len(old) <= 1:
        yield group
    elif len(new):
        yield from (np.append(new, one) for one in old)


def _options_at(options: Options, covered: Bools) -> dict[int, Ints]:
    """The covered options of each site that has any."""
    option = np.flatnonzero(covered)
    order = option[np.argsort(options.site[option], kind="stable")]
    sites, starts = np.unique(options.site[order], return_index=True)
    return dict(zip(sites.tolist(), np.split(order, starts[1:]), strict=True))


def _at_most(config: Config, city: City, chosen: Scoped, options: Options) -> tuple[list[Member], list[str], list[str]]:
    """Groups listed in the config, and those of the column `at_most_group` of the candidates, at most one of each."""
    candidates, fixed = chosen.candidates, must_stay(config, chosen.candidates)
    column = candidates["at_most_group"] if "at_most_group" in candidates else candidates["id"].map(lambda _: None)
    faults, members, notes = list(_unknown(config, city)), [], []
    configured = {rule.group for rule in config.layout.at_most}
    rules = [(f"layout.at_most.{number}", rule) for number, rule in enumerate(config.layout.at_most)]
    rules += [(f"at_most_group {one!r}", AtMost(group=one)) for one in sorted(set(column.dropna()) - configured - {""})]
    for key, rule in rules:
        inside = (candidates["id"].isin(rule.sites) if rule.sites else column == rule.group).to_numpy(dtype=bool)
        option = np.flatnonzero(inside[options.site])
        n_sites = len(np.unique(options.site[option]))
        if (inside & fixed).sum() > rule.most:
            names = _named(candidates.loc[inside & fixed, "id"].to_numpy())
            faults.append(f"{key}: {names} must all be open, and at most {rule.most} may; raise most, or let one close")
        if n_sites > rule.most:
            members.append((option, float(rule.most)))
            notes.append(f"{key}: at most {rule.most} of {n_sites:,} sites")
    return members, notes, faults


def _unknown(config: Config, city: City) -> Iterator[str]:
    ids = set(city.candidates["id"])
    groups = set(city.candidates["at_most_group"].dropna()) if "at_most_group" in city.candidates else set()
    for number, rule in enumerate(config.layout.at_most):
        for one in sorted(set(rule.sites) - ids):
            near = difflib.get_close_matches(one, ids, n=1)
            cure = f"did you mean {near[0]!r}?" if near else "take the id of a row of the candidates table"
            yield f"layout.at_most.{number}: no candidate {one!r}; {cure}"
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
