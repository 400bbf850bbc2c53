"""Population by cell: census totals spread by weights or a raster, and synthetic generators."""

from siting.inputs.population.cells import Cells, HexCells, SquareCells
from siting.inputs.population.census import match_census
from siting.inputs.population.generators import Total, generators_from
from siting.inputs.population.people import People, spread_census
from siting.inputs.population.raster import read_raster_cells
from siting.inputs.population.weights import DEFAULT_WEIGHTS, weigh_layers

__all__ = [
    "DEFAULT_WEIGHTS",
    "Cells",
    "HexCells",
    "People",
    "SquareCells",
    "Total",
    "generators_from",
    "match_census",
    "read_raster_cells",
    "spread_census",
    "weigh_layers",
]
