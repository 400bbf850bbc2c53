import itertools
import json
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from siting.tours import (
    Vehicle,
    detour_km,
    haul_cny_per_t,
    line_haul_km,
    local_density_per_km2,
    savings_tours,
    visit_cny,
)

TRUCK = Vehicle(1.8, 12.0, cny_per_km=5.5, crew_cny_per_h=48.0, haul_km_per_h=30.0, local_km_per_h=20.0, unload_h=0.25)


def places(n, seed):
    """Distances, km, from a depot in the corner of a square of 10 km to `n` stops in it, and what each loads."""
    rng = np.random.default_rng(seed)
    xy_km = np.vstack([np.zeros(2), rng.uniform(0, 10, (n, 2))])
    return cdist(xy_km, xy_km), rng.uniform(0.1, 1.0, n)


def shortest_tours(km, load, capacity):
    """The least length of tours over all partitions and orders, by brute force."""

    def tour_km(stops):
        ways = [(0, *(stop + 1 for stop in order), 0) for order in itertools.permutations(stops)]
        return min(sum(km[a, b] for a, b in itertools.pairwise(way)) for way in ways)

    def best(left):
        if not left:
            return 0.0
        first, *others = left
        chosen = [c for size in range(len(others) + 1) for c in itertools.combinations(others, size)]
        fits = [c for c in chosen if load[[first, *c]].sum() <= capacity]
        return min(tour_km((first, *c)) + best([stop for stop in others if stop not in c]) for c in fits)

    return best(list(range(len(load))))


@pytest.mark.parametrize("seed", range(8))
def test_tours_by_savings_are_near_the_shortest(seed):
    km, load = places(6, seed)
    least_km = shortest_tours(km, load, 1.5)
    assert least_km - 1e-9 <= savings_tours(km, load, 1.5).km <= 1.2 * least_km


@given(n=st.integers(1, 40), seed=st.integers(0, 1000), capacity=st.floats(1.0, 20.0))
def test_every_stop_is_visited_once_and_no_vehicle_is_overloaded(n, seed, capacity):
    km, load = places(n, seed)
    tours = savings_tours(km, load, capacity)
    parts = [tours.order[a:b] for a, b in itertools.pairwise(tours.start)]
    walked = [sum(km[a, b] for a, b in itertools.pairwise([0, *(part + 1), 0])) for part in parts]
    assert sorted(tours.order) == list(range(n))
    assert max(load[part].sum() for part in parts) <= capacity * (1 + 1e-9)
    assert tours.km == pytest.approx(sum(walked))
    assert 2 * km[0].max() - 1e-9 <= tours.km <= 2 * km[0, 1:].sum() + 1e-9


@pytest.mark.parametrize("seed", range(6))
def test_small_stops_do_not_part_large_ones_that_fill_a_vehicle_together(seed):
    """Ten halves and ten sixtieths, far from the depot: six tours, as the halves go in pairs."""
    at_km = np.vstack([[0.0, 0.0], np.array([10.0, 0.0]) + np.random.default_rng(seed).uniform(-1, 1, (20, 2))])
    km = np.hypot(*(at_km[:, None] - at_km[None]).transpose(2, 0, 1))
    assert len(savings_tours(km, np.repeat([0.5, 1 / 60], 10), 1.0).start) - 1 == 6


def test_a_stop_that_no_vehicle_takes_is_an_error():
    km, load = places(3, 0)
    with pytest.raises(ValueError, match=r"takes 0\.05"):
        savings_tours(km, load, 0.05)


def test_a_tour_of_one_stop_goes_there_and_back():
    tours = savings_tours(np.array([[0.0, 3.0], [3.0, 0.0]]), np.array([1.0]), 2.0)
    assert tours.stop_km.tolist() == [6.0]


def test_stops_at_one_place_pay_no_way_between_them():
    km = np.array([[0.0, 5.0, 5.0], [5.0, 0.0, 0.0], [5.0, 0.0, 0.0]])
    assert savings_tours(km, np.array([1.0, 3.0]), 4.0).stop_km == pytest.approx([2.5, 7.5])


