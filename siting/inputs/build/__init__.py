"""Builds a city folder (docs/city-folder.md) from raw sources by the rules of a build spec (`city-source.yaml`)."""

from siting.inputs.build.city import build_city

__all__ = ["build_city"]
