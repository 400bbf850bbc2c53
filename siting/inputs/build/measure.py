"""Figures measured on a city folder: people, candidates and reach by district."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from siting.inputs.build.demand import density_per_km2
from siting.inputs.build.spacing import distance_to_nearest
from siting.inputs.build.tables import Tables

FloatArray = npt.NDArray[np.float64]
REACH_M = (500, 1000)


def district_figures(tables: Tables, crs_metric: str) -> pd.DataFrame:
    """Per district code: cells, residents, densities, reach, candidates by echelon, generators.

    `mean_per_km2` is over the whole district, `peak_per_km2` of its densest cell. `reach_500_share` is the share of
    residents whose cell's point has a candidate point, of any district, within 500 m in a straight line.
    """
    candidates, cells = tables["candidates"], _cells(tables, crs_metric)
    by = cells.groupby("district")
    figures = pd.DataFrame({"residents": by["residents"].sum(), "cells": by.size()})
    figures["urban_share"] = by["urban"].sum() / figures["residents"]
    figures["mean_per_km2"] = figures["residents"] / tables["districts"].set_index("code")["area_km2"]
    figures["peak_per_km2"] = by["density"].max()
    for reach_m in REACH_M:
        figures[f"reach_{reach_m}_share"] = by[f"near_{reach_m}"].sum() / figures["residents"]
    for echelon in ("point", "transfer", "sorting"):
        figures[echelon] = candidates[candidates["echelon"] == echelon].groupby("district").size()
    figures["generated_kt"] = tables["generators"].groupby("district")["tonnes"].sum() / 1000.0
    return figures.fillna(0.0)


def _cells(tables: Tables, crs_metric: str) -> pd.DataFrame:
    """The demand cells with their density, and their residents that are urban, that are within each reach."""
    demand, candidates = tables["demand"], tables["candidates"]
    points = candidates[candidates["echelon"] == "point"]
    apart_m = distance_to_nearest(_metric(demand, crs_metric), _metric(points, crs_metric))
    cells = pd.DataFrame(demand[["district", "residents"]]).assign(density=density_per_km2(demand))
    cells["urban"] = demand["residents"].where(demand["settlement"] == "urban", 0)
    for reach_m in REACH_M:
        cells[f"near_{reach_m}"] = demand["residents"].where(apart_m <= reach_m, 0)
    return cells


def _metric(table: gpd.GeoDataFrame, crs_metric: str) -> FloatArray:
    at = table.geometry.to_crs(crs_metric)
    return np.column_stack([at.x, at.y])
