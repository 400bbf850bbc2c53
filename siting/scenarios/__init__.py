"""Scenarios of a config: which there are, how they are run on one machine or many, and what came out."""

from siting.scenarios.front import front, front_page, named_goals
from siting.scenarios.sweep import SweepFolder, Workforce, sweep
from siting.scenarios.variants import Variant, grid, named_scenarios, sample

__all__ = [
    "SweepFolder",
    "Variant",
    "Workforce",
    "front",
    "front_page",
    "grid",
    "named_goals",
    "named_scenarios",
    "sample",
    "sweep",
]
