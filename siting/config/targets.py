"""The table of targets: lines, the keys that each measure takes, the ids of the targets; and goals to optimise."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from siting.config.closed import Closed, NotNegative, Positive, Share
from siting.vocabulary import ECHELONS, Echelon, EchelonName, Measure

KEY_FAULTS = {
    "within_m": ("within_m, the walking distance in metres", "knows no distance"),
    "echelon": (f"echelon: {', '.join(list(ECHELONS)[:-1])} or {list(ECHELONS)[-1]}", "counts every echelon"),
    "type": ("a type", "counts every type"),
    "material": ("a material", "counts every material"),
}
"""Key → its name in the message that it is missing, and the reason in the message that it has no effect."""


EACH_DISTRICT = "each_district"
"""Unit of a line that stands for one target in each planned district."""


class TargetLine(Closed):
    """One row of the table of targets."""

    id: str | None = Field(
        None,
        pattern=r"^[a-z0-9\u00c0-\uffff][a-z0-9\u00c0-\uffff-]*$",
        description="name of the target in tables, messages and commands; by default made from its measure,"
        " such as count-point, coverage-500 or coverage-500-each-district",
    )
    unit: str = Field(description="`city`, `each_district`, a district (code or name) or a functional area")
    measure: Measure
    at_least: float | None = None
    at_most: float | None = None
    margin: NotNegative = Field(
        0.0,
        description="safety margin beyond the value: in percentage points for a share (0.01 is one point), as a share"
        " of the value for an amount",
    )
    year: int | None = None
    echelon: EchelonName | None = None
    type: str | None = None
    within_m: Positive | None = None
    material: str | None = None
    overrides: dict[str, float] = Field(
        default_factory=dict, description="other values for individual districts of `each_district`"
    )
    penalty_cny: Positive | None = Field(None, description="makes the target soft: CNY per unit missed")
    source: str = ""
    responsible: str = ""

    @model_validator(mode="after")
    def _is_complete(self) -> TargetLine:
        faults = [*self._value_faults(), *self._key_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _value_faults(self) -> Iterator[str]:
        """Yield faults of the value, and of its side (minimum or maximum)."""
        record = self.measure.record
        if (self.at_least is None) == (self.at_most is None):
            yield "give exactly one of at_least and at_most"
        if "at_least" not in record.sides and self.at_least is not None:
            yield f"a {self.measure} target is a limit; give at_most"
        if "at_most" not in record.sides and self.at_most is not None:
            yield f"a {self.measure} target is a floor; give at_least"
        values = [value for value in (self.at_least, self.at_most, *self.overrides.values()) if value is not None]
        if record.is_share and any(value > 1 for value in values):
            yield f"{self.measure.removesuffix('_share')} is a share between 0 and 1 (85 % is 0.85)"
        beyond = [value for value in values if record.is_share and not 0 <= self.asked(value) <= 1]
        if beyond and all(value <= 1 for value in values):
            yield f"margin: {beyond[0]:g} with a margin of {self.margin:g} is beyond what a share can be; lower it"
        if not record.is_share and self.margin >= 1:
            yield f"margin: a share of the value asked, such as 0.02, not {self.margin:g}"
        if not record.may_be_negative and any(value < 0 for value in values):
            yield f"a {self.measure} target cannot be negative"
        if not record.is_soft and self.penalty_cny is not None:
            yield f"a {self.measure} target is no sum and cannot be soft; remove penalty_cny"

    def margin_of(self, value: float) -> float:
        """Return the margin of a value of the line, in the unit of the measure.

        >>> line = TargetLine(unit="city", measure="collected_t", at_least=500, margin=0.02)
        >>> line.margin_of(500.0)
        10.0
        """
        return self.margin if self.measure.record.is_share else self.margin * abs(value)

    def asked(self, value: float) -> float:
        """Return a value of the line with its margin."""
        margin = self.margin_of(value)
        return value - margin if self.at_least is None else value + margin

    def _key_faults(self) -> Iterator[str]:
        """Yield the keys that a measure needs, and keys that would say nothing about it."""
        record = self.measure.record
        if record.is_of_network and self.unit != "city":
            yield f"a {self.measure} target is of the whole network; write unit: city"
        for key, (needed, refused) in KEY_FAULTS.items():
            is_given = getattr(self, key) is not None
            if key in record.needs and not is_given:
                yield f"a {self.measure} target needs {needed}"
            if is_given and key not in record.narrowed_by:
                yield f"a {self.measure} target {refused}; remove `{key}`"
        if self.measure is Measure.PROCESSED and self.echelon not in (None, Echelon.SORTING.key):
            yield "a processed_t target counts what enters sorting centres; remove `echelon`"
        if self.overrides and self.unit != EACH_DISTRICT:
            yield "overrides go with unit: each_district"


def _optimised(which: str) -> AfterValidator:
    """Refuse a measure that an objective cannot take in this direction."""

    def check(measure: Measure) -> Measure:
        if measure.record.optimised != which:
            raise ValueError(f"{measure} cannot be {which}d; one of {', '.join(_measures(which))} can")
        return measure

    return AfterValidator(check)


def _measures(which: str) -> list[str]:
    return [str(measure) for measure in Measure if measure.record.optimised == which]


Minimised = Annotated[Measure, _optimised("minimise"), WithJsonSchema({"enum": _measures("minimise")})]
Maximised = Annotated[Measure, _optimised("maximise"), WithJsonSchema({"enum": _measures("maximise")})]


class Goal(Closed):
    """One objective: `minimise` or `maximise` a measure of the table of targets."""

    minimise: Minimised | None = None
    maximise: Maximised | None = None
    unit: str = Field("city", description="`city`, a district (code or name) or a functional area")
    echelon: EchelonName | None = None
    within_m: Positive | None = Field(None, description="walking distance of coverage, m")
    material: str | None = None
    give_up: Share = Field(0.0, description="share of its optimum that later goals may give up")

    @model_validator(mode="after")
    def _is_complete(self) -> Goal:
        if (self.minimise is None) == (self.maximise is None):
            raise ValueError("give exactly one of minimise and maximise")
        self.as_line()
        return self

    def as_line(self) -> TargetLine:
        """Return the line of the table of targets that would ask for it, with value 0."""
        value = {"at_most": 0.0} if self.maximise is None else {"at_least": 0.0}
        keys = {"unit", "echelon", "within_m", "material"}
        return TargetLine.model_validate(self.model_dump(include=keys) | value | {"measure": self.measure})

    @property
    def measure(self) -> Measure:
        """The measure that is optimised."""
        measure = self.minimise or self.maximise
        assert measure is not None
        return measure

    @property
    def needs_service(self) -> bool:
        """Return whether another target must require service, because serving nobody is optimal."""
        return self.minimise is not None and self.minimise.record.needs_service


class Pareto(Closed):
    """Pareto front between two goals: the first is optimised under increasing bounds on the second."""

    goals: Annotated[tuple[Goal, ...], Field(min_length=2, max_length=2)]
    points: Annotated[int, Field(ge=2, le=50)] = 7


def target_lines(lines: Sequence[TargetLine]) -> dict[str, TargetLine]:
    """Return the lines by id, in their order.

    A line without an id gets one from its measure, what narrows it (a type in place of its echelon), its unit unless
    that is the city and, where two lines would be called the same, its year, then its side, then a number.

    >>> line = TargetLine(unit="each_district", measure="coverage", within_m=500, at_least=0.8)
    >>> list(target_lines([line, line.model_copy(update={"unit": "city", "year": 2030})]))
    ['coverage-500-each-district', 'coverage-500']
    """
    ids = [line.id or _made_id(line) for line in lines]
    ids = _with_suffixes(lines, ids, lambda line: str(line.year or ""))
    ids = _with_suffixes(lines, ids, lambda line: "at-most" if line.at_least is None else "at-least")
    given = {line.id for line in lines if line.id is not None}
    made = iter(unique_ids((one for one, line in zip(ids, lines, strict=True) if line.id is None), given))
    return {line.id or next(made): line for line in lines}


def unit_id(line_id: str, unit: str) -> str:
    """Return the id of the target that a line for each district has in the district with this slug.

    >>> unit_id("coverage-500-each-district-2030", "heping"), unit_id("walkers", "heping")
    ('coverage-500-heping-2030', 'walkers-heping')
    """
    each = slug(EACH_DISTRICT)
    return line_id.replace(each, unit, 1) if each in line_id else f"{line_id}-{unit}"


def unique_ids(ids: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return the ids, those that are taken or repeated with the next free number, from 2 on.

    >>> unique_ids(["cost", "cost", "walk"], taken=["walk"])
    ['cost', 'cost-2', 'walk-2']
    """
    used, found = set(taken), []
    for one in ids:
        number, free = 1, one
        while free in used:
            number, free = number + 1, f"{one}-{number + 1}"
        used.add(free)
        found.append(free)
    return found


