"""Where the rows of an `Instance` lie."""

from siting.geography.geography import Geography, no_places

__all__ = ["Geography", "no_places"]
