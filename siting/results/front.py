"""The Pareto front between two goals as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from siting.instance import Target
from siting.solve.goals import FrontPoint


def front_table(
    first: Target, second: Target, points: Sequence[FrontPoint], paid_cny: Sequence[float] | None = None
) -> pd.DataFrame:
    """Return one row for each plan of a front.

    Columns: the two measures and `<first>_bound`, in their units; `gap` of the first, a share; `<second>_bound`, the
    bound on the best of the second, NaN for all but the last plan; `net_cost_cny` a year (`paid_cny` where given:
    without penalties), `facilities` that are open, and `status`.
    """
    return pd.DataFrame(
        {
            str(first.measure): [point.first for point in points],
            f"{first.measure}_bound": [point.first_bound for point in points],
            "gap": [point.gap for point in points],
            str(second.measure): [point.second for point in points],
            f"{second.measure}_bound": [point.second_bound for point in points],
            "net_cost_cny": [point.solution.cost_cny for point in points] if paid_cny is None else list(paid_cny),
            "facilities": [int(point.solution.plan.is_open.sum()) for point in points],
            "status": [str(point.status) for point in points],
        }
    )
