"""Lay changes over a config before its figures are looked up."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from siting.config.closed import KeyPath, located
from siting.config.load import Change, Loaded, leaves, merged, value_at
from siting.config.overlay.parameters import is_number, with_parameter
from siting.config.overlay.relative import NO_REFERENCE, Reference
from siting.config.overlay.targets import TargetTable
from siting.config.parameters import COMBINATIONS
from siting.errors import ConfigError, raise_faults

UNLISTED = ("name", "title", "solve", "runs")
"""Keys that do not make another problem: changes of them are not listed."""
FACTOR = "times"


def overlaid(loaded: Loaded, keys: Mapping[str, Any], origin: str, reference: Reference = NO_REFERENCE) -> Loaded:
    """Return a config with changes laid over it, which it lists.

    Parameters
    ----------
    loaded
        The config.
    keys
        Keys as in a config, but: `targets` by id, `parameters` by key of their table, `demand` and `participation` also
        as a factor, and any number also as `{times: 1.2}` of what it is.
    origin
        Where the changes come from, as messages name it.
    reference
        City and network that targets of districts and signed values of targets refer to.

    Raises
    ------
    ConfigError
        If a key is not known, with the nearest one, or a value cannot be used: all faults in one list.
    """
    overlay = Overlay(loaded, origin)
    overlay.lay_parameters(keys.get("parameters", {}))
    if isinstance(keys.get("targets"), Mapping):
        overlay.lay_targets(keys["targets"], reference)
    special = {"parameters"} | ({"targets"} if isinstance(keys.get("targets"), Mapping) else set())
    return overlay.with_keys({key: value for key, value in keys.items() if key not in special})


@dataclass
class Overlay:
    """Changes that are being laid over a config, one section after the other."""

    loaded: Loaded
    origin: str
    changes: list[Change] = field(default_factory=list)
    faults: list[tuple[KeyPath, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.loaded.source

    def lay_parameters(self, wanted: Any) -> None:
        """Change rows of the parameter table."""
        if not isinstance(wanted, Mapping):
            self.faults.append((("parameters",), f"{wanted!r}; give keys of the parameter table with their figures"))
            return
        for key, figure in wanted.items():
            found = with_parameter(self.source, str(key), figure, self.origin)
            if isinstance(found, str):
                self.faults.append((("parameters", str(key)), found))
            else:
                self.source, change = found
                self.changes.append(change)

    def lay_targets(self, wanted: Mapping[str, Any], reference: Reference) -> None:
        """Change lines of the table of targets."""
        table = TargetTable.of(self.loaded.config.targets, value_at(self.source.raw, ["targets"]) or (), reference)
        for id, value in wanted.items():
            table.change(str(id), value)
        self.changes += table.changes
        self.faults += table.faults
        self.source = replace(self.source, raw={**self.source.raw, "targets": list(table.rows.values())})

    def with_keys(self, keys: Mapping[str, Any]) -> Loaded:
        """Return the config with other keys, and all that was laid over it before.

        Raises
        ------
        ConfigError
            With all faults.
        """
        before = self.loaded.config.model_dump(mode="json")
        stated = self._stated(_spread(keys, before), self.source.raw, before, ())
        raise_faults([located(self.origin, {}, at, text) for at, text in self.faults], ConfigError)
        paths = list(leaves(stated))
        source = replace(self.source, raw=merged(self.source.raw, stated))
        try:
            changed = self.loaded.changed(source, self.origin, [*paths, ("targets",)])
        except ConfigError as error:
            raise ConfigError("\n".join([str(error), *self._near_keys(stated, before, ())])) from error
        after = changed.config.model_dump(mode="json")
        listed = [
            Change(".".join(map(str, at)), value_at(before, at), value_at(after, at))
            for at in paths
            if at[0] not in UNLISTED
        ]
        return replace(changed, changes=(*self.loaded.changes, *self.changes, *listed))

    def _stated(self, node: Any, raw: Any, default: Any, at: KeyPath) -> Any:
        """Return keys with factors applied to what the config has, and rows of lists in their list."""
        if not isinstance(node, Mapping):
            return node
        if set(node) == {FACTOR}:
            return self._times(default if raw is None else raw, node[FACTOR], at)
        if isinstance(raw, list) and all(str(key).isdigit() and int(key) < len(raw) for key in node):
            rows = {int(key): value for key, value in node.items()}
            return [
                merged(row, self._stated(rows[n], row, value_at(default, [n]), (*at, n))) if n in rows else row
                for n, row in enumerate(raw)
            ]
        return {
            key: self._stated(value, value_at(raw, [key]), value_at(default, [key]), (*at, str(key)))
            for key, value in node.items()
        }

    def _near_keys(self, node: Any, config: Any, at: KeyPath) -> Iterator[str]:
        """Yield a suggestion for each unknown key of a mapping of the config."""
        if not (isinstance(node, Mapping) and isinstance(config, Mapping)):
            return
        for key, value in node.items():
            here = (*at, str(key))
            near = difflib.get_close_matches(str(key), map(str, config), n=1)
            if key not in config and near:
                yield f"  {self.origin}: {'.'.join(map(str, here))} is new; did you mean {near[0]!r}?"
            yield from self._near_keys(value, config.get(key), here)

    def _times(self, node: Any, factor: Any, at: KeyPath) -> Any:
        """Return a figure of a config times a factor, with its source."""
        if not is_number(factor):
            self.faults.append((at, f"the factor {factor!r} is no number"))
        elif is_number(node):
            return node * factor
        elif isinstance(node, Mapping) and "from" in node:
            return {**node, FACTOR: float(node.get(FACTOR, 1.0)) * factor}
        elif isinstance(node, Mapping) and "value" in node:
            return {key: one * factor if key in ("value", "low", "high") else one for key, one in node.items()}
        elif isinstance(node, Mapping) and node.keys() & COMBINATIONS.keys():
            return {"product": [node, factor]}
        else:
            self.faults.append((at, f"is no number that a factor could apply to (is {node!r})"))
        return node


def _spread(keys: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return keys with factors on demand and participation put to the keys that they apply to."""
    spread = dict(keys)
    if is_number(keys.get("demand")):
        spread["demand"] = {"tonnes": keys["demand"]}
    if is_number(keys.get("participation")):
        spread["participation"] = dict(_on_participation(config["participation"], keys["participation"]))
    return spread


def _on_participation(section: Mapping[str, Any], factor: float) -> Iterator[tuple[str, Any]]:
    if section["at_zero"] is not None:
        yield "at_zero", {FACTOR: factor}
    if section["steps"]:
        yield "steps", {str(n): {"share": {FACTOR: factor}} for n in range(len(section["steps"]))}
