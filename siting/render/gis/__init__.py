"""The plan for geographic information systems and for globes: GeoPackage with styles, Shapefile, KML."""
