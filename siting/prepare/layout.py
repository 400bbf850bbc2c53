"""Rules that take options away: exclusion zones, buffers, minimum sizes; each reported with its effect."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from siting.config.layout import Buffer, Exclusion
from siting.config.schema import Config
from siting.config.standards import Applied
from siting.errors import ConfigError, raise_faults
from siting.inputs.cellshapes import cell_outlines
from siting.inputs.city import City
from siting.inputs.tables import read_fields
from siting.instance import Bools
from siting.prepare.options import Feasible, Variant
from siting.prepare.scope import Places

SUFFIXES = (".parquet", ".gpkg", ".geojson", ".json", ".shp")
SIZE_FIGURES = {"least_area_m2": ("area_m2", "m2"), "least_capacity_t": ("capacity_t", "t/yr")}
"""Figure of a size that a rule has a minimum for, and its unit."""


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
    """Return a description of what a buffer protects.

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
    cure = "narrow the zone or the distance, or name types or echelons that it is meant for"
    fault = f"{key}: takes away all {before:,} options that it covers ({name}); {cure}"
    return feasible.without(barred), note, [fault] if before and taken == before else []


def buffers_of(applied: list[Applied], variants: tuple[Variant, ...]) -> Iterator[tuple[str, Buffer]]:
    """Yield the minimum distances that bind, as rules of layout."""
    for one in applied:
        meant = (variant for variant in variants if one.rule.applies_to.covers(variant.echelon, variant.type))
        types = tuple(dict.fromkeys(variant.type_name for variant in meant))
        if one.is_constraint and one.rule.keeps_from is not None and types and one.rule.value:
            yield f"standards {one.key}", one.rule.buffer(types)


def without_small_sizes(feasible: Feasible, applied: list[Applied]) -> tuple[Feasible, list[str]]:
    """Take away sizes below a minimum area or capacity that binds; with a sentence on each rule.

    Raises
    ------
    ConfigError
        If a rule leaves no size of any type that it is about: all in one list.
    """
    notes, faults, left = [], [], feasible
    for one in (one for one in applied if one.is_constraint and one.rule.requires in SIZE_FIGURES):
        figure, unit = SIZE_FIGURES[one.rule.requires]
        least = (one.rule.value or 0.0) * (1 - 1e-9)
        meant = [size for size in feasible.variants if one.rule.applies_to.covers(size.echelon, size.type)]
        small = [variant for variant in meant if getattr(variant.size, figure) < least]
        barred = left.where(small.__contains__)
        asked = f"{one.rule.value:,.0f} {unit} ({one.rule.source})"
        if meant and len(small) == len(meant):
            faults.append(f"standards {one.key}: no size of {list(dict.fromkeys(v.type_name for v in meant))} has"
                          f" {asked}; add a larger one, or give another value in `values`")  # fmt: skip
        notes.append(f"standards {one.key}: {int(barred.sum()):,} options below {asked} fall away")
        left = left.without(barred)
    raise_faults(faults, ConfigError)
    return left, notes


def shapes_of(rule: Exclusion | Buffer, city: City, key: str) -> np.ndarray:
    """Return the shapes that a rule is about, in the city's metric CRS.

    Raises
    ------
    ConfigError
        If there is no such table, or nothing of the kinds asked.
    """
    frame = _frame(rule, city, key)
    if rule.kinds and "kind" not in frame:
        raise ConfigError(f"{key}.kinds: the layer has no column `kind`; add it, or leave kinds out")
    if rule.kinds:
        known = sorted(set(frame["kind"].dropna()))
        for one in sorted(set(rule.kinds) - set(known)):
            raise ConfigError(f"{key}.kinds: nothing of kind {one!r}; there are {known}")
        frame = frame[frame["kind"].isin(rule.kinds)]
    return np.asarray(shapely.make_valid(frame.geometry.to_crs(city.crs_metric).to_numpy()))


def _frame(rule: Exclusion | Buffer, city: City, key: str) -> gpd.GeoDataFrame:
    if rule.file is not None:
        return read_fields(rule.file, layer=rule.layer, datum=rule.datum)
    match rule.around if isinstance(rule, Buffer) else "exclusion":
        case "water":
            return city.water
        case "candidates":
            return city.candidates
        case "dense_housing":
            cells, above = city.demand, getattr(rule, "residents_per_km2_above", None) or 0.0
            dense = cells[cells["residents"] / (cells["cell_size_m"] / 1000) ** 2 > above]
            return gpd.GeoDataFrame(geometry=cell_outlines(dense, city.crs_metric))
    for suffix in SUFFIXES:
        path = city.folder / f"exclusion{suffix}"
        if path.exists():
            return read_fields(path, assumed="wgs84")
    raise ConfigError(f"{key}: the city folder has no table `exclusion`; add one, or give `file`")


def is_near(points: np.ndarray, shapes: np.ndarray, within_m: float) -> np.ndarray:
    """Return whether each point lies nearer than `within_m` to a shape, (n_points,); 0 asks for points in or on it."""
    asked = {"predicate": "dwithin", "distance": within_m * (1 - 1e-9)} if within_m > 0 else {"predicate": "intersects"}
    near = np.zeros(len(points), dtype=bool)
    near[shapely.STRtree(shapes).query(points, **asked)[0]] = True
    return near
