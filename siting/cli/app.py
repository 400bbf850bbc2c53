"""The commands, in the order of work. They are registered here; their modules import what they use when they run."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from siting import __version__
from siting.cli import ask, cities, city, locate, plan, region, repair, runs, setup, sweep
from siting.cli.group import SafeGroup
from siting.cli.terminal import say
from siting.language import set_reader_language

START, PLAN, READ, ASK, OTHER, SETUP = (
    "Start a city", "Plan", "Read runs", "Ask a plan", "Other problems", "This program",
)  # fmt: skip

app = typer.Typer(
    cls=SafeGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Plan a city's recycling network at minimum cost, with a proven bound and a map that works offline.",
    epilog="Exit codes: 0 done, 2 bad input, 3 no plan can meet the targets, 4 out of time without a plan.",
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        say(f"siting {__version__}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,  # noqa: ARG001 — for SafeGroup
    lang: Annotated[
        runs.Language, typer.Option("--lang", envvar="SITING_LANG", help="Language of tables and messages.")
    ] = runs.Language.en,
) -> None:
    """Set the options that every command shares."""
    set_reader_language("zh" if lang is runs.Language.zh else "en")


def _group(name: str, panel: str, text: str, **commands: Any) -> None:
    """Add a group of commands by their names."""
    group = typer.Typer(no_args_is_help=True, help=text)
    for command, function in commands.items():
        group.command(name=command)(function)
    app.add_typer(group, name=name, rich_help_panel=panel)


def _commands(panel: str, **commands: Any) -> None:
    for name, function in commands.items():
        app.command(name=name, rich_help_panel=panel)(function)


_commands(START, new=city.new, template=city.template)
_group(
    "data", START, "Make the city folder that plans are made from.",
    build=city.build, check=city.check_data, osm=city.osm,
)  # fmt: skip
_group(
    "examples", START, "Examples that come with the program.",
    list=setup.list_examples, copy=setup.copy_example,
)  # fmt: skip
_group("config", PLAN, "The config of a plan.", schema=setup.config_schema)
_commands(
    PLAN,
    check=plan.check,
    run=plan.run,
    pareto=plan.pareto,
    sweep=sweep.sweep,
    cities=cities.cities,
    region=region.region,
    repair=repair.repair,
)
_commands(
    READ, verify=runs.verify, map=runs.draw, report=runs.report, export=runs.export,
    compare=runs.compare, evaluate=runs.evaluate,
)  # fmt: skip
_commands(
    ASK,
    prices=ask.prices,
    explain=ask.explain,
    alternatives=ask.alternatives,
    breakeven=ask.breakeven,
    sensitivity=ask.sensitivity,
)
_commands(OTHER, locate=locate.locate)
_group("import", OTHER, "Read what other tools plan.", relog=locate.relog)
_commands(SETUP, doctor=setup.doctor)
