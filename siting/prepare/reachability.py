"""Places that a plan cannot reach, or by a long leg only, and roads that it leaves out: by id, none in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from siting.inputs.city import City
from siting.instance import Instance, Texts
from siting.prepare.roads import network_of
from siting.travel import Dropped, SnapReport
from siting.vocabulary import LINKS, DemandKind, Echelon

PLACES = {Echelon.POINT: "points", Echelon.TRANSFER: "stations", Echelon.SORTING: "centres", Echelon.BASE: "bases"}
GIVERS = {DemandKind.HOUSEHOLD: "cells", DemandKind.GENERATOR: "generators", DemandKind.BOOKED: "cells"}


def lost_places(
    city: City, instance: Instance, snapping: Mapping[str, SnapReport], *, most_listed: int = 5
) -> list[str]:
    """Return sentences on roads that are not driven and on places far from a road, cut off, or with nothing in reach.

    Each names the first `most_listed` ids and how many there are.
    """
    _, dropped = network_of(city)
    sites, demand = instance.sites, instance.demand
    ids = {name: sites.id[sites.echelon == echelon] for echelon, name in PLACES.items()}
    ids |= {GIVERS[kind]: demand.id[demand.kind == kind] for kind in (DemandKind.HOUSEHOLD, DemandKind.GENERATOR)}
    lines = [dropped_sentence(dropped)] if dropped.n_edges else []
    for route, report in snapping.items():
        lines += [f"{route.replace('_', ' ')}: {line}" for line in _of_route(route, report, ids, most_listed)]
    return lines


def dropped_sentence(dropped: Dropped) -> str:
    """Return what hauling leaves out of the roads.

    >>> dropped_sentence(Dropped(2, 0.25, 0.01))
    'roads: 2 edges (0.2 km, 1.0 % of the drivable length) do not lead both in and out; hauling leaves them out'
    """
    return (
        f"roads: {dropped.n_edges:,} edges ({dropped.length_km:,.1f} km, {100 * dropped.share:.1f} % of the drivable"
        " length) do not lead both in and out; hauling leaves them out"
    )


def _of_route(route: str, report: SnapReport, ids: Mapping[str, Texts], most_listed: int) -> Iterator[str]:
    origins, destinations = GIVERS[DemandKind.HOUSEHOLD], PLACES[Echelon.POINT]
    if route in LINKS:
        link = LINKS[route]
        origins, destinations = GIVERS[link.given_by] if link.tail is None else PLACES[link.tail], PLACES[link.head]
    for what, rows, words in (
        (origins, report.origins_without_pair, f"reach none of the {destinations} within the limits of `travel:`"),
        (origins, report.far_origins, f"are over {report.snap_limit_m:.0f} m from a road"),
        (destinations, report.far_destinations, f"are over {report.snap_limit_m:.0f} m from a road"),
        (origins, report.cut_off_origins, "are on a piece of road of its own"),
        (destinations, report.cut_off_destinations, "are on a piece of road of its own"),
    ):
        if len(rows):
            shown = ", ".join(str(one) for one in np.asarray(ids[what])[rows[:most_listed]])
            more = " …" if len(rows) > most_listed else ""
            yield f"{len(rows):,} of {len(ids[what]):,} {what} {words}: {shown}{more}"
