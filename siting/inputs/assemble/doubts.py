"""Sources whose coordinates look like something else than they were declared to be: told before anything is written."""

from __future__ import annotations

from siting.inputs.assemble.gather import Gathered
from siting.inputs.assemble.parts import Part
from siting.inputs.datums import parse_datum, suspicions
from siting.inputs.datums.names import NAMED


def doubts(gathered: Gathered) -> list[str]:
    """One sentence for each doubt, with the source, the evidence and the cure."""
    places = [gathered.demand, *gathered.candidates, *gathered.facilities, *gathered.generators]
    return [
        f"{part.label}: {line}"
        for part in places
        if part is not None and not part.is_osm
        for line in _of(part, gathered)
    ]


def _of(part: Part, gathered: Gathered) -> list[str]:
    if part.frame.empty:
        return []
    points = part.frame.geometry.representative_point()
    return suspicions(
        points.get_coordinates().to_numpy(),
        roads_lonlat=gathered.roads.frame,
        districts=gathered.districts.frame,
        declared=NAMED["wgs84"] if part.datum is None else parse_datum(part.datum),
    )
