"""Rules of layout that take options away: exclusion zones and buffers, each told with what it takes."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np

from siting.config.layout import Buffer, Covered, Exclusion
from siting.config.schema import Config
from siting.config.standards import Applied
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Bools
from siting.prepare.existing import must_stay
from siting.prepare.layers import is_near, shapes_of
from siting.prepare.options import barred_column, may_hold
from siting.prepare.scope import Scoped
from siting.prepare.standards import bar_small_sizes, buffers_of


def with_layout(config: Config, city: City, chosen: Scoped, applied: list[Applied]) -> tuple[Scoped, tuple[str, ...]]:
    """`chosen` with a column for each type that rules bar somewhere; and a sentence on what each rule takes away.

    The rules are those of `layout` and those that standards `applied` set.
    What stands today is not touched; it may not be upgraded where a rule bars what it would become.

    Raises
    ------
    ConfigError
        If a rule leaves nothing of what it covers, or nothing at a site that must be open: all in one list.
    """
    candidates = chosen.candidates.copy()
    rules: list[tuple[str, Exclusion | Buffer]] = [
        (key, rule) for key, rule in config.layout.rules() if isinstance(rule, Exclusion | Buffer)
    ]
    rules += buffers_of(config, applied)
    if not rules and not applied:
        return chosen, ()
    points = candidates.geometry.to_crs(city.crs_metric).to_numpy()
    had_option = _has_option(config, candidates)
    notes = bar_small_sizes(config, candidates, applied)
    faults: list[str] = []
    for key, rule in rules:
        within_m = rule.least_m if isinstance(rule, Buffer) else 0.0
        touched = is_near(points, shapes_of(rule, city, key), within_m)
        note, fault = bar(config, candidates, (key, rule, name_of(rule)), touched)
        notes.append(note)
        faults += fault
    stranded = had_option & ~_has_option(config, candidates) & must_stay(config, candidates)
    faults += [
        f"candidate {one}: must be open, but rules of layout leave nothing that may stand there; take it out of"
        " sites.must_open, or narrow the rules"
        for one in candidates.loc[stranded, "id"]
    ]
    raise_faults(faults, ConfigError)
    return replace(chosen, candidates=candidates), tuple(notes)


def name_of(rule: Exclusion | Buffer) -> str:
    """What a rule keeps away from, in words.

    >>> name_of(Buffer(around="water", least_m=100))
    'nearer than 100 m to water'
    """
    kinds = f" ({', '.join(rule.kinds)})" if rule.kinds else ""
    if isinstance(rule, Exclusion):
        return f"inside {'the exclusion table' if rule.file is None else rule.file.name}{kinds}"
    what = rule.file.name if rule.file is not None else rule.around.replace("_", " ")
    return f"nearer than {rule.least_m:,.0f} m to {what}{kinds}"


def bar(
    config: Config, candidates: gpd.GeoDataFrame, what: tuple[str, Covered, str], touched: Bools
) -> tuple[str, list[str]]:
    """Bar the types that a rule covers from the candidates touched; the sentence on it, and its fault if any."""
    key, rule, name = what
    covered = [(e, t, kind) for e, t, kind in config.facilities.by_echelon() if rule.covers(e, t)]
    before = taken = 0
    at_candidates = np.zeros(len(candidates), dtype=bool)
    for echelon, one, kind in covered:
        for size_name, size in kind.sizes.items():
            held = may_hold(config, candidates, (echelon, one, size_name), (kind, size))
            stands = (candidates["role"] == "existing") & (candidates["existing_type"] == one)
            held = held & ~(stands & (candidates["existing_size"] == size_name)).to_numpy(dtype=bool)
            before, taken = before + int(held.sum()), taken + int((held & touched).sum())
            at_candidates |= held & touched
    for _, one, _ in covered:
        column = barred_column(one)
        candidates[column] = touched | candidates.get(column, False)
    standing = (candidates["role"] == "existing") & candidates["existing_type"].isin({one for _, one, _ in covered})
    stay = int((touched & standing).sum())
    note = f"{key}: {taken:,} of {before:,} options at {int(at_candidates.sum()):,} candidates fall away, {name}"
    note += f"; {stay:,} facilities that stand there stay as they are" if stay else ""
    if before and taken == before:
        cure = "narrow the zone or the distance, or name types or echelons that it is meant for"
        return note, [f"{key}: takes away all {before:,} options that it covers ({name}); {cure}"]
    return note, []


def _has_option(config: Config, candidates: gpd.GeoDataFrame) -> Bools:
    """Whether each candidate may hold anything, (n_candidates,)."""
    has = np.zeros(len(candidates), dtype=bool)
    for echelon, one, kind in config.facilities.by_echelon():
        for size_name, size in kind.sizes.items():
            has = has | may_hold(config, candidates, (echelon, one, size_name), (kind, size))
    return has
