"""The page of a comparison: what is in it, and what it does in a real browser with the network cut."""

import json
import re
import shutil
import subprocess

import pytest

from siting.compare import compare_runs
from siting.compare.charts import comparison_charts
from siting.compare.columns import page_data
from siting.compare.page import draw_comparison
from siting.outputs.quantities import scale_of
from tests.compare_runs import other_city, run_without
from tests.outputs_city import make_run

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_browser = pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")

# A script of the test's own, after the page's: moves one map, turns the pair round, chooses a difference.
PROBE = """<script>addEventListener("DOMContentLoaded", () => {
  const { maps, layers } = siting;
  const told = (map) => [map.getCenter().lat.toFixed(5), map.getCenter().lng.toFixed(5), map.getZoom()].join(" ");
  const start = told(maps[0]);
  maps[1].setView([39.105, 117.213], 14.5, { animate: false });
  document.body.dataset.views = maps.map(told).join(" | ");
  maps[0].panBy([60, 0], { animate: false });
  document.body.dataset.panned = new Set(maps.map(told)).size;
  document.body.dataset.moved = start !== told(maps[0]);
  const colours = maps.map((map) => {
    const { canvas } = map.getRenderer(layers[0][0])._ctx;
    if (!canvas.width) return 0;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
  document.body.dataset.colours = Math.min(...colours);
  const lines = () => [...document.querySelectorAll("#changes b")].map((node) => node.textContent).join(" ");
  document.body.dataset.there = lines();
  const choose = (id, value) => {
    const box = document.getElementById(id);
    box.value = value;
    box.dispatchEvent(new Event("change"));
  };
  choose("first", "1");
  document.body.dataset.itself = document.getElementById("changes").childElementCount;
  choose("second", "0");
  document.body.dataset.back = lines();
  document.querySelector("#found button")?.click();
  document.body.dataset.marked = siting.mark ? siting.mark.places.length : 0;
  const language = document.documentElement.lang;
  document.querySelector(`[data-language="${language === "zh" ? "en" : "zh"}"]`).click();
  document.body.dataset.switched = document.documentElement.lang;
  document.querySelector(`[data-language="${language}"]`).click();
  const foreign = [...document.querySelectorAll("main [lang]")].filter((node) => node.lang !== language);
  document.body.dataset.foreign = foreign.filter((node) => node.checkVisibility()).length;
});</script>"""


@pytest.fixture(scope="module")
def base():
    return make_run(site_name='<script>alert("x")</script> & "河"')


@pytest.fixture(scope="module")
def page(base):
    runs = [base, run_without(base, "P00003", "P00005")]
    return draw_comparison(compare_runs(runs, names=["<i>base</i>", "fewer"]), runs)


@pytest.fixture(scope="module")
def apart_page(base):
    runs = [base, other_city()]
    return draw_comparison(compare_runs(runs, names=["here", "there"]), runs)


def data_in(page):
    return json.loads(re.search(r'<script type="application/json" id="comparison">(.*?)</script>', page, re.DOTALL)[1])


def test_nothing_is_asked_of_the_network(page):
    markup = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"<(?:link|img|iframe|script)[^>]*(?:src|href)\s*=", page)
    assert not re.findall(r"url\((?!#)|@import|sourceMappingURL", markup)
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", markup)


def test_names_are_text_wherever_they_stand(page):
    assert "<script>alert" not in page
    assert "<i>base</i>" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert "&lt;i&gt;base&lt;/i&gt;" in page


def test_what_the_runs_share_stands_once(base):
    runs = [base, run_without(base, "P00003")]
    data = page_data(compare_runs(runs), runs)
    first, second = (run["plan"] for run in data["runs"])
    assert first["cells"]["ring"] == second["cells"]["ring"]
    assert first["roads"] == second["roads"]
    assert first["facilities"]["id"] != second["facilities"]["id"]
    assert len(data["parts"][second["facilities"]["id"]]) == 14


