"""The model of all stages together: each stage's model side by side, and what ties them.

    open[o,s] <= open[o,s+1]                                  stay_open          ∀ new option o, year s     [1]
    open[o,s+1] <= open[o,s]                                  stay_closed        ∀ existing option o, year s [1]
    expand[o,s] <= expand[o,s+1]                              stay_expanded      ∀ extendable option o, year s [kt]
    worst >= cost of case s                                   cover_case         ∀ case s                   [10^4 CNY]

Years have columns of their own throughout; an investment target of a year counts what opens in it (capex (open[o,s] −
open[o,s−1])) and is extended in it. Cases of demand share the columns `open`, `close` and `expand`. The objective is
the sum of the stages' by their weights, or `worst`, the cost of the dearest case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import sparse

from siting.instance import Bools, Floats, Instance, Ints, Stages
from siting.model.build import build_model
from siting.model.columns import Columns, plan_of, values_of
from siting.model.costs import column_costs
from siting.model.linear import MODEL_CNY, Families, Family, LinearModel
from siting.plan import Plan, weighted
from siting.vocabulary import Measure

SHARED = ("open", "close", "expand")
"""Families of columns that cases of demand share."""


@dataclass(frozen=True)
class Part:
    """One stage of the whole: its instance, where its decisions stand in its own model, and in the whole's columns.

    `is_own` (n_columns of the stage,) is false for the columns that the first stage holds for all. `rows` are the row
    families of the stage in the whole.
    """

    instance: Instance
    columns: Columns
    column_in_whole: Ints
    is_own: Bools
    rows: Families

    def in_whole(self, name: str) -> Ints:
        """Return the columns of the whole that a family of the stage stands at."""
        return self.column_in_whole[self.columns[name]]


@dataclass(frozen=True)
class Whole:
    """The model of `instance` with all its stages."""

    instance: Instance
    model: LinearModel
    parts: tuple[Part, ...]

    @property
    def stages(self) -> Stages | None:
        """The stages of the instance."""
        return self.instance.stages

    def plans_of(self, values: Floats) -> tuple[Plan, ...]:
        """Return the plan of each stage that column values (n_columns,) stand for."""
        return tuple(plan_of(part.instance, part.columns, values[part.column_in_whole]) for part in self.parts)

    def values_of(self, plans: tuple[Plan, ...]) -> Floats:
        """Return the column values of a plan for each stage; shortfalls and the worst case are left 0."""
        values = np.zeros(self.model.n_columns)
        for part, plan in zip(self.parts, plans, strict=True):
            values[part.column_in_whole] = values_of(part.instance, part.columns, plan)
        return values

    def stage_costs(self, values: Floats) -> list[float]:
        """Return the cost of each stage of a plan, in the model's unit, whatever was optimised."""
        return [float(column_costs(part.instance, part.columns) @ values[part.column_in_whole]) for part in self.parts]

    def cost_cny(self, values: Floats) -> float:
        """Return the cost of a plan, CNY a year, whatever the objective: weighted over stages, or of the dearest."""
        return weighted(self.stages, self.stage_costs(values)) * MODEL_CNY


def build_whole(instance: Instance) -> Whole:
    """Return the model of `instance`, of one stage or many."""
    stages = [instance.at_stage(number) for number in range(instance.n_stages)]
    built = [build_model(stage) for stage in stages]
    if instance.stages is None:
        model, columns = built[0]
        own = np.ones(columns.n, dtype=bool)
        return Whole(instance, model, (Part(instance, columns, np.arange(columns.n), own, model.row_families),))
    parts = _place(stages, built, is_shared=not instance.stages.is_nested)
    model = _stack(parts, [model for model, _ in built], instance.stages.weight)
    if instance.stages.is_robust:
        model = _with_worst(model, parts, [model for model, _ in built])
    if instance.stages.is_nested:
        model = _with_nesting(model, parts)
    return Whole(instance, model, tuple(parts))


def _place(stages: list[Instance], built: list[tuple[LinearModel, Columns]], *, is_shared: bool) -> list[Part]:
    """Return the positions of each stage's columns and rows in the whole; shared ones are those of the first stage."""
    parts: list[Part] = []
    n_columns = n_rows = 0
    for stage, (model, columns) in zip(stages, built, strict=True):
        own = np.ones(columns.n, dtype=bool)
        index = np.empty(columns.n, dtype=np.int64)
        for name in SHARED if is_shared and parts else ():
            own[columns[name]] = False
            index[columns[name]] = parts[0].in_whole(name)
        index[own] = n_columns + np.arange(own.sum())
        parts.append(Part(stage, columns, index, own, model.row_families.shifted(n_rows)))
        n_columns += int(own.sum())
        n_rows += model.n_rows
    return parts


