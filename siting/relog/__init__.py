"""Cases of RELOG (Argonne National Laboratory), solved by the planning model: plants in chains over several years."""

from siting.relog.answer import Answer, solve_case
from siting.relog.case import Case
from siting.relog.instance import case_instance
from siting.relog.reader import read_case

__all__ = ["Answer", "Case", "case_instance", "read_case", "solve_case"]
