"""A plan if residents walk to the nearest open point: by hand, against a loop, as properties, and in every output."""

from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from siting.behaviour import goes_past_nearer, nearest_assignment, send_on, usable_walks, walk_to_nearest, ways_of
from siting.instance import Disposals
from siting.language.quantities import quantity
from siting.plan import site_inflow_t
from siting.render.behaviour import overload_tables
from siting.render.html.report.page import draw_report
from siting.render.terminal.report import print_scorecard
from siting.results.behaviour import behaviour_of, overload_warning, verdict
from siting.results.results import Results
from siting.runs.folder import write_run
from siting.solve.solve import solve
from siting.verify import verify
from siting.verify.districts import district_figures
from siting.verify.movements import check_conservation
from siting.verify.tonnage import trace_tonnage
from tests.browser import NEEDS_BROWSER, one_browser, open_map, write_map
from tests.outputs_city import make_run
from tests.tiny import hand_instance, tiny_instance

SEEDS = range(12)


def opened(instance, *names):
    """The hand plan with other points open; p3 serves both cells whatever else is open."""
    from tests.verify.test_verify import hand_plan

    return dataclasses.replace(hand_plan(), is_open=np.isin(instance.sites.id, [*names, "p3", "t1", "s1"]))


def with_capacity(instance, site, capacity_t):
    capacities = np.where(instance.sites.id == site, capacity_t, instance.options.capacity_t)
    return dataclasses.replace(instance, options=dataclasses.replace(instance.options, capacity_t=capacities))


def random_plan(seed):
    """A tiny instance without targets and a plan of it whose assignment is thrown at random among open points."""
    instance = tiny_instance(seed, n_cells=5, n_points=4, has_targets=False)
    plan = solve(instance, engine="exact", gap=0.0).plan
    plan = dataclasses.replace(plan, is_open=_one_open_option(instance))
    rng, usable = np.random.default_rng(seed), usable_walks(instance, ways_of(instance, plan))
    assign = np.where(usable, rng.uniform(0, 1, len(usable)), 0.0)
    total = np.bincount(instance.walks.demand, weights=assign, minlength=instance.n_demand)[instance.walks.demand]
    assign = assign / np.maximum(total, 1.0)
    return instance, send_on(instance, dataclasses.replace(plan, assign=assign), ways=ways_of(instance, plan))


def _one_open_option(instance):
    is_open = np.zeros(instance.n_options, dtype=bool)
    is_open[np.unique(instance.options.site, return_index=True)[1]] = True
    return is_open


def test_by_hand_a_walks_to_p1_and_the_tonne_more_earns_200():
    """A goes to p1 (100 m, 5 t) instead of p3 (400 m, 4 t); B has p3 alone (4 t). p1 holds 3 t: 2 t too many."""
    instance = with_capacity(hand_instance(), "p1", 3.0)
    found = behaviour_of(instance, opened(instance, "p1"))
    loads = found.loads.set_index("id")
    assert loads["load_if_nearest_t"].to_dict() == pytest.approx({"p1": 5, "p3": 4, "t1": 9, "s1": 14})
    assert loads["overload_t"].to_dict() == pytest.approx({"p1": 2, "p3": 0, "t1": 0, "s1": 0})
    assert loads["overload_share"]["p1"] == pytest.approx(2 / 3)
    assert found.loads["id"][0] == "p1"
    figures = found.values
    assert figures["net_cost_cny"].nearest - figures["net_cost_cny"].planned == pytest.approx(-200)
    assert (figures["collected_t"].planned, figures["collected_t"].nearest) == pytest.approx((13, 14))
    assert (figures["brought_t"].nearest, figures["held_t"].nearest) == pytest.approx((9, 7))
    assert (figures["mean_walk_m"].planned, figures["mean_walk_m"].nearest) == pytest.approx((400, 250))
    assert (found.moved_residents, found.new_residents, found.left_residents) == pytest.approx((1000, 0, 0))
    assert "1 of 2 recycling points exceed their capacity, by 2 t a year together" in verdict(instance, found).en


