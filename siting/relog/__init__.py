"""Cases of RELOG (Argonne National Laboratory): recycling plants in chains of any shape, over several years."""

from siting.relog.answer import Answer, solve_case
from siting.relog.case import Case, read_case
from siting.relog.model import build_case

__all__ = ["Answer", "Case", "build_case", "read_case", "solve_case"]
