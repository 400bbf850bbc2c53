"""Runs side by side: figures, targets, sites, and what the bounds prove about their costs."""

from siting.results.comparison.compare import compare_runs
from siting.results.comparison.comparison import Comparison, Pair

__all__ = ["Comparison", "Pair", "compare_runs"]
