"""The page of a comparison in a real browser with the network cut: mouse, keys, a phone, readers of all kinds."""

import importlib.resources
import itertools

import pytest

from siting.render.html.compare.page import draw_comparison
from siting.results.comparison.compare import compare_runs
from siting.results.results import Results
from tests.browser import DESKTOP, NEEDS_BROWSER, PHONE, one_browser, open_map
from tests.colour_vision import VISION, contrast, looks_apart
from tests.compare_runs import other_city, run_without
from tests.outputs_city import make_run

pytestmark = NEEDS_BROWSER
AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
VIEWS = """siting.maps.map((map) => {
  const { lat, lng } = map.getCenter();
  return [lat.toFixed(6), lng.toFixed(6), map.getZoom()].join(" ");
})"""
PANES = "siting.maps.map((map) => { const { x, y } = map._getMapPanePos(); return `${x} ${y}`; })"
COUNTS = "[...document.querySelectorAll('#changes b')].map((node) => node.textContent)"


@pytest.fixture(scope="module")
def browser():
    with one_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Pages: two runs of a city, three, and runs of two cities."""
    base = make_run(site_name='<script>alert("x")</script> & "河"')
    fewer = run_without(base, "P00003", "P00005")
    comparisons = {
        "two": ([base, fewer], ["<i>base</i>", "fewer"]),
        "three": ([base, fewer, run_without(base, "P00002")], ["a", "b", "c"]),
        "apart": ([base, other_city()], ["here", "there"]),
    }
    folder = tmp_path_factory.mktemp("pages")
    for name, (runs, names) in comparisons.items():
        page = draw_comparison(compare_runs(runs, names=names), list(map(Results, runs)))
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in comparisons}


@pytest.fixture
def page(browser, paths):
    with open_map(browser, paths["two"]) as opened:
        yield opened


def test_the_maps_move_together_while_one_is_dragged_and_after(page):
    before = page.evaluate(VIEWS)
    assert len(set(before)) == 1
    box = page.locator("#map-1").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y - 10, steps=3)
    page.mouse.move(x - 90, y - 30, steps=3)
    assert len(set(page.evaluate(PANES))) == 1, "the others follow while the mouse is down"
    assert page.evaluate(PANES)[0] == "-90 -30"
    page.mouse.up()
    after = page.evaluate(VIEWS)
    assert len(set(after)) == 1
    assert after[0] != before[0]


def test_the_maps_move_together_by_keys_and_buttons(page):
    zoom = page.evaluate("siting.maps[1].getZoom()")
    page.locator("#map-0 .leaflet-control-zoom-in").click()
    assert page.evaluate("siting.maps[1].getZoom()") == zoom + 1
    page.locator("#map-2").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"new Set({VIEWS}).size === 1 && siting.maps[2]._panAnim._inProgress === false")
    assert len(set(page.evaluate(VIEWS))) == 1


def test_every_map_draws_and_a_layer_can_be_switched_off(page):
    pixels = """siting.maps.map((map, n) => {
      const { canvas } = map.getRenderer(siting.layers[n][0])._ctx;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })"""
    assert min(page.evaluate(pixels)) > 20
    assert page.locator("#legend").get_by_text("Staffed point").count() == 1
    page.get_by_label("points", exact=True).uncheck()
    assert page.locator("#legend").get_by_text("Staffed point").count() == 0


def test_the_pair_can_be_turned_round_and_a_plan_does_not_differ_from_itself(page):
    assert page.evaluate(COUNTS)[:5] == ["2", "0", "0", "0", "13"]
    longer = page.evaluate(COUNTS)[6]
    page.locator("#first").select_option("1")
    assert page.evaluate(COUNTS) == []
    page.locator("#second").select_option("0")
    assert page.evaluate(COUNTS)[:5] == ["0", "2", "0", "0", "13"]
    assert page.evaluate(COUNTS)[5] == longer, "what got longer one way gets shorter the other"


def test_a_difference_that_is_chosen_is_shown_and_can_be_searched_for(page):
    page.locator("#found button").first.click()
    assert page.evaluate("siting.mark.places.length") == 1
    assert page.evaluate("siting.maps[0].getZoom()") == 15
    assert page.locator("#found button").count() == 2
    page.locator("#find").fill("nowhere")
    assert page.locator("#found button").count() == 0


@pytest.mark.parametrize(
    ("language", "title", "other"), [("en", "Comparison of plans", "zh"), ("zh", "方案比较", "en")]
)
def test_one_language_shows_and_can_be_switched(browser, paths, language, title, other):
    with open_map(browser, paths["two"], language=language) as page:
        assert page.title().startswith(title)
        assert page.evaluate("document.documentElement.lang") == language
        assert page.locator(f'main [lang="{other}"]:visible').count() == 0
        page.locator(f'[data-language="{other}"]').click()
        assert page.locator(f'main [lang="{language}"]:visible').count() == 0
        assert "<i>base</i>" in page.locator("h1").inner_text()


def test_of_three_runs_two_are_chosen_and_the_table_holds_all(browser, paths):
    with open_map(browser, paths["three"]) as page:
        assert page.locator("#figures thead th").count() == 7
        page.locator("#first").select_option("1")
        page.locator("#second").select_option("2")
        assert page.evaluate(COUNTS)[:5] == ["1", "2", "0", "0", "12"]
        assert "b and c solve the same problem" in page.locator("#pair-verdict").inner_text()
        assert page.locator("#name-0").inner_text().split()[:2] == ["B", "b"]


def test_two_cities_have_two_maps_that_move_by_themselves_and_no_map_of_differences(browser, paths):
    with open_map(browser, paths["apart"]) as page:
        first = page.evaluate(VIEWS)[0]
        page.locator("#map-1 .leaflet-control-zoom-in").click()
        assert page.evaluate(VIEWS)[0] == first
        assert page.locator("#refused").inner_text().startswith("Sites are not compared: here plans Tianjin")
        assert not page.locator("#map-2").is_visible()


@pytest.mark.parametrize(("name", "language", "screen"), [("two", "en", DESKTOP), ("three", "zh", PHONE)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(browser, paths, name, language, screen):
    with open_map(browser, paths[name], language=language, screen=screen) as page:
        page.evaluate(AXE)
        told = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in told] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]


def test_what_differs_looks_apart_to_everybody(page):
    first, second, moved, walks = page.evaluate("[FIRST, SECOND, MOVED, WALK_CHANGES.slice(1)]")
    for (one, other), vision in itertools.product([(first, second), (first, moved)], VISION):
        assert looks_apart(one, other, vision) > 10, (one, other, vision)
    for (one, other), vision in itertools.product(itertools.combinations(walks, 2), VISION):
        assert looks_apart(one, other, vision) > 8, (one, other, vision)
    assert min(contrast(colour, "#fbfaf6") for colour in (first, second, moved)) > 3
