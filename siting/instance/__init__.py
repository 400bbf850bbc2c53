"""The waist of the program: what is to be decided, as arrays, with no geography and no solver.

Everything before `Instance` turns a config and a city folder into these arrays; everything after it (model, engines,
verification, outputs) reads nothing else. Money is CNY a year, mass is tonnes a year, distance is metres.
"""

from siting.instance.problem import Instance
from siting.instance.tables import (
    Bools,
    Conversions,
    Demand,
    Disposals,
    Expansions,
    Floats,
    Groups,
    Ints,
    LinkRates,
    Links,
    Materials,
    Options,
    Rates,
    Sites,
    StagePrices,
    Stages,
    Texts,
    Visits,
    Walks,
)
from siting.instance.targets import Target

__all__ = [
    "Bools",
    "Conversions",
    "Demand",
    "Disposals",
    "Expansions",
    "Floats",
    "Groups",
    "Instance",
    "Ints",
    "LinkRates",
    "Links",
    "Materials",
    "Options",
    "Rates",
    "Sites",
    "StagePrices",
    "Stages",
    "Target",
    "Texts",
    "Visits",
    "Walks",
]
