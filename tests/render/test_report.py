"""The report: the same numbers as the run folder in both languages, names as text, nothing asked of the network."""

import copy
import dataclasses
import json
import re
import shutil
import subprocess

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from siting.config.parameters import STATUSES
from siting.language.quantities import quantity
from siting.language.units import UNITS
from siting.plan import Status
from siting.problem import read_config
from siting.render.html.report.page import draw_report
from siting.render.html.report.trust import STATUS_COLOURS, _floor, saving
from siting.results.coverage import share_within
from siting.results.results import Results
from siting.runs.folder import read_run, write_run
from siting.standards import Check
from siting.vocabulary import MEASURES
from tests.commands import failing, siting
from tests.language.test_quantities import value_of
from tests.outputs_city import make_run
from tests.pages import Page
from tests.small_city import small_config, write_small_city

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NASTY = '<script>alert("x")</script> & 河'
TARGETS = {"en": "Targets", "zh": "目标"}
DISTRICTS = {"en": "Figures by district", "zh": "分区指标表"}
FIGURES = {"en": "Key figures beside published ranges", "zh": "关键指标与公开资料对照"}
LANGUAGES = ("en", "zh")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync", "--disable-quic", "--proxy-server=127.0.0.1:9"]


@pytest.fixture(scope="module")
def run():
    return make_run(site_name=NASTY)


