"""Changes of the parameter table: another end of the range of a row, a factor on it, or another value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from siting.config.load import Change, Source
from siting.errors import did_you_mean

ENDS = ("value", "low", "high")
UNREAD = "give low, high or value, a number, or {times: 1.1}"


@dataclass(frozen=True)
class ParameterChange:
    """Change of one parameter: the end of its range to use, a factor on that, or a value that replaces both."""

    use: str | None = None
    times: float = 1.0
    value: float | None = None

    @classmethod
    def of(cls, wanted: Any) -> ParameterChange | None:
        """Parse a change such as `low`, 0.4, {use: low} or {times: 1.1}; return None if it is not valid.

        >>> ParameterChange.of({"use": "low", "times": 2})
        ParameterChange(use='low', times=2.0, value=None)
        """
        if is_number(wanted):
            return cls(use="value", value=float(wanted))
        if isinstance(wanted, str):
            wanted = {"use": wanted}
        if not isinstance(wanted, Mapping) or not wanted or wanted.keys() - {"use", "times"}:
            return None
        use, times = wanted.get("use"), wanted.get("times", 1.0)
        return cls(use, float(times)) if use in (None, *ENDS) and is_number(times) else None


def with_parameter(source: Source, key: str, wanted: Any, origin: str) -> tuple[Source, Change] | str:
    """Return the keys of a config with another figure of a row of its table; or what is wrong."""
    row, change, references = source.parameters.get(key), ParameterChange.of(wanted), list(_references(source.raw, key))
    if row is None:
        used = used_parameters(source)
        return f"no such parameter; {did_you_mean(key, used, 'the config has no `parameters:` file that it is in')}"
    if not references:
        return f"no key of this config uses it; {did_you_mean(key, used_parameters(source), 'change one that is used')}"
    if change is None or (change.use is not None and getattr(row, change.use) is None):
        ends = ", ".join(f"{end} {getattr(row, end):g}" for end in ENDS if getattr(row, end) is not None)
        return f"{wanted!r} is no figure of it (it has {ends}); {UNREAD}"
    use = references[0].get("use", "value")
    new = row
    if change.value is not None:
        text = f"{origin}; the table has {row.value:g} ({row.source})"
        new = replace(row, value=change.value, status="assumption", source=text)
    changed = replace(source, raw=_rewritten(source.raw, key, change), parameters={**source.parameters, key: new})
    return changed, Change(f"parameters.{key}", getattr(row, use), getattr(new, change.use or use) * change.times)


def used_parameters(source: Source) -> list[str]:
    """Return the keys of the parameter table that a config uses, in the order of the table."""
    used = {reference["from"] for reference in _references(source.raw)}
    return [key for key in source.parameters if key in used]


def is_number(value: Any) -> bool:
    """Return whether a value of YAML is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _references(node: Any, key: str | None = None) -> Iterator[Mapping[str, Any]]:
    """Yield every node that takes a row of the table; with `key`, that row."""
    if isinstance(node, Mapping) and "from" in node:
        if key in (None, node["from"]):
            yield node
    else:
        below = node.values() if isinstance(node, Mapping) else node if isinstance(node, list | tuple) else ()
        for one in below:
            yield from _references(one, key)


def _rewritten(node: Any, key: str, change: ParameterChange) -> Any:
    """Return a node of the config with every reference to a row changed."""
    if isinstance(node, Mapping):
        if "from" not in node:
            return {name: _rewritten(below, key, change) for name, below in node.items()}
        if node["from"] != key:
            return node
        use = {} if change.use is None else {"use": change.use}
        return {**node, **use, "times": float(node.get("times", 1.0)) * change.times}
    return [_rewritten(one, key, change) for one in node] if isinstance(node, list | tuple) else node


@dataclass(frozen=True)
class Range:
    """Ends of the range of a parameter."""

    low: float
    high: float


def ranged_parameters(source: Source) -> dict[str, Range]:
    """Return the parameters that a config uses and that have two different ends, by key."""
    rows = {key: source.parameters[key] for key in used_parameters(source)}
    return {
        key: Range(row.low, row.high)
        for key, row in rows.items()
        if row.low is not None and row.high is not None and row.low < row.high
    }
