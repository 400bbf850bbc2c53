"""Charts as inline SVG: no scripts, no fonts of their own, as wide as their container.

Places along the width are per cent and letters are pixels, so that a chart reads alike on a phone, a screen and paper.
Each has a title and a description for those who do not see it; colours are told apart by colour-blind readers.
"""
