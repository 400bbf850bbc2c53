"""The scenarios of a sweep: those of the config, a grid of values, or a sample over the ranges of parameters."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from siting.config import Loaded
from siting.config.overlay import parse_value, ranged_parameters, run_name
from siting.errors import ConfigError
from siting.language import Label, text
from siting.problem import Problem
from siting.result import Result
from siting.results.sweep.sweep import BASE

SIGNIFICANT = 6


@dataclass(frozen=True)
class Variant:
    """One scenario: its name, which is that of its run folder, its title, and its config."""

    name: str
    title: Label
    loaded: Loaded


def base_of(problem: Problem) -> Variant:
    """Return the config without changes."""
    return Variant(BASE, text("sweep.base"), problem.loaded)


def named_scenarios(problem: Problem, *, base: Result | None = None) -> list[Variant]:
    """Return the config without changes, and each scenario of it.

    Raises
    ------
    ConfigError
        If it has none, or one changes what is not there: all in one list.
    """
    scenarios = problem.loaded.source.scenarios
    if not scenarios:
        raise ConfigError(
            "scenarios: the config has none; add the section `scenarios`, or give a grid (--set KEY=v1,v2), or"
            " --sample N"
        )
    if BASE in scenarios:
        raise ConfigError(f"scenarios: {BASE!r} is the config without changes; give the scenario another name")
    made = [base_of(problem)]
    faults: list[str] = []
    for name, keys in scenarios.items():
        try:
            loaded = problem.with_scenario(name, base=base).loaded
        except ConfigError as error:
            faults.append(str(error))
            continue
        own = keys.get("title", name)
        title = Label(own.get("en", name), own.get("zh", name)) if isinstance(own, Mapping) else Label(own, own)
        made.append(Variant(name, title, loaded))
    if faults:
        raise ConfigError("\n".join(faults))
    return made


def grid(problem: Problem, axes: Mapping[str, Sequence[str]], *, base: Result | None = None) -> list[Variant]:
    """Return the config without changes, and one scenario for each combination of values of the keys."""
    made = [base_of(problem)]
    for values in itertools.product(*axes.values()):
        pairs = dict(zip(axes, values, strict=True))
        label = ", ".join(f"{key} = {value}" for key, value in pairs.items())
        made.append(
            _variant(problem, run_name("grid", pairs), label, {k: parse_value(v) for k, v in pairs.items()}, base)
        )
    return made


def sample(problem: Problem, size: int, *, seed: int) -> list[Variant]:
    """Return the config without changes, and `size` scenarios drawn over the ranges of its parameters.

    All parameters that the config uses and whose table gives a low and a high end are drawn at once, evenly over their
    ranges (Latin hypercube: each of `size` equal parts of a range is hit once; McKay, Beckman and Conover 1979).

    Raises
    ------
    ConfigError
        If no parameter of the config has a range.
    """
    ranges = ranged_parameters(problem.loaded.source)
    if not ranges:
        raise ConfigError("--sample: no parameter that the config uses has a low and a high end in its table")
    random = np.random.default_rng(seed)
    part = random.permuted(np.tile(np.arange(size), (len(ranges), 1)), axis=1).T
    drawn = (part + random.random(part.shape)) / size
    made = [base_of(problem)]
    for number, row in enumerate(drawn.tolist(), start=1):
        values = {
            key: float(f"{one.low + (one.high - one.low) * share:.{SIGNIFICANT}g}")
            for (key, one), share in zip(ranges.items(), row, strict=True)
        }
        name = f"sample-{number:0{len(str(size))}d}"
        made.append(_variant(problem, name, f"{text('sweep.draw').en} {number}", values, None))
    return made


def _variant(problem: Problem, name: str, label: str, values: Mapping[str, object], base: Result | None) -> Variant:
    changed = problem.with_values(values, base=base, origin=name)
    return Variant(name, Label(label, label), changed.with_config({"name": f"{problem.config.name}-{name}"}).loaded)
