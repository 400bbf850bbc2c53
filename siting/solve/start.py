"""A plan of another run as a start: what still fits this instance is kept, what does not is repaired.

Sites, cells, generators, types, sizes and materials are matched by their names, periods by their name or the nearest
year. Where the carried plan breaks a row, one is looked for that differs from it at as few options as may be (proximity
search: Fischetti and Monaci 2014); in a large city the city engine searches from what the carried plan opens.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Texts
from siting.model import LinearModel, Whole
from siting.model.columns import FOLLOWING
from siting.plan import Plan
from siting.solve.city.restrict import Holder, holds
from siting.solve.city.settling import Carried, count_changes, settle_flows
from siting.solve.clock import Record
from siting.vocabulary import Echelon

SLACK = 1e-6
"""A start may exceed the bounds of a column by this: rounding in what was stored."""
SETTLE_SHARE = 0.1
"""Share of the time limit to find the flows for what a start opens, at most."""
REPAIR_SHARE = 0.2
"""Share of it to look for the plan that is nearest to a start."""
REPAIR_GAP = 0.2
"""A plan that differs at so much more than it must is near enough."""
LOOSE = 0.01
"""A target that asks for less by this share of its value asks for less."""


@dataclass(frozen=True)
class Start:
    """The plans of a run of `instance`, one for each of its periods; `name` is that of the run."""

    instance: Instance
    plans: tuple[Plan, ...]
    name: str = "start"


def carry_over(start: Start, whole: Whole, record: Record) -> Carried:
    """Return what is left of `start` in the model `whole`, offered to `record` where it is a plan of it."""
    carried = [_carry_plan(start, whole, number) for number in range(len(whole.parts))]
    values = whole.values_of(tuple(carried))
    record.note(f"{start.name}: {_count_carried(start, whole, carried)}")
    settled = _settle(whole.model, values, record)
    if settled is None:
        record.note(f"{start.name}: no plan of this problem as it stands, to be repaired")
        return Carried(values, is_plan=False)
    record.offer_plan(settled, float(whole.model.cost @ settled), "start")
    return Carried(settled, is_plan=True, is_loose=asks_for_less(start.instance, whole.instance))


def asks_for_less(before: Instance, now: Instance) -> bool:
    """Return whether a target of points, or of who has one, asks for less now, or no longer stands."""
    asked = {target.id: target.asked for target in now.targets}
    for old in before.targets:
        is_of_points = old.measure.record.counted in ("residents", "districts") or old.echelon is Echelon.POINT
        sign = 1.0 if old.is_at_least else -1.0
        less = sign * old.asked - sign * asked.get(old.id, -sign * math.inf)
        if is_of_points and less > LOOSE * abs(old.asked):
            return True
    return False


def repair(carried: Carried, whole: Whole, record: Record) -> Carried:
    """Return a plan that differs little from `carried`, by branch and bound; `carried` where none is found in time."""
    model = whole.model
    opened = model.columns_of("open")
    distance = np.zeros(model.n_columns)
    distance[opened] = np.where(carried.values[opened] > 0.5, -1.0, 1.0)
    near = Holder.of(replace(model, cost=distance))
    allowed = record.allow(REPAIR_SHARE * record.limit)
    found, answer = near.resolve(
        carried.values, np.arange(model.n_columns), is_integer=model.is_integer, time_limit_s=allowed.seconds,
        work=allowed.work, gap=REPAIR_GAP, is_strict=True,
    )  # fmt: skip
    record.charge(answer.work, is_timed_out=answer.is_timed_out)
    settled = None if found is None else _settle(model, found, record)
    if settled is None:
        record.note("start: not repaired in time")
        return carried
    record.note(f"start repaired: {count_changes(carried.values[opened], settled[opened])}")
    record.offer_plan(settled, float(model.cost @ settled), "start")
    return Carried(settled, is_plan=True)


def _settle(model: LinearModel, values: Floats, record: Record) -> Floats | None:
    """Return `values` as a plan: as they are, or with the flows decided anew for what they open; None where neither."""
    holder = Holder.of(model)
    allowed = record.allow(SETTLE_SHARE * record.limit)
    free, settled = model.columns_of(*FOLLOWING), values
    if free.size:
        told, answer = holder.resolve(
            values, free, is_integer=None, time_limit_s=allowed.seconds, work=allowed.work, is_strict=True
        )
        record.charge(answer.work, is_timed_out=answer.is_timed_out)
        settled = values if told is None else told
    within = (settled >= model.column_lower - SLACK) & (settled <= model.column_upper + SLACK)
    if within.all() and holds(holder, settled):
        return settled
    flowing = settle_flows(holder, values, record=record, most=SETTLE_SHARE * record.limit)
    return flowing if flowing is not None and holds(holder, flowing) else None


def _carry_plan(start: Start, whole: Whole, number: int) -> Plan:
    """Return the plan of period `number` of the model that is left of the start's plan for it."""
    here = whole.parts[number].instance
    there, plan = _of_period(start, whole, number)
    fits = whole.model.column_upper[whole.parts[number].in_whole("open")] > 0
    option = _match_options(there, here, fits)
    site, demand = _match(there.sites.id, here.sites.id), _match(there.demand.id, here.demand.id)
    is_open = _spread(plan.is_open.astype(float), option, here.n_options) > 0.5
    walk = _match_pairs(
        (demand[there.walks.demand], site[there.walks.site]), (here.walks.demand, here.walks.site), here.n_sites
    )
    material = _match(there.materials.id, here.materials.id)
    hauled, given = (
        _match_pairs((ends[old.tail], site[old.head]), (new.tail, new.head), here.n_sites)
        for ends, old, new in ((site, there.haul, here.haul), (demand, there.direct, here.direct))
    )
    extended = _spread(plan.expanded_t, option[there.expansions.option], here.n_options)
    return Plan(
        is_open=_one_of_each_site(here, is_open),
        assign=_spread(plan.assign, walk, len(here.walks.demand)),
        direct_t=_spread_twice(plan.direct_t, given, material, (len(here.direct.tail), here.n_materials)),
        haul_t=_spread_twice(plan.haul_t, hauled, material, (len(here.haul.tail), here.n_materials)),
        expanded_t=extended[here.expansions.option],
        disposed_t=_disposed(there, here, plan, option, material),
    )


