"""Tables and layers as bureaus have them, read into canonical frames; and the workbook to fill in."""

from siting.inputs.tables.fields import read_fields, read_texts
from siting.inputs.tables.names import districts_by_name
from siting.inputs.tables.numbers import parse_number
from siting.inputs.tables.read import read_source
from siting.inputs.tables.template import write_template
from siting.inputs.tables.workbook import has_city_rows, read_city_facts, read_plan_sheets, read_workbook

__all__ = [
    "districts_by_name",
    "has_city_rows",
    "parse_number",
    "read_city_facts",
    "read_fields",
    "read_plan_sheets",
    "read_source",
    "read_texts",
    "read_workbook",
    "write_template",
]
