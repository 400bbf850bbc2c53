"""The plan as a workbook for the bureau, `plan.xlsx`: formatted, to be filtered, printed and pasted from."""

from siting.render.xlsx.plan import default_language, plan_workbook
from siting.render.xlsx.write import workbook_bytes

__all__ = ["default_language", "plan_workbook", "workbook_bytes"]
