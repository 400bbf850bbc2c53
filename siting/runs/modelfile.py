"""`model.npz`: the arrays of the model that a run solved, for a checker that knows nothing of this program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from siting.instance import Instance
from siting.model import LinearModel, build_whole
from siting.model.forced import whole_forced_costs
from siting.model.target_rows import objective_scale
from siting.runs.arrays import DAMAGE

NAME = "model.npz"
Arrays = dict[str, np.ndarray[Any, Any]]


def model_arrays(instance: Instance) -> Arrays:
    """Return the arrays of `model.npz`, by name; docs/concepts/certificate.md says what each holds."""
    whole = build_whole(instance)
    material = np.full(whole.model.n_columns, -1)
    for part in whole.parts:
        material[part.in_whole("haul")] = part.columns.haul_material
    n_omitted = len(instance.omitted_direct) + len(instance.omitted_haul)
    forced = whole_forced_costs(whole) if instance.objective is None else np.zeros(whole.model.n_columns)
    plain = {"scale": np.array(objective_scale(instance)), "n_omitted_links": np.array(n_omitted)}
    return {**plain, "forced_cost": forced, "column_material": material, **_columns(whole.model), **_rows(whole.model)}


def _columns(model: LinearModel) -> Arrays:
    blocks = model.column_families.blocks
    return {
        "cost": model.cost,
        "column_lower": model.column_lower,
        "column_upper": model.column_upper,
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
