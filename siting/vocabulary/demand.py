"""Kinds of demand node."""

from __future__ import annotations

import enum

from siting.language import Label


class DemandKind(enum.IntEnum):
    """Kind of a demand node, which decides how its material reaches the network."""

    HOUSEHOLD = 0
    """Residents of a cell, who walk to a recycling point."""
    GENERATOR = 1
    """A business that gives its material over direct links."""
    BOOKED = 2
    """Residents of a cell, in so far as they book pick-up at the door."""

    @property
    def key(self) -> str:
        """Name in tables and file columns."""
        return self.name.lower()

    @property
    def label(self) -> Label:
        """Name for readers."""
        return LABELS[self]


LABELS = {
    DemandKind.HOUSEHOLD: Label("households", "居民"),
    DemandKind.GENERATOR: Label("commerce and industry", "工商业"),
    DemandKind.BOOKED: Label("booked pick-up", "预约上门"),
}
