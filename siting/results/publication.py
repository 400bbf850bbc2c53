"""A run as it may be shown to the public: places on a coarse grid, nothing of single cells, households or generators.

Names and ids of places stay, and so do the outlines of districts; no other border is drawn by any output.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from siting.language import Label
from siting.results.record import Publication, RunRecord

GRID_DEG = 0.01
NO_NUMBER = "____"


def publish(run: RunRecord, approval_number: str | None = None) -> RunRecord:
    """The run for the public.

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
    approval = Label(
        en=f"Map approval number: {approval_number or NO_NUMBER}", zh=f"审图号：{approval_number or NO_NUMBER}"
    )
    coarse = replace(
        geography,
        sites=_on_grid(geography.sites),
        demand=_without_outlines(_on_grid(geography.demand)),
        notes=(*geography.notes, NOTE.zh, NOTE.en),
        attributions=(*geography.attributions, approval.zh),
    )
    return replace(run, geography=coarse, publication=Publication(approval, GRID_DEG, geography))


COARSE = Label(en="Public edition, places are coarse", zh="公开版（点位已概略化）")
NOTE = Label(
    en=f"For the public: places are shown on a grid of {GRID_DEG}° (about 1 km), in the middle of its cells; population"
    " cells, households and single generators are not shown. Names and ids of places are as they are.",
    zh=f"公开版：点位坐标已概略化至 {GRID_DEG}°（约 1 公里）网格中心；不含人口网格、住户和单个产生源信息。"
    "名称与编号未作处理。",
)


def publication_line(run: RunRecord) -> Label | None:
    """What stands beside a map for the public; None where the run is as it is."""
    if run.publication is None:
        return None
    approval = run.publication.approval
    return Label(en=f"{COARSE.en}. {approval.en}", zh=f"{COARSE.zh}　{approval.zh}")


def _on_grid(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame with its points, WGS-84, in the middle of the cells of the grid."""
    lonlat = np.column_stack([frame.geometry.x, frame.geometry.y])
    middle = (np.floor(lonlat / GRID_DEG + 1e-9) + 0.5) * GRID_DEG
    return frame.set_geometry(gpd.GeoSeries(shapely.points(middle.round(6)), index=frame.index, crs=frame.crs))


def _without_outlines(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Demand on the grid, with the cell of the grid where a demand node has an outline."""
    if "cell" not in demand:
        return demand
    half = GRID_DEG / 2
    x, y = demand.geometry.x.to_numpy(), demand.geometry.y.to_numpy()
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    return demand.assign(
        cell=[box if outline is not None else None for box, outline in zip(boxes, demand["cell"], strict=True)]
    )
