"""`model.npz`: the arrays of the model that a run solved, for a checker that knows nothing of this program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from siting.certificate import AT_ONE_SITE
from siting.certificate.omitted import carried_over, columns_in
from siting.instance import Instance, Ints
from siting.model import LinearModel, build_whole
from siting.model.forced import whole_forced_costs
from siting.model.target_rows import objective_scale
from siting.runs.arrays import DAMAGE
from siting.runs.stand_ins import with_stand_ins

NAME = "model.npz"
Arrays = dict[str, np.ndarray[Any, Any]]


def model_arrays(instance: Instance) -> Arrays:
    """Return the arrays of `model.npz`, by name; docs/concepts/certificate.md says what each holds."""
    solved = build_whole(instance)
    stand_ins = with_stand_ins(solved)
    whole, n_rows = stand_ins.whole, solved.model.n_rows
    material = np.full(whole.model.n_columns, -1)
    for part in whole.parts:
        material[part.in_whole("direct")], material[part.in_whole("haul")] = (
            part.columns.direct_material,
            part.columns.haul_material,
        )
    column, upper = np.full(whole.model.n_columns, -1), np.zeros(whole.model.n_columns)
    at = columns_in(solved, whole)
    column[at], upper[at] = np.arange(solved.model.n_columns), solved.model.column_upper
    forced = whole_forced_costs(whole) if instance.objective is None else np.zeros(whole.model.n_columns)
    return {
        "scale": np.array(objective_scale(instance)),
        "forced_cost": forced,
        "column_material": material,
        "solved_row": carried_over(solved, whole, np.arange(1.0, 1.0 + n_rows)).astype(np.int64) - 1,
        "solved_column": column,
        "alike": stand_ins.alike,
        "stand_in": stand_ins.column,
        "stand_in_kt": stand_ins.most_kt,
        "site": _sites(whole.model),
        **_columns(whole.model),
        "column_upper": upper,
        **_rows(whole.model),
    }


def _columns(model: LinearModel) -> Arrays:
    blocks = model.column_families.blocks
    return {
        "cost": model.cost,
        "column_lower": model.column_lower,
        "is_integer": model.is_integer,
        "column_family": np.array([block.name for block in blocks], dtype=str),
        "column_start": np.array([block.start for block in blocks], dtype=np.int64),
        "column_stop": np.array([block.stop for block in blocks], dtype=np.int64),
    }


def _rows(model: LinearModel) -> Arrays:
    blocks, matrix = model.row_families.blocks, model.matrix
    return {
        "row_lower": model.row_lower,
        "row_upper": model.row_upper,
        "data": matrix.data,
        "indices": matrix.indices.astype(np.int32),
        "indptr": matrix.indptr.astype(np.int64),
        "row_family": np.array([block.name for block in blocks], dtype=str),
        "row_start": np.array([block.start for block in blocks], dtype=np.int64),
        "row_stop": np.array([block.stop for block in blocks], dtype=np.int64),
    }


def _sites(model: LinearModel) -> Ints:
    """Return the site of each column, by the rows that bind one site only, (n_columns,); −1: it belongs to none."""
    entries = model.matrix[model.rows_of(*AT_ONE_SITE)].tocoo()
    n, m = model.n_columns, entries.shape[0]
    ties = sparse.coo_array((np.ones(len(entries.row)), (entries.row, m + entries.col)), shape=(m + n, m + n))
    _, site = connected_components(ties, directed=False)
    belongs = np.zeros(n, dtype=bool)
    belongs[entries.col] = belongs[model.columns_of("open")] = True
    return np.where(belongs, site[m:], -1).astype(np.int64)


def save_model(folder: Path, instance: Instance) -> None:
    """Write the model of `instance` into a run folder."""
    arrays = model_arrays(instance)
    np.savez_compressed(folder / NAME, **arrays)  # type: ignore[arg-type]  # its stub takes allow_pickle for an array


def changed_model(folder: Path, instance: Instance) -> list[str]:
    """Return the fault of a run folder whose model is missing or is not that of `instance`."""
    cure = "run again to write it anew"
    try:
        with (folder / NAME).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            stored = {name: archive[name] for name in archive.files}
    except (OSError, *DAMAGE) as error:
        return [f"{NAME}: cannot be read ({error}); {cure}"]
    ours = model_arrays(instance)
    odd = [name for name in ours if name not in stored or not np.array_equal(ours[name], stored[name])]
    return [f"{NAME}: {', '.join(odd)} not as instance.npz makes it; {cure}"] if odd else []
