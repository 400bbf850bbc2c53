"""The config of a region: the config of its bases, the configs of its cities, and what cities deliver to bases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field

from siting.config.closed import Closed, Share, parse_yaml, read_text, validated
from siting.config.schema import NAME
from siting.errors import ConfigError, raise_faults, unknown
from siting.language import Label
from siting.problem import Problem
from siting.vocabulary import Echelon, Measure

OF_PRICES = (Measure.COST, Measure.OPERATION)
"""Measures of a city's targets that prices of bases would change."""
KEPT = (Measure.COUNT, Measure.CAPACITY)
"""Measures of the bases' own targets that do not depend on what cities deliver."""
IMPLIED = (Measure.COLLECTED_SHARE,)
"""Measures of targets that hold by themselves, as bases take all that is delivered."""


class RegionCity(Closed):
    """One city of a region."""

    config: Path
    delivers: dict[str, dict[str, Share]] = Field(
        default_factory=dict,
        description="by material of the city: t of each material of the bases in a tonne of its product; a material of"
        " the same name when left out",
    )


class RegionConfig(Closed):
    """A region: cities by their district code in the city folder of the bases. Paths are absolute once loaded."""

    name: Annotated[str, Field(pattern=NAME)]
    title: Label
    bases: Path = Field(description="config that plans the bases of the region")
    cities: Annotated[dict[str, RegionCity], Field(min_length=1)]
    change: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.005, description="rounds end once no price and no output changes by more than this share"
    )
    rounds: Annotated[int, Field(ge=1)] = 8
    runs: Path = Path("runs")


def read_region(path: str | Path) -> RegionConfig:
    """Read the config of a region; paths in it are relative to the file.

    Raises
    ------
    FileError
        If it cannot be read.
    ConfigError
        If it is not YAML, has an unknown or missing key, or a value out of range: all faults in one list.
    """
    file = Path(path)
    raw, places = parse_yaml(read_text(file, "config"), file)
    read = validated(RegionConfig, raw, f"{file}:1", places)
    here = file.resolve().parent
    cities = {
        code: one.model_copy(update={"config": (here / one.config).resolve()}) for code, one in read.cities.items()
    }
    return read.model_copy(
        update={"bases": (here / read.bases).resolve(), "runs": (here / read.runs).resolve(), "cities": cities}
    )


def require_usable(config: RegionConfig, bases: Problem, cities: dict[str, Problem]) -> None:
    """Refuse what the bound of a region does not hold for.

    Raises
    ------
    ConfigError
        With all faults in one list.
    """
    faults = [f"bases: {fault}" for fault in _base_faults(config, bases)]
    for code, problem in cities.items():
        faults += [f"cities.{code}: {fault}" for fault in _city_faults(config.cities[code], problem, bases)]
    raise_faults(faults, ConfigError)


def _plan_faults(problem: Problem) -> Iterator[str]:
    """Yield settings that neither a city nor the bases may have."""
    config = problem.config
    if config.horizon.years or config.uncertainty.cases:
        yield "horizon or uncertainty: a region is planned for one year; remove it"
    if config.objective or config.pareto is not None:
        yield "objective or pareto: a region is planned at least cost; remove it"


def _base_faults(config: RegionConfig, bases: Problem) -> Iterator[str]:
    yield from _plan_faults(bases)
    facilities = bases.config.facilities
    if facilities.point or facilities.transfer or facilities.sorting or not facilities.base:
        yield "facilities: the config of the bases plans processing bases alone; leave the other echelons empty"
    if any(material.kg_per_resident_day for material in bases.config.materials.values()):
        yield "materials: residents bring nothing to a base; remove kg_per_resident_day"
    codes = {str(code) for code in bases.city.districts["code"]}
    yield from unknown("cities", "district of the bases", config.cities, codes)
    demand = bases.config.demand
    if set(demand.districts) & set(config.cities):
        yield "demand.districts: what cities deliver comes from their plans; remove the factors of these districts"
    for number, line in enumerate(bases.config.targets):
        if line.measure not in (*KEPT, *IMPLIED) or (line.measure in IMPLIED and line.at_least is None):
            yield (
                f"targets.{number}: {line.measure} depends on what cities deliver, all of which is taken; keep targets"
                f" of {' and '.join(KEPT)}"
            )


def _city_faults(city: RegionCity, problem: Problem, bases: Problem) -> Iterator[str]:
    yield from _plan_faults(problem)
    config = problem.config
    yield from unknown("delivers", "material of the city", city.delivers, config.materials)
    for name, shares in city.delivers.items():
        yield from unknown(f"delivers.{name}", "material of the bases", shares, bases.config.materials)
        if sum(shares.values()) > 1 + 1e-9:
            yield f"delivers.{name}: shares sum to {sum(shares.values()):g}; a tonne of product is no more than 1 t"
        if name in config.materials and config.materials[name].products:
            yield f"delivers.{name}: the material has products; give residue_share and sales_cny_per_t in their place"
    if config.facilities.base or len(problem.instance.conversions.type):
        yield "facilities: a city of a region ends at its sorting centres; remove base, to_base and conversions"
    if int(problem.instance.sites.echelon.max(initial=0)) != Echelon.SORTING:
        yield "facilities.sorting: a city of a region has sorting centres; add a type"
    for number, line in enumerate(config.targets):
        if line.measure in OF_PRICES:
            yield f"targets.{number}: {line.measure} would depend on the prices of the bases; remove it"
