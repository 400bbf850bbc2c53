"""Decisions of reviewers: read, merged, followed by the plan, priced, told in the report; and taken on the map."""

import json

import pytest
import yaml

from siting.config.decisions import read_decisions
from siting.errors import ConfigError
from siting.problem import read_config, read_run
from tests.browser import NEEDS_BROWSER, one_browser, open_map, write_map
from tests.commands import failing, siting
from tests.small_city import write_small_city


def write(folder, name, *decisions):
    path = folder / name
    path.write_text(yaml.safe_dump({"run": "small", "decisions": list(decisions)}), encoding="utf-8")
    return path


def one(site, decision, who="Li", when="2027-03-01T09:00", **more):
    return {"site": site, "decision": decision, "who": who, "when": when, **more}


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("decisions")
    config = write_small_city(folder)
    read_config(config).solve().write(folder / "runs" / "small", parts=["tables"])
    return config, folder / "runs" / "small"


def sites_of(run):
    """Ids of open points, and of other candidates for points."""
    result = read_run(run)
    facilities = result.facilities
    opened = facilities.loc[facilities["echelon"] == "point", "id"].tolist()
    sites = result.record.instance.sites
    return opened, [str(site) for site in sites.id[sites.echelon == 0] if site not in opened]


def test_of_one_reviewer_the_latest_counts_and_a_move_is_two_decisions(tmp_path):
    early = one("A", "keep", when="2027-03-01T09:00")
    late = one("A", "close", when="2027-03-02T09:00")
    taken = read_decisions([write(tmp_path, "a.yaml", late, early, one("B", "move", to="C"), one("B", "comment"))])
    assert [(each.site, each.decision) for each in taken] == [("A", "close"), ("B", "move"), ("B", "comment")]
    assert taken[1].holds == {"B": False, "C": True}


