"""Tables and layers as bureaus have them, read into canonical frames; and the workbook to fill in."""

from siting.inputs.tables.read import read_source

__all__ = ["read_source"]
