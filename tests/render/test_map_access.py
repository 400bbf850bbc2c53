"""Whom the map leaves out: readers of a screen's voice, of faint text, of colours that look alike to them."""

import importlib.resources
import itertools

import numpy as np
import pytest

from tests.browser import DESKTOP, NEEDS_BROWSER, PHONE, one_browser, open_map, write_map
from tests.colour_vision import VISION, ciede2000, contrast, lab, looks_apart
from tests.outputs_city import make_rollout

AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
SCALES = ("WALK_COLOURS", "HAUL_COLOURS", "MARGIN_COLOURS", "SHARE_COLOURS", "YEAR_COLOURS")
STATES = {
    "as it opens": "null",
    "a facility": "siting.goTo(siting.plan.facilities.echelon.indexOf(1))",
    "a point and its cells": "siting.ask('walk'); siting.goTo(0)",
    "flows": "siting.ask('flow')",
    "targets": "siting.clear(); siting.ask('targets')",
    "haul, all open": "siting.ask('haul'); document.querySelectorAll('details').forEach((one) => { one.open = true; })",
    "a list of finds": "document.getElementById('find').dispatchEvent(new Event('input'))",
}


@pytest.fixture(scope="module")
def browser():
    with one_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_map(tmp_path_factory.mktemp("access"), make_rollout())


@pytest.fixture(scope="module")
def palette(browser, path):
    with open_map(browser, path) as page:
        names = "SYMBOLS, ACTION_COLOURS, UNCOVERED, " + ", ".join(SCALES)
        yield page.evaluate(f"(() => ({{ {names} }}))()")


@pytest.mark.slow
@NEEDS_BROWSER
@pytest.mark.parametrize(("language", "screen"), [("en", DESKTOP), ("zh", PHONE)])
def test_axe_finds_nothing_in_any_state(browser, path, language, screen):
    with open_map(browser, path, language=language, screen=screen) as page:
        page.evaluate(AXE)
        if screen is PHONE:
            page.evaluate("togglePanel()")
        found = {}
        for state, script in STATES.items():
            page.evaluate(script)
            told = page.evaluate("axe.run({ resultTypes: ['violations'] })")
            found[state] = [
                (one["id"], one["impact"], [node["target"] for node in one["nodes"]][:3]) for one in told["violations"]
            ]
        assert {state: faults for state, faults in found.items() if faults} == {}


@NEEDS_BROWSER
def test_classes_of_one_scale_look_apart_to_everybody(palette):
    for scale, vision in itertools.product((palette[name] for name in SCALES), VISION):
        for one, other in itertools.combinations(scale, 2):
            assert looks_apart(one, other, vision) > 8, (one, other, vision)


@NEEDS_BROWSER
def test_scales_of_amounts_darken_step_by_step_so_that_they_print_in_grey(palette):
    for name in ("WALK_COLOURS", "HAUL_COLOURS", "SHARE_COLOURS"):
        light = [lab(colour)[0] for colour in palette[name]]
        assert (np.diff(light) < -8).all(), name


@NEEDS_BROWSER
def test_facility_types_of_one_shape_look_apart_to_everybody(palette):
    for symbols, vision in itertools.product(palette["SYMBOLS"], VISION):
        for (shape, one), (other_shape, other) in itertools.combinations(symbols, 2):
            assert shape != other_shape or looks_apart(one, other, vision) > 10, (one, other, vision)


@NEEDS_BROWSER
def test_what_becomes_of_facilities_looks_apart_to_everybody(palette):
    shown = {name: colour for name, colour in palette["ACTION_COLOURS"].items() if name != "close"}  # crossed, on white
    for (one, other), vision in itertools.product(itertools.combinations(shown.values(), 2), VISION):
        assert looks_apart(one, other, vision) > 10, (one, other, vision)


@NEEDS_BROWSER
def test_marks_that_must_be_seen_stand_out_from_the_paper(palette):
    for colour in (
        palette["UNCOVERED"],
        *(symbols[0][1] for symbols in palette["SYMBOLS"][::2]),
        palette["ACTION_COLOURS"]["build"],
    ):
        assert contrast(colour, "#fbfaf6") > 3, colour


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_measure_of_difference_agrees_with_the_published_pairs(one, other, apart):
    """Sharma, Wu and Dalal (2005), table 1."""
    assert ciede2000(one, other) == pytest.approx(apart, abs=1e-4)


@pytest.mark.parametrize("vision", VISION)
def test_grey_stays_grey_to_everybody(vision):
    assert lab("#808080", vision) == pytest.approx(lab("#808080"), abs=0.01)
