"""Charts as SVG that stands in a page: no scripts, no fonts of their own, as wide as what holds them.

Places along the width are per cent and letters are pixels, so that a chart reads alike on a phone, a screen and paper.
Each has a title and a description for those who do not see it; colours are told apart by colour-blind readers.
"""

from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.curve import Axes, Line, Point, draw_curve
from siting.render.html.charts.frame import Axis, Frame
from siting.render.html.charts.strips import Strip, draw_strips

__all__ = [
    "Axes",
    "Axis",
    "Bar",
    "Frame",
    "Line",
    "Part",
    "Point",
    "Strip",
    "draw_bars",
    "draw_curve",
    "draw_strips",
]
