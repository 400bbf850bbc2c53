"""Chooses where a city's recycling network goes, at least cost, with a certified bound."""

__version__ = "0.1.0"
