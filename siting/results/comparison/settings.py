"""Settings in which the configs of runs differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from siting.config.schema import Config
from siting.results.comparison.comparison import Setting

NO_REASON = {"name", "title", "city", "runs", "targets", "plausible", "pareto"}
"""Sections that change no plan, or stand in a table of their own."""
SOLVING = "solve"


def compare_settings(configs: Sequence[Config]) -> tuple[Setting, ...]:
    """Return the keys that differ, in the order of the config; targets are compared by themselves."""
    flat = [dict(_flat(config.model_dump(mode="json", exclude_none=True, exclude=NO_REASON), "")) for config in configs]
    paths = list(dict.fromkeys(path for one in flat for path in one))
    rows = [(path, tuple(one.get(path, "") for one in flat)) for path in paths]
    return tuple(Setting(path, values) for path, values in rows if len(set(values)) > 1)


def is_same_question(first: Config, second: Config) -> bool:
    """Return whether two configs ask the same, however it is solved."""
    asked = [config.model_dump(mode="json", exclude=NO_REASON - {"targets"} | {SOLVING}) for config in (first, second)]
    return bool(asked[0] == asked[1])


def _flat(node: Any, at: str) -> Iterator[tuple[str, str]]:
    """Yield each value of a nested section under its dotted key, as text; labels are left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key != "label":
                yield from _flat(value, f"{at}.{key}" if at else str(key))
    elif isinstance(node, list) and any(isinstance(one, dict) for one in node):
        for number, value in enumerate(node):
            yield from _flat(value, f"{at}.{number}")
    else:
        yield at, _text(node)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
