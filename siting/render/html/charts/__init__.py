"""Charts as SVG that stands in a page: no scripts, no fonts of their own, as wide as what holds them.

Places along the width are per cent and letters are pixels, so that a chart reads alike on a phone, a screen and paper.
Each has a title and a description for those who do not see it; colours are told apart by colour-blind readers.
"""
