"""Convert OpenStreetMap, from a file or its servers, to one set of tables (docs/reference/sources.md)."""

from siting.inputs.osm.read import read_osm_file, read_osm_place
from siting.inputs.osm.tables import OsmTables, read_osm_folder, write_osm

__all__ = ["OsmTables", "read_osm_file", "read_osm_folder", "read_osm_place", "write_osm"]
