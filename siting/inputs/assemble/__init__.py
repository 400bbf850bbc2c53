"""Assembles a city folder (docs/city-folder.md) from a planner's own sources, as a spec with `sources:` lists them."""

from siting.inputs.assemble.assemble import Assembled, assemble_city

__all__ = ["Assembled", "assemble_city"]
