"""Cases of RELOG (Argonne National Laboratory): recycling plants in chains of any shape, over several years.

A case is planned by the planning model; where plants keep material for later years, by a model of its own.
"""

from siting.relog.answer import Answer, solve_case
from siting.relog.case import Case, read_case
from siting.relog.instance import case_instance
from siting.relog.model import build_case

__all__ = ["Answer", "Case", "build_case", "case_instance", "read_case", "solve_case"]
