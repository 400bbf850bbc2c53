"""Population by cell: census totals spread by weights or a raster."""
