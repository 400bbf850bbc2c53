"""Coordinates of the rows of an `Instance`."""

from siting.geography.geography import Geography, no_places

__all__ = ["Geography", "no_places"]
