"""Demand nodes: residential cells, generators, and what households book for pick-up at the door."""

from __future__ import annotations

import numpy as np
import pandas as pd

from siting.config.schema import Config
from siting.errors import ConfigError
from siting.instance import Demand, Links
from siting.prepare.scope import BOOKED_SHARE, Places
from siting.vocabulary import DemandKind


def demand_nodes(places: Places) -> pd.DataFrame:
    """Return one row for each demand node, in the order of the instance.

    Columns: `id`; `kind`, of `DemandKind`; `row`, of its cell or generator; `district`, the code; `area`, a functional
    area; `settlement`, empty for generators.
    """
    booked = np.flatnonzero(places.cells[BOOKED_SHARE] > 0)
    parts = (
        (DemandKind.HOUSEHOLD, places.cells, np.arange(len(places.cells))),
        (DemandKind.GENERATOR, places.generators, np.arange(len(places.generators))),
        (DemandKind.BOOKED, places.cells, booked),
    )
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "id": frame["id"].iloc[rows].astype(str) + ("-door" if kind == DemandKind.BOOKED else ""),
                    "kind": int(kind),
                    "row": rows,
                    "district": frame["district"].iloc[rows],
                    "area": frame["area"].iloc[rows].astype(object),
                    "settlement": "" if kind == DemandKind.GENERATOR else frame["settlement"].iloc[rows].astype(object),
                }
            )
            for kind, frame, rows in parts
        ],
        ignore_index=True,
    )


def demand_of(config: Config, places: Places, nodes: pd.DataFrame) -> Demand:
    """Return the demand nodes as arrays, with residents and tonnes a year."""
    kind = nodes["kind"].to_numpy(dtype=np.int64)
    of = {one: nodes["row"].to_numpy()[kind == one] for one in DemandKind}
    residents = np.zeros(len(nodes))
    residents[kind == DemandKind.HOUSEHOLD] = places.cells["residents"].to_numpy(dtype=float)[of[DemandKind.HOUSEHOLD]]
    makers = places.cells["residents"].to_numpy(dtype=float)
    if "generation_factor" in places.cells:
        makers = makers * places.cells["generation_factor"].to_numpy(dtype=float)
    rates = np.array([material.kg_per_resident_day for material in config.materials.values()])
    of_cells, booked = makers[:, None] * rates * 365 / 1000, places.cells[BOOKED_SHARE].to_numpy()[:, None]
    tonnes = np.zeros((len(nodes), len(config.materials)))
    tonnes[kind == DemandKind.HOUSEHOLD] = (of_cells * (1 - booked))[of[DemandKind.HOUSEHOLD]]
    tonnes[kind == DemandKind.BOOKED] = (of_cells * booked)[of[DemandKind.BOOKED]]
    material = {name: number for number, name in enumerate(config.materials)}
    offered = places.generators["material"].map(material).to_numpy(dtype=int)
    tonnes[np.flatnonzero(kind == DemandKind.GENERATOR), offered] = places.generators["tonnes"].to_numpy(dtype=float)
    number = {code: n for n, code in enumerate(places.districts["code"])}
    return Demand(
        id=nodes["id"].to_numpy(dtype=str),
        district=nodes["district"].map(number).to_numpy(dtype=np.int64),
        residents=residents,
        tonnes=tonnes,
        kind=kind,
        must_serve=kind == DemandKind.BOOKED,
    )


def booked_cells(places: Places, nodes: pd.DataFrame) -> pd.DataFrame:
    """Return the cell of each demand node that books pick-up, in the order of the nodes."""
    booked: pd.DataFrame = places.cells.iloc[nodes.loc[nodes["kind"] == DemandKind.BOOKED, "row"]]
    return booked


def require_stations(places: Places, nodes: pd.DataFrame, direct: Links) -> None:
    """Refuse booked pick-up where no transfer station is in reach: what is promised must be fetched.

    Raises
    ------
    ConfigError
        With the first few cells.
    """
    booked = nodes[nodes["kind"] == DemandKind.BOOKED]
    alone = places.cells["id"].iloc[booked.loc[~booked.index.isin(direct.tail), "row"]].tolist()
    if len(alone):
        raise ConfigError(
            f"participation.booked: {len(alone):,} cells reach no transfer station within travel.haul_cutoff_km"
            f" ({', '.join(map(str, alone[:5]))}{' …' if len(alone) > 5 else ''}); raise it or"
            " scope.haul_sites_within_km, or set the share of their settlement to 0"
        )
