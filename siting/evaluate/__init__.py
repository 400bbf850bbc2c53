"""Evaluation of a fixed plan in random demand years, with flows re-optimised in each."""

from siting.evaluate.evaluate import Draw, Evaluation, Law, Sample, draw_factors, evaluate, stage_to_try

__all__ = ["Draw", "Evaluation", "Law", "Sample", "draw_factors", "evaluate", "stage_to_try"]
