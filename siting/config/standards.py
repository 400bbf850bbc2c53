"""Packs of standards: what codes ask of facilities and networks, each rule with its source, and how they are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from siting.config.closed import Closed, NotNegative, Positive, read_closed
from siting.config.facilities import FacilityType
from siting.config.layout import Buffer
from siting.errors import ConfigError, raise_faults
from siting.language import Label
from siting.vocabulary import EchelonName

Settlement = Literal["urban", "rural"]
Kind = Literal[
    "least_area_m2", "least_capacity_t", "households_per_facility", "residents_per_facility", "coverage",
    "least_distance_m", "area_m2_per_100_households", "text",
]  # fmt: skip
PACKS = Path(__file__).parent / "packs"
ONLY_CHECKED: tuple[Kind, ...] = ("area_m2_per_100_households", "text")


class Applies(Closed):
    """Facilities a rule is about. `takes`: facilities of several materials (comprehensive) or of one (professional)."""

    echelon: EchelonName
    takes: Literal["several", "one"] | None = None
    settlement: Settlement | None = Field(None, description="residents of these cells only; all where left out")
    is_mobile: bool | None = Field(None, description="stops of a vehicle only, or fixed facilities only")

    def covers(self, echelon: str, kind: FacilityType) -> bool:
        """Return whether a rule is about a facility type of an echelon."""
        takes = "one" if len(kind.accepts) == 1 else "several"
        return (
            echelon == self.echelon
            and self.takes in (None, takes)
            and self.is_mobile in (None, kind.mobile is not None)
        )


class Around(Closed):
    """Places that a minimum distance is kept from."""

    around: Literal["water", "dense_housing", "candidates", "exclusion"]
    kinds: tuple[str, ...] = ()
    residents_per_km2_above: Positive | None = None


class Rule(Closed):
    """One rule. `value` in the unit that `requires` names; by kind of settlement where a code tells them apart."""

    id: str
    title: Label
    requires: Kind
    applies_to: Applies
    value: NotNegative | None = None
    by_settlement: dict[Settlement, Positive] = Field(default_factory=dict)
    within_m: Positive | None = Field(None, description="walking distance of a rule of coverage; value is the share")
    keeps_from: Around | None = None
    source: str
    clause: str = ""
    status: Literal["published", "recalled", "assumption"]
    note: str = ""

    @model_validator(mode="after")
    def _is_complete(self) -> Rule:
        ratio = self.requires in ("households_per_facility", "residents_per_facility")
        if self.requires == "text":
            return self
        if (self.value is None) == (not (ratio and self.by_settlement)):
            raise ValueError("give value (or, of a number for each facility, by_settlement)")
        if (self.requires == "coverage") != (self.within_m is not None):
            raise ValueError("coverage needs within_m, and nothing else takes it")
        if (self.requires == "least_distance_m") != (self.keeps_from is not None):
            raise ValueError("least_distance_m needs keeps_from, and nothing else takes it")
        return self

    def buffer(self, types: tuple[str, ...] = ()) -> Buffer:
        """Return a rule on a least distance as a rule of layout for these types."""
        assert self.keeps_from is not None
        return Buffer(types=types, least_m=self.value or 0.0, source=self.source, **self.keeps_from.model_dump())


class Pack(Closed):
    """A standard, or a few that belong together."""

    id: str
    title: Label
    rules: tuple[Rule, ...]


class Standard(Closed):
    """Standards pack, to check plans against or as constraints."""

    pack: str = Field(description="name of a built-in pack, or a .yaml file")
    use: Literal["check", "constraint"] = "check"
    rules: tuple[str, ...] = Field((), description="rules to use; all by default")
    values: dict[str, NotNegative] = Field(default_factory=dict, description="overridden values, by rule")


@dataclass(frozen=True)
class Applied:
    """A rule as a config uses it: its value is the config's where that gives one."""

    pack: Pack
    rule: Rule
    is_constraint: bool

    @property
    def key(self) -> str:
        """Pack and rule, as messages name the rule."""
        return f"{self.pack.id}.{self.rule.id}"


def applied_rules(standards: tuple[Standard, ...]) -> list[Applied]:
    """Return the rules of all packs that a config uses.

    Raises
    ------
    ConfigError
        If there is no such pack or rule, or a pack is used twice: all in one list.
    FileError
        If a pack cannot be read.
    """
    found: list[Applied] = []
    faults: list[str] = []
    for number, standard in enumerate(standards):
        pack = read_pack(standard.pack)
        known = [rule.id for rule in pack.rules]
        faults += [
            f"standards.{number}: pack {pack.id!r} has no rule {one!r}; there are {known}"
            for one in [*standard.rules, *standard.values]
            if one not in known
        ]
        chosen = [rule for rule in pack.rules if not standard.rules or rule.id in standard.rules]
        binds = standard.use == "constraint"
        for rule in chosen:
            given = {"value": standard.values[rule.id], "by_settlement": {}} if rule.id in standard.values else {}
            found.append(Applied(pack, rule.model_copy(update=given), binds and rule.requires not in ONLY_CHECKED))
    keys = [one.key for one in found]
    faults += [
        f"standards: rule {key} is used twice; keep one" for key in sorted({k for k in keys if keys.count(k) > 1})
    ]
    raise_faults(faults, ConfigError)
    return found


def read_pack(name: str) -> Pack:
    """Return a pack by its name, or by its file.

    Raises
    ------
    ConfigError
        If there is none of that name, or it is not written as it must be.
    FileError
        If it cannot be read.
    """
    path = Path(name)
    if not name.endswith((".yaml", ".yml")):
        if name not in pack_names():
            there = f"there are {pack_names()}, or give a file that ends in .yaml"
            raise ConfigError(f"standards: no pack {name!r}; {there}")
        path = PACKS / f"{name}.yaml"
    return read_closed(path, Pack, "pack of standards")


def pack_names() -> list[str]:
    """Return the names of the packs that come with siting."""
    return sorted(file.stem for file in PACKS.glob("*.yaml"))
