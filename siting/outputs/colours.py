"""The colours of the map for the other outputs: told apart by colour-blind readers (Okabe and Ito 2008)."""

from __future__ import annotations

from siting.instance import Echelon

ECHELON_COLOURS = {
    Echelon.POINT: "#0072B2",
    Echelon.TRANSFER: "#E69F00",
    Echelon.SORTING: "#D55E00",
    Echelon.BASE: "#444444",
}
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE, DARK = (
    "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#444444",
)  # fmt: skip
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, DARK)
HOLDS, MISSED = "#00684c", "#b2182b"
