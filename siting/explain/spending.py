"""The least that targets make a plan spend, and the most that a budget can buy, by arithmetic alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from siting.explain.reach import Reach, is_sorted_nowhere, min_at_site
from siting.explain.wording import name_counted
from siting.instance import Floats, Instance, Target
from siting.model.columns import counted_options
from siting.vocabulary import Echelon, Measure

LEAST_GAIN = 1e-9
"""A site that adds less to what is asked does not count."""


@dataclass(frozen=True)
class Spent:
    """Least spending that a target forces; `what` follows the amount in words, `cure` says how to lower it."""

    value: float
    what: str
    cure: str


def min_spent(instance: Instance, reach: Reach, target: Target, spent: Floats) -> Iterator[Spent]:
    """Yield the minimum of the sites that must be open, and that of the cheapest sites of each required count."""
    must_open = instance.sites.must_open & reach.has_option
    at_site = min_at_site(instance, spent, reach.fits)
    what = name_counted(instance, target)
    yield Spent(float(at_site[must_open].sum()), f"of {what} is what sites that must be open take", "let sites close")
    forced: dict[Echelon, list[tuple[float, str, str]]] = {}
    for count in instance.targets:
        if count.measure is Measure.COUNT and count.is_at_least and count.is_hard:
            cheapest = np.sort(min_at_site(instance, spent, reach.fits & counted_options(instance, count)))
            n = math.ceil(count.value - 1e-9)
            if 0 < n <= np.isfinite(cheapest).sum():
                named = f"the cheapest {n:,} {name_counted(instance, count)} take ({count.id})"
                yield Spent(float(cheapest[:n].sum()), f"of {what} is what {named}", f"lower {count.id}")
                if count.echelon is not None:
                    forced.setdefault(count.echelon, []).append((float(cheapest[:n].sum()), named, count.id))
    for least, named, by in _spent_on_tonnes(instance, reach, spent):
        yield Spent(least, f"of {what} is what {named}", f"lower {by}")
        forced.setdefault(Echelon.SORTING, []).append((least, named, by))
    for least, named, by in _spent_on_points(instance, reach, spent):
        yield Spent(least, f"of {what} is what {named}", f"lower {by}")
        forced.setdefault(Echelon.POINT, []).append((least, named, by))
    if len(forced) > 1:  # facilities of different echelons are disjoint
        dearest = [max(found) for found in forced.values()]
        named = " and ".join(one for _, one, _ in dearest)
        yield Spent(
            sum(least for least, _, _ in dearest), f"of {what} is what {named}", f"lower {dearest[-1][2]} or others"
        )


def _spent_on_points(instance: Instance, reach: Reach, spent: Floats) -> Iterator[tuple[float, str, str]]:
    """Yield the least that is spent on points for the residents that hard targets of nearness ask."""
    for one in instance.targets:
        if one.is_at_least and one.is_hard and one.measure in {Measure.COVERAGE, Measure.SERVED}:
            residents, at_site = residents_near(instance, reach, one), cheapest_point(instance, reach, one, spent)
            asked = one.asked * float(instance.demand.residents[one.in_unit_demand].sum())
            least = least_to_reach(residents, at_site, asked)
            words = (
                f"recycling points for {one.asked * 100:.1f} % of residents{_within(one)} take at the least ({one.id})"
            )
            if math.isfinite(least):
                yield least, words, one.id


def _within(target: Target) -> str:
    return "" if target.within_m is None else f" within {target.within_m:,.0f} m"


def residents_near(instance: Instance, reach: Reach, target: Target) -> Floats:
    """Return the residents of the target's unit that each site has within its distance, (n_sites,)."""
    walks = instance.walks
    within_m = np.inf if target.within_m is None else target.within_m
    is_near = (walks.distance_m <= within_m) & target.in_unit_demand[walks.demand]
    if target.measure is Measure.SERVED:
        is_near &= reach.is_usable
    near = np.zeros(instance.n_sites)
    np.add.at(near, walks.site[is_near], instance.demand.residents[walks.demand[is_near]])
    return near


def cheapest_point(instance: Instance, reach: Reach, target: Target, spent: Floats) -> Floats:
    """Return the least that each site spends on a point that the target counts, (n_sites,); inf where none fits."""
    options = instance.options
    among = reach.fits & (instance.option_echelon() == Echelon.POINT)
    if target.measure is Measure.COVERAGE:
        among &= target.counts_type[options.type]
    return min_at_site(instance, spent, among)


def least_to_reach(gain: Floats, spent: Floats, asked: float) -> float:
    """Return the least that is spent for a sum of gains, sites opened in part; inf where all together fall short.

    What two sites both reach counts twice, so no set of whole sites reaches as much for less.

    >>> least_to_reach(np.array([10.0, 8.0]), np.array([5.0, 2.0]), 12.0)
    4.0
    """
    gain, spent, given_away = _cheapest_first(gain, spent)
    reached = given_away + np.concatenate([[0.0], np.cumsum(gain)])
    paid = np.concatenate([[0.0], np.cumsum(spent)])
    if asked > reached[-1] * (1 + 1e-9):
        return math.inf
    return float(np.interp(asked, reached, paid))


def most_for(gain: Floats, spent: Floats, budget: float) -> float:
    """Return the largest sum of gains for a budget, sites opened in part; what two both reach counts twice.

    >>> most_for(np.array([10.0, 8.0]), np.array([5.0, 2.0]), 4.0)
    12.0
    """
    gain, spent, given_away = _cheapest_first(gain, spent)
    free = given_away + float(gain[spent <= 0].sum())
    reached = np.concatenate([[free], free + np.cumsum(gain[spent > 0])])
    paid = np.concatenate([[0.0], np.cumsum(spent[spent > 0])])
    return float(np.interp(budget, paid, reached))


def _cheapest_first(gain: Floats, spent: Floats) -> tuple[Floats, Floats, float]:
    """Return gain and spending of the sites that can open, the cheapest gain first, and the gain too small to count.

    That gain is given away, so that a bound holds with it.
    """
    can_open = np.isfinite(spent)
    counts = can_open & (gain > LEAST_GAIN)
    given_away = float(gain[can_open & ~counts].sum())
    gain, spent = gain[counts], spent[counts]
    order = np.argsort(spent / gain, kind="stable")
    return gain[order], spent[order], given_away


def _spent_on_tonnes(instance: Instance, reach: Reach, spent: Floats) -> Iterator[tuple[float, str, str]]:
    """Yield the least that is spent on centres for the tonnes that hard targets ask, with words and the target's id.

    A tonne costs at least what it costs in the option that is cheapest by the tonne it can take; where bases take
    tonnes that no centre has sorted, nothing is known.
    """
    load_t = instance.most_load_t()
    centres = reach.fits & (instance.option_echelon() == Echelon.SORTING) & (load_t > 0)
    if not centres.any() or is_sorted_nowhere(instance):
        return
    per_t = float((spent[centres] / load_t[centres]).min())
    for one in instance.targets:
        if one.is_at_least and one.is_hard and one.measure in {Measure.COLLECTED, Measure.PROCESSED}:
            words = f"sorting centres for {one.asked:,.0f} t/yr take at the least ({one.id})"
            yield per_t * one.asked, words, one.id