def _of_period(start: Start, whole: Whole, number: int) -> tuple[Instance, Plan]:
    """Return the period of the start that has the name of period `number` of the model, else the nearest year."""
    stages = start.instance.stages
    if stages is None:
        return start.instance, start.plans[0]
    names = [] if whole.stages is None else np.flatnonzero(stages.name == whole.stages.name[number]).tolist()
    year = whole.parts[number].instance.year
    nearest = names[0] if names else int(np.argmin(np.abs(stages.year - year)))
    return start.instance.at_stage(nearest), start.plans[nearest]


def _match_options(there: Instance, here: Instance, fits: Bools) -> Ints:
    """Return for each option of `there` that of `here` at the same site: of its type and size, or of the next size.

    The next size is the smallest of the type that holds as much, else the largest; −1 where none `fits` (n_options,).
    """
    exact = _match(_option_names(there), _option_names(here))
    same_type: dict[tuple[str, str], list[int]] = {}
    for option in np.argsort(here.options.capacity_t, kind="stable").tolist():
        if fits[option]:
            key = (str(here.sites.id[here.options.site[option]]), str(here.facility_types[here.options.type[option]]))
            same_type.setdefault(key, []).append(option)
    found = exact.copy()
    for option in np.flatnonzero((exact < 0) | ~fits[exact]).tolist():
        key = (str(there.sites.id[there.options.site[option]]), str(there.facility_types[there.options.type[option]]))
        sizes = same_type.get(key, [])
        larger = [one for one in sizes if here.options.capacity_t[one] >= there.options.capacity_t[option]]
        found[option] = (larger or sizes[-1:] or [-1])[0]
    return found


def _option_names(instance: Instance) -> Texts:
    options = instance.options
    parts = (instance.sites.id[options.site], instance.facility_types[options.type], options.size)
    return np.array(["\t".join(map(str, one)) for one in zip(*parts, strict=True)], dtype=str)


def _one_of_each_site(here: Instance, is_open: Bools) -> Bools:
    """Return `is_open` (n_options,) with the largest option alone open at each site."""
    opened = np.flatnonzero(is_open)
    opened = opened[np.argsort(-here.options.capacity_t[opened], kind="stable")]
    _, first = np.unique(here.options.site[opened], return_index=True)
    alone = np.zeros(here.n_options, dtype=bool)
    alone[opened[first]] = True
    return alone


def _match(names: Texts, among: Texts) -> Ints:
    """Return where each of `names` stands in `among`, −1 where it does not."""
    numbers = {name: number for number, name in enumerate(among.tolist())}
    return np.array([numbers.get(name, -1) for name in names.tolist()], dtype=np.int64)


def _match_pairs(pairs: tuple[Ints, Ints], among: tuple[Ints, Ints], width: int) -> Ints:
    """Return where each pair of numbers stands in `among`, −1 where it does not or one of its numbers is −1."""
    if len(among[0]) == 0:
        return np.full(len(pairs[0]), -1)
    keys, known = (one[0] * width + one[1] for one in (pairs, among))
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], keys), len(order) - 1)
    is_there = (known[order][place] == keys) & (pairs[0] >= 0) & (pairs[1] >= 0)
    return np.where(is_there, order[place], -1)


def _spread(values: Floats, at: Ints, n: int) -> Floats:
    """Return an array (n,) with the largest of `values` at each of the places `at`, those at −1 left out; else 0."""
    found = np.zeros(n)
    np.maximum.at(found, at[at >= 0], values[at >= 0])
    return found


def _spread_twice(values: Floats, rows: Ints, columns: Ints, shape: tuple[int, int]) -> Floats:
    """Return an array of `shape` with `values` at the places `rows` × `columns`, as `_spread`."""
    found = np.zeros(shape)
    found[np.ix_(rows[rows >= 0], columns[columns >= 0])] = values[np.ix_(rows >= 0, columns >= 0)]
    return found


def _disposed(there: Instance, here: Instance, plan: Plan, option: Ints, material: Ints) -> Floats:
    old, new = there.disposals, here.disposals
    at = _match_pairs((option[old.option], material[old.material]), (new.option, new.material), here.n_materials)
    return _spread(plan.disposed_t, at, len(new.option))


def _count_carried(start: Start, whole: Whole, carried: list[Plan]) -> str:
    """Return how many facilities of the last period were carried over, and what became of the others, in words."""
    there, plan = _of_period(start, whole, len(whole.parts) - 1)
    here, now = whole.parts[-1].instance, carried[-1].is_open
    names, names_there = _option_names(here), _option_names(there)[plan.is_open]
    kept = np.isin(names_there, names[now])
    site_there = there.sites.id[there.options.site[plan.is_open]]
    is_resized = ~kept & np.isin(site_there, here.sites.id[here.options.site[now]])
    is_lost = ~np.isin(site_there, here.sites.id)
    n, as_is, resized, lost = (int(np.count_nonzero(one)) for one in (plan.is_open, kept, is_resized, is_lost))
    return (
        f"of {n:,} facilities {as_is:,} carried over, {resized:,} in another size, {n - as_is - resized:,} dropped"
        f" ({lost:,} of them as their site is no candidate here)"
    )
