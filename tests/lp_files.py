"""Small LP files: the rows of one family of a model, and a reader that knows no solver."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np

from siting.instance import Echelon, Instance, Measure
from siting.model import build_model
from siting.model.linear import LinearModel, RowAssembler
from tests.tiny import PAPER_SORTING, SORTING, hand_instance, make_target

GOLDEN = Path(__file__).parent / "golden"
MEASURES = {
    Measure.COUNT: {"value": 2, "echelon": Echelon.POINT},
    Measure.CAPACITY: {"value": 40, "is_at_least": False},
    Measure.COVERAGE: {"value": 0.5, "within_m": 300.0, "district": 1},
    Measure.COLLECTED: {"value": 9, "penalty_cny": 50.0},
    Measure.PROCESSED: {"value": 8, "counts_type": np.arange(5) == SORTING},
}


def two_by_three() -> Instance:
    """The hand instance, 2 cells × 3 points, with a professional centre to choose instead and a target a measure."""
    instance = hand_instance()
    rows = np.array([0, 1, 2, 3, 4, 4])
    options = instance.options
    options = dataclasses.replace(
        options, **{f.name: getattr(options, f.name)[rows] for f in dataclasses.fields(options)}
    )
    options.type[5], options.capacity_t[5], options.unit_cny_per_t[5] = PAPER_SORTING, 15, 30
    instance = dataclasses.replace(instance, options=options)
    targets = [make_target(instance, measure, **what) for measure, what in MEASURES.items()]
    return dataclasses.replace(instance, targets=tuple(targets))


def families_of(model: LinearModel) -> list[str]:
    """Names of the row families, each once, in order."""
    return list(dict.fromkeys(family.name for family in model.row_families))


def only_family(model: LinearModel, name: str) -> LinearModel:
    """The model with no rows but those of one family."""
    rows = RowAssembler(model.n_columns)
    numbers = model.rows_of(name)
    part = model.matrix[numbers].tocoo()
    bounds = {"lower": model.row_lower[numbers], "upper": model.row_upper[numbers]}
    rows.add(name, [(part.row, part.col, part.data)], n_rows=len(numbers), **bounds)
    lower, upper = rows.bounds()
    return dataclasses.replace(
        model, matrix=rows.matrix(), row_lower=lower, row_upper=upper, row_families=rows.families()
    )


def read_rows(path: Path) -> dict[str, tuple[dict[str, float], str, float]]:
    """Rows of an LP file: name → (coefficients, sense, right side)."""
    text = re.sub(r"\s+", " ", path.read_text())
    body = re.search(r"Subject To (.*?)(?: Bounds| Binaries| Binary| Generals| End)", text).group(1)
    rows = {}
    for name, left, sense, right in re.findall(r"(\w+): (.*?) (<=|>=|=) (\S+)(?= \w+:|$)", body):
        terms = re.findall(r"([+-]?) ?(\d[\d.e+-]*)? ?([a-z_]+_\d+)", left)
        coefficients = {column: float(sign + "1") * float(number or 1) for sign, number, column in terms}
        rows[name] = coefficients, sense, float(right)
    return rows


def golden_models() -> dict[str, LinearModel]:
    """The golden instance cut down to each of its row families."""
    model, _ = build_model(two_by_three())
    return {name: only_family(model, name) for name in families_of(model)}