def _stack(parts: list[Part], models: list[LinearModel], weight: Floats) -> LinearModel:
    """Return the stages' models side by side, costs by `weight`."""
    n_columns = 1 + max(int(part.column_in_whole.max()) for part in parts)
    cost, upper = np.zeros(n_columns), np.zeros(n_columns)
    is_integer = np.zeros(n_columns, dtype=bool)
    blocks = []
    column_families: list[Family] = []
    row_families: list[Family] = []
    for part, model, share in zip(parts, models, weight, strict=True):
        index = part.column_in_whole
        np.add.at(cost, index, share * model.cost)
        upper[index], is_integer[index] = model.column_upper, model.is_integer
        entries = model.matrix.tocoo()
        shape = (model.n_rows, n_columns)
        blocks.append(sparse.csr_array((entries.data, (entries.row, index[entries.col])), shape=shape))
        row_families += part.rows
        column_families += _families_in_whole(part, model)
    return LinearModel(
        cost=cost,
        column_lower=np.zeros(n_columns),
        column_upper=upper,
        is_integer=is_integer,
        matrix=sparse.csr_array(sparse.vstack(blocks)),
        row_lower=np.concatenate([model.row_lower for model in models]),
        row_upper=np.concatenate([model.row_upper for model in models]),
        column_families=Families(tuple(column_families)),
        row_families=Families(tuple(row_families)),
    )


def _families_in_whole(part: Part, model: LinearModel) -> list[Family]:
    """Return the column families of a stage, less those that the first stage holds for all."""
    index = part.column_in_whole
    return [
        Family(family.name, int(index[family.start]), int(index[family.stop - 1]) + 1)
        for family in model.column_families
        if family.stop > family.start and part.is_own[family.start]
    ]


def _with_worst(model: LinearModel, parts: list[Part], models: list[LinearModel]) -> LinearModel:
    """Return `model` with one more column, at least the cost of every case, as its only objective."""
    least = sum(float(np.minimum(one.cost, 0) @ one.column_upper) for one in models)
    most = max(float(np.maximum(one.cost, 0) @ one.column_upper) for one in models)
    n = model.n_columns
    rows = []
    for part, one in zip(parts, models, strict=True):
        row = np.zeros(n + 1)
        np.add.at(row, part.column_in_whole, -one.cost)
        row[n] = 1.0
        rows.append(sparse.csr_array(row[None]))
    wider = replace(
        model,
        cost=np.append(np.zeros(n), 1.0),
        column_lower=np.append(model.column_lower, least),
        column_upper=np.append(model.column_upper, most),
        is_integer=np.append(model.is_integer, False),
        matrix=sparse.csr_array(sparse.hstack([model.matrix, sparse.csr_array((model.n_rows, 1))])),
        column_families=model.column_families.and_also("worst", 1),
    )
    return _with_rows(wider, "cover_case", sparse.csr_array(sparse.vstack(rows)), lower=0.0, upper=np.inf)


def _with_nesting(model: LinearModel, parts: list[Part]) -> LinearModel:
    """Return `model` with the rows that link consecutive years."""
    for before, after in pairwise(parts):
        is_existing = before.instance.options.is_existing
        earlier = before.in_whole("open")
        later = after.in_whole("open")
        for name, chosen, sign in (("stay_open", ~is_existing, 1.0), ("stay_closed", is_existing, -1.0)):
            n = int(chosen.sum())
            ends = (np.concatenate([np.arange(n)] * 2), np.concatenate([earlier[chosen], later[chosen]]))
            values = np.repeat([sign, -sign], n)
            rows = sparse.csr_array((values, ends), shape=(n, model.n_columns))
            model = _with_rows(model, name, rows, lower=-np.inf, upper=0.0)
        model = _with_rows(model, "stay_expanded", _stay_expanded(model, before, after), lower=-np.inf, upper=0.0)
        model = _less_opened_before(model, (before, after))
    return model


def _stay_expanded(model: LinearModel, before: Part, after: Part) -> sparse.csr_array:
    """Return the rows that say that capacity bought by the tonne stays."""
    earlier, later = (part.in_whole("expand") for part in (before, after))
    n = len(earlier)
    ends = (np.concatenate([np.arange(n)] * 2), np.concatenate([earlier, later]))
    return sparse.csr_array((np.repeat([1.0, -1.0], n), ends), shape=(n, model.n_columns))


def _less_opened_before(model: LinearModel, years: tuple[Part, Part]) -> LinearModel:
    """Return `model` whose investment rows of the later year exclude what was open or bought before."""
    before, after = years
    rows = after.rows.numbers(Measure.INVESTMENT.record.row_family)
    if not rows.size:
        return model
    entries = model.matrix[rows].tocoo()
    year_before = np.full(model.n_columns, -1)
    for name in ("open", "expand"):
        year_before[after.in_whole(name)] = before.in_whole(name)
    counted = year_before[entries.col] >= 0
    ends = (rows[entries.row[counted]], year_before[entries.col[counted]])
    taken = sparse.csr_array((-entries.data[counted], ends), shape=model.matrix.shape)
    return replace(model, matrix=sparse.csr_array(model.matrix + taken))


def _with_rows(model: LinearModel, name: str, rows: sparse.csr_array, *, lower: float, upper: float) -> LinearModel:
    n = rows.shape[0]
    if n == 0:
        return model
    return replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, rows])),
        row_lower=np.append(model.row_lower, np.full(n, lower)),
        row_upper=np.append(model.row_upper, np.full(n, upper)),
        row_families=model.row_families.and_also(name, n),
    )
