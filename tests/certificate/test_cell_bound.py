"""What a station can draw from cells: exact for each option, below every plan, and more than the rows of hauls tell."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.optimize import linprog

from siting.certificate import decomposition
from siting.certificate.cell_bound import cell_items, increments, upper_hull
from siting.certificate.decomposition import site_bound
from siting.model import build_whole
from siting.model.whole import Whole
from siting.solve.city.echelons import make_tiers
from siting.solve.city.sitewise import Sitewise
from siting.vocabulary import Echelon
from tests.multipliers import assert_below, climbed, no_items, optimum, some_multipliers
from tests.parts import with_parts
from tests.tiny import hand_instance, tiny_instance

NAMES = (
    (), ("dismantling",), ("booked pick-up",), ("capacity by the tonne", "disposal"), ("rebuilding", "everyone served"),
    ("light material", "processing base"), ("one point a cell", "budgets"), ("nearest point",), ("years",), ("cases",),
    ("worst case", "rebuilding"),
)  # fmt: skip


def shared_cells(seed, *names):
    """Four cells that share four points, and three stations whose sizes cost the same a tonne and ask for no load."""
    instance = tiny_instance(seed, n_cells=4, n_points=4, n_transfers=3)
    options = instance.options
    is_station = instance.sites.echelon[options.site] == Echelon.TRANSFER
    first = np.searchsorted(options.site, options.site)
    alike = dataclasses.replace(
        options,
        min_load_t=np.where(is_station, 0.0, options.min_load_t),
        unit_cny_per_t=np.where(is_station[:, None], options.unit_cny_per_t[first], options.unit_cny_per_t),
        unit_kwh_per_t=np.where(is_station[:, None], options.unit_kwh_per_t[first], options.unit_kwh_per_t),
    )
    return build_whole(with_parts(dataclasses.replace(instance, options=alike), seed, *names))


def without_cells(whole: Whole, multipliers, monkeypatch):
    """The site bound that the rows of single hauls prove."""
    with monkeypatch.context() as patch:
        patch.setattr(decomposition, "cell_items", no_items)
        return site_bound(whole, multipliers)


@pytest.mark.parametrize("names", NAMES, ids=" + ".join)
def test_it_binds_and_no_plan_beats_it(names, monkeypatch):
    n_tried, n_higher = 0, 0
    for seed in range(4):
        whole = shared_cells(seed, *names)
        cost, tried = optimum(whole), some_multipliers(whole, seed)
        if cost is not None:
            assert_below(climbed(whole, tried[4], seed, n_steps=20), cost)
        for multipliers in tried:
            bound, single = site_bound(whole, multipliers), without_cells(whole, multipliers, monkeypatch)
            assert bound >= single - 1e-9 * (1 + abs(single))
            if cost is not None:
                assert_below(bound, cost)
            n_tried, n_higher = n_tried + 1, n_higher + (bound > single + 1e-6 * (1 + abs(single)))

    assert all(cell_items(whole.model, part).is_bound.any() for part in whole.parts)
    assert n_higher >= n_tried / 4


def least_of_f(instance, columns, cost, *, site, capacity_kt):
    """The least cost of what flows to a site from cells, as HiGHS finds it in what each cell sends by each haul."""
    walks, items, capped = instance.walks, [], {}
    for haul in range(len(cost)):
        link, material = columns.haul_link[haul], columns.haul_material[haul]
        if instance.haul.head[link] != site:
            continue
        for walk in np.flatnonzero(walks.site == instance.haul.tail[link]):
            k = instance.demand.tonnes[walks.demand[walk], material] * walks.participation[walk] / 1e3
            if k > 0:
                capped.setdefault((walks.demand[walk], material), []).append((len(items), k))
                items.append(cost[haul])
    if not items:
        return 0.0
    rows = np.zeros((len(capped) + 1, len(items)))
    rows[-1] = 1.0
    for row, group in enumerate(capped.values()):
        for item, k in group:
            rows[row, item] = 1 / k
    return linprog(items, A_ub=rows, b_ub=np.append(np.ones(len(capped)), capacity_kt)).fun


def filled(site_of, cost, kt, *, site, capacity_kt):
    """The least cost of increments to one site up to a capacity, one after the other."""
    total = 0.0
    for each in sorted(np.flatnonzero(site_of == site), key=lambda t: cost[t] / kt[t]):
        used = min(kt[each], capacity_kt)
        total, capacity_kt = total + cost[each] * used / kt[each], capacity_kt - used
    return total


@pytest.mark.parametrize("seed", range(12))
def test_the_increments_are_worth_what_a_linear_program_finds(seed):
    whole, rng = shared_cells(seed), np.random.default_rng(seed)
    part = whole.parts[0]
    items = cell_items(whole.model, part)
    stations = np.flatnonzero(part.instance.sites.echelon == Echelon.TRANSFER)
    assert set(part.instance.haul.head[part.columns.haul_link[items.is_bound]]) == set(stations)
    for _ in range(4):
        cost = rng.normal(-1, 2, len(items.is_bound))
        found = increments(items, cost)
        for site in stations:
            for capacity_kt in (0.0, 0.005, 0.02, 0.05, 1.0):
                least = least_of_f(part.instance, part.columns, cost, site=site, capacity_kt=capacity_kt)
                assert filled(*found, site=site, capacity_kt=capacity_kt) == pytest.approx(least, abs=1e-9)


def test_the_hull_is_that_of_every_point_with_every_other():
    rng = np.random.default_rng(0)
    for _ in range(300):
        n = rng.integers(1, 12)
        kt, gain = np.sort(rng.permutation(30)[:n] + 1.0), rng.integers(1, 30, n).astype(float)
        corners = upper_hull(np.zeros(n, dtype=np.int64), kt, gain)
        x, y = np.append(0.0, kt), np.append(0.0, gain)
        height = [
            max(
                y[a] if x[a] == x[b] else y[a] + (y[b] - y[a]) * (at - x[a]) / (x[b] - x[a])
                for a in range(n + 1)
                for b in range(n + 1)
                if x[a] <= at <= x[b]
            )
            for at in x
        ]
        on_hull = np.interp(x, np.append(0.0, kt[corners]), np.append(0.0, gain[corners]))
        assert on_hull == pytest.approx(np.maximum.accumulate(height))
        slopes = np.diff(np.append(0.0, gain[corners])) / np.diff(np.append(0.0, kt[corners]))
        assert (slopes > 0).all()
        assert (np.diff(slopes) < 0).all()


def test_many_equal_and_useless_items_leave_the_one_that_counts():
    group, kt = np.zeros(4, dtype=np.int64), np.array([1.0, 2.0, 3.0, 4.0])

    assert upper_hull(group, kt, kt).tolist() == [3]
    assert upper_hull(group, kt, np.ones(4)).tolist() == [0]
    assert upper_hull(group[:0], kt[:0], kt[:0]).tolist() == []


@pytest.mark.parametrize(
    ("price_cny", "capacity_t", "gain_cny", "single_cny"),
    [
        ((147, 147, 147), 20.0, 1000, 1800),  # 5 t of each cell at 100 CNY; single hauls carry 5 + 5 + 8 t
        ((147, 147, 147), 6.0, 600, 600),
        ((147, 147, 247), 20.0, 1600, 2600),  # 4 t of each cell through p3 at 200 CNY, worth more than 5 t at 100
        ((147, 147, 167), 20.0, 1000, 1960),  # 4 t of each at 120, then 5 t at 100 instead: 20 CNY for the last tonne
        ((147, 147, 167), 9.0, 980, 1060),  # 8 × 120 + 1 × 20
        ((147, 47, 167), 20.0, 980, 1460),  # A 500 through p1, B 480 through p3
    ],
)
def test_the_station_of_the_hand_instance_draws_what_it_can_in_the_head(
    price_cny, capacity_t, gain_cny, single_cny, monkeypatch
):
    """A tonne costs 47 CNY to bring to the station: haul 30, operation 15, carbon 2.

    A brings 5 t to p1, B 5 t to p2, and each 4 t to p3; what leaves a point has its price.
    """
    instance = hand_instance()
    capacity = np.where(instance.options.site == 3, capacity_t, instance.options.capacity_t)
    options = dataclasses.replace(instance.options, capacity_t=capacity, min_load_t=np.zeros(5))
    whole = build_whole(dataclasses.replace(instance, options=options, targets=()))
    model, first = whole.model, whole.parts[0].columns["haul"].start
    conserve = model.rows_of("conserve_material")
    multipliers, nothing = np.zeros((2, model.n_rows))
    leaving = conserve[model.matrix[conserve][:, first : first + 3].toarray().argmin(axis=0)]
    multipliers[leaving] = -np.array(price_cny) / 10

    gain = site_bound(whole, nothing) - site_bound(whole, multipliers)
    single = without_cells(whole, nothing, monkeypatch) - without_cells(whole, multipliers, monkeypatch)
    assert (gain * 1e4, single * 1e4) == (pytest.approx(gain_cny), pytest.approx(single_cny))


@pytest.mark.parametrize("names", NAMES[:7], ids=" + ".join)
@pytest.mark.parametrize("has_cells", [True, False])
def test_the_city_engine_claims_no_more(names, has_cells, monkeypatch):
    """But for the kilogram that a least load may lack here."""
    monkeypatch.setattr(decomposition, "SLACK_KT", 1e-9)
    for seed in range(3):
        whole = shared_cells(seed, *names)
        part = whole.parts[0]
        tiers = make_tiers(part.instance, whole.model, part.columns)
        sitewise = Sitewise(part.instance, whole.model, part.columns, tiers)
        sitewise = sitewise if has_cells else sitewise.by_links()
        for multipliers in some_multipliers(whole, seed):
            prices = sitewise.usable(multipliers[sitewise.rows])
            claimed, _ = sitewise.least(prices)
            assert_below(claimed, site_bound(whole, sitewise.all_rows(prices)))


@pytest.mark.parametrize("names", NAMES[:7], ids=" + ".join)
def test_what_the_city_engine_lets_stand_and_flow_costs_the_bound_that_it_claims(names):
    for seed in range(3):
        whole = shared_cells(seed, *names)
        model, part = whole.model, whole.parts[0]
        sitewise = Sitewise(part.instance, model, part.columns, make_tiers(part.instance, model, part.columns))
        assert names or any(each.cells.is_limited.any() for each in sitewise.parts)
        tried, rng = some_multipliers(whole, seed), np.random.default_rng(seed)
        for multipliers in [each - rng.exponential(5.0, model.n_rows) for each in tried]:  # material is worth hauling
            prices = sitewise.usable(multipliers[sitewise.rows])
            claimed, values = sitewise.least(prices)
            side = np.where(prices > 0, sitewise.lower, np.where(prices < 0, sitewise.upper, 0.0))
            missed = np.where(prices != 0, side - sitewise.matrix @ values, 0.0)
            assert model.cost @ values + prices @ missed == pytest.approx(claimed, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("names", [("dismantling",), ("booked pick-up",), ("processing base",)], ids=" + ".join)
def test_only_hauls_that_walks_alone_feed_are_bound_and_only_where_options_are_alike(names):
    for seed in range(4):
        whole = build_whole(with_parts(tiny_instance(seed), seed, *names))
        part = whole.parts[0]
        columns, haul, echelon = part.columns, part.instance.haul, part.instance.sites.echelon
        is_from_point = echelon[haul.tail[columns.haul_link]] == Echelon.POINT
        is_to_alike = ~columns.is_split[haul.head[columns.haul_link]]
        assert columns.is_split[haul.head].any()
        assert (cell_items(whole.model, part).is_bound == (is_from_point & is_to_alike)).all()
