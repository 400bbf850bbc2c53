"""Options that change a config on the command line: `--scenario`, `--set` and `--base`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from siting.problem import Problem

Scenario = Annotated[str | None, typer.Option(metavar="NAME", help="Scenario of the config's `scenarios`.")]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="KEY=VALUE", help="Change one value: count-sorting.at_most=20, wage.attendant=low; repeatable."
    ),
]
Base = Annotated[
    Path | None,
    typer.Option(
        metavar="RUN", help="Run whose results signed targets (+20) are relative to, instead of today's facilities."
    ),
]


def changed(
    problem: Problem, scenario: str | None, assignments: Sequence[str] | None, base: Path | None = None
) -> Problem:
    """Return the problem of a scenario and single values, which are laid over it in this order.

    Raises
    ------
    ConfigError
        If the scenario or a key is not known, with the nearest one, or a value cannot be used.
    """
    from siting.config.overlay import parse_assignment, parse_value, run_name
    from siting.errors import ConfigError
    from siting.problem import read_run

    if base is not None and scenario is None and not assignments:
        raise ConfigError("--base: there is no scenario and no value that needs it; leave it out")
    result = None if base is None else read_run(base)
    if scenario is not None:
        problem = problem.with_scenario(scenario, base=result)
    if not assignments:
        return problem
    pairs = dict(parse_assignment(one) for one in assignments)
    if len(pairs) < len(assignments):
        raise ConfigError("--set: a key is given twice; keep one")
    values = {key: parse_value(value) for key, value in pairs.items()}
    problem = problem.with_values(values, base=result, origin="--set")
    return problem.with_config({"name": run_name(problem.config.name, pairs)})
