"""The mathematics: one mixed-integer model of an instance, as sparse arrays and as a PuLP problem."""

from siting.model.build import build_model
from siting.model.columns import Columns, plan_of, values_of
from siting.model.linear import LinearModel
from siting.model.whole import Whole, build_whole

__all__ = ["Columns", "LinearModel", "Whole", "build_model", "build_whole", "plan_of", "values_of"]
