"""Losses of a plan if one of its facilities closes and nothing else opens.

What came to the facility goes, the nearest first, to the nearest other open facility of the plan that the instance
joins it to, that takes its materials and that still has room; what finds none is lost. Room is the planned limit less
what the plan brings there. One step is looked at: not what lies behind the next facility, nor whether another order of
filling would lose less, so that the figure is an upper bound of that step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from siting.instance import Bools, Floats, Instance, Ints, Links
from siting.plan import Plan, open_option_of_site, planned_limit_t, site_inflow_t

LEAST_SHARE = 1e-6
ROUNDING = 1e-9


@dataclass(frozen=True)
class Losses:
    """Without each site alone, (n_sites,) each: tonnes and residents lost.

    `alone_t` and `alone_residents` are those of them that no other open facility is in reach of, whatever its room.
    `detour_m` is the mean way that is added, metres, for what finds another; nan where nothing does.
    """

    lost_t: Floats
    lost_residents: Floats
    alone_t: Floats
    alone_residents: Floats
    detour_m: Floats


@dataclass(frozen=True)
class _Moves:
    """All that can move from a giver (`tail`) to an open site (`head`): arrays by pair.

    `amount` is what the plan moves, in shares of a cell or in tonnes; each of it is `t` tonnes and `residents`.
    """

    tail: Ints
    head: Ints
    kind: Ints
    distance_m: Floats
    amount: Floats
    t: Floats
    residents: Floats


def losses_without(instance: Instance, plan: Plan) -> Losses:
    """Return the losses without each open site, taken alone."""
    moves = _all_moves(instance, plan)
    opened = open_option_of_site(instance, plan)
    inflow_t = site_inflow_t(instance, plan).sum(axis=1)
    room_t = np.where(opened >= 0, np.maximum(planned_limit_t(instance, plan)[opened] - inflow_t, 0.0), 0.0)
    choices = _by(moves.tail)
    figures = np.zeros((5, instance.n_sites))
    figures[4] = np.nan
    for site, coming in _by(moves.head, moves.amount > LEAST_SHARE).items():
        figures[:, site] = _without(site, coming, moves=moves, choices=choices, room_t=room_t)
    return Losses(*figures)


def _without(
    site: int, coming: Sequence[int], *, moves: _Moves, choices: dict[int, list[int]], room_t: Floats
) -> Floats:
    """Return the losses without one site, as a row of `Losses`; `coming` are the pairs that lead to it."""
    others = {pair: _others(moves, choices[int(moves.tail[pair])], pair, site) for pair in coming}
    left_t: dict[int, float] = {}
    lost, alone, moved_t, detour_tm = np.zeros(2), np.zeros(2), 0.0, 0.0
    for pair in sorted(coming, key=lambda one: moves.distance_m[others[one][0]] if others[one] else np.inf):
        rest, each = float(moves.amount[pair]), np.array([moves.t[pair], moves.residents[pair]])
        alone += rest * each * (not others[pair])
        for other in others[pair]:
            head, t = int(moves.head[other]), max(float(moves.t[other]), ROUNDING)
            room = left_t.get(head, float(room_t[head]))
            taken = min(rest, room / t)
            left_t[head], rest = room - taken * t, rest - taken
            moved_t += taken * each[0]
            detour_tm += taken * each[0] * float(moves.distance_m[other] - moves.distance_m[pair])
        lost += rest * each * (rest > ROUNDING)
    return np.array([*lost, *alone, detour_tm / moved_t if moved_t > ROUNDING else np.nan])


def _others(moves: _Moves, choices: Sequence[int], pair: int, site: int) -> list[int]:
    """Return pairs of the same giver and kind that lead elsewhere, the nearest first."""
    kind = moves.kind[pair]
    found = [one for one in choices if moves.head[one] != site and moves.kind[one] == kind]
    return sorted(found, key=lambda one: moves.distance_m[one])


def _all_moves(instance: Instance, plan: Plan) -> _Moves:
    """Return walks, then links from generators and between sites, to open sites that accept the material."""
    demand, walks = instance.demand, instance.walks
    kept_t = demand.tonnes[walks.demand].sum(axis=1) * walks.participation
    parts = [
        (walks.demand, walks.site, np.zeros_like(walks.site), walks.distance_m, plan.assign, kept_t,
         demand.residents[walks.demand], demand.tonnes[walks.demand] > 0),
        _of_links(instance.direct, plan.direct_t, 0),
        _of_links(instance.haul, plan.haul_t, instance.n_demand),
    ]  # fmt: skip
    *columns, needs = (np.concatenate(column) for column in zip(*parts, strict=True))
    moves = _Moves(*columns)
    return _Moves(*(column[_is_possible(instance, plan, moves.head, needs)] for column in columns))


def _of_links(links: Links, flow_t: Floats, first_tail: int) -> tuple[Ints | Floats | Bools, ...]:
    """Return the columns of links, of kinds from 1 on; a giver needs taken what it sends by one kind of link."""
    n_links = len(links.tail)
    groups, group = np.unique(np.column_stack([links.tail, links.link_class]), axis=0, return_inverse=True)
    sent_t = np.zeros((len(groups), flow_t.shape[1]))
    np.add.at(sent_t, group.reshape(-1), flow_t)
    needs = sent_t[group.reshape(-1)] > LEAST_SHARE
    ones, zeros = np.ones(n_links), np.zeros(n_links)
    return (
        links.tail + first_tail,
        links.head,
        links.link_class + 1,
        links.distance_m,
        flow_t.sum(axis=1),
        ones,
        zeros,
        needs,
    )


def _is_possible(instance: Instance, plan: Plan, head: Ints, needs: Bools) -> Bools:
    opened = open_option_of_site(instance, plan)[head]
    refused = needs & ~instance.options.accepts[opened]
    return np.asarray((opened >= 0) & ~refused.any(axis=1))


def _by(group: Ints, is_counted: Bools | None = None) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    counted = range(len(group)) if is_counted is None else np.flatnonzero(is_counted).tolist()
    for row, one in zip(counted, group[list(counted)].tolist(), strict=True):
        rows.setdefault(one, []).append(row)
    return rows
