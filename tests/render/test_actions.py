import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.plan import Plan
from siting.results.actions import action_table, unit_totals
from siting.results.moves import find_moves
from siting.results.results import Results
from siting.runs.folder import write_run
from siting.verify import verify
from siting.vocabulary import Measure


def with_targets(run, **changes):
    """The run with every target changed."""
    targets = tuple(dataclasses.replace(target, **changes) for target in run.instance.targets)
    instance = dataclasses.replace(run.instance, targets=targets)
    return dataclasses.replace(run, instance=instance, verification=verify(instance, run.solution.plan))


def with_closed(run, *options):
    """The run with some options not opened."""
    is_open = run.solution.plan.is_open.copy()
    is_open[list(options)] = False
    plan = run.solution.plan
    plans = (Plan(is_open, plan.assign, plan.direct_t, plan.haul_t),)
    return dataclasses.replace(run, solution=dataclasses.replace(run.solution, plans=plans))


def works(rows):
    return [row for row in rows if row.work is not None]


def test_each_target_and_each_facility_has_a_row_and_the_city_comes_first(run):
    rows = Results(run).action_rows
    assert [row.aim.id for row in rows if row.aim] == ["t0", "t1", "t2", "t3", "t4", "t5"]
    assert {row.work.id for row in works(rows)} == set(run.instance.sites.id)
    assert [row.unit.zh for row in rows[:3]] == ["天津"] * 3
    assert [row.district_code for row in rows] == sorted(row.district_code for row in rows)
    assert next(row.work.echelon for row in rows if row.work) == "sorting", "the largest come first"


def test_what_is_missing_is_what_lacks_to_the_target(run):
    for row, outcome in zip((r for r in Results(run).action_rows if r.aim), run.verification.targets, strict=True):
        aim = row.aim
        assert (aim.asked, aim.reached, aim.holds) == (outcome.target.value, outcome.reached, outcome.holds)
        assert aim.missing == (0.0 if outcome.holds else aim.asked - aim.reached)
    assert {r.aim.id for r in Results(run).action_rows if r.aim and r.aim.missing > 0} == {"t2"}


def test_a_district_answers_where_a_target_names_all_districts_or_nobody(run):
    for named in ("各区人民政府", ""):
        rows = Results(with_targets(run, responsible=named)).action_rows
        by_id = {row.aim.id: row.responsible.zh for row in rows if row.aim}
        assert by_id["t3"] == "和平区人民政府"
        assert by_id["t0"] == named, "the city's targets are not the district's to answer for"


def test_facilities_are_answered_for_by_their_district_and_led_by_the_body_of_the_city(run):
    rows = works(Results(run).action_rows)
    points = [row for row in rows if row.work.echelon == "point"]
    assert {row.responsible.zh for row in points} == {"和平区人民政府", "河东区人民政府"}
    assert {row.lead.zh for row in points} == {"Commission of Commerce"}
    east = [row for row in rows if row.work.echelon == "transfer" and row.district_code == "120102"]
    assert {row.responsible.zh for row in east} == {"Commission of Commerce"}, "as the district's own target says"
    assert {row.lead.zh for row in rows if row.work.echelon == "sorting"} == {""}


def test_a_place_without_a_name_gets_one_of_its_district_type_and_number(run):
    rows = works(Results(run).action_rows)
    names = [row.work.name for row in rows if not row.work.is_named]
    assert len({name.zh for name in names}) == len({name.en for name in names}) == len(names)
    assert "和平区 有人值守点 001" in {name.zh for name in names}
    assert "Heping, staffed point 001" in {name.en for name in names}
    assert {row.work.name.zh for row in rows if row.work.is_named} == {"Bus stop"}


def test_money_is_paid_for_what_is_built_and_sums_to_what_targets_count(run):
    rows = works(Results(run).action_rows)
    assert {row.work.investment_cny for row in rows if row.action == "keep"} == {0.0}
    paid = Results(run).facilities["investment_cny"].sum()
    assert sum(total.investment_cny for total in unit_totals(Results(run).action_rows)) == paid
    both = sum(row.work.investment_cny + row.work.land_cny for row in rows)
    opened = run.solution.plan.is_open & ~run.instance.options.is_existing
    assert both == run.instance.options.capex_cny[opened].sum()


def test_totals_count_targets_and_facilities_of_each_unit(run):
    totals = unit_totals(Results(run).action_rows)
    assert [(total.unit.en, total.targets, total.missed) for total in totals] == [
        ("Tianjin", 3, 1), ("Heping", 1, 0), ("Hedong", 2, 0),
    ]  # fmt: skip
    assert sum(sum(total.facilities.values()) for total in totals) == run.instance.n_sites
    assert sum(total.facilities["keep"] for total in totals) == 1


