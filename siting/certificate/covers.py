"""Cover rows: what every plan brings into an echelon needs whole facilities, not shares of one.

The capacity rows of an echelon, added up, say that what flows in is at most the capacity of what is open. Let D be the
kt that every plan brings in (`needed_kt`, proven by multipliers), u[o] the capacity of option o in whole units,
rounded up, and d = ⌈D / unit⌉. With any prices b[s] ≥ 0 of sizes s

    phi(0) = 0,  phi(t) = min over s of b[s] + phi(max(0, t - size[s]))

never falls and phi(s + t) <= phi(s) + phi(t), so that every plan keeps

    sum over o of min(phi(u[o]), phi(d)) open[o] >= phi(d)

(subadditive functions: Gomory, Johnson 1972, Some continuous functions related to corner polyhedra). With b[s] the
least cost of opening size s, the right side is the least that capacities of such sizes could cost; with b[s] = 1 it
counts facilities. `at_most` rows, sum of u[o] open[o] <= k, belong to leaves: parts of all plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from siting.certificate.lagrangian import lagrangian_bound, usable_multipliers, without_soft_targets
from siting.certificate.linkprices import taken_off
from siting.instance import Floats, Instance, Ints
from siting.model.columns import Columns
from siting.model.facility_rows import alike_sites
from siting.model.linear import LinearModel
from siting.model.whole import Whole
from siting.plan import Cover

SLACK = 1e-6
"""Units by which what is needed may exceed a whole number: solvers hold rows to such a tolerance."""
MOST_UNITS = 100_000
"""No table of prices is longer: a cover that needs more units is refused."""
UNLIMITED = np.iinfo(np.int64).max


def phi_table(size: Ints, price: Floats, most: int) -> Floats:
    """Return phi(0), …, phi(most) of the sizes, each at its price.

    >>> phi_table(np.array([3, 10]), np.array([2.0, 5.0]), 13).tolist()
    [0.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0, 7.0, 7.0, 7.0]
    """
    phi = np.zeros(most + 1)
    for t in range(1, most + 1):
        phi[t] = (price + phi[np.maximum(0, t - size)]).min()
    return phi


def capacity_kt(model: LinearModel, cover: Cover) -> Floats:
    """Return the inflow that each `open` column allows by the rows of `cover`, expansions included, kt, (n_columns,).

    Read from the rows alone: capacity is the negative entry of the column, and of what extends it times the most of
    that. 0 for a column that must stay 0.
    """
    rows = sparse.csr_array(model.matrix[np.flatnonzero(cover.capacity_row)])
    lets_in = np.asarray(-rows.minimum(0.0).sum(axis=0)).reshape(-1)
    capacity = np.where(model.is_integer, lets_in, 0.0)
    bought, opened, most_kt = _expansions(model)
    np.add.at(capacity, opened, lets_in[bought] * most_kt)
    return np.asarray(capacity * model.column_upper)


def _expansions(model: LinearModel) -> tuple[Ints, Ints, Floats]:
    """Return each column `expand`, the column `open` that allows it, and its most, kt, by the rows `expand_open`."""
    entries = model.matrix[model.rows_of("expand_open")].tocoo()
    n, is_bought = entries.shape[0], entries.data > 0
    bought, opened, most_kt = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.zeros(n)
    bought[entries.row[is_bought]] = entries.col[is_bought]
    opened[entries.row[~is_bought]] = entries.col[~is_bought]
    most_kt[entries.row[~is_bought]] = -entries.data[~is_bought]
    _, first = np.unique(bought, return_index=True)  # cases of demand share these columns
    return bought[first], opened[first], most_kt[first]


def inflow_kt(model: LinearModel, cover: Cover) -> Floats:
    """Return the kt that a unit of each column counts for in `cover`, (n_columns,)."""
    rows = sparse.csr_array(model.matrix[np.flatnonzero(cover.capacity_row)])
    return np.where(cover.is_counted, np.asarray(rows.maximum(0.0).sum(axis=0)).reshape(-1), 0.0)


def needed_kt(model: LinearModel, cover: Cover, whole: Whole | None = None) -> float:
    """Return the kt that every plan brings to what `cover` counts, less the capacity that it sets aside.

    Where the `whole` of the model omits links, plans with these do too: what each could bring past the multipliers is
    taken off, and soft targets, which could be missed by more with them, have no multipliers.
    """
    y, past_kt = usable_multipliers(model, cover.multipliers[: model.n_rows]), 0.0
    aside = np.where(cover.units == 0, capacity_kt(model, cover), 0.0)
    if whole is not None and whole.instance.omits_links:
        y = without_soft_targets(model, y)
        past_kt = _past_kt(whole, cover, y)
    return lagrangian_bound(replace(model, cost=inflow_kt(model, cover)), y) - past_kt - float(aside.sum())


def _past_kt(whole: Whole, cover: Cover, y: Floats) -> float:
    """Return the maximum reduction by omitted links of the inflow that the multipliers `y` (n_rows,) prove, kt."""
    rows = whole.parts[cover.stage].rows.numbers("within_capacity")
    is_met = cover.capacity_row[rows]

    def counted(thin: Instance, columns: Columns) -> Floats:
        entering, alike = np.zeros(columns.n), alike_sites(thin, columns)
        at_site = np.zeros(thin.n_sites, dtype=bool)
        at_site[alike] = is_met[: len(alike)]
        direct = cover.materials[columns.direct_material] & at_site[thin.direct.head[columns.direct_link]]
        haul = cover.materials[columns.haul_material] & at_site[thin.haul.head[columns.haul_link]]
        entering[columns["direct"]], entering[columns["haul"]] = direct, haul
        return entering

    return taken_off(whole, y, [counted if n == cover.stage else _nothing for n in range(len(whole.parts))])


def _nothing(_: Instance, columns: Columns) -> Floats:
    return np.zeros(columns.n)


def least_units(model: LinearModel, cover: Cover, whole: Whole | None = None) -> int:
    """Return the units that must be open in every plan, as the multipliers of `cover` prove."""
    return max(0, int(np.ceil(needed_kt(model, cover, whole) / cover.unit_kt - SLACK)))


def cover_faults(model: LinearModel, cover: Cover) -> list[str]:
    """Return the reasons why `cover` is not valid for `model`; each part of it is checked against the rows."""
    is_whole = model.is_integer & (model.column_lower == 0) & (model.column_upper <= 1)
    allowed = np.zeros(model.n_rows, dtype=bool)
    allowed[model.rows_of("within_capacity")] = True
    checks = {
        "adds up rows that are no capacity rows": bool((cover.capacity_row & ~allowed).any()),
        "counts what is not 0 or 1": bool((cover.units[~is_whole] != 0).any() or (cover.units < 0).any()),
        "rounds a capacity down": bool(
            (cover.units * cover.unit_kt < np.where(cover.units > 0, capacity_kt(model, cover), 0.0)).any()
        ),
        "has sizes below 1 or prices below 0": bool((cover.size < 1).any() or (cover.price < 0).any()),
        "has numbers that are not finite": not bool(
            np.isfinite(cover.price).all() and np.isfinite(cover.multipliers).all() and cover.unit_kt > 0
        ),
    }
    found = [what for what, is_so in checks.items() if is_so]
    if not found and needed_kt(model, cover) / cover.unit_kt > MOST_UNITS:
        found.append(f"needs more than {MOST_UNITS:,} units")
    return found


def cover_row(cover: Cover, at_least: int) -> tuple[Floats, float]:
    """Return coefficients (n_columns,) and least side of the row that at least so many units are open."""
    phi = phi_table(cover.size, cover.price, at_least)
    return phi[np.minimum(cover.units, at_least)], float(phi[at_least])


def with_covers(
    model: LinearModel, covers: Sequence[Cover], at_least: Sequence[int] | Ints, at_most: Sequence[int] | Ints = ()
) -> LinearModel:
    """Return `model` with a row `cover` for each, after its own rows, and then one `at_most` for each that has a limit.

    `at_least` units of each cover are open, and `at_most` unless that is `UNLIMITED`.
    """
    low = [cover_row(cover, int(least)) for cover, least in zip(covers, at_least, strict=True)]
    limited = [(cover, int(most)) for cover, most in zip(covers, at_most, strict=False) if most < UNLIMITED]
    rows = [*(row for row, _ in low), *(cover.units.astype(float) for cover, _ in limited)]
    if not rows:
        return model
    families = model.row_families.and_also("cover", len(low))
    return replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, sparse.csr_array(np.array(rows))])),
        row_lower=np.concatenate([model.row_lower, [side for _, side in low], np.full(len(limited), -np.inf)]),
        row_upper=np.concatenate([model.row_upper, np.full(len(low), np.inf), [most for _, most in limited]]),
        row_families=families.and_also("at_most", len(limited)) if limited else families,
    )
