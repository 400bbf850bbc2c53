"""The page of a comparison as a file; tests/render/test_compare_browser.py opens it."""

import json
import re

import pytest

from siting.language.quantities import scale_of
from siting.render.html.compare.charts import comparison_charts
from siting.render.html.compare.data import page_data
from siting.render.html.compare.page import draw_comparison
from siting.results.comparison.compare import compare_runs
from siting.results.results import Results
from tests.compare_runs import other_city, run_without
from tests.outputs_city import make_run


@pytest.fixture(scope="module")
def base():
    return make_run(site_name='<script>alert("x")</script> & "河"')


@pytest.fixture(scope="module")
def page(base):
    runs = [base, run_without(base, "P00003", "P00005")]
    return draw_comparison(compare_runs(runs, names=["<i>base</i>", "fewer"]), list(map(Results, runs)))


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
    data = page_data(compare_runs(runs), list(map(Results, runs)))
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
    charts = comparison_charts(compare_runs([base, fewer], names=["a", "b"]), [Results(base), Results(fewer)])
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
    charts = comparison_charts(compare_runs(runs), list(map(Results, runs)))
    assert [chart.title.en for chart in charts] == ["Coverage by walking distance"]


def test_every_word_of_the_page_is_in_both_languages(page):
    words = json.loads(re.search(r'id="words">(.*?)</script>', page, re.DOTALL)[1])
    said = set(re.findall(r'say\("(\w+)"', page))
    assert {one for one in said if one in words and not (words[one]["en"] and words[one]["zh"])} == set()
    assert page.count('<span lang="en">') == page.count('<span lang="zh">')


def test_two_runs_of_a_large_city_are_a_page_of_few_megabytes():
    base = make_run(n_cells=1500, n_points=500, n_stations=30, n_centres=10, n_generators=150)
    runs = [base, base]
    assert len(draw_comparison(compare_runs(runs), list(map(Results, runs))).encode()) < 1_200_000
