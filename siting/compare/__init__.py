"""Runs side by side: figures, targets, sites, and what the bounds prove about their costs."""

from siting.compare.compare import compare_runs
from siting.compare.comparison import Comparison, Pair

__all__ = ["Comparison", "Pair", "compare_runs"]