@pytest.mark.parametrize("stops", [5, 20])
def test_charged_kilometres_are_those_of_tours_over_scattered_points(stops):
    rng = np.random.default_rng(stops)
    xy_m = np.vstack([[-4000.0, -4000.0], rng.uniform(0, 12_000, (900, 2))])
    km, load = cdist(xy_m, xy_m) / 1000, np.ones(900)
    charged = line_haul_km(km[0, 1:], load, stops) + detour_km(local_density_per_km2(xy_m[1:]))
    assert charged.sum() == pytest.approx(savings_tours(km, load, stops).km, rel=0.05)


def test_the_density_of_few_points_is_that_of_all_others():
    pair = np.array([[0.0, 0.0], [1000.0, 0.0]])
    assert local_density_per_km2(pair) == pytest.approx([1 / np.pi] * 2)
    assert local_density_per_km2(pair[:1]).tolist() == [0.0]
    assert local_density_per_km2(pair, np.array([[500.0, 0.0]])) == pytest.approx([2 / (np.pi * 0.25)])


def test_vehicles_carry_whole_containers():
    distance_km = np.full(8, 10.0)
    assert line_haul_km(distance_km, np.full(8, 3.0), 12.0) == pytest.approx(np.full(8, 5.0))
    assert line_haul_km(distance_km, np.full(8, 7.0), 12.0) == pytest.approx(np.full(8, 20.0))
    assert line_haul_km(distance_km[:2], np.array([8.0, 4.0]), 12.0) == pytest.approx([40 / 3, 20 / 3])


def test_a_box_that_loads_30_kg_costs_more_to_empty_than_a_kiosk_by_the_tonne():
    """A driver of 48 CNY/h, 5.5 CNY/km, a quarter of an hour at each of 1.5 points per km²."""
    visit = float(visit_cny(TRUCK, 0.25, detour_km(1.5)))
    apart_km = 0.57 / np.sqrt(1.5)
    assert visit == pytest.approx(5.5 * apart_km + 48 * (0.25 + apart_km / 20))
    assert visit / 0.030 > 500 > visit / 1.8 > 8


def test_a_tonne_pays_the_way_there_and_back_and_its_share_of_unloading():
    by_hand = (2 * 7 * 5.5 + (2 * 7 / 30 + 0.25) * 48) / 1.8
    assert float(haul_cny_per_t(TRUCK, 7.0, 1.8)) == pytest.approx(by_hand)


def test_light_material_fills_a_vehicle_before_it_is_laden():
    assert TRUCK.load_t(np.array([0.05, 0.15, 0.5])) == pytest.approx([0.6, 1.8, 1.8])


def test_the_benchmark_writes_a_row_for_each_size_class_and_one_for_all(tmp_path, monkeypatch):
    pytest.importorskip("pyvrp")
    from benchmarks import tours

    rng = np.random.default_rng(3)
    lines = [f"{x:.5f},{y:.5f},{v}" for (x, y), v in zip(rng.uniform(0, 0.05, (40, 2)), [1000, 2000] * 20, strict=True)]
    (tmp_path / "points.csv").write_text("lon,lat,volume_l\n" + "\n".join(lines), encoding="utf-8")
    options = ["--points", tmp_path / "points.csv", "--depot", "0.0,0.0", "--vehicle-m3", "8", "--seconds", "1"]
    monkeypatch.setattr(sys, "argv", ["tours", *map(str, options), "--json", str(tmp_path / "rows.json")])
    tours.main()
    rows = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))["rows"]
    assert [(row["size_class"], row["stops"]) for row in rows] == [("1 m3", 20), ("2 m3", 20), ("all", 40)]
    assert rows[0]["toured_km"] + rows[1]["toured_km"] == pytest.approx(rows[2]["toured_km"], abs=0.2)
    assert all(0.8 < row["charged_km"] / row["toured_km"] < 1.25 for row in rows)
