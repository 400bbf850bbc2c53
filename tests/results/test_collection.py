"""Collection tours of a plan: what stations need, what emptying costs, and tours built to check what is charged."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siting.problem import read_config
from siting.results.collection import collection_of
from siting.results.results import Results
from siting.vocabulary import LINK_CLASSES
from tests.prepare.test_flows import booked, fleet, vehicle
from tests.small_city import write_small_city


@pytest.fixture(scope="module")
def toured(tmp_path_factory):
    """A run in which a van empties points on tours of four, and stops at doors; and its folder."""
    folder = tmp_path_factory.mktemp("toured")
    config = booked() | fleet(van=vehicle("point_to_transfer", "door_to_transfer"))
    config["participation"] = booked()["participation"]
    config["participation"]["booked"] = {"urban": 0.1, "emptying": {"load_t": 0.02, "stop_h": 0.1}}
    result = read_config(write_small_city(folder, config=config)).solve()
    result.write(folder / "run")
    return result.record, folder / "run"


def of_class(links, name):
    return links.link_class == LINK_CLASSES.index(name)


def test_the_cost_of_all_tours_is_that_of_visits_and_of_hauls_to_stations(toured):
    record, _ = toured
    instance, plan, found = record.instance, record.solution.plan, collection_of(record)
    rates, hauled_cny = instance.link_rates, 0.0
    for links, tonnes, name in (
        (instance.haul, plan.haul_t, "point_to_transfer"),
        (instance.direct, plan.direct_t, "door_to_transfer"),
    ):
        rows = of_class(links, name)
        per_t = rates.cny_per_tkm[links.rate] * links.distance_m / 1000 + rates.unload_cny_per_t[links.rate]
        hauled_cny += float((tonnes.sum(axis=1) * per_t)[rows].sum())
    expected = hauled_cny + record.verification.cost_terms_cny["collection"]
    assert found.stations["cny"].sum() == pytest.approx(expected)
    assert found.districts["cny"].sum() == pytest.approx(expected)
    assert found.types["cny"].sum() + found.door_cny == pytest.approx(expected)


def driven_km(record):
    """Detours of 2 visits a tonne at points and 50 at doors, and the way there and back of full vehicles of 2 t."""
    instance, plan = record.instance, record.solution.plan
    options, visits, doors = instance.options, instance.visits, instance.door_visits
    entering_t = record.verification.site_inflow_t.sum(axis=1)[options.site[visits.at]] * plan.is_open[visits.at]
    given_t = np.bincount(instance.direct.tail, plan.direct_t.sum(axis=1), instance.n_demand)[doors.at]
    km = float((2 * entering_t) @ visits.km + (50 * given_t) @ doors.km)
    for links, tonnes, name in (
        (instance.haul, plan.haul_t, "point_to_transfer"),
        (instance.direct, plan.direct_t, "door_to_transfer"),
    ):
        rows = of_class(links, name)
        km += float((tonnes.sum(axis=1) * links.distance_m)[rows].sum() / 1000)
    return km


def test_hours_and_vehicles_of_a_station_are_what_a_reader_computes(toured):
    record, _ = toured
    found = collection_of(record).stations
    assert found["drivers"].to_numpy() == pytest.approx(found["hours"] / 2000)
    assert (found["vehicles"] == np.ceil(found["drivers"])).all()
    points_t = record.verification.site_inflow_t[record.instance.sites.echelon == 0].sum()
    doors_t = record.solution.plan.direct_t[of_class(record.instance.direct, "door_to_transfer")].sum()
    assert found["tonnes"].sum() == pytest.approx(points_t + doors_t)
    assert found["km"].sum() == pytest.approx(driven_km(record))
    assert found["visits_per_day"].sum() == pytest.approx((points_t / 0.5 + doors_t / 0.02) / 365)


def test_tours_that_are_built_are_near_what_is_charged(toured):
    found = collection_of(toured[0])
    assert 0.7 < found.toured_share < 1.4
    assert found.toured_km > 0


def test_each_output_has_the_tours(toured):
    record, folder = toured
    table = pd.read_csv(folder / "tours.csv", encoding="utf-8-sig")
    assert set(table["unit"]) == {"station", "district"}
    figures = Results(record).figure_values
    totals = table[table["unit"] == "station"]
    assert figures["collection_hours"] == pytest.approx(totals["hours"].sum(), rel=1e-3)
    assert figures["emptying_cny_per_t.kiosk"] > 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Emptying and haul to stations cost:" in page
    assert "The bound holds for what is charged" in page


def test_a_plan_without_described_vehicles_has_no_tours(tmp_path):
    result = read_config(write_small_city(tmp_path)).solve()
    assert collection_of(result.record) is None
    assert "collection_hours" not in Results(result.record).figure_values
