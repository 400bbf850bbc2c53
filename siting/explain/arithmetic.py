"""The arithmetic that makes a plan impossible, checked before any solve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from siting.explain.limits import limit_of
from siting.explain.reach import Reach, min_at_site, trace_reach
from siting.explain.spending import cheapest_point, most_for, residents_near
from siting.explain.wording import excess, name_counted, side_of, value_to_set, write_pair, write_value
from siting.instance import Bools, Instance, Target, Texts
from siting.model.columns import Columns, counted_options, lay_out
from siting.model.target_rows import row_units, target_terms
from siting.vocabulary import Echelon, Measure

MOST_IDS, MOST_TARGETS = 3, 4
"""Ids of places, and targets, that a message names."""


@dataclass(frozen=True)
class Finding:
    """A fault of the input found before a solve: where, what, the figures and the cure.

    `is_fatal` when no plan can exist; `target_id` names the target that it is about, None where it is about places.
    """

    message: str
    is_fatal: bool = False
    target_id: str | None = None


def check_arithmetic(instance: Instance) -> list[Finding]:
    """Find faults that need no solver: targets beyond reach, contradictions, places that cannot be served.

    Fatal findings come first. A soft target beyond reach is no more than a warning. That nothing is found does not
    mean that a plan exists.
    """
    names = [""] if instance.stages is None else instance.stages.name.tolist()
    found: dict[str, Finding] = {}
    stages_of: dict[str, list[str]] = {}
    for number, name in enumerate(names):
        for finding in _check_stage(instance.at_stage(number), is_later=number > 0):
            found[finding.message] = finding
            stages_of.setdefault(finding.message, []).append(name)
    findings = [
        finding
        if len(stages_of[message]) == len(names)
        else replace(finding, message=f"{', '.join(stages_of[message])}: {message}")
        for message, finding in found.items()
    ]
    return sorted(findings, key=lambda finding: not finding.is_fatal)


def _check_stage(instance: Instance, *, is_later: bool) -> Iterator[Finding]:
    """Yield the faults of one stage; what a later one invests depends on the facilities that are open already."""
    reach = trace_reach(instance)
    yield from _unserved(instance, reach)
    yield from _unlinked(instance)
    yield from _unaccepted(instance, reach)
    yield from _impossible_sites(instance, reach)
    for target in instance.targets:
        if target.measure.record.is_bounded or (target.measure is Measure.INVESTMENT and not is_later):
            yield from _check_target(instance, reach, target)
    yield from _check_contradictions(instance)


def _named(ids: Texts, where: Bools) -> str:
    """Return the first few ids, and how many more there are."""
    chosen = ids[where]
    more = f" and {len(chosen) - MOST_IDS:,} more" if len(chosen) > MOST_IDS else ""
    return ", ".join(chosen[:MOST_IDS]) + more


def _unserved(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield cells with no candidate in reach, and generators with no centre."""
    demand = instance.demand
    has_link = np.zeros(instance.n_demand, dtype=bool)
    has_link[instance.walks.demand[reach.has_option[instance.walks.site]]] = True
    far = demand.is_household & ~has_link
    if far.any():
        residents = demand.residents[far].sum()
        share = residents / max(instance.residents, 1.0)
        yield Finding(
            f"{np.count_nonzero(far):,} cells with {residents:,.0f} residents ({share * 100:.1f} %) have no candidate"
            f" point within the walking cut-off ({_named(demand.id, far)}); add candidates there or raise"
            " travel.walk_cutoff_m"
        )
    lone = ~demand.is_household
    lone[instance.direct.tail] = False
    if lone.any():
        yield Finding(
            f"{np.count_nonzero(lone):,} generators with {demand.tonnes[lone].sum():,.0f} t/yr have no sorting centre"
            f" within the haul cut-off ({_named(demand.id, lone)}); raise travel.haul_cutoff_km"
        )


