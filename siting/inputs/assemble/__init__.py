"""Build a city folder (docs/reference/city-folder.md) from the sources that a spec lists."""

from siting.inputs.assemble.assemble import Assembled, assemble_city

__all__ = ["Assembled", "assemble_city"]
