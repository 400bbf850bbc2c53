"""Sweeps: all scenarios of a config, resumed, on workers that are lost, and what their page says."""

import dataclasses
import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

import siting
from siting import scenarios
from siting.config import Change
from siting.errors import ConfigError, FileError, OutOfTimeError
from siting.interrupts import postponed, was_put_off
from siting.language import Label
from siting.plan import Status
from siting.result import Result
from siting.results.sweep.outcome import Ending, Outcome, Reached
from siting.scenarios import Workforce
from siting.scenarios.order import cheapest_that_serves
from siting.scenarios.sweep import _new_outcomes, read_sweep
from siting.scenarios.task import START_SHARE, Task, digest_of, run_task
from siting.scenarios.variants import BASE
from tests.commands import failing
from tests.commands import siting as command
from tests.small_city import small_config, write_small_city

SCENARIOS = {
    "few": {"title": {"en": "few points", "zh": "少设网点"}, "targets": {"count-point": 2}},
    "many": {"targets": {"count-point": 9}},
    "more-demand": {"demand": 1.3},
    "impossible": {"targets": {"count-point": 50}},
}


def written(folder):
    return write_small_city(folder, config=small_config() | {"scenarios": SCENARIOS})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The sweep of a small city."""
    folder = tmp_path_factory.mktemp("sweep")
    problem = siting.read_config(written(folder))
    return scenarios.sweep(problem, scenarios.named_scenarios(problem), folder / "sweep")


def test_every_scenario_ends_as_it_would_alone(made):
    by_name = {one.name: one for one in made.sweep.outcomes}
    assert list(by_name) == ["base", *SCENARIOS]
    assert by_name["impossible"].ending is Ending.INFEASIBLE
    assert "at most 10 candidate sites" in by_name["impossible"].message
    problem = siting.read_run(made.folder / "base").problem
    alone = problem.with_values({"targets": SCENARIOS["many"]["targets"]}).solve()
    many = by_name["many"]
    assert many.cost_cny == pytest.approx(alone.cost_cny, rel=0.001)
    assert max(many.bound_cny, alone.bound_cny) <= min(many.cost_cny, alone.cost_cny) * (1 + 1e-9)
    run = siting.read_run(made.folder / "many")
    assert run.verify().holds
    assert run.cost_cny == many.cost_cny
    assert {change.key for change in run.record.changes} == {"targets.count-point.at_least"}
    assert (made.folder / "many" / "report.html").is_file()


@pytest.mark.parametrize("n_without_a_plan", [0, 1])
def test_a_city_that_begins_with_a_plan_has_a_share_of_the_work_and_all_where_that_fails(tmp_path, n_without_a_plan):
    settings = {"engine": "city", "work": 4.0, "time_limit_s": 60, "gap": 0.0}
    config = small_config() | {"scenarios": {"few": SCENARIOS["few"]}, "solve": settings}
    problem = siting.read_config(write_small_city(tmp_path, config=config))
    solve, asked = siting.Problem.solve, []

    def told(self, **how):
        asked.append((how.get("start") is not None, how.get("work")))
        if how.get("work") is not None and sum(work is not None for _, work in asked) <= n_without_a_plan:
            raise OutOfTimeError("no plan within the work")
        return solve(self, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(siting.Problem, "solve", told)
        done = scenarios.sweep(problem, scenarios.named_scenarios(problem), tmp_path / "sweep")

    assert [one.ending for one in done.sweep.outcomes] == [Ending.PLAN, Ending.PLAN]
    assert asked == [(False, None), (True, START_SHARE * 4.0), *[(True, None)] * n_without_a_plan]


def test_ctrl_c_keeps_the_plan_of_its_scenario_and_ends_the_sweep(tmp_path, monkeypatch):
    config = small_config() | {"scenarios": {name: SCENARIOS[name] for name in ("few", "many")}}
    problem = siting.read_config(write_small_city(tmp_path, config=config))
    solve, names = siting.Problem.solve, []

    def interrupted(self, **how):
        names.append(self.config.name)
        result = solve(self, **how)
        solution = dataclasses.replace(result.solution, status=Status.INTERRUPTED)
        return result if how.get("start") is None else Result(dataclasses.replace(result.record, solution=solution))

    with monkeypatch.context() as patch:
        patch.setattr(siting.Problem, "solve", interrupted)
        with pytest.raises(KeyboardInterrupt):
            scenarios.sweep(problem, scenarios.named_scenarios(problem), tmp_path / "sweep")
    assert len(names) == 2
    assert read_sweep(tmp_path / "sweep").outcomes[0].name == "base"
    assert siting.read_run(tmp_path / "sweep" / "few").verify().holds

    heard = []
    done = scenarios.sweep(
        problem, scenarios.named_scenarios(problem), tmp_path / "sweep", heard=lambda one, was: heard.append(was)
    )
    assert heard == [True, False, False]
    assert [one.ending for one in done.sweep.outcomes] == [Ending.PLAN] * 3


def test_an_interrupt_that_was_put_off_ends_the_sweep_after_its_scenario(tmp_path, monkeypatch):
    config = small_config() | {"scenarios": {"few": SCENARIOS["few"]}}
    problem = siting.read_config(write_small_city(tmp_path, config=config))
    solve = siting.Problem.solve

    def solve_and_hear(self, **how):
        result = solve(self, **how)
        with postponed(lambda _: None):
            signal.raise_signal(signal.SIGINT)
        return result

    with monkeypatch.context() as patch:
        patch.setattr(siting.Problem, "solve", solve_and_hear)
        with pytest.raises(KeyboardInterrupt):
            scenarios.sweep(problem, scenarios.named_scenarios(problem), tmp_path / "sweep")
    assert not was_put_off()

    heard = []
    scenarios.sweep(
        problem, scenarios.named_scenarios(problem), tmp_path / "sweep", heard=lambda one, was: heard.append(was)
    )
    assert heard == [True, False]  # what was done is whole


def test_the_table_orders_by_cost_and_bounds_the_differences(made):
    table = made.sweep.table()
    costs = table["cost_cny"].dropna()
    assert costs.is_monotonic_increasing
    assert list(table["ending"])[-1] == "infeasible"
    rows = table.set_index("scenario")
    base, many = rows.loc["base"], rows.loc["many"]
    assert many["difference_low_cny"] == pytest.approx(many["bound_cny"] - base["cost_cny"])
    assert many["difference_high_cny"] == pytest.approx(many["cost_cny"] - base["bound_cny"])
    read = pd.read_csv(made.folder / "sweep.csv", encoding="utf-8-sig").set_index("scenario")
    assert read.loc["many", "cost_cny"] == pytest.approx(many["cost_cny"])
    summary = json.loads((made.folder / "sweep.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in summary["scenarios"]] == list(table["scenario"])
    sheets = openpyxl.load_workbook(made.folder / "sweep.xlsx").sheetnames
    assert len(sheets) == 3


def test_the_ladder_holds_plans_of_other_targets_alone_and_rises(made):
    ladder = made.sweep.ladder
    assert {rung.name for rung in ladder} <= {"base", "few", "many"}
    assert [rung.cost_cny for rung in ladder] == sorted(rung.cost_cny for rung in ladder)
    shares = [rung.covered_share for rung in ladder]
    assert len(shares) > 1
    assert all(first < second for first, second in itertools.pairwise(shares))


def test_sites_of_all_plans_are_open_in_each(made):
    summary = json.loads((made.folder / "sweep.json").read_text(encoding="utf-8"))
    stay = set(summary["open_in_all_plans"]["point"])
    assert stay
    for one in made.sweep.outcomes:
        if one.has_plan:
            opened = siting.read_run(made.folder / one.name).facilities
            assert stay <= set(opened.loc[opened["action"] != "close", "id"])


def test_the_page_has_both_languages_and_links_to_the_reports(made):
    text = (made.folder / "sweep.html").read_text(encoding="utf-8")
    assert 'href="many/report.html"' in text
    assert "少设网点" in text
    assert "impossible" in text


def test_what_was_done_is_kept_and_what_changed_is_solved_again(made, tmp_path):
    problem = siting.read_config(written(tmp_path))
    folder = tmp_path / "sweep"
    heard = []
    variants = scenarios.named_scenarios(problem)

    def hear(outcome, was_there):
        heard.append((outcome.name, was_there))

    scenarios.sweep(problem, variants[:3], folder, parts=(), heard=hear)
    assert heard == [("base", False), ("few", False), ("many", False)]
    (folder / "outcomes" / "few.json").unlink()
    heard.clear()
    other = problem.with_values({"demand": 1.1}).with_config({"name": "small-many"})
    changed = [*variants[:2], scenarios.Variant("many", variants[2].title, other.loaded)]
    again = scenarios.sweep(problem, changed, folder, parts=(), heard=hear)
    assert heard == [("base", True), ("few", False), ("many", False)]
    assert "report.html" not in (folder / "sweep.html").read_text(encoding="utf-8")
    assert again.sweep.outcomes[1].cost_cny == pytest.approx(made.sweep.outcomes[1].cost_cny, rel=0.001)


def test_a_grid_has_every_combination_and_a_sample_stays_within_the_ranges(tmp_path):
    path = written(tmp_path)
    rows = "key,value,low,high,unit,year,source,status,note\nrate,0.08,0.04,0.1,1/yr,2006,a book,published,\n"
    (tmp_path / "parameters.csv").write_text(rows, encoding="utf-8")
    problem = siting.read_config(path)
    made = scenarios.grid(problem, {"count-point": ["3", "5"], "demand": ["0.9", "1.1", "1.2"]})
    assert len(made) == 1 + 6
    assert len({one.name for one in made}) == 7
    drawn = scenarios.sample(problem, 8, seed=3)
    rates = [one.loaded.config.money.discount_rate for one in drawn[1:]]
    assert len({int((rate - 0.04) / 0.06 * 8) for rate in rates}) == 8  # each eighth of the range once
    again = scenarios.sample(problem, 8, seed=3)
    assert [one.loaded.config for one in again] == [one.loaded.config for one in drawn]


def test_a_sweep_refuses_what_it_cannot_do(tmp_path):
    problem = siting.read_config(write_small_city(tmp_path))
    with pytest.raises(ConfigError, match="the config has none"):
        scenarios.named_scenarios(problem)
    with pytest.raises(ConfigError, match="no parameter that the config uses has"):
        scenarios.sample(problem, 3, seed=1)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(FileError, match="holds files and no sweep"):
        scenarios.sweep(problem, [], tmp_path / "full")
    assert "give one of --set and --sample" in failing(
        2, "sweep", tmp_path / "plan.yaml", "--set", "demand=1,2", "--sample", "3"
    )


def test_the_command_prints_the_order(tmp_path):
    result = command("sweep", written(tmp_path), "--set", "count-point=2,9", "--no-pages")
    assert result.exit_code == 0, result.output
    assert "3 of 3 · grid-count-point-9" in result.output
    assert (tmp_path / "runs" / "small-sweep" / "sweep.html").is_file()


def test_a_worker_that_is_killed_costs_nothing(made, tmp_path):
    problem = siting.read_config(written(tmp_path))
    killed = []

    def kill_the_first():
        while not killed:
            for child in multiprocessing.active_children():
                os.kill(child.pid, signal.SIGKILL)
                killed.append(child.pid)
                return
            time.sleep(0.05)

    threading.Thread(target=kill_the_first, daemon=True).start()
    again = scenarios.sweep(
        problem, scenarios.named_scenarios(problem), tmp_path / "sweep", workforce=Workforce(2), parts=()
    )
    assert killed
    assert not multiprocessing.active_children()
    for one, other in zip(again.sweep.outcomes, made.sweep.outcomes, strict=True):
        assert (one.name, one.ending) == (other.name, other.ending)
        if one.has_plan:
            assert one.cost_cny == pytest.approx(other.cost_cny, rel=0.001)


def test_a_scenario_whose_worker_always_dies_fails_alone(made, tmp_path, monkeypatch):
    problem = siting.read_config(written(tmp_path))
    monkeypatch.setattr("siting.scenarios.workers.run_task", _die_of_many)
    folder = tmp_path / "sweep"
    again = scenarios.sweep(problem, scenarios.named_scenarios(problem), folder, workforce=Workforce(2), parts=())
    endings = {one.name: one.ending for one in again.sweep.outcomes}
    assert endings["many"] is Ending.FAILED
    assert {name for name, ending in endings.items() if ending is Ending.PLAN} == {"base", "few", "more-demand"}


def _die_of_many(task):
    if task.variant.name == "many":
        os._exit(9)
    return run_task(task)


def test_a_killed_sweep_goes_on_where_it_was(tmp_path):
    path = written(tmp_path)
    line = [sys.executable, "-m", "siting", "sweep", str(path), "--no-pages", "--workers", "1"]
    started = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    outcomes = tmp_path / "runs" / "small-sweep" / "outcomes"
    while not (outcomes / "few.json").is_file():
        assert started.poll() is None, "the sweep ended before it could be killed"
        time.sleep(0.05)
    started.kill()
    started.wait()
    done = {file.stem: file.stat().st_mtime_ns for file in outcomes.glob("*.json")}
    result = subprocess.run(line, capture_output=True, text=True, check=True)
    assert "few: " in result.stderr
    assert "kept from before" in result.stderr
    assert {file.stem for file in outcomes.glob("*.json")} == {"base", *SCENARIOS}
    assert all((outcomes / f"{name}.json").stat().st_mtime_ns == at for name, at in done.items())


def test_a_cluster_solves_a_sweep_and_a_killed_worker_costs_nothing(made, tmp_path):
    distributed = pytest.importorskip("distributed")
    problem = siting.read_config(written(tmp_path))
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        killed = []

        def hear(outcome, was_there):
            if not killed:
                worker = next(iter(cluster.workers.values()))
                killed.append(worker.pid)
                os.kill(worker.pid, signal.SIGKILL)

        again = scenarios.sweep(
            problem, scenarios.named_scenarios(problem), tmp_path / "sweep",
            workforce=Workforce(scheduler=cluster.scheduler_address), parts=(), heard=hear,
        )  # fmt: skip
    assert killed
    for one, other in zip(again.sweep.outcomes, made.sweep.outcomes, strict=True):
        assert (one.name, one.ending) == (other.name, other.ending)


def test_a_scheduler_that_does_not_answer_is_said(tmp_path):
    pytest.importorskip("distributed")
    output = failing(2, "sweep", written(tmp_path), "--scheduler", "tcp://127.0.0.1:9", "--no-pages")
    assert "does not answer" in output


@pytest.mark.parametrize(("cities", "rounds"), [(("b", "c"), [3]), (("a", "c"), [1, 2])])
def test_the_base_comes_first_only_where_another_scenario_is_of_its_city(cities, rounds):
    def task(name, city):
        loaded = [SimpleNamespace(config=SimpleNamespace(city=one)) for one in (city, "a")]
        return Task(SimpleNamespace(name=name, loaded=loaded[0]), "", loaded[1], Path("sweep"), Path("cache"))

    class Counting:
        def __init__(self):
            self.asked = []

        def run(self, tasks):
            self.asked.append([(one.variant.name, one.start) for one in tasks])
            return [SimpleNamespace(name=one.variant.name, has_plan=True) for one in tasks]

    workforce, found = Counting(), {}
    tasks = [task(BASE, "a"), *(task(f"of-{city}", city) for city in cities)]
    for outcome in _new_outcomes(tasks, found, workforce):
        found[outcome.name] = outcome
    assert [len(one) for one in workforce.asked] == rounds
    starts = {name: start for asked in workforce.asked for name, start in asked}
    assert set(starts) == {BASE, *(f"of-{city}" for city in cities)}
    assert {name for name, start in starts.items() if start is not None} == {
        f"of-{city}" for city in cities if city == "a"
    }


def outcome_of(name, cost_cny, cover, centres, *, asked, wage=3.0):
    """An outcome that reaches a coverage and a number of centres, of what is `asked`."""
    targets = (Reached("||cover|city", True, asked[0], cover), Reached("||centres|city", False, asked[1], centres))
    changes = (Change("targets.cover.at_least", 0.5, asked[0]), Change("parameters.wage", 3.0, wage))
    figures = {"cost_cny": cost_cny}
    return Outcome(name, Label(name, name), "", Ending.PLAN, "", changes, "work_limit", figures, targets)


def test_a_cheaper_plan_that_reaches_all_targets_serves_a_scenario_too():
    few = outcome_of("few", 110.0, 0.45, 20, asked=(0.4, 20))
    more = outcome_of("more", 105.0, 0.6, 19, asked=(0.6, 20))
    lucky = outcome_of("lucky", 104.0, 0.61, 18, asked=(0.3, 20))
    assert cheapest_that_serves(few, (few, more, lucky)) is lucky
    assert cheapest_that_serves(more, (few, more, lucky)) is lucky
    assert cheapest_that_serves(lucky, (few, more, lucky)) is None
    assert cheapest_that_serves(few, (more,)) is more
    assert cheapest_that_serves(outcome_of("centres", 120.0, 0.4, 17, asked=(0.3, 17)), (few, more, lucky)) is None
    assert cheapest_that_serves(few, (outcome_of("wage", 90.0, 0.6, 18, asked=(0.4, 20), wage=2.0),)) is None
    assert cheapest_that_serves(few, (outcome_of("other targets", 90.0, 0.6, 18, asked=(0.4, 20)),)) is not None
    no_targets = dataclasses.replace(more, targets=())
    assert cheapest_that_serves(few, (no_targets,)) is None
    assert cheapest_that_serves(outcome_of("as dear", 104.0, 0.4, 20, asked=(0.4, 20)), (lucky,)) is None
    assert cheapest_that_serves(dataclasses.replace(few, ending=Ending.INFEASIBLE, figures={}), (more,)) is None


def test_a_scenario_dearer_than_a_plan_that_serves_it_starts_from_that_plan(tmp_path, monkeypatch):
    config = small_config() | {"scenarios": {"few": {"targets": {"count-point": 2}}}}
    problem = siting.read_config(write_small_city(tmp_path, config=config))
    solve, asked = siting.Problem.solve, []

    def dear_at_first(self, **how):
        asked.append(how.get("start") is not None)
        dear = len(asked) == 2
        return solve(self.with_values(SCENARIOS["more-demand"]) if dear else self, **how)

    monkeypatch.setattr(siting.Problem, "solve", dear_at_first)
    told = []
    done = scenarios.sweep(
        problem, scenarios.named_scenarios(problem), tmp_path / "sweep", heard=lambda one, was: told.append(one.name)
    )
    assert told == ["base", "few", "few"]
    assert asked == [False, True, True]
    by_name = {one.name: one for one in done.sweep.outcomes}
    assert by_name["few"].cost_cny <= by_name["base"].cost_cny
    assert siting.read_run(tmp_path / "sweep" / "few").cost_cny == by_name["few"].cost_cny
    stored = json.loads((tmp_path / "sweep" / "outcomes" / "few.json").read_text(encoding="utf-8"))
    assert stored["figures"]["cost_cny"] == pytest.approx(by_name["few"].cost_cny)


def test_threads_make_no_other_problem(tmp_path):
    config = siting.read_config(write_small_city(tmp_path)).config
    one, two = (config.model_copy(update={"solve": config.solve.model_copy(update={"threads": n})}) for n in (1, 2))
    other = config.model_copy(update={"solve": config.solve.model_copy(update={"gap": 0.5})})
    assert digest_of(one, {}) == digest_of(two, {}) != digest_of(other, {})
