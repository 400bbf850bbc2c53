"""Questions to a plan that other problems answer: what its targets cost, what its sites are worth.

Each answer is a difference between the least costs of two problems, as an interval that holds it: both costs lie
between a bound and the cost of a plan.
"""

from siting.pricing.difference import Difference, Known, difference
from siting.pricing.near import closed_candidates, residents_gained, residents_left
from siting.pricing.run import (
    Question,
    base_of,
    curve_questions,
    differences,
    ordered,
    price_targets,
    questions,
)
from siting.pricing.sites import PricedSite, certainties, open_at_last, price_site
from siting.pricing.solved import Solved
from siting.pricing.targets import PricedTarget, next_value, price_target

__all__ = [
    "Difference",
    "Known",
    "PricedSite",
    "PricedTarget",
    "Question",
    "Solved",
    "base_of",
    "certainties",
    "closed_candidates",
    "curve_questions",
    "difference",
    "differences",
    "next_value",
    "open_at_last",
    "ordered",
    "price_site",
    "price_target",
    "price_targets",
    "questions",
    "residents_gained",
    "residents_left",
]