def test_a_part_of_the_city_is_not_called_the_city(run):
    scope = run.config.scope.model_copy(update={"districts": ("120101",)})
    part = dataclasses.replace(run, config=run.config.model_copy(update={"scope": scope}))
    assert Results(part).action_rows[0].unit.zh == "规划范围"


def moving(*, metres, echelons=("point", "point"), years=(2027, 2027)):
    """A facility that closes and one that opens so far to its east."""
    return gpd.GeoDataFrame(
        {
            "action": ["close", "build"],
            "echelon": list(echelons),
            "closed": [years[0], None],
            "opened": [None, years[1]],
        },
        geometry=[shapely.Point(500_000, 4_330_000), shapely.Point(500_000 + metres, 4_330_000)],
        crs="EPSG:32650",
    ).to_crs("EPSG:4326")


def test_a_closed_facility_and_a_new_one_near_it_are_a_move():
    moves = find_moves(moving(metres=320), "EPSG:32650")
    assert list(moves) == [1]
    assert moves[1] == (0, pytest.approx(320, abs=0.01))


@pytest.mark.parametrize(
    "other", [{"metres": 520}, {"metres": 20, "echelons": ("point", "transfer")}, {"metres": 20, "years": (2025, 2027)}]
)
def test_what_is_far_of_another_echelon_or_year_is_no_move(other):
    assert find_moves(moving(**other), "EPSG:32650") == {}


def test_the_nearest_pairs_move_first_and_none_twice():
    places = [(0, "close"), (300, "build"), (310, "close"), (700, "build")]
    frame = gpd.GeoDataFrame(
        {"action": [one for _, one in places], "echelon": "point", "closed": 2027, "opened": 2027},
        geometry=[shapely.Point(500_000 + x, 4_330_000) for x, _ in places],
        crs="EPSG:32650",
    ).to_crs("EPSG:4326")
    assert {new: closed for new, (closed, _) in find_moves(frame, "EPSG:32650").items()} == {1: 2}


def test_what_closes_without_a_successor_near_by_is_a_row_of_its_own(run):
    far = dataclasses.replace(run, geography=dataclasses.replace(run.geography, sites=spread(run.geography.sites)))
    rows = works(Results(with_closed(far, 1)).action_rows)
    closed = [row for row in rows if row.action == "close"]
    assert [row.work.id for row in closed] == ["P00001"]
    assert (closed[0].year, closed[0].work.investment_cny) == (2027, 0.0)


def spread(sites):
    """The sites, 10 km and more from each other."""
    return sites.set_geometry(shapely.points(117 + 0.2 * np.arange(len(sites)), np.full(len(sites), 39.1)), crs=4326)


def test_a_move_takes_the_place_of_what_it_closes(run):
    sites = spread(run.geography.sites)
    sites.loc[0, "geometry"] = shapely.Point(117.2 + 0.003, 39.1)
    near = dataclasses.replace(run, geography=dataclasses.replace(run.geography, sites=sites))
    rows = works(Results(with_closed(near, 1)).action_rows)
    move = next(row for row in rows if row.action == "move")
    assert move.work.id == "P00000"
    assert move.note.zh == "由Bus stop迁入，相距 259 米；闲置（无处理量）"
    assert "P00001" not in {row.work.id for row in rows}


def test_a_plan_without_targets_lists_its_facilities(run):
    instance = dataclasses.replace(run.instance, targets=())
    bare = dataclasses.replace(run, instance=instance, verification=verify(instance, run.solution.plan))
    assert len(Results(bare).action_rows) == run.instance.n_sites
    assert {row.lead.zh for row in Results(bare).action_rows} == {""}


def test_a_plan_that_opens_nothing_has_its_targets_and_what_closes(run):
    empty = with_closed(run, *range(run.instance.n_options))
    assert [row.action for row in works(Results(empty).action_rows)] == ["close"]
    assert len(action_table(Results(empty).action_rows)) == 7


def test_the_run_folder_has_the_list_as_a_table(run, tmp_path):
    write_run(tmp_path / "small", run)
    table = pd.read_csv(tmp_path / "small" / "actions.csv", encoding="utf-8-sig", dtype={"district_code": str})
    assert len(table) == len(Results(run).action_rows)
    facilities = pd.read_csv(tmp_path / "small" / "facilities.csv", encoding="utf-8-sig").set_index("id")
    rows = table[table["action"] != "reach"].set_index("id")
    for column in ("lon", "lat", "capacity_t", "investment_cny"):
        pd.testing.assert_series_equal(rows[column], facilities[column].loc[rows.index], check_dtype=False)
    assert table.loc[table["id"] == "t2", "missing"].item() > 0


def test_measures_that_count_no_facilities_name_nobody_for_them(run):
    rows = Results(with_targets(run, measure=Measure.COLLECTED, echelon=None)).action_rows
    assert {row.lead.zh for row in works(rows)} == {""}
