"""A fixed plan in years that turn out otherwise: demand drawn again and again, flows decided anew each time."""

from siting.evaluate.draw import Law, draw_factors
from siting.evaluate.evaluate import Evaluation, Sample, evaluate, stage_to_try
from siting.evaluate.taking import Taken, take

__all__ = ["Evaluation", "Law", "Sample", "Taken", "draw_factors", "evaluate", "stage_to_try", "take"]
