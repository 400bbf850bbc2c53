"""`siting repair`: the smallest changes of its targets that give an infeasible config a plan."""

from __future__ import annotations

from typing import Annotated

import typer

from siting.cli.changes import Assignments, Base, Scenario, changed
from siting.cli.plan import ConfigFile
from siting.cli.terminal import followed, out, say


def repair(
    config: ConfigFile,
    scenario: Scenario = None,
    assignments: Assignments = None,
    base: Base = None,
    time_limit: Annotated[
        float, typer.Option(min=1, help="Seconds for each of two steps: conflicts and plan.")
    ] = 120.0,
) -> None:
    """Find the smallest changes to the targets of an infeasible config that give a plan, as lines to paste."""
    from siting.language import spoken
    from siting.problem import Problem, read_config
    from siting.render.terminal.repair import change_table, conflict_table
    from siting.render.terminal.table import rich_table
    from siting.repair import repair as repaired

    loaded = changed(read_config(config), scenario, assignments, base).loaded
    with followed() as work:
        found = repaired(Problem(loaded, journal=work.journal), time_limit_s=time_limit, heard=work.screen.tell)
    if found is None:
        say(spoken("repair.feasible"))
        return
    for number, conflict in enumerate(found.conflicts, start=1):
        out().print(rich_table(conflict_table(number, conflict)))
    out().print(rich_table(change_table(found.was, found.changes, cost_cny=found.result.paid_cny)))
    say(f"\n{spoken('repair.paste', config=config)}\n\n{found.as_yaml}")
    say(spoken("repair.at_once", config=config, options=found.as_options))
