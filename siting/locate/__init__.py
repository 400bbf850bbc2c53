"""The classic location problems by name, for analysts who know them, on the planning model and its engines.

Each function takes costs or distances as a matrix (dense, scipy sparse) or a table, and returns a `Located`: the sites,
who is served where, the value, and a proven bound.

>>> import numpy as np
>>> street = np.abs(np.subtract.outer(np.arange(8.0), np.arange(8.0)))
>>> p_median(street, p=2).value, p_center(street, p=2).value, lscp(street, within=1).value, mclp(street, 1, p=2).value
(8.0, 2.0, 3.0, 6.0)
"""

from siting.locate.io.places import read_places, straight_arcs, street_arcs
from siting.locate.problems.capacitated import Plants, cflp, tscflp
from siting.locate.problems.covering import lscp, mclp, p_center
from siting.locate.problems.planning_model import Classic, classic_problem
from siting.locate.problems.uncapacitated import p_median, uflp
from siting.locate.solution import Located

__all__ = [
    "Classic",
    "Located",
    "Plants",
    "cflp",
    "classic_problem",
    "lscp",
    "mclp",
    "p_center",
    "p_median",
    "read_places",
    "straight_arcs",
    "street_arcs",
    "tscflp",
    "uflp",
]
