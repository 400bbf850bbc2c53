"""Finds the cover rows of a model: by echelon and set of materials, with multipliers that prove what must come in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from siting.certificate.covers import MOST_UNITS, capacity_kt, cover_faults, inflow_kt, least_units
from siting.certificate.lagrangian import lagrangian_bound, reduced_costs
from siting.instance import Bools, Floats, Ints
from siting.model.linear import LinearModel
from siting.model.whole import Part, Whole
from siting.plan import Cover
from siting.solve.clock import Record
from siting.solve.highs import Program, run_highs
from siting.vocabulary import Echelon

ALL_ROWS_COLUMNS = 20_000
"""Up to so many columns, what must come in is proven by all rows of a stage; beyond it by `TELLING`, in less time."""
COVER_COLUMNS = 100_000
"""Of a larger model none are looked for: there the ascent from first prices is slower with them (docs/lab)."""
PROGRAM_COLUMNS = 100_000
"""Beyond so many columns the one row that tells most is taken alone, at once, and no linear program solved."""
PASSING = ("conserve_material", "split_load")
TELLING = (
    (
        PASSING,
        (
            "serve", "within_offer", "serve_near", "reach_served", "reach_coverage", "reach_collected",
            "reach_collected_share",
        ),
    ),
    ((), ("split_load", "reach_processed", "reach_recycled_share")),
    (PASSING, ("reach_min_load", "reach_count", "keep_open")),
)  # fmt: skip
"""Families of rows that pass material on, and of those by which some must be there to be passed on.

The last are slow, and only asked where the others say nothing."""
INTERIOR: dict[str, object] = {"solver": "ipm", "run_crossover": "off"}
"""Large programs of one kind of column are slow by the simplex method; no vertex is needed."""
LONGEST_WAY = 12
"""Rows that material passes at most, from a cell to where it ends."""
MOST_FACILITIES = 200
"""Where more facilities of the largest size are needed, whole ones are hardly more than shares of them."""
MOST_SETS = 16
"""Sets of materials tried at an echelon."""
MOST_DIVIDED, FINE = 40, 50
"""A unit divides the least capacity by no more than the first if it fits all, else by the second."""
NO_WAY = 1e12
FITS = 1e-6


@dataclass(frozen=True)
class _Tier:
    """The columns `open` of an echelon of a stage, with the rows that limit what they let in."""

    part: Part
    stage: int
    echelon: Echelon
    capacity_row: Bools


def find_covers(whole: Whole, record: Record, *, most: float) -> tuple[Cover, ...]:
    """Return covers of all stages and echelons that need a facility at least, found at `most` of the record's limit."""
    ends = record.spent + most
    found: list[Cover] = []
    if whole.model.n_columns > COVER_COLUMNS:
        return ()
    for tier in _tiers(whole):
        flows = {_flows(whole.model, tier, materials).tobytes(): materials for materials in _material_sets(tier)}
        for materials in flows.values():
            if record.spent < ends and record.left > 0:
                left = min(ends, record.limit) - record.spent
                found += _covers(whole, tier, materials, record=record, most=left)
    if found:
        record.note(f"{len(found)} cover rows")
    return tuple(found)


def _tiers(whole: Whole) -> Iterator[_Tier]:
    model = whole.model
    for stage, part in enumerate(whole.parts):
        rows = part.rows.numbers("within_capacity")
        entries = model.matrix[rows].tocoo()
        opened, echelon = part.in_whole("open"), part.instance.option_echelon()
        of_column = np.full(model.n_columns, -1)
        of_column[opened] = echelon
        for one in list(Echelon)[1:]:  # of points there are so many that shares of them are hardly a bound for less
            capacity_row = np.zeros(model.n_rows, dtype=bool)
            capacity_row[rows[np.unique(entries.row[of_column[entries.col] == one])]] = True
            if capacity_row.any():
                yield _Tier(part, stage, one, capacity_row)


def _material_sets(tier: _Tier) -> list[Bools]:
    """Return sets of materials to try: all, those that some facility takes, and each alone."""
    instance = tier.part.instance
    whole = np.ones((1, instance.n_materials), dtype=bool)
    accepted = np.unique(instance.options.accepts[instance.option_echelon() == tier.echelon], axis=0)
    sets = np.concatenate([whole, accepted, np.eye(instance.n_materials, dtype=bool)])
    _, first = np.unique(sets, axis=0, return_index=True)
    return [sets[number] for number in np.sort(first)[:MOST_SETS] if sets[number].any()]


