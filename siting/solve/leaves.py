"""A small tree over how many units of each cover are open, each leaf with multipliers of its own.

What a solver's branch and bound proves leaves no proof. A few splits at whole numbers of units (so many stations or
fewer, or more; so much capacity or less, or more) prove part of that with multipliers that are kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.certificate.covers import UNLIMITED, least_units, with_covers
from siting.certificate.lagrangian import lagrangian_bound, usable_multipliers
from siting.instance import Floats, Ints
from siting.model.linear import LinearModel
from siting.plan import Cover, Leaf
from siting.solve.clock import Allowance, Record
from siting.solve.highs import Answer, Program, run_highs
from siting.solve.relaxation import Relaxation

MOST_LEAVES = 12
WHOLE = 0.02
"""Units as near as this to a whole number are not split."""
WORTH = 1e-4
"""Leaves are kept where they raise the bound by this share."""
DEAR = 10.0
"""A unit beyond a limit costs this many times the bound, where nothing keeps to the limit."""


@dataclass(frozen=True)
class _Node:
    """A part of all plans: at least and at most so many units, (n_covers,), with its bound, multipliers and values."""

    at_least: Ints
    at_most: Ints
    bound: float
    multipliers: Floats
    values: Floats


def grow_leaves(model: LinearModel, root: Relaxation, record: Record, *, most: float) -> None:
    """Split all plans by units of the covers of `record` while that raises the least bound, and leave the leaves there.

    `model` has the rows of the covers; `root` is its relaxation. It takes `most` of the record's limit.
    """
    covers, ends = record.covers, record.spent + most
    bare = _without_covers(model, len(covers))
    least = np.array([least_units(bare, cover) for cover in covers], dtype=np.int64)
    unlimited = np.full(len(covers), UNLIMITED)
    nodes = [_Node(least, unlimited, root.bound, root.multipliers, root.values)]
    while len(nodes) < MOST_LEAVES:
        weakest = min(nodes, key=lambda node: node.bound)
        left = min(ends, record.limit) - record.spent
        if weakest.bound >= record.best_cost or left <= 0 or record.left == 0:
            break
        parts = _split(bare, covers, weakest, record, left)
        if len(parts) < 2:
            break
        nodes = [node for node in nodes if node is not weakest] + parts
    bound = min(node.bound for node in nodes)
    if bound > root.bound + WORTH * abs(root.bound):
        record.offer_leaves(bound, tuple(_leaf(node, bare.n_rows) for node in nodes), f"{len(nodes)} leaves")


def _without_covers(model: LinearModel, n_covers: int) -> LinearModel:
    """Return `model` without its last rows, the covers."""
    n = model.n_rows - n_covers
    blocks = [block for block in model.row_families if block.name != "cover"]
    return replace(
        model,
        matrix=sparse.csr_array(model.matrix[:n]),
        row_lower=model.row_lower[:n],
        row_upper=model.row_upper[:n],
        row_families=type(model.row_families)(tuple(blocks)),
    )


def _split(bare: LinearModel, covers: tuple[Cover, ...], node: _Node, record: Record, most: float) -> list[_Node]:
    """Return the two children of a node, by the cover whose units are most fractional; none where all are integer."""
    if not covers:
        return []
    opened = np.array([float(cover.units @ node.values) for cover in covers])
    below = np.floor(opened).astype(np.int64)
    is_within = (below >= node.at_least) & (below < node.at_most)  # else a limit is missed, at its price
    is_first = np.isin(
        np.arange(len(covers)), np.unique([cover.units for cover in covers], axis=0, return_index=True)[1]
    )
    off = np.where(is_within & is_first, np.abs(opened - np.round(opened)), 0.0)
    if off.max() < WHOLE:
        return []
    own = np.arange(len(covers)) == off.argmax()
    sides = (
        (node.at_least, np.where(own, below, node.at_most)),
        (np.where(own, below + 1, node.at_least), node.at_most),
    )
    allowed = record.allow(most / 2)
    found = []
    for at_least, at_most in sides:
        part, answer = _bounded(bare, covers, at_least, at_most, (node.bound, allowed))
        record.charge(answer.work, is_timed_out=answer.is_timed_out)
        found.append(part)
    return [part for part in found if part is not None]


def _bounded(
    bare: LinearModel, covers: tuple[Cover, ...], at_least: Ints, at_most: Ints, known: tuple[float, Allowance]
) -> tuple[_Node | None, Answer]:
    """Return a node with the multipliers of its relaxation; None where too little was allowed; and the answer.

    Rows of units may be missed at a price, so that multipliers prove a high bound of a part without plans too.
    """
    bound, allowed = known
    model = with_covers(bare, covers, at_least, at_most)
    limits = np.arange(bare.n_rows, model.n_rows)
    sign = np.where(np.isfinite(model.row_lower[limits]), 1.0, -1.0)
    size = np.maximum(1.0, np.abs(np.where(sign > 0, model.row_lower[limits], model.row_upper[limits])))
    n = len(limits)
    missing = sparse.csr_array((sign, (limits, np.arange(n))), shape=(model.n_rows, n))
    program = Program(
        np.append(model.cost, DEAR * max(1.0, abs(bound)) / size),
        np.append(model.column_lower, np.zeros(n)),
        np.append(model.column_upper, size),
        sparse.csr_array(sparse.hstack([model.matrix, missing])),
        model.row_lower,
        model.row_upper,
    )
    answer = run_highs(program, time_limit_s=allowed.seconds, work=allowed.work)
    if answer.values is None or len(answer.row_dual) != model.n_rows:
        return None, answer
    multipliers = usable_multipliers(model, answer.row_dual)
    values = answer.values[: model.n_columns]
    return _Node(at_least, at_most, lagrangian_bound(model, multipliers), multipliers, values), answer


def _leaf(node: _Node, n_rows: int) -> Leaf:
    """Return the leaf of a node, its multipliers by kind of row."""
    n = len(node.at_least)
    high_price = np.zeros(n)
    high_price[node.at_most < UNLIMITED] = node.multipliers[n_rows + n :]
    return Leaf(
        node.at_least, node.at_most, node.multipliers[n_rows : n_rows + n], high_price, node.multipliers[:n_rows]
    )
