"""Why no plan exists: the arithmetic before a solve, and the minimum change to the targets after one."""

from siting.explain.arithmetic import Finding, check_arithmetic
from siting.explain.budgets import is_budget
from siting.explain.infeasible import explain_infeasible

__all__ = ["Finding", "check_arithmetic", "explain_infeasible", "is_budget"]
