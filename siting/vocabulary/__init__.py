"""The words of the planning problem, one record for each: echelons, measures, links, demand, chains, cost terms.

Config schema, checks, tables, labels and documents are made from these records. A new measure is one member of
`Measure` and its record in `measures.py`, its row in `siting.model`, its recomputation in `siting.verify`, and its
brute force in the tests.
"""

from siting.vocabulary.chains import CHAINS, Chain, ChainName, Payer
from siting.vocabulary.costs import COST_TERMS, OPERATION_TERMS, PENALTY
from siting.vocabulary.demand import DemandKind
from siting.vocabulary.echelons import ECHELONS, Echelon, EchelonName
from siting.vocabulary.links import LINK_CLASSES, LINKS, ConfigLinkName, LinkClass
from siting.vocabulary.measures import MEASURES, OF_ARISING, Measure, MeasureRecord

__all__ = [
    "CHAINS",
    "COST_TERMS",
    "ECHELONS",
    "LINKS",
    "LINK_CLASSES",
    "MEASURES",
    "OF_ARISING",
    "OPERATION_TERMS",
    "PENALTY",
    "Chain",
    "ChainName",
    "ConfigLinkName",
    "DemandKind",
    "Echelon",
    "EchelonName",
    "LinkClass",
    "Measure",
    "MeasureRecord",
    "Payer",
]
