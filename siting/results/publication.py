"""A run as it may be shown to the public: places on a coarse grid, nothing of single cells, households or generators.

Names and ids of places stay, and so do the outlines of districts; no other border is drawn by any output.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from siting.language import Label, text
from siting.results.record import Publication, RunRecord

GRID_DEG = 0.01
NO_NUMBER = "____"


def publish(run: RunRecord, approval_number: str | None = None) -> RunRecord:
    """Return the run for the public.

    Sites stand in the middle of the cells of a grid of 0.01° (at 39° N 0.86 by 1.11 km), so within about 0.7 km of
    where they are; demand nodes have no outlines of their own. Figures are those of the plan, computed from the places
    as they are.

    Parameters
    ----------
    run
        The run as it is; what is published already is published anew.
    approval_number
        The map approval number (审图号) that its owner was given; None leaves room for it.
    """
    geography = run.measured_geography
    approval = text("results.publication.approval", number=approval_number or NO_NUMBER)
    note = publication_note()
    coarse = replace(
        geography,
        sites=_on_grid(geography.sites),
        demand=_without_outlines(_on_grid(geography.demand)),
        notes=(*geography.notes, note.zh, note.en),
        attributions=(*geography.attributions, approval.zh),
    )
    return replace(run, geography=coarse, publication=Publication(approval, GRID_DEG, geography))


def publication_note() -> Label:
    """Return the note on the data that an edition for publication leaves out."""
    return text("results.publication.note", grid_deg=GRID_DEG)


def publication_line(run: RunRecord) -> Label | None:
    """Return the note beside a map for the public; None where the run is as it is."""
    if run.publication is None:
        return None
    coarse = text("results.publication.coarse")
    return text("results.publication.line", coarse=coarse, approval=run.publication.approval)


def _on_grid(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with its points, WGS-84, in the middle of the cells of the grid."""
    lonlat = np.column_stack([frame.geometry.x, frame.geometry.y])
    middle = (np.floor(lonlat / GRID_DEG + 1e-9) + 0.5) * GRID_DEG
    return frame.set_geometry(gpd.GeoSeries(shapely.points(middle.round(6)), index=frame.index, crs=frame.crs))


def _without_outlines(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return demand on the grid, with the cell of the grid where a demand node has an outline."""
    if "cell" not in demand:
        return demand
    half = GRID_DEG / 2
    x, y = demand.geometry.x.to_numpy(), demand.geometry.y.to_numpy()
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    return demand.assign(
        cell=[box if outline is not None else None for box, outline in zip(boxes, demand["cell"], strict=True)]
    )