def test_all_conflicts_between_reviewers_are_listed(tmp_path):
    first = write(tmp_path, "a.yaml", one("A", "keep", why="school"), one("B", "wanted"))
    second = write(tmp_path, "b.yaml", one("A", "close", who="Wang"), one("C", "move", who="Wang", to="D"))
    third = write(tmp_path, "c.yaml", one("B", "forbidden", who="Zhao"))
    assert len(read_decisions([first])) == 2
    with pytest.raises(ConfigError, match="2 faults") as caught:
        read_decisions([first, second, third])
    assert "school" in str(caught.value)
    assert "Wang" in str(caught.value)
    assert "c.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (one("A", "burn"), "burn|decision"),
        (one("A", "move"), "a move needs `to`"),
        (one("A", "move", to="A"), "to its own site"),
        (one("A", "keep") | {"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_decision_is_refused(tmp_path, decision, message):
    with pytest.raises(ConfigError, match=message):
        read_decisions([write(tmp_path, "a.yaml", decision)])


def test_a_plan_follows_the_decisions_and_tells_them_in_its_report(planned, tmp_path):
    config, run = planned
    opened, others = sites_of(run)
    path = write(tmp_path, "a.yaml", one(opened[0], "close", why="noise"), one(others[0], "wanted"))
    done = siting("run", config, "--with", path, "--name", "decided", "--out", tmp_path / "decided", "-q")
    assert done.exit_code == 0, done.output
    result = read_run(tmp_path / "decided")
    now = result.facilities["id"].tolist()
    assert opened[0] not in now
    assert others[0] in now
    assert [each.why for each in result.record.config.sites.decisions] == ["noise", ""]
    report = (tmp_path / "decided" / "report.html").read_text(encoding="utf-8")
    assert "noise" in report
    assert "审阅决定" in report


def test_decisions_about_no_candidate_or_against_the_config_are_refused(planned, tmp_path):
    config, run = planned
    problem = read_config(config)
    with pytest.raises(ConfigError, match="no candidate 'X9'"):
        problem.with_decisions(write(tmp_path, "a.yaml", one("X9", "wanted")))
    opened, _ = sites_of(run)
    with pytest.raises(ConfigError, match="the other way; settle it"):
        problem.with_sites(must_open=opened[0]).with_decisions(write(tmp_path, "b.yaml", one(opened[0], "close")))


def test_each_decision_is_priced_with_its_interval(planned, tmp_path):
    _, run = planned
    opened, others = sites_of(run)
    path = write(
        tmp_path, "a.yaml", one(opened[0], "keep"), one(opened[1], "close"), one(others[0], "wanted"),
        one(others[1], "comment", why="near a school"),
    )  # fmt: skip
    done = siting("explain", run, "--with", path, "--time-limit", 2)
    assert done.exit_code == 0, done.output
    told = json.loads((run / "decisions.json").read_text(encoding="utf-8"))
    kept, *priced = told["decisions"]
    assert kept["follows_already"]
    assert kept["most_cny_per_year"] == 0
    for row in priced:
        assert 0 <= row["least_cny_per_year"] <= row["most_cny_per_year"] + 0.1
        assert row["plan_cny_per_year"] <= row["most_cny_per_year"] + 0.1
    assert told["comments"][0]["why"] == "near a school"


def test_what_a_file_lists_is_kept_open(planned, tmp_path):
    config, run = planned
    _, others = sites_of(run)
    table = tmp_path / "keep.csv"
    table.write_text(f"名称,编号\n一,{others[0]}\n", encoding="utf-8")
    problem = read_config(config)
    assert problem.with_kept(table).config.sites.must_open == (others[0],)
    kept = problem.with_kept(run).config.sites.must_open
    assert set(kept) == set(read_run(run).facilities["id"])
    table.write_text("编号\nX9\n", encoding="utf-8")
    assert "no candidate 'X9'" in failing(2, "run", config, "--keep", table)


@pytest.fixture(scope="module")
def browser():
    with one_browser() as opened:
        yield opened


def click_on(page, kind, id_):
    """Click where a facility or a candidate lies."""
    place = page.evaluate(
        """([kind, id]) => {
          const app = window.siting;
          const i = app.plan[kind].id.indexOf(id);
          const [u, v] = [app.at[kind][2 * i], app.at[kind][2 * i + 1]];
          app.map.setView(latLngOf(u, v), 15, { animate: false });
          const box = app.map.getContainer().getBoundingClientRect();
          const point = app.map.latLngToContainerPoint(latLngOf(u, v));
          return [box.left + point.x, box.top + point.y];
        }""",
        [kind, id_],
    )
    page.mouse.click(*place)


@NEEDS_BROWSER
@pytest.mark.parametrize("language", ["en", "zh"])
def test_from_a_click_on_the_map_to_a_new_plan(browser, planned, tmp_path, language):
    config, run = planned
    opened, others = sites_of(run)
    path = write_map(tmp_path, read_run(run).record)
    with open_map(browser, path, language=language) as page:
        page.locator("#edit > summary").click()
        page.locator("#edit-mode").check()
        page.locator("#who").fill('李 "quoted"')
        page.locator("#who").blur()
        click_on(page, "facilities", opened[0])
        page.locator("#why").fill("noise: a #1 complaint")
        page.locator('[data-decision="close"]').click()
        click_on(page, "candidates", others[0])
        page.locator('[data-decision="wanted"]').click()
        click_on(page, "facilities", opened[1])
        page.locator('[data-decision="move"]').click()
        click_on(page, "candidates", others[1])
        with page.expect_download() as waiting:
            page.locator("#save-decisions").click()
        saved = tmp_path / "decisions.yaml"
        waiting.value.save_as(saved)
        page.screenshot(path=tmp_path / "edit.png")
    taken = {each.site: each for each in read_decisions([saved])}
    assert taken[opened[0]].why == "noise: a #1 complaint"
    assert taken[opened[0]].who == '李 "quoted"'
    assert (taken[opened[1]].decision, taken[opened[1]].to) == ("move", others[1])
    result = read_config(config).with_decisions(saved).solve()
    now = result.facilities["id"].tolist()
    assert {others[0], others[1]} <= set(now)
    assert not {opened[0], opened[1]} & set(now)


@NEEDS_BROWSER
def test_a_decision_is_taken_back_and_candidates_show_without_editing(browser, planned, tmp_path):
    _, run = planned
    opened, others = sites_of(run)
    path = write_map(tmp_path, read_run(run).record)
    with open_map(browser, path) as page:
        page.evaluate("() => { window.siting.on.add('candidates'); arrangeLayers(window.siting); }")
        click_on(page, "candidates", others[0])
        assert others[0] in page.locator("#card-content").inner_text()
        assert page.locator(".decide").count() == 0
        page.locator("#edit > summary").click()
        page.locator("#edit-mode").check()
        click_on(page, "facilities", opened[0])
        page.locator('[data-decision="keep"]').click()
        assert page.evaluate("() => window.siting.edits.decisions.size") == 1
        page.locator('[data-decision="keep"]').click()
        assert page.evaluate("() => window.siting.edits.decisions.size") == 0
        assert page.locator("#save-decisions").is_disabled()
