"""The plan as a workbook for the bureau, `plan.xlsx`: formatted, to be filtered, printed and pasted from."""