def _unlinked(instance: Instance) -> Iterator[Finding]:
    """Yield points without a station, stations without a centre, and centres without the base that they need."""
    echelons = [
        (Echelon.POINT, "candidate points", "transfer station"),
        (Echelon.TRANSFER, "candidate transfer stations", "sorting centre"),
    ]
    if (instance.type_echelon[instance.conversions.type] == Echelon.SORTING).any():
        echelons.append((Echelon.SORTING, "candidate sorting centres", "processing base"))
    has_link = np.zeros(instance.n_sites, dtype=bool)
    has_link[instance.haul.tail] = True
    for echelon, here, there in echelons:
        lone = (instance.sites.echelon == echelon) & ~has_link
        if lone.any():
            yield Finding(
                f"{np.count_nonzero(lone):,} {here} have no {there} within the haul cut-off"
                f" ({_named(instance.sites.id, lone)}) and stay unused; raise travel.haul_cutoff_km"
            )


def _unaccepted(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield materials that are offered and that nothing can take all the way, by the echelon where they stop."""
    demand, echelon = instance.demand, instance.sites.echelon
    for is_household, heads in ((True, instance.walks.site), (False, instance.direct.head)):
        offered_t = demand.tonnes[demand.is_household == is_household].sum(axis=0)
        for material in np.flatnonzero((offered_t > 0) & ~reach.takes[np.unique(heads)].any(axis=0)):
            here = [e for e in reversed(Echelon) if (echelon == e).any()]
            blocks = [e for e in here if not reach.takes[echelon == e][:, material].any()]
            name = (blocks or here or [Echelon.SORTING])[0].name.lower()
            if not len(heads):
                yield Finding(
                    f"{instance.materials.id[material]}: {offered_t[material]:,.0f} t/yr are offered by"
                    f" {'households' if is_household else 'generators'}, and no site to take them is left in reach: all"
                    " are forbidden, too far, or too small for every size; allow some, or add smaller sizes"
                )
                continue
            yield Finding(
                f"{instance.materials.id[material]}: {offered_t[material]:,.0f} t/yr are offered by"
                f" {'households' if is_household else 'generators'}, but no {name} site takes it on to a"
                f" sorting centre; add it to `accepts` of a {name} type"
            )


def _impossible_sites(instance: Instance, reach: Reach) -> Iterator[Finding]:
    """Yield sites that must be open and have nothing that fits, or less coming in than their minimum load."""
    sites = instance.sites
    least_t = min_at_site(instance, instance.options.min_load_t, reach.fits)
    most_t = reach.into_t.sum(axis=1)
    for site in np.flatnonzero(sites.must_open & ~reach.has_option):
        yield Finding(
            f"site {sites.id[site]}: must be open, but no type and size fits its {sites.area_m2[site]:,.0f} m2;"
            " enlarge it, add a smaller size, or take it out of sites.must_open",
            is_fatal=True,
        )
    for site in np.flatnonzero(sites.must_open & reach.has_option & (least_t > most_t * (1 + 1e-9))):
        yield Finding(
            f"site {sites.id[site]}: must be open and take at least {least_t[site]:,.0f} t/yr, but at most"
            f" {most_t[site]:,.0f} t/yr can reach it; lower min_load_share, add a smaller size, or let it close",
            is_fatal=True,
        )


def _check_target(instance: Instance, reach: Reach, target: Target) -> Iterator[Finding]:
    """Yield a finding where arithmetic alone puts a target beyond reach."""
    limit, side = limit_of(instance, reach, target), side_of(target)
    if excess(target, limit.value) > 1e-9 * max(1.0, abs(target.asked)):
        reached, asked = write_pair(target, limit.value, target.asked)
        soft = "" if target.is_hard else " (soft: its penalty is certain)"
        yield Finding(
            f"{target.unit}: {side.reaches} {reached} {limit.what}; target {target.id} asks {side.asks} {asked}{soft};"
            f" {limit.cure} or {side.change} the target to {value_to_set(target, limit.value)}"
            f"{''.join(_bought(instance, reach, target))}",
            is_fatal=target.is_hard,
            target_id=target.id,
        )


def _bought(instance: Instance, reach: Reach, budget: Target) -> Iterator[str]:
    """Yield, of a budget of investment, how near points it can bring residents at the most; by arithmetic alone."""
    if budget.measure is not Measure.INVESTMENT or budget.is_at_least:
        return
    spent = instance.options.capex_cny * counted_options(instance, budget)
    for one in instance.targets:
        if one.is_at_least and one.is_hard and one.measure in {Measure.COVERAGE, Measure.SERVED}:
            residents = float(instance.demand.residents[one.in_unit_demand].sum())
            near = residents_near(instance, reach, one)
            most = most_for(near, cheapest_point(instance, reach, one, spent), budget.asked)
            if most < one.asked * residents * (1 - 1e-9):
                counted, share = name_counted(instance, one), write_value(one, most / residents)
                yield f"; {write_value(budget, budget.asked)} buy at most {share} of {counted} ({one.id})"


@dataclass(frozen=True)
class _Counting:
    """A target, its value in the unit of its row, and the columns of the model that it counts, (n_columns,)."""

    target: Target
    amount: float
    columns: Bools

    @classmethod
    def of(cls, instance: Instance, columns: Columns, target: Target) -> _Counting:
        is_counted = np.zeros(columns.n, dtype=bool)
        is_counted[target_terms(instance, columns, target)[0]] = True
        return cls(target, target.asked * row_units(instance, target), is_counted)


def _check_contradictions(instance: Instance) -> Iterator[Finding]:
    """Yield a finding for each hard at-most target that at-least targets on disjoint parts of it exceed in sum."""
    columns = lay_out(instance)
    hard = [
        _Counting.of(instance, columns, target)
        for target in instance.targets
        if target.is_hard and target.measure.record.is_bounded
    ]
    for most in hard:
        parts = [] if most.target.is_at_least else _disjoint_parts(most, hard)
        asked = sum(part.amount for part in parts)
        if asked > most.amount + 1e-9 * max(1.0, most.amount):
            yield _contradiction(instance, most.target, parts, asked / row_units(instance, most.target))


def _disjoint_parts(most: _Counting, hard: list[_Counting]) -> list[_Counting]:
    """Return at-least targets that count only what `most` counts, in the same measure, none counting what another does.

    Of two choices the one with the larger sum is taken: the wide targets first, or the narrow ones.
    """
    inside = [
        one
        for one in hard
        if one.target.is_at_least
        and one.target.measure is most.target.measure
        and not (one.columns & ~most.columns).any()
    ]
    inside.sort(key=lambda one: int(one.columns.sum()))
    choices = [_first_fit(most.columns, inside[::-1]), _first_fit(most.columns, inside)]
    return max(choices, key=lambda parts: sum(part.amount for part in parts))


def _first_fit(columns: Bools, offered: list[_Counting]) -> list[_Counting]:
    """Return the targets taken in their order, each where its columns are still free."""
    taken: list[_Counting] = []
    free = columns.copy()
    for one in offered:
        if free[one.columns].all():
            taken.append(one)
            free &= ~one.columns
    return taken


def _contradiction(instance: Instance, most: Target, parts: list[_Counting], asked: float) -> Finding:
    targets = [part.target for part in parts]
    ids = ", ".join(f"{one.id} of {one.unit} ({write_value(one, one.asked)})" for one in targets[:MOST_TARGETS])
    more = f" and {len(parts) - MOST_TARGETS} more" if len(parts) > MOST_TARGETS else ""
    return Finding(
        f"{most.unit}: {name_counted(instance, most)} may be at most {write_value(most, most.value)} ({most.id}), yet"
        f" other targets ask at least {write_value(most, asked)} of it: {ids}{more}; raise the one or lower the others",
        is_fatal=True,
        target_id=most.id,
    )
