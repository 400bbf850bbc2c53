"""A fixed plan in years that turn out otherwise: demand drawn again and again, flows decided anew each time."""

from siting.evaluate.evaluate import Draw, Evaluation, Law, Sample, draw_factors, evaluate, stage_to_try

__all__ = ["Draw", "Evaluation", "Law", "Sample", "draw_factors", "evaluate", "stage_to_try"]
