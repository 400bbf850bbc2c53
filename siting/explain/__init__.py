"""Why no plan exists: the arithmetic before a solve, and the least change to the targets after one."""

from siting.explain.arithmetic import check_arithmetic
from siting.explain.infeasible import explain_infeasible
from siting.explain.wording import Finding

__all__ = ["Finding", "check_arithmetic", "explain_infeasible"]