def _covers(whole: Whole, tier: _Tier, materials: Bools, *, record: Record, most: float) -> list[Cover]:
    """Return the covers of an echelon and a set of materials, one for each way to price sizes."""
    model = whole.model
    blank = Cover(
        stage=tier.stage,
        echelon=int(tier.echelon),
        materials=materials,
        capacity_row=tier.capacity_row,
        is_counted=_counted(model, tier, materials),
        units=np.zeros(model.n_columns, dtype=np.int64),
        unit_kt=1.0,
        size=np.ones(1, dtype=np.int64),
        price=np.ones(1),
        multipliers=np.zeros(model.n_rows),
    )
    blank = replace(blank, capacity_row=_rows_with_inflow(model, blank))
    capacity = capacity_kt(model, blank)
    if not (capacity > 0).any():
        return []
    proven = replace(blank, multipliers=_needed(model, tier.part, inflow_kt(model, blank), record, most))
    standing = _standing(model, tier) & (capacity > 0)
    left = [capacity, np.where(standing, 0.0, capacity)] if standing.any() else [capacity]
    covers = [
        replace(in_units, price=price)
        for one in left
        for in_units in _in_units(proven, one)
        for price in _prices(model.cost, in_units)
    ]
    return [cover for cover in covers if not cover_faults(model, cover) and _needs_few(whole, cover)]


def _counted(model: LinearModel, tier: _Tier, materials: Bools) -> Bools:
    """Return the columns that bring in what is counted, (n_columns,)."""
    columns = tier.part.columns
    counted = np.zeros(model.n_columns, dtype=bool)
    for name, material in (
        ("direct", columns.direct_material),
        ("haul", columns.haul_material),
        ("load", columns.load_material),
    ):
        counted[tier.part.in_whole(name)] = materials[material]
    return counted


def _flows(model: LinearModel, tier: _Tier, materials: Bools) -> Bools:
    """Return the columns that bring in counted material, (n_columns,): equal for sets of materials that flow alike."""
    entries = model.matrix[np.flatnonzero(tier.capacity_row)].tocoo()
    flows = np.zeros(model.n_columns, dtype=bool)
    flows[entries.col[entries.data > 0]] = True
    return flows & _counted(model, tier, materials) & (model.column_upper > 0)


def _rows_with_inflow(model: LinearModel, cover: Cover) -> Bools:
    """Return the capacity rows of `cover` with a counted inflow: only these sites need to be open for it."""
    rows = np.flatnonzero(cover.capacity_row)
    entries = model.matrix[rows].tocoo()
    takes = np.zeros(len(rows), dtype=bool)
    takes[entries.row[(entries.data > 0) & cover.is_counted[entries.col] & (model.column_upper[entries.col] > 0)]] = (
        True
    )
    kept = np.zeros(model.n_rows, dtype=bool)
    kept[rows[takes]] = True
    return kept


def _standing(model: LinearModel, tier: _Tier) -> Bools:
    """Return the columns `open` of existing facilities, (n_columns,): the supply of such cheap ones is limited."""
    standing = np.zeros(model.n_columns, dtype=bool)
    standing[tier.part.in_whole("open")] = tier.part.instance.options.is_existing
    return standing


def _needed(model: LinearModel, part: Part, inflow: Floats, record: Record, share: float) -> Floats:
    """Return multipliers (n_rows,) that prove a minimum of `inflow` (n_columns,) in every plan; 0 below `share`."""
    counted = replace(model, cost=inflow)
    if len(part.column_in_whole) <= ALL_ROWS_COLUMNS:
        return _priced(counted, part.rows.members(), np.zeros(model.n_rows), record, share)
    best, most = np.zeros(model.n_rows), 0.0
    for number, (passing, telling) in enumerate(TELLING):
        if number == len(TELLING) - 1 and most > 0:
            break
        rows, known = part.rows.numbers(*telling), passed_on(counted, part.rows.numbers(*passing))
        tried = [_by_one_row(counted, rows, known)]
        if len(part.column_in_whole) <= PROGRAM_COLUMNS:
            tried.append(_priced(counted, rows, known, record, share / len(TELLING)))
        for found in tried:
            proven = lagrangian_bound(counted, found)
            best, most = (found, proven) if proven > most else (best, most)
    return best


def _by_one_row(counted: LinearModel, rows: Ints, known: Floats) -> Floats:
    """Return the multipliers (n_rows,) of the one of `rows` that proves most beside the `known` ones, at once."""
    reduced = reduced_costs(counted, known)
    entries = counted.matrix[rows].tocoo()
    price = np.full(len(rows), np.inf)
    asks = entries.data > 0
    np.minimum.at(price, entries.row[asks], np.maximum(0.0, reduced[entries.col[asks]]) / entries.data[asks])
    asked = np.maximum(0.0, np.where(np.isfinite(counted.row_lower[rows]), counted.row_lower[rows], 0.0))
    worth = np.where(np.isfinite(price), price, 0.0) * asked
    multipliers = known.copy()
    if len(rows) and worth.max() > 0:
        multipliers[rows[worth.argmax()]] += price[worth.argmax()]
    return multipliers


