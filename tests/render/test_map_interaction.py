"""What a reader can do with the map: by mouse, by keys alone, on a phone, in either language, on paper."""

import json
import re

import numpy as np
import pytest

from siting.language.quantities import quantity
from siting.language.units import UNITS
from siting.results.publication import publish
from tests.browser import NEEDS_BROWSER, PHONE, one_browser, open_map, write_map
from tests.outputs_city import make_rollout, make_run

pytestmark = NEEDS_BROWSER
QUESTIONS = ("where", "walk", "flow", "targets", "haul")


@pytest.fixture(scope="module")
def browser():
    with one_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def maps(tmp_path_factory):
    """The map of one year and that of two."""
    runs = {"one": make_run(site_name="<b>Corner</b> 河滨"), "years": make_rollout()}
    return {name: write_map(tmp_path_factory.mktemp(name), run) for name, run in runs.items()}


@pytest.fixture
def page(browser, maps):
    with open_map(browser, maps["one"]) as opened:
        yield opened


@pytest.fixture
def years(browser, maps):
    with open_map(browser, maps["years"]) as opened:
        yield opened


def place_of(page, facility):
    """Where a facility lies on the screen."""
    return page.evaluate(f"""(() => {{
      const {{ x, y }} = siting.map.latLngToContainerPoint(latLngOf(...placeAt(siting.at.facilities, {facility})));
      const box = siting.map.getContainer().getBoundingClientRect();
      return [x + box.x, y + box.y];
    }})()""")


def pixels(page):
    """What the map shows."""
    page.evaluate("drawNow(siting)")
    return page.screenshot(clip={"x": 400, "y": 0, "width": 640, "height": 800})


def test_a_click_on_a_facility_tells_whom_it_serves_what_it_costs_and_what_is_lost_without_it(page):
    station = page.evaluate("siting.plan.facilities.echelon.indexOf(1)")
    page.mouse.click(*place_of(page, station))
    card = page.locator("#card")
    for part in ("Whom it serves", "From points", "Why it is here", "Without it", "Own cost a year", "Haul from here"):
        assert part in card.inner_text(), part
    assert page.evaluate("siting.selected.facility") == station
    page.keyboard.press("Escape")
    assert card.is_hidden()
    assert page.evaluate("siting.selected.facility") == -1


def test_the_chain_is_followed_from_card_to_card(page):
    page.evaluate("siting.goTo(siting.plan.facilities.echelon.indexOf(1))")
    page.locator("#card .row", has_text="Sends to").locator("button").click()
    assert page.evaluate("siting.plan.facilities.echelon[siting.selected.facility]") == 2
    assert page.evaluate("document.activeElement.tagName") == "H2"


def test_each_question_draws_another_map_with_another_legend(page):
    seen = {}
    for question in QUESTIONS:
        page.locator(f"label[for=question-{question}]").click()
        assert page.locator("#legend").count() == 1
        seen[question] = pixels(page), page.locator("#legend").inner_text()
    assert len({drawn for drawn, _ in seen.values()}) == len({legend for _, legend in seen.values()}) == len(QUESTIONS)
    for question, unit in {
        "where": "t a year",
        "walk": "Mean walk to the point, m",
        "flow": "t a year",
        "haul": "CNY a tonne",
    }.items():
        assert unit in seen[question][1], question


def test_a_layer_is_switched_off_and_on_again(page):
    page.locator("label[for=question-flow]").click()
    before = pixels(page)
    page.locator("#legend label", has_text="station → centre").click()
    assert pixels(page) != before
    page.locator("#legend label", has_text="station → centre").click()
    assert pixels(page) == before


def test_districts_are_coloured_by_the_target_that_is_chosen(page):
    page.locator("label[for=question-targets]").click()
    legends = set()
    for measure in page.locator("#measure option").all():
        page.locator("#measure").select_option(measure.get_attribute("value"))
        legends.add((pixels(page), page.locator("#legend").inner_text()))
    assert len(legends) == page.locator("#measure option").count() >= 4
    page.locator("#measure").select_option("all")
    assert "holds all" in page.locator("#legend").inner_text()