def test_whom_the_plan_assigns_to_none_goes_to_the_nearest_too():
    instance = hand_instance()
    plan = dataclasses.replace(
        opened(instance), assign=np.array([0.0, 0.0, 1.0, 0.25]), haul_t=np.array([[0.0], [0.0], [5.0], [5.0]])
    )
    found = behaviour_of(instance, plan)
    assert found.new_residents == pytest.approx(750)
    assert found.values["collected_t"].nearest - found.values["collected_t"].planned == pytest.approx(3)
    assert "750 more are served" in verdict(instance, found).en


def test_what_is_disposed_of_stays_within_its_limit_and_the_rest_is_hauled():
    """The plan disposes of 1 t of 8 at t1, which is all that may be: of 9 t that walk there it is 1 t too, not 9/8."""
    disposals = Disposals(np.array([3]), np.array([0]), np.array([0.0]), np.array([1.0]))
    instance = dataclasses.replace(hand_instance(), disposals=disposals)
    haul_t = np.array([[0.0], [0.0], [8.0], [7.0]])
    plan = dataclasses.replace(opened(instance, "p1"), haul_t=haul_t, disposed_t=np.array([1.0]))
    walked = walk_to_nearest(instance, plan)
    assert walked.disposed_t == pytest.approx([1.0])
    assert walked.haul_t[:, 0] == pytest.approx([5, 0, 4, 8])


def test_a_point_that_nothing_can_go_on_from_is_not_used():
    instance = hand_instance()
    links = np.flatnonzero(instance.haul.tail != 0)
    haul = dataclasses.replace(
        instance.haul, **{name: getattr(instance.haul, name)[links] for name in vars(instance.haul)}
    )
    instance = dataclasses.replace(instance, haul=haul)
    plan = dataclasses.replace(opened(instance, "p1"), haul_t=np.array([[0.0], [8.0], [8.0]]))
    assert behaviour_of(instance, plan).moved_residents == 0


def test_equally_near_points_keep_who_is_assigned_and_new_residents_take_the_first_site():
    instance = hand_instance()
    walks = dataclasses.replace(instance.walks, distance_m=np.array([400.0, 400.0, 400.5, 400.0]))
    instance = dataclasses.replace(instance, walks=walks)
    plan = dataclasses.replace(opened(instance, "p1", "p2"), assign=np.array([0.0, 0.0, 0.6, 0.0]))
    assign = nearest_assignment(instance, plan, ways=ways_of(instance, plan))
    assert assign == pytest.approx([0.4, 1.0, 0.6, 0.0])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tolerance_m", [1.0, 300.0])
