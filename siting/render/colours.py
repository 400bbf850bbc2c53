"""The colours of charts: those of the map for facilities, others of its family besides (Okabe and Ito 2008)."""

from __future__ import annotations

from siting.render.palette import SYMBOLS
from siting.vocabulary import Echelon

ECHELON_COLOURS = {one: SYMBOLS[one][0][1] for one in Echelon}
BLUE, SKY, GREEN, ORANGE, VERMILION, PURPLE, DARK = (
    "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00", "#CC79A7", "#444444",
)  # fmt: skip
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, DARK)