def slug(text: str) -> str:
    """Return the text as a part of an id: lower case, without accents, a dash for all that is no letter or digit.

    >>> slug("Etu-Töölö"), slug("smart_box")
    ('etu-toolo', 'smart-box')
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return re.sub(r"[\W_]+", "-", plain.lower()).strip("-")


def unit_slug(name: str, code: str) -> str:
    """Return the part of an id that names a district: its English name, or its code where that is in other letters.

    >>> unit_slug("Heping", "120101"), unit_slug("和平区", "120101")
    ('heping', '120101')
    """
    made = slug(name)
    return made if made and made.isascii() else slug(code)


def id_faults(lines: Sequence[TargetLine]) -> Iterator[str]:
    """Yield a sentence for each id that several lines have."""
    counts = Counter(line.id for line in lines if line.id is not None)
    for one in (one for one, count in counts.items() if count > 1):
        where = ", ".join(f"targets.{number}" for number, line in enumerate(lines) if line.id == one)
        yield f"targets: id {one!r} is given to {where}; give each its own, or leave it out"


def _made_id(line: TargetLine) -> str:
    within = None if line.within_m is None else f"{line.within_m:g}"
    unit = None if line.unit == "city" else line.unit
    parts = (line.measure.stem, line.type or line.echelon, within, line.material, unit)
    return "-".join(slug(part) for part in parts if part is not None)


def _with_suffixes(lines: Sequence[TargetLine], ids: Sequence[str], suffix: Callable[[TargetLine], str]) -> list[str]:
    """Make generated ids unique by the fields in which their lines differ."""
    variants: dict[str, set[str]] = {}
    for one, line in zip(ids, lines, strict=True):
        variants.setdefault(one, set()).add(suffix(line))
    return [
        one if line.id is not None or len(variants[one]) < 2 else f"{one}-{suffix(line)}".rstrip("-")
        for one, line in zip(ids, lines, strict=True)
    ]