@pytest.mark.parametrize("asked", ["P00003", "河滨 P00003", "corner p00003"])
def test_a_facility_is_found_with_keys_alone(page, asked):
    page.locator("#find").focus()
    page.keyboard.type(asked)
    page.keyboard.press("ArrowDown")
    assert page.locator("#find").get_attribute("aria-activedescendant") == "found-0"
    page.keyboard.press("Enter")
    assert "P00003" in page.locator("#card").inner_text()
    assert page.locator("#card h2").inner_text() == "<b>Corner</b> 河滨"
    assert page.evaluate("document.activeElement.tagName") == "H2"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "find"


def test_a_district_is_found_in_either_language_and_what_is_not_there_is_told(page):
    for asked in ("Hedong", "河东"):
        page.locator("#find").fill(asked)
        page.keyboard.press("Enter")
        assert "With an open point within 500 m" in page.locator("#card").inner_text()
    page.locator("#find").fill("nowhere")
    assert page.locator("#found").is_hidden()
    assert page.locator("#told").inner_text() == "0 found"


def test_arrows_reach_every_kind_of_thing_in_the_list_without_typing(page):
    page.locator("#find").focus()
    page.keyboard.press("ArrowDown")
    names = page.locator("#found li").all_inner_texts()
    assert "Hedong" in " ".join(names)
    assert "Comprehensive centre" in " ".join(names)
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()


def test_keys_alone_reach_everything_and_the_focus_shows(page):
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("""(() => {
              const one = document.activeElement;
              const { outlineStyle, outlineWidth } = getComputedStyle(one);
              const shows = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
              return [one.id || one.dataset.language || one.className || one.tagName, shows];
            })()""")
        )
    names = [name for name, _ in reached]
    for expected in ("en", "zh", "find", "question-where", "map_plan", "print", "leaflet-control-zoom-in"):
        assert expected in names, expected
    assert names.index("find") < names.index("question-where") < names.index("map_plan")
    assert [name for name, shows in reached if not shows and name != "BODY"] == []


def test_arrow_keys_turn_to_the_next_question(page):
    page.locator("#question-where").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("siting.question") == "walk"
    assert page.evaluate("document.activeElement.id") == "question-walk"


def test_the_language_changes_everything_and_no_number(page):
    page.evaluate("siting.goTo(siting.plan.facilities.echelon.indexOf(1))")
    page.locator("[data-language=zh]").click()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    assert page.title() == "小城市"
    text = page.locator("#panel").inner_text() + page.locator("#card").inner_text()
    for word in ("设施布局", "若取消该设施", "中转站", "自身年费用"):
        assert word in text
    assert page.locator("[data-language=zh]").get_attribute("aria-pressed") == "true"
    assert not re.findall(
        r"[A-Za-z]{4,}", re.sub(r"<b>.*?</b>|OSM: \w+|MWC|OpenStreetMap", "", page.locator("#legend").inner_text())
    )


def test_the_page_writes_numbers_as_the_reports_do(page):
    rng = np.random.default_rng(5)
    cases = [(unit, float(f"{value:.6g}")) for unit in UNITS for value in (0, 1, *10 ** rng.uniform(-3, 10, 12))]
    asked = json.dumps([[unit, value] for unit, value in cases])
    for language in ("en", "zh"):
        told = page.evaluate(
            f"(() => {{ language = '{language}'; return {asked}.map(([u, v]) => quantity(v, u)); }})()"
        )
        wanted = [getattr(quantity(value, unit), language) for unit, value in cases]
        assert [pair for pair in zip(cases, told, wanted, strict=True) if pair[1] != pair[2]] == []


def test_the_year_slider_changes_the_map_the_figures_and_the_open_card(years):
    slider = years.locator("#stage")
    assert slider.get_attribute("aria-valuetext") == "2027"
    late, counted = pixels(years), years.locator("#legend").inner_text()
    years.evaluate("siting.goTo(0)")
    assert "new, opens in 2027" in years.locator("#card").inner_text()
    slider.focus()
    years.keyboard.press("ArrowLeft")
    assert years.evaluate("[siting.stage, document.activeElement.id]") == ["2025", "stage"]
    assert "not there yet: opens in 2027" in years.locator("#card").inner_text()
    assert "Without it" not in years.locator("#card").inner_text()
    years.keyboard.press("Escape")
    assert pixels(years) != late
    assert years.locator("#legend").inner_text() != counted
    years.locator("#stage").focus()
    years.keyboard.press("ArrowRight")
    assert years.locator("#legend").inner_text() == counted


