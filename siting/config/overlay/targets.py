"""Changes of the table of targets: lines by their id, and the values of single districts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from siting.config.closed import KeyPath
from siting.config.load import Change, merged
from siting.config.overlay.relative import Reference, difference
from siting.config.targets import EACH_DISTRICT, TargetLine, target_lines, unit_id, unit_slug
from siting.errors import did_you_mean

SIDES = ("at_least", "at_most")


@dataclass(frozen=True)
class District:
    """A district in a line for each of them: id of the line, and what the config may call the district by."""

    line: str
    names: tuple[str, ...]


@dataclass
class TargetTable:
    """Lines of targets by id, `rows` as the config gives them, to which changes are made one after the other."""

    lines: Mapping[str, TargetLine]
    rows: dict[str, dict[str, Any]]
    reference: Reference
    changes: list[Change] = field(default_factory=list)
    faults: list[tuple[KeyPath, str]] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Sequence[TargetLine], rows: Sequence[Any], reference: Reference) -> TargetTable:
        """Return the table of the lines of a config and of its rows, in the same order."""
        by_id = target_lines(lines)
        return cls(by_id, {id: {**row, "id": id} for id, row in zip(by_id, rows, strict=True)}, reference)

    def change(self, id: str, wanted: Any) -> None:
        """Change a target to a value or by other keys, remove it by None, or add one by an id that is not known yet."""
        if id in self.lines:
            self._change_line(id, wanted)
        elif isinstance(wanted, Mapping) and {"unit", "measure"} <= wanted.keys():
            self.rows[id] = {**wanted, "id": id}
            self._note(id, None, next((wanted[side] for side in SIDES if side in wanted), None))
        elif (district := self.district_of(id)) is not None:
            self._change_district(id, district, wanted)
        else:
            cure = did_you_mean(id, self.lines, f"there are {', '.join(self.lines) or 'none'}")
            self.faults.append((("targets", id), f"unknown; {cure}"))

    def district_of(self, id: str) -> District | None:
        """Return the district that a target of a line for each district is of; None if there is no such target."""
        each = [name for name, line in self.lines.items() if line.unit == EACH_DISTRICT]
        for code, *names in self.reference.districts() if each else ():
            for line_id, name in itertools.product(each, names):
                if unit_id(line_id, unit_slug(name, code)) == id:
                    return District(line_id, (code, *names))
        return None

    def _change_line(self, id: str, wanted: Any) -> None:
        line = self.lines[id]
        if wanted is None:
            self._note(id, _value(line), None)
            del self.rows[id]
            return
        keys = dict(wanted) if isinstance(wanted, Mapping) else {_side(line): wanted}
        for side in [side for side in SIDES if side in keys]:
            keys |= self._stated(id, side, keys.pop(side))
        sides = [side for side in SIDES if side in keys]
        for key, value in keys.items():
            is_other_side = key in SIDES and key != _side(line)
            self._note(
                f"{id}.{key}", f"{_side(line)} {_value(line):g}" if is_other_side else getattr(line, key, None), value
            )
        others: dict[str, Any] = {side: None for side in SIDES if sides and side not in sides}
        self.rows[id] = merged(self.rows[id], others | keys)

    def _stated(self, id: str, side: str, value: Any) -> dict[str, Any]:
        """Return the keys that state a value of a line: of each district where it is a difference from a network."""
        line = self.lines[id]
        step = difference(value, line.measure)
        if step is None:
            return {side: value}
        reached = self.reference.reached(id)
        if line.unit != EACH_DISTRICT:
            return {side: step.added_to(reached[""])}
        if side != _side(line):
            self.faults.append(
                (("targets", id, side), f"a difference for each district goes with {_side(line)}, as it has")
            )
        return {"overrides": {code: step.added_to(one) for code, one in reached.items()}}

    def _change_district(self, id: str, district: District, wanted: Any) -> None:
        line, code = self.lines[district.line], district.names[0]
        keys = dict(wanted) if isinstance(wanted, Mapping) else {_side(line): wanted}
        value = keys.pop(_side(line), None)
        if keys or value is None:
            self.faults.append((("targets", id), f"is one of {district.line}; give {_side(line)}, as it does"))
            return
        step = difference(value, line.measure)
        if step is not None:
            value = step.added_to(self.reference.reached(district.line)[code])
        was = next((line.overrides[name] for name in district.names if name in line.overrides), _value(line))
        self._note(f"{id}.{_side(line)}", was, value)
        row = self.rows[district.line]
        others = {name: one for name, one in row.get("overrides", {}).items() if name not in district.names}
        self.rows[district.line] = {**row, "overrides": others | {code: value}}

    def _note(self, key: str, was: Any, now: Any) -> None:
        self.changes.append(Change(f"targets.{key}", was, now))


def _side(line: TargetLine) -> str:
    return "at_most" if line.at_least is None else "at_least"


def _value(line: TargetLine) -> float:
    return float(getattr(line, _side(line)))
