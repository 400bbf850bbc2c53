"""Roll-out by urgency: the first year is now, targets make later openings needed, spare stations are for growth."""

import copy
import dataclasses

import numpy as np
import pytest

from siting.plan import open_option_of_site
from siting.problem import read_config
from siting.render.html.report.timing import timing_section
from siting.results.results import Results
from siting.verify import verify
from siting.vocabulary import Echelon, Measure
from tests.small_city import small_config, write_small_city


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """Ten points in 2030, as a target of that year asks; fewer in 2027."""
    config = copy.deepcopy(small_config()) | {"year": 2030, "horizon": {"years": [2027, 2030], "closing_years": 5}}
    config["targets"] += [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 10, "year": 2030}]
    return read_config(write_small_city(tmp_path_factory.mktemp("timing"), config=config)).solve().record


def with_targets(record, targets):
    instance = dataclasses.replace(record.rollout.instance, targets=tuple(targets))
    rollout = dataclasses.replace(record.rollout, instance=instance)
    return dataclasses.replace(record, instance=instance.at_stage(1), rollout=rollout)


def with_second_station(record):
    """The record where a station opens in 2030 too, and takes nothing."""
    instance, (first, last) = record.instance, record.solution.plans
    free = (instance.option_echelon() == Echelon.TRANSFER) & (
        open_option_of_site(instance, last)[instance.options.site] < 0
    )
    option = int(np.flatnonzero(free)[0])
    is_open = last.is_open.copy()
    is_open[option] = True
    plans = (first, dataclasses.replace(last, is_open=is_open))
    site = str(instance.sites.id[instance.options.site[option]])
    return dataclasses.replace(record, solution=dataclasses.replace(record.solution, plans=plans)), site


def test_what_a_later_target_asks_for_can_wait_and_the_first_year_is_now(record):
    timing = Results(record).timing
    first, last = record.solution.plans
    by_year = timing.table.groupby("year").size().to_dict()
    assert by_year == {2027: first.is_open.sum(), 2030: (last.is_open & ~first.is_open).sum()}
    assert by_year[2030] >= 1
    assert set(timing.table.loc[timing.table["year"] == 2027, "class"]) == {"now"}
    assert set(timing.table.loc[timing.table["year"] == 2030, "class"]) == {"wait"}
    (missed,) = timing.missed["2030"]
    n_points = int((first.is_open & (record.instance.option_echelon() == Echelon.POINT)).sum())
    assert (missed.measure, missed.asked, missed.reached) == (Measure.COUNT, 10, n_points)
    paid = Results(record).periods["investment_cny"]
    assert timing.table.groupby("year")["investment_cny"].sum().tolist() == pytest.approx(paid.tolist())


def test_without_that_target_the_same_openings_are_needed_only_if_demand_grows(record):
    targets = [one for one in record.rollout.instance.targets if one.year == 0 or one.value != 10]
    timing = Results(with_targets(record, targets)).timing
    assert timing.missed["2030"] == ()
    assert set(timing.table.loc[timing.table["year"] == 2030, "class"]) == {"growth"}
    assert set(timing.table.loc[timing.table["year"] == 2027, "class"]) == {"now"}


def test_a_later_station_whose_load_fits_elsewhere_is_needed_only_if_demand_grows(record):
    changed, site = with_second_station(record)
    timing = Results(changed).timing
    (station,) = timing.table[timing.table["id"] == site].to_dict("records")
    assert (station["class"], station["has_room"]) == ("growth", True)
    points = timing.table[(timing.table["echelon"] == "point") & (timing.table["year"] == 2030)]
    assert set(points["class"]) == {"wait"}


def test_a_target_that_counts_that_station_makes_it_wait(record):
    changed, site = with_second_station(record)
    count = next(one for one in record.rollout.instance.targets if one.value == 10)
    stations = dataclasses.replace(count, id="stations", echelon=Echelon.TRANSFER, value=2.0)
    changed = with_targets(changed, [*record.rollout.instance.targets, stations])
    verified = Results(changed).by_period["2030"].run
    own = verify(verified.instance, verified.solution.plan)
    rollout = dataclasses.replace(changed.rollout, verifications=(changed.rollout.verifications[0], own))
    timing = Results(dataclasses.replace(changed, rollout=rollout)).timing
    assert timing.table.set_index("id").loc[site, "class"] == "wait"


def test_the_section_counts_every_facility_once(record):
    section = timing_section(Results(record))
    (table, *_) = [piece for piece in section.pieces if hasattr(piece, "rows")]
    totals = table.rows[-1].values
    whole = Results(record).timing.table
    assert totals[1] == (whole["echelon"] == "point").sum()
    assert "2030" in " ".join(piece.text.en for piece in section.pieces if hasattr(piece, "text"))


def test_a_run_of_one_year_has_no_such_section(tmp_path):
    one = read_config(write_small_city(tmp_path)).solve().results
    assert one.timing is None
    assert timing_section(one) is None