def test_the_figures_of_a_year_are_the_verified_ones_of_that_year(years):
    rollout = make_rollout().rollout
    for name, verified in zip(("2025", "2027"), rollout.verifications, strict=True):
        years.evaluate(f"siting.turnTo('{name}')")
        about = years.evaluate("siting.plan.about")
        assert about["cost_cny"] == round(verified.paid_cny)
        assert about["haul_cny"] == round(verified.cost_terms_cny["transport"])
        taken = years.evaluate("siting.plan.facilities.throughput_t.reduce((a, b) => a + b, 0)")
        assert taken == pytest.approx(verified.site_inflow_t.sum(), abs=1)


def test_colours_can_tell_years_and_what_becomes_of_what_stands(years):
    shown = {}
    for choice in years.locator("#colour option").all():
        years.locator("#colour").select_option(choice.get_attribute("value"))
        shown[choice.get_attribute("value")] = pixels(years)
    assert set(shown) == {"type", "action", "year"}
    assert len(set(shown.values())) == 3
    assert "2025" in years.locator("#legend").inner_text()


def test_on_a_phone_a_tap_opens_a_sheet_and_everything_is_large_enough_to_touch(browser, maps):
    with open_map(browser, maps["one"], screen=PHONE) as page:
        station = page.evaluate("siting.plan.facilities.echelon.indexOf(1)")
        page.touchscreen.tap(*place_of(page, station))
        box = page.locator("#card").bounding_box()
        assert (box["x"], box["width"]) == (0, 390)
        assert box["y"] + box["height"] == pytest.approx(844, abs=1)
        page.locator("#close").tap()
        page.locator("#more").tap()
        assert page.locator("#more").get_attribute("aria-expanded") == "true"
        small = page.evaluate("""[...document.querySelectorAll("button, label.line, .question, select, summary, #find")]
          .filter((one) => one.checkVisibility({ visibilityProperty: true }) && one.getBoundingClientRect().height < 44)
          .map((one) => one.outerHTML.slice(0, 80))""")
        assert small == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.locator("label[for=question-haul]").tap()
        assert page.evaluate("siting.question") == "haul"


def test_it_prints_on_one_sheet_with_legend_scale_and_origin(page):
    page.evaluate("siting.ask('haul')")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    width, height = map(float, re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper).groups())
    assert (width, height) == pytest.approx((842, 595), abs=1)
    before = page.evaluate("[siting.map.getZoom(), siting.map.getCenter().lat]")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for part in ("#title", "#legend", ".leaflet-control-scale", ".north", "#sheet-origin", "#figures"):
        assert page.locator(part).first.is_visible(), part
    for part in ("#find", "#print", "[data-language=en]", "#targets"):
        assert page.locator(part).is_hidden(), part
    origin = page.locator("#sheet-origin").inner_text()
    assert "Config small" in origin
    assert "synthetic use" in origin
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("[siting.map.getZoom(), siting.map.getCenter().lat]") == pytest.approx(before)


def test_a_map_for_the_public_has_its_approval_number_and_asks_only_what_it_can_answer(browser, tmp_path):
    with open_map(browser, write_map(tmp_path, publish(make_run(), "津S(2026)001")), language="zh") as page:
        box = page.locator(".approval").bounding_box()
        assert box["x"] > 900
        assert box["y"] > 820
        assert "审图号：津S(2026)001" in page.locator(".approval").inner_text()
        asked = [one.get_attribute("value") for one in page.locator("[name=question]").all()]
        assert asked == ["where", "flow", "targets"]
        for question in asked:
            page.locator(f"label[for=question-{question}]").click()
        page.evaluate("siting.goTo(siting.plan.facilities.echelon.indexOf(1))")
        assert "若取消该设施" in page.locator("#card").inner_text()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert "审图号：津S(2026)001" in page.locator("#sheet-origin").inner_text()
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        page.locator("[data-language=en]").click()
        assert "Map approval number: 津S(2026)001" in page.locator(".approval").inner_text()
