"""Everything about a plan, recomputed from the instance by code that knows no solver and no model.

`verify` gives the figures and every rule that is broken; `require_valid` turns those into one error; `district_figures`
gives the same figures by district, so that maps, reports and scorecards agree.
"""

from siting.verify.districts import district_figures
from siting.verify.reach import reach
from siting.verify.result import TargetResult, Verification
from siting.verify.stages import (
    faults_of_stages,
    judge_stages,
    require_valid_stages,
    verify_stages,
    whole_cost_cny,
)
from siting.verify.verification import require_valid, verify

__all__ = [
    "TargetResult",
    "Verification",
    "district_figures",
    "faults_of_stages",
    "judge_stages",
    "reach",
    "require_valid",
    "require_valid_stages",
    "verify",
    "verify_stages",
    "whole_cost_cny",
]
