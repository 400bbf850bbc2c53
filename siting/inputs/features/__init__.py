"""Named features of a map (roads, stops, buildings) as a stand-in for surveys: residents, candidates, generators.

Every module takes features as a frame with `layer`, `osm_class`, `name`, `district` (code), `lon`, `lat` (degrees,
WGS-84) and `x_m`, `y_m` (metric CRS), and the rules of the sections in `schema`.
"""