def test_the_pair_tells_rows_of_the_facilities_of_both(page):
    data = data_in(page)
    sites = data["pairs"][0]["sites"]
    ids = [data["parts"][run["plan"]["facilities"]["id"]] for run in data["runs"]]
    assert {ids[0][row] for row in sites["only_first"]} == {"P00003", "P00005"}
    assert all(ids[0][i] == ids[1][j] for i, j in sites["both"])


def test_the_charts_tell_intervals_coverage_and_where_the_difference_comes_from(base):
    fewer = run_without(base, "P00003", "P00005")
    charts = comparison_charts(compare_runs([base, fewer], names=["a", "b"]), [base, fewer])
    assert [chart.title.en for chart in charts][2] == "Where the difference in cost comes from: b less a"
    costs, coverage, terms = (str(chart.svg.en) for chart in charts)
    told = scale_of([base.solution.cost_cny, fewer.solution.cost_cny], "CNY/yr", digits=5)
    assert told.number(fewer.solution.cost_cny).en in costs
    assert coverage.count("<polyline") == 2
    difference = fewer.verification.cost_cny - base.verification.cost_cny
    together = re.search(r"together</text>.*?>([−+][\d.,]+)<", terms, re.DOTALL)[1]
    assert float(together.replace("−", "-").replace(",", "")) == pytest.approx(difference, abs=1)


def test_costs_that_are_not_compared_have_no_chart(base):
    runs = [base, other_city()]
    assert [chart.title.en for chart in comparison_charts(compare_runs(runs), runs)] == ["Coverage by walking distance"]


def test_every_word_of_the_page_is_in_both_languages(page):
    words = json.loads(re.search(r'id="words">(.*?)</script>', page, re.DOTALL)[1])
    said = set(re.findall(r'say\("(\w+)"', page))
    assert {one for one in said if one in words and not (words[one]["en"] and words[one]["zh"])} == set()
    assert page.count('<span lang="en">') == page.count('<span lang="zh">')


def test_two_runs_of_a_large_city_are_a_page_of_few_megabytes():
    base = make_run(n_cells=3000, n_points=1000, n_stations=60, n_centres=20, n_generators=300)
    runs = [base, base]
    assert len(draw_comparison(compare_runs(runs), runs).encode()) < 1_800_000


def open_page(tmp_path, page, language):
    path = tmp_path / "compare.html"
    path.write_text(page.replace("</html>", PROBE + "</html>"), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", "--proxy-server=127.0.0.1:9", "--enable-logging=stderr"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1400,1400", "--virtual-time-budget=4000"]
    command = [BROWSER, *flags, "--dump-dom", f"{path.as_uri()}#{language}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = dict(re.findall(r'data-(\w+)="([^"]*)"', re.search(r"<body[^>]*>", done.stdout)[0]))
    return done.stdout, found, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@in_browser
@pytest.mark.parametrize(("language", "title"), [("en", "Comparison of plans"), ("zh", "方案比较")])
def test_the_maps_move_together_and_the_pair_can_be_turned_round(tmp_path, page, language, title):
    dom, found, consoles = open_page(tmp_path, page, language)
    assert consoles == []
    assert found["ready"] == "15 13"
    assert found["moved"] == "true"
    assert found["panned"] == "1"
    assert found["views"] == " | ".join(["39.10500 117.21300 14.5"] * 3)
    assert int(found["colours"]) > 20, "every map has drawn"
    assert found["there"].split()[:5] == ["2", "0", "0", "0", "13"]
    assert found["itself"] == "0", "a plan does not differ from itself"
    assert found["back"].split()[:5] == ["0", "2", "0", "0", "13"]
    assert found["marked"] == "1"
    assert found["switched"] != language
    assert found["foreign"] == "0"
    assert f'<html lang="{language}">' in dom
    assert f"<title>{title}" in dom


@in_browser
def test_two_cities_have_two_maps_that_move_by_themselves_and_no_map_of_differences(tmp_path, apart_page):
    dom, found, consoles = open_page(tmp_path, apart_page, "en")
    assert consoles == []
    assert found["panned"] == "3", "neither follows the other"
    assert "Sites are not compared: here plans Tianjin" in re.search(r'id="refused".*?</p>', dom)[0]
    assert re.search(r'class="split" hidden', dom)