def test_the_assignment_is_that_of_a_loop_over_cells(seed, tolerance_m):
    instance, plan = random_plan(seed)
    ways = ways_of(instance, plan)
    usable, walks = usable_walks(instance, ways), instance.walks
    wanted = np.zeros(len(walks.demand))
    for cell in range(instance.n_demand):
        mine = [w for w in np.flatnonzero(walks.demand == cell) if usable[w]]
        if not mine:
            continue
        first = min(mine, key=lambda w: (walks.distance_m[w], walks.site[w]))
        for w in mine:
            if walks.distance_m[w] <= walks.distance_m[first] + tolerance_m:
                wanted[w] = plan.assign[w]
        wanted[first] += 1 - sum(wanted[w] for w in mine)
    assert nearest_assignment(instance, plan, ways=ways, tolerance_m=tolerance_m) == pytest.approx(wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_tonnes_are_conserved_and_all_in_reach_are_served(seed):
    instance, plan = random_plan(seed)
    walked = walk_to_nearest(instance, plan)
    assert check_conservation(instance, tonnage=trace_tonnage(instance, walked), tolerance=1e-9) == []
    usable = usable_walks(instance, ways_of(instance, plan))
    reached = np.isin(np.arange(instance.n_demand), instance.walks.demand[usable])
    served = np.bincount(instance.walks.demand, weights=walked.assign, minlength=instance.n_demand)
    assert served == pytest.approx(reached.astype(float))
    given_t = float((instance.brought_t() * walked.assign[:, None]).sum() + plan.direct_t.sum())
    assert trace_tonnage(instance, walked).collected_t.sum() == pytest.approx(given_t)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_that_is_walked_already_changes_in_nothing(seed):
    instance, plan = random_plan(seed)
    walked = walk_to_nearest(instance, plan)
    again = behaviour_of(instance, walked)
    assert not again.changes
    assert again.plan.assign == pytest.approx(walked.assign)
    assert again.plan.haul_t == pytest.approx(walked.haul_t, abs=1e-6)
    for one in again.figures:
        assert one.nearest == pytest.approx(one.planned, nan_ok=True), one.key
    assert "nothing changes" in verdict(instance, again).en


@pytest.mark.parametrize("tolerance_m", [0.0, 300.0])
@pytest.mark.parametrize("seed", [0, 3, 5])
def test_a_plan_for_residents_who_choose_changes_in_nothing(seed, tolerance_m):
    instance = tiny_instance(seed, n_cells=4, n_points=4, has_targets=False)
    instance = dataclasses.replace(instance, assigns_nearest=True, assignment_tolerance_m=tolerance_m)
    plan = solve(instance, engine="exact", gap=0.0).plan
    found = behaviour_of(instance, plan)
    assert (found.moved_residents, found.new_residents) == pytest.approx((0, 0), abs=1e-3)
    assert found.values["net_cost_cny"].nearest == pytest.approx(found.values["net_cost_cny"].planned, abs=1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_ways_of_a_plan_carry_its_own_tonnes_as_it_does(seed):
    instance = tiny_instance(seed, n_cells=4, has_targets=False)
    plan = solve(instance, engine="exact", gap=0.0).plan
    same = send_on(instance, plan, ways=ways_of(instance, plan))
    assert same.haul_t == pytest.approx(plan.haul_t, abs=1e-6)
    assert site_inflow_t(instance, same) == pytest.approx(site_inflow_t(instance, plan), abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_moves_is_who_goes_past_a_nearer_point(seed):
    instance, plan = random_plan(seed)
    residents = instance.demand.residents[instance.walks.demand] * plan.assign
    assert behaviour_of(instance, plan).moved_residents == pytest.approx(
        residents[goes_past_nearer(instance, plan)].sum()
    )


@pytest.fixture(scope="module")
def run():
    """The small city; the farthest of the three walks of each cell is the one that is assigned, full points."""
    made = make_run()
    instance, walks = made.instance, made.instance.walks
    order = np.lexsort((-walks.distance_m, walks.demand))
    assign = np.zeros(len(walks.demand))
    assign[order[np.unique(walks.demand[order], return_index=True)[1]]] = 1.0
    plan = dataclasses.replace(made.solution.plan, assign=assign)
    plan = send_on(instance, plan, ways=ways_of(instance, made.solution.plan))
    load_t = site_inflow_t(instance, plan).sum(axis=1)
    capacity_t = np.where(instance.sites.echelon == 0, np.maximum(load_t, 1.0), 1e6)[instance.options.site]
    instance = dataclasses.replace(instance, options=dataclasses.replace(instance.options, capacity_t=capacity_t))
    solution = dataclasses.replace(made.solution, plans=(plan,))
    figures = district_figures(instance, plan)
    return dataclasses.replace(
        made, instance=instance, solution=solution, verification=verify(instance, plan), district_figures=figures
    )


def test_the_key_figure_of_nearer_points_agrees(run):
    results = Results(run)
    moved = results.behaviour.moved_residents / results.behaviour.values["served_residents"].planned
    assert moved > 0.5
    assert results.figure_values["past_nearer_share"] == pytest.approx(moved)


def test_every_file_of_the_run_folder_has_it(run, tmp_path):
    behaviour = Results(run).behaviour
    assert len(behaviour.overloaded) > 0
    write_run(tmp_path / "out", run)
    written = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))["behaviour"]
    assert not written["is_followed"]
    assert written["moved_residents"] == round(behaviour.moved_residents)
    over = written["figures"]["overload_point_t"]
    assert (over["planned"], over["unit"]) == (0, "t/yr")
    assert over["nearest"] == pytest.approx(behaviour.loads["overload_t"].sum(), abs=0.1)
    table = pd.read_csv(tmp_path / "out" / "facilities.csv", encoding="utf-8-sig").set_index("id")
    wanted = behaviour.loads.set_index("id")["load_if_nearest_t"]
    assert table["load_if_nearest_t"].to_dict() == pytest.approx(wanted.to_dict(), abs=0.06)


def test_the_terminal_says_it(run):
    console = Console(file=io.StringIO(), width=110)
    print_scorecard(console, Results(run))
    said = " ".join(console.file.getvalue().split())
    assert verdict(run.instance, Results(run).behaviour).en in said


def test_the_report_lists_the_most_overloaded_first(run):
    results = Results(run)
    page = draw_report(results)
    for language in ("en", "zh"):
        assert overload_warning(results.behaviour).in_language(language) in page.split(f'id="{language}-targets"')[0]
        section = page.split(f'id="{language}-behaviour"')[1].split("</section>")[0]
        assert verdict(run.instance, results.behaviour).in_language(language) in section
        table = section.split("<table")[2]
        listed = [one for one in table.replace("<", ">").split(">") if one in set(results.behaviour.loads["id"])]
        assert listed == results.behaviour.overloaded["id"].head(12).tolist()
        assert "facilities.csv" not in section


def test_overloaded_stations_stand_in_a_table_of_their_own(run):
    load_t = site_inflow_t(run.instance, run.solution.plan).sum(axis=1)
    options = dataclasses.replace(run.instance.options, capacity_t=np.maximum(load_t, 1.0)[run.instance.options.site])
    results = Results(dataclasses.replace(run, instance=dataclasses.replace(run.instance, options=options)))
    points, others = overload_tables(results, results.behaviour)
    echelons = results.behaviour.loads.set_index("id")["echelon"]
    assert {echelons[row[0]] for row in points.rows} == {"point"}
    assert {echelons[row[0]] for row in others.rows} <= {"transfer", "sorting"}
    assert len(points.rows) + len(others.rows) == len(results.behaviour.overloaded)


def test_a_plan_for_residents_who_choose_says_that_it_follows_it(run):
    followed = dataclasses.replace(run, instance=dataclasses.replace(run.instance, assigns_nearest=True))
    results = Results(followed)
    page = draw_report(results)
    section = page.split('id="zh-behaviour"')[1].split("</section>")[0]
    assert results.behaviour.is_followed
    assert overload_warning(results.behaviour) is None
    assert "方案已按居民前往最近回收点" in section
    assert "<table" not in section


@NEEDS_BROWSER
@pytest.mark.parametrize(
    ("language", "words"), [("en", "If residents walk to the nearest point"), ("zh", "居民前往最近点时")]
)
def test_the_card_of_a_point_shows_its_load_where_it_is_another(run, tmp_path, language, words):
    loads = Results(run).behaviour.loads
    worst, load_t = loads["id"][0], loads["load_if_nearest_t"][0]
    with one_browser() as browser, open_map(browser, write_map(tmp_path, run), language=language) as page:
        page.evaluate(f"siting.goTo(siting.plan.facilities.id.indexOf({json.dumps(worst)}))")
        row = page.locator("#card .row.over", has_text=words)
        assert quantity(load_t, "t/yr").in_language(language) in row.inner_text()
    with one_browser() as browser, open_map(browser, write_map(tmp_path, make_run()), language=language) as page:
        page.evaluate("siting.goTo(0)")
        assert words not in page.locator("#card").inner_text()