def _priced(counted: LinearModel, rows: Ints, known: Floats, record: Record, most: float) -> Floats:
    """Return multipliers (n_rows,) with the best ones for `rows` beside the `known`, within the limit `most`."""
    matrix = sparse.csr_array(counted.matrix[rows])
    columns = np.unique(matrix.indices)
    program = Program(
        reduced_costs(counted, known)[columns],
        counted.column_lower[columns],
        counted.column_upper[columns],
        sparse.csr_array(sparse.csc_array(matrix)[:, columns]),
        counted.row_lower[rows],
        counted.row_upper[rows],
    )
    options = {} if len(columns) <= ALL_ROWS_COLUMNS else INTERIOR
    allowed = record.allow(most)
    answer = run_highs(program, time_limit_s=allowed.seconds, work=allowed.work, options=options)
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    multipliers = known.copy()
    if answer.values is not None and len(answer.row_dual) == len(rows):
        multipliers[rows] += answer.row_dual
    return multipliers


def passed_on(model: LinearModel, rows: Ints) -> Floats:
    """Return multipliers (n_rows,) of the `rows` that pass material on: minus the cheapest cost of a kt to its end.

    A column takes from the row where its entry is negative, and brings to those where it is positive.
    """
    entries = model.matrix[rows].tocoo()
    takes = entries.data < 0
    row, column, share = entries.row[takes], entries.col[takes], -entries.data[takes]
    brings = sparse.csr_array(model.matrix[rows].maximum(0.0).T)
    value = np.full(len(rows), NO_WAY)
    for _ in range(LONGEST_WAY):
        onward = np.minimum(NO_WAY, model.cost + brings @ value)
        better = np.full(len(rows), NO_WAY)
        np.minimum.at(better, row, onward[column] / share)
        if np.array_equal(better, value):
            break
        value = better
    multipliers = np.zeros(model.n_rows)
    multipliers[rows] = np.where(value < NO_WAY, -value, 0.0)
    return multipliers


def _in_units(cover: Cover, capacity: Floats) -> list[Cover]:
    """Return `cover` with integer capacities (n_columns,), in fitting units and in the largest; none if it is empty.

    In units of the largest capacity each facility is one.
    """
    sizes = np.unique(capacity[capacity > 0])
    if not len(sizes):
        return []
    divided = next((n for n in range(1, MOST_DIVIDED + 1) if _fits(sizes * n / sizes[0])), FINE)
    fitting = max(sizes[0] / divided, sizes[-1] / MOST_UNITS)
    in_units = []
    for unit_kt in (fitting,) if len(sizes) == 1 else (fitting, sizes[-1]):
        units = np.ceil(capacity / unit_kt - FITS / 2).astype(np.int64)
        rounded_kt = float(unit_kt) * (1 + FITS)
        in_units.append(replace(cover, units=units, unit_kt=rounded_kt, size=np.unique(units[units > 0])))
    return in_units


def _fits(multiples: Floats) -> bool:
    return bool(np.abs(multiples - np.round(multiples)).max() <= FITS)


def _prices(cost: Floats, cover: Cover) -> list[Floats]:
    """Return the prices of the sizes, (n_sizes,) each: the minimum opening cost, and 1, which counts facilities."""
    least = np.array([max(0.0, float(cost[cover.units == size].min())) for size in cover.size])
    return [least, np.ones(len(least))] if len(least) > 1 and least.max() > 0 else [np.ones(len(least))]


def _needs_few(whole: Whole, cover: Cover) -> bool:
    """Return whether at least one facility is needed, and few enough for rounding up to matter."""
    least = least_units(whole.model, cover, whole)
    return 1 <= least <= MOST_FACILITIES * int(cover.size.max())


def prices_of(covers: tuple[Cover, ...], multipliers: Floats, n_rows: int) -> tuple[tuple[Cover, ...], Floats]:
    """Return the covers with a positive multiplier in `multipliers` (n_rows + n_covers,), and those kept."""
    used = multipliers[n_rows:] > 0
    kept = np.append(np.ones(n_rows, dtype=bool), used)
    return tuple(cover for cover, is_used in zip(covers, used, strict=True) if is_used), multipliers[kept]


def of_stage(whole: Whole, number: int, cover: Cover) -> Cover:
    """Return a cover of the model of one stage alone as one of the whole model."""
    part, model = whole.parts[number], whole.model
    capacity_row, multipliers = np.zeros(model.n_rows, dtype=bool), np.zeros(model.n_rows)
    is_counted, units = np.zeros(model.n_columns, dtype=bool), np.zeros(model.n_columns, dtype=np.int64)
    capacity_row[part.rows.members()], multipliers[part.rows.members()] = cover.capacity_row, cover.multipliers
    is_counted[part.column_in_whole], units[part.column_in_whole] = cover.is_counted, cover.units
    return replace(
        cover, stage=number, capacity_row=capacity_row, multipliers=multipliers, is_counted=is_counted, units=units
    )
