"""Tables and layers as bureaus have them, read into canonical frames; and the workbook to fill in."""

from siting.inputs.tables.names import districts_by_name
from siting.inputs.tables.read import read_source
from siting.inputs.tables.template import write_template
from siting.inputs.tables.workbook import read_city_facts, read_workbook

__all__ = ["districts_by_name", "read_city_facts", "read_source", "read_workbook", "write_template"]
