"""An answer as tables, as a summary for programs, and as a map that asks nothing of the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from siting.files import csv_bytes, new_folder, write_file
from siting.locate.io.request import Answer
from siting.render.html.elements import simple_page


def summary(answer: Answer) -> dict[str, Any]:
    """Return the figures of an answer, by name; a figure that is not finite is None."""
    located = answer.located
    figures = {"value": located.value, "bound": located.bound, "gap": located.gap, "seconds": located.seconds}
    served = len(np.unique(located.node))
    changes: dict[str, Any] = {}
    if answer.is_existing is not None and answer.today_value is not None:
        opened, closed = (located.site_id[rows] for rows in answer.changed())
        figures["today_value"] = answer.today_value
        changes = {"opened": [str(one) for one in opened], "closed": [str(one) for one in closed]}
    return {
        "problem": located.problem,
        "status": located.status.value,
        "unit": located.unit,
        **{name: float(figure) if np.isfinite(figure) else None for name, figure in figures.items()},
        "chosen": [str(one) for one in located.chosen_id],
        "plants": [int(row) for row in located.plants],
        "nodes_served": served,
        "nodes": len(located.node_id),
        **changes,
        "notes": list(answer.notes),
    }


def tables(answer: Answer) -> dict[str, pd.DataFrame]:
    """Return `sites` (chosen ones and how many nodes each serves), `assignments` (with the distance or cost).

    Where there is a network of today, `changes` has the sites that are opened and closed.
    """
    located = answer.located
    sites = answer.sites.iloc[located.chosen].drop(columns="geometry")
    points = answer.sites.geometry.iloc[located.chosen].to_crs("EPSG:4326")
    serves = np.bincount(located.site, minlength=len(located.site_id))[located.chosen]
    distance_m = answer.arcs.cost_between(located.node, located.site)
    sites = sites.assign(lon=points.x.round(6), lat=points.y.round(6), serves_nodes=serves)
    written = {"sites": pd.DataFrame(sites), "assignments": located.table().assign(distance_m=distance_m.round(1))}
    if answer.is_existing is not None:
        opened, closed = answer.changed()
        changed = answer.sites.iloc[np.concatenate([opened, closed])]
        lonlat = changed.geometry.to_crs("EPSG:4326")
        change = np.repeat(["opened", "closed"], [len(opened), len(closed)])
        written["changes"] = pd.DataFrame(changed.drop(columns="geometry")).assign(
            change=change, lon=lonlat.x.round(6), lat=lonlat.y.round(6)
        )
    return written


def write_tables(answer: Answer, out: Path) -> None:
    """Write the assignments to a .csv, else a folder of `sites.csv`, `assignments.csv` and `summary.json`.

    Raises
    ------
    FileError
        If it cannot be written; nothing is left behind then.
    """
    made = {f"{name}.csv": csv_bytes(table) for name, table in tables(answer).items()}
    if out.suffix.lower() == ".csv":
        write_file(out, made["assignments.csv"])
        return
    text = json.dumps(summary(answer), ensure_ascii=False, indent=2)
    with new_folder(out, cure="choose another folder with --out") as folder:
        for name, content in (made | {"summary.json": f"{text}\n".encode()}).items():
            (folder / name).write_bytes(content)


def draw_page(answer: Answer) -> str:
    """Draw the map: served and unserved demand nodes, chosen and unchosen sites, and lines between them."""
    located = answer.located
    chosen = np.zeros(len(located.site_id), dtype=int)
    chosen[located.chosen] = 1
    data = {
        **summary(answer),
        "demand": {**_lonlat(answer.demand), "id": [str(one) for one in located.node_id]},
        "sites": {**_lonlat(answer.sites), "id": [str(one) for one in located.site_id], "chosen": chosen.tolist()},
        "plantsAt": {} if answer.plants is None else _lonlat(answer.plants),
        "node": located.node.tolist(),
        "site": located.site.tolist(),
        "share": located.share.round(3).tolist(),
    }
    return simple_page("locate", title=located.problem, words="locate_page", data=data)


def _lonlat(places: Any) -> dict[str, list[float]]:
    points = places.geometry.to_crs("EPSG:4326")
    return {"lon": points.x.round(6).tolist(), "lat": points.y.round(6).tolist()}