@pytest.fixture(scope="module")
def rolled_out(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("rollout")
    config = copy.deepcopy(small_config()) | {"year": 2030, "horizon": {"years": [2027, 2030], "closing_years": 5}}
    config["targets"] += [{"unit": "city", "measure": "count", "echelon": "point", "at_least": 6, "year": 2030}]
    config["targets"] += [
        {"unit": "city", "measure": "collected_t", "at_least": 1e6, "year": 2027, "penalty_cny": 0.001}
    ]
    return read_config(write_small_city(tmp_path, config=config)).solve().record


def pages(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    return {language: Page(html, language) for language in LANGUAGES}


def read(text, unit, language):
    """The number of a text; the English of targets writes /yr."""
    steps = getattr(UNITS[unit], language)
    return value_of(re.sub("^[≥≤] ?", "", text).replace("/yr", " a year"), steps)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_headline_numbers_are_those_of_plan_json(folder, run, language):
    figures = pages(folder)[language].figures
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    keys = {key: one["value"] for key, one in plan["key_figures"].items()}
    told = {
        "cost_cny_per_t.households": (keys["cost_cny_per_t.households"], "CNY"),
        "cost_cny_per_t.generators": (keys["cost_cny_per_t.generators"], "CNY"),
        "within_share": (None, "share"),
    }
    assert list(figures) == list(told)
    for key, (value, unit) in told.items():
        if value is not None:
            assert read(figures[key], unit, language) == pytest.approx(value, rel=6e-4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_scorecard_is_that_of_the_run_folder(folder, language):
    rows = pages(folder)[language].tables[TARGETS[language]]
    table = pd.read_csv(folder / "scorecard.csv", encoding="utf-8-sig", dtype={"unit": str})
    assert len(rows) == 1 + len(table)
    told = {
        (read(row[2], unit, language), read(row[3], unit, language), row[5] in ("holds", "达成"))
        for row, unit in [(row, _unit_of(row, table, language)) for row in rows[1:]]
    }
    shown = set()
    for one in table.to_dict("records"):
        unit = one["measured_in"]
        numbers = [read(getattr(quantity(one[name], unit), language), unit, language) for name in ("asked", "reached")]
        shown.add((*numbers, one["holds"]))
    assert told == shown


def _unit_of(row, table, language):
    """The unit of a row of the scorecard, by how its number ends."""
    for unit in table["measured_in"].unique():
        try:
            read(row[3], unit, language)
        except StopIteration:
            continue
        return unit
    raise AssertionError(row)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_districts_are_those_of_districts_csv(folder, language):
    rows = pages(folder)[language].tables[DISTRICTS[language]]
    table = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig")
    for row, one in zip(rows[1:-1], table.to_dict("records"), strict=True):
        assert read(row[1], "residents", language) == pytest.approx(one["residents"], rel=6e-4)
        assert read(row[4], "m", language) == pytest.approx(one["mean_walk_m"], abs=0.51)
        assert int(row[5]) == one["open_point"]
    assert read(rows[-1][1], "residents", language) == pytest.approx(table["residents"].sum(), rel=6e-4)


def test_both_languages_tell_the_same_numbers_of_key_figures(folder):
    both = pages(folder)
    english, chinese = (both[language].tables[FIGURES[language]][1:] for language in LANGUAGES)
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    known = [one for one in plan["key_figures"].values() if one["value"] is not None]
    assert [row[0] for row in english] == [one["label"] for one in known]
    for one, row_en, row_zh in zip(known, english, chinese, strict=True):
        unit = "CNY per resident" if one["label"].startswith("cost per resident") else one["unit"]
        told_en, told_zh = read(row_en[1], unit, "en"), read(row_zh[1], unit, "zh")
        assert told_en == pytest.approx(told_zh)
        assert told_en == pytest.approx(one["value"], rel=6e-4, abs=0.6 * 10.0 ** -UNITS[unit].places)
        assert not re.search("[a-z]{4}", row_zh[0])


def test_names_are_text_and_nothing_is_asked_of_the_network(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert html.count("<script") == 1
    assert NASTY in Page(html, "zh").text
    assert [one for one in Page(html, "en").addresses if not one.startswith("#")] == []
    assert not re.findall(r"url\(|@import|fetch\(|XMLHttpRequest", html)


def test_every_link_of_the_contents_leads_to_a_section(folder):
    for page in pages(folder).values():
        assert page.anchors
        assert {one.removeprefix("#") for one in page.anchors} <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))


def test_a_missed_soft_target_is_told_on_the_first_page(folder):
    both = pages(folder)
    assert "missed (soft)" in both["en"].text
    assert "未达成（软性）" in both["zh"].text
    assert "5 of 6 targets hold; 1 soft target is missed." in both["en"].text


def test_the_report_drawn_again_from_the_folder_is_the_same(folder, run, tmp_path):
    assert siting("report", folder, "--output", tmp_path / "again.html").exit_code == 0
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == (folder / "report.html").read_text(encoding="utf-8")


def test_a_folder_that_is_no_run_and_a_file_that_cannot_be_written_are_refused(folder, tmp_path):
    assert "is no run folder" in failing(2, "report", tmp_path)
    told = failing(2, "report", folder, "--output", folder / "plan.json" / "a.html")
    assert "a.html: cannot be written" in told
    assert "choose another" in told


def test_coverage_counts_residents_by_their_walk_as_by_hand(run):
    """Cells of 100, 300 and 600 residents with the nearest open point at 100, 200 and 500 m, whoever is assigned."""
    walks = dataclasses.replace(
        run.instance.walks,
        demand=np.array([0, 1, 1, 2]),
        site=np.array([0, 0, 1, 1]),
        distance_m=np.array([100.0, 700.0, 200.0, 500.0]),
        participation=np.full(4, 0.5),
        cost_cny=np.zeros(4),
    )
    residents = np.zeros(run.instance.n_demand)
    residents[:4] = [100.0, 300.0, 600.0, 0.0]
    demand = dataclasses.replace(run.instance.demand, residents=residents)
    instance = dataclasses.replace(run.instance, walks=walks, demand=demand)
    plan = dataclasses.replace(run.solution.plan, assign=np.array([1.0, 0.5, 0.5, 1.0]))
    shares = share_within(instance, plan, np.array([0.0, 100.0, 199.0, 200.0, 500.0, 699.0, 700.0, 5000.0]))
    assert shares.tolist() == pytest.approx([0.0, 0.1, 0.1, 0.4, 1.0, 1.0, 1.0, 1.0])


def test_the_curve_and_the_scorecard_agree(run):
    for outcome in run.verification.targets:
        if str(outcome.target.measure) == "coverage" and outcome.target.unit == "city":
            share = share_within(run.instance, run.solution.plan, np.array([outcome.target.within_m]))
            assert share[0] == pytest.approx(outcome.reached)


def test_the_gap_is_told_in_money(run):
    cost = run.solution.cost_cny
    near = dataclasses.replace(run.solution, cost_cny=200e6, value=200e6, bound=190e6, bound_cny=190e6)
    near = dataclasses.replace(near, floor_cny=50e6)
    told = saving(Results(dataclasses.replace(run, solution=near)))
    assert "can cost less than 190 million CNY a year; at most 10 million CNY a year (5 % of the cost)" in told.en
    assert "都不低于1.9亿元/年；最多还可节约1,000万元/年（占成本的5%）" in told.zh
    flattering = dataclasses.replace(near, floor_cny=150e6)
    told = saving(Results(dataclasses.replace(run, solution=flattering)))
    assert "could still be saved: 20 % of the 50 million CNY a year that a plan decides" in told.en
    assert "占方案可决定部分（5,000万元/年）的20%" in told.zh
    (said,) = _floor(flattering)
    assert "Every plan pays at least 150 million CNY a year for the tonnes" in said.text.en
    assert "5 % of the cost and 20 % of that rest" in said.text.en
    assert _floor(dataclasses.replace(near, floor_cny=0.0)) == []
    best = dataclasses.replace(run.solution, status=Status.OPTIMAL, bound_cny=cost)
    assert "This is the cheapest plan" in saving(Results(dataclasses.replace(run, solution=best))).en
    unknown = dataclasses.replace(run.solution, status=Status.INTERRUPTED, bound_cny=-np.inf)
    assert "nothing is proven" in saving(Results(dataclasses.replace(run, solution=unknown))).en


def test_an_interrupted_run_that_breaks_rules_says_so_on_top(run):
    broken = dataclasses.replace(run.verification, faults=("site P1: too much", "site P2: too little"))
    stopped = dataclasses.replace(run.solution, status=Status.INTERRUPTED)
    html = draw_report(Results(dataclasses.replace(run, verification=broken, solution=stopped)))
    assert "This plan breaks 2 rules and must not be used." in Page(html, "en").text
    assert "本方案有2处不符合规则" in Page(html, "zh").text
    assert "被用户中断" in Page(html, "zh").text


def test_a_run_without_targets_or_sources_still_has_a_report(run):
    instance = dataclasses.replace(run.instance, targets=())
    bare = dataclasses.replace(run.verification, targets=(), tonne_km={})
    geography = dataclasses.replace(run.geography, notes=(), attributions=())
    html = draw_report(
        Results(dataclasses.replace(run, instance=instance, verification=bare, geography=geography, figures=()))
    )
    assert "No targets are set." in Page(html, "en").text


def test_years_stand_side_by_side_with_the_numbers_of_the_table(rolled_out, tmp_path):
    html = draw_report(Results(rolled_out))
    rows = Page(html, "en").tables["Years side by side"]
    assert rows[0] == ["figure", "2027", "2030"]
    by_name = {row[0]: row[1:] for row in rows[1:]}
    for column, one in enumerate(rolled_out.rollout.verifications):
        head = next(name for name in by_name if name.startswith("net cost, "))
        told = f"{by_name[head][column]} {head.removeprefix('net cost, ')}"
        assert read(told, "CNY/yr", "en") == pytest.approx(one.paid_cny, rel=6e-4)
    n_points = [int(text) for text in by_name["recycling points"]]
    assert n_points[1] >= 6
    assert n_points[0] <= n_points[1]
    assert "1 soft target is missed" in Page(html, "en").text
    chains, unit = Page(html, "zh").tables["分来源主要指标"], "CNY"
    assert [row[0] for row in chains[1:]] == ["居民源", "工商业源", "合计"]
    once = read(chains[-1][-1] + chains[0][-1].removeprefix("一次性投资").strip(), unit, "zh")
    assert once == pytest.approx(Results(rolled_out).invested_cny, rel=6e-4)


def test_the_investment_is_that_of_the_action_list(run, rolled_out):
    from siting.results.results import Results

    for record in (run, rolled_out):
        works = [row.work for row in Results(record).action_rows if row.work is not None]
        listed_cny = sum(work.investment_cny + work.land_cny for work in works)
        assert listed_cny == pytest.approx(Results(record).invested_cny, rel=0.02)


def test_standards_read_back_are_those_that_were_judged(run, tmp_path):
    counts = np.ones(run.instance.n_options, dtype=bool)
    told = {
        "title_en": "Area",
        "title_zh": "面积",
        "unit": "120101",
        "is_constraint": False,
        "source": "GB",
        "clause": "",
    }
    area = {"asked": 20.0, "measured_in": "m2", "counts": counts, "figure": counts * 12.0}
    rules = (
        Check("p", "a", status="recalled", note="", **area, **told),
        Check("p", "b", asked=0.0, measured_in="", status="published", note="", **told),
    )
    write_run(tmp_path / "out", dataclasses.replace(run, checks=rules))
    written = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert draw_report(Results(read_run(tmp_path / "out"))) == written
    rows = Page(written, "zh").tables["条款对照表"]
    assert rows[1][1:5] == ["和平区", "20平方米", "12平方米", "不符合 (15)"]
    assert rows[2][2:5] == ["–", "–", "需人工判断"]


def test_cases_of_demand_bear_their_names(tmp_path):
    cases = [{"name": "weak", "weight": 0.5, "tonnes": 0.8}, {"name": "strong", "weight": 0.5}]
    config = small_config() | {"uncertainty": {"use": "expected", "cases": cases}}
    out = tmp_path / "out"
    read_config(write_small_city(tmp_path, config=config)).solve().write(out)
    page = pages(out)["en"]
    assert [row[0] for row in page.tables["Cases of demand"]] == ["case", "weak", "strong"]
    assert "mean of the cases; strong:" in page.text


def test_every_measure_has_a_unit_for_readers():
    assert {record.unit for record in MEASURES.values()} <= set(UNITS)


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
@pytest.mark.parametrize(("which", "language"), [("run", "en"), ("rolled_out", "zh")])
def test_the_first_page_prints_on_one_page(request, tmp_path, which, language):
    html = draw_report(Results(request.getfixturevalue(which)))
    only_brief = re.sub(r"<nav.*?(?=</main>)", "", html, flags=re.DOTALL)
    assert print_pages(only_brief, tmp_path / "brief.html", language) == 1


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_the_address_chooses_the_language_and_the_console_stays_empty(folder, tmp_path):
    address = f"{(folder / 'report.html').as_uri()}#zh-cost"
    flags = [*QUIET, f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--virtual-time-budget=1000"]
    command = [BROWSER, *flags, "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert '<html lang="zh">' in done.stdout
    assert "<title>小城市</title>" in done.stdout


def print_pages(html, path, language):
    """How many pages a browser prints in a language."""
    path.write_text(html, encoding="utf-8")
    flags = [*QUIET, f"--user-data-dir={path.parent / 'profile'}", "--no-pdf-header-footer"]
    pdf = path.with_suffix(".pdf")
    command = [BROWSER, *flags, f"--print-to-pdf={pdf}", f"{path.as_uri()}#{language}"]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def test_what_lies_off_the_paper_leaves_no_empty_outline(run):
    far = run.geography.districts.iloc[[0]].assign(code="999999", geometry=[shapely.box(10.0, 50.0, 11.0, 51.0)])
    districts = gpd.GeoDataFrame(pd.concat([run.geography.districts, far], ignore_index=True), crs="EPSG:4326")
    page = draw_report(
        Results(dataclasses.replace(run, geography=dataclasses.replace(run.geography, districts=districts)))
    )
    assert "MZ" not in page


def test_every_status_of_a_figure_has_a_colour():
    assert tuple(STATUS_COLOURS) == STATUSES
