"""The waist of the program: what is to be decided, as arrays, with no geography and no solver.

Everything before `Instance` turns a config and a city folder into these arrays; everything after it (model, engines,
verification, outputs) reads nothing else. Money is CNY a year, mass is tonnes a year, distance is metres.
"""

from siting.instance.arrays import Bools, Floats, Ints, Texts
from siting.instance.faults import LARGEST
from siting.instance.links import LinkRates, Links, OmittedLinks, Visits, Walks
from siting.instance.problem import Instance
from siting.instance.stages import Earlier, StagePrices, Stages
from siting.instance.tables import (
    Conversions,
    Demand,
    Disposals,
    Expansions,
    Groups,
    Materials,
    Options,
    Rates,
    Sites,
)
from siting.instance.targets import Target

__all__ = [
    "LARGEST",
    "Bools",
    "Conversions",
    "Demand",
    "Disposals",
    "Earlier",
    "Expansions",
    "Floats",
    "Groups",
    "Instance",
    "Ints",
    "LinkRates",
    "Links",
    "Materials",
    "OmittedLinks",
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
