"""Rules that take options away: exclusion zones, buffers, minimum sizes; each reported with what it takes."""

from __future__ import annotations

import geopandas as gpd

from siting.config.layout import Buffer, Exclusion
from siting.config.schema import Config
from siting.config.standards import Applied
from siting.errors import ConfigError, raise_faults
from siting.inputs.city import City
from siting.instance import Bools
from siting.prepare.layers import is_near, shapes_of
from siting.prepare.options import Feasible
from siting.prepare.scope import Places
from siting.prepare.standards import buffers_of, without_small_sizes


def allowed_options(
    config: Config, city: City, places: Places, feasible: Feasible, standards: list[Applied]
) -> tuple[Feasible, tuple[str, ...]]:
    """Return the options that rules of layout and of standards leave; and a sentence on what each rule takes away.

    What stands today is not touched; it may not be upgraded where a rule bars what it would become.

    Raises
    ------
    ConfigError
        If a rule leaves nothing of what it covers, or nothing at a site that must be open: all in one list.
    """
    rules: list[tuple[str, Exclusion | Buffer]] = [
        (key, rule) for key, rule in config.layout.rules() if isinstance(rule, Exclusion | Buffer)
    ]
    rules += buffers_of(standards, feasible.variants)
    candidates = places.candidates
    points = candidates.geometry.to_crs(city.crs_metric).to_numpy()
    left, notes = without_small_sizes(feasible, standards)
    faults: list[str] = []
    for key, rule in rules:
        within_m = rule.least_m if isinstance(rule, Buffer) else 0.0
        touched = is_near(points, shapes_of(rule, city, key), within_m)
        left, note, fault = _without_touched(left, candidates, touched, key=key, rule=rule)
        notes.append(note)
        faults += fault
    stranded = feasible.has_option(len(candidates)) & ~left.has_option(len(candidates)) & candidates["must_open"]
    faults += [
        f"candidate {one}: must be open, but rules of layout leave nothing that may stand there; take it out of"
        " sites.must_open, or narrow the rules"
        for one in candidates.loc[stranded, "id"]
    ]
    raise_faults(faults, ConfigError)
    return left, tuple(notes)


def name_of(rule: Exclusion | Buffer) -> str:
    """Return what a rule keeps away from, in words.

    >>> name_of(Buffer(around="water", least_m=100))
    'nearer than 100 m to water'
    """
    kinds = f" ({', '.join(rule.kinds)})" if rule.kinds else ""
    if isinstance(rule, Exclusion):
        return f"inside {'the exclusion table' if rule.file is None else rule.file.name}{kinds}"
    what = rule.file.name if rule.file is not None else rule.around.replace("_", " ")
    return f"nearer than {rule.least_m:,.0f} m to {what}{kinds}"


def _without_touched(
    feasible: Feasible, candidates: gpd.GeoDataFrame, touched: Bools, *, key: str, rule: Exclusion | Buffer
) -> tuple[Feasible, str, list[str]]:
    """Take the options that a rule covers from the candidates touched; the sentence on it, and its fault if any."""
    name = name_of(rule)
    covered = feasible.where(lambda one: rule.covers(one.echelon, one.type_name))
    new = covered & ~feasible.is_existing
    barred = new & touched[feasible.site]
    before, taken = int(new.sum()), int(barred.sum())
    types = {one.type_name for one in feasible.variants if rule.covers(one.echelon, one.type_name)}
    standing = (candidates["role"] == "existing") & candidates["existing_type"].isin(types)
    stay = int((touched & standing).sum())
    n_sites = len(set(feasible.site[barred].tolist()))
    note = f"{key}: {taken:,} of {before:,} options at {n_sites:,} candidates fall away, {name}"
    note += f"; {stay:,} facilities that stand there stay as they are" if stay else ""
    if before and taken == before:
        cure = "narrow the zone or the distance, or name types or echelons that it is meant for"
        return (
            feasible.without(barred),
            note,
            [f"{key}: takes away all {before:,} options that it covers ({name}); {cure}"],
        )
    return feasible.without(barred), note, []
