"""Tables and layers as bureaus have them, read into canonical frames; and the workbook to fill in."""

from siting.inputs.tables.names import Districts, district_codes, districts_by_name, short_name
from siting.inputs.tables.read import read_source
from siting.inputs.tables.template import write_template
from siting.inputs.tables.workbook import CityFacts, read_city_facts, read_workbook

__all__ = [
    "CityFacts",
    "Districts",
    "district_codes",
    "districts_by_name",
    "read_city_facts",
    "read_source",
    "read_workbook",
    "short_name",
    "write_template",
]
