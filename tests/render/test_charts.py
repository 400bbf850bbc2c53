"""Charts: well-formed pictures that say what they show, whatever the names and the numbers."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.language import Label
from siting.render.html.charts.bars import Bar, Part, draw_bars
from siting.render.html.charts.curve import Axes, Line, Point, draw_curve
from siting.render.html.charts.frame import Axis, Frame, round_ticks
from siting.render.html.charts.strips import Dot, Strip, draw_strips

NASTY = '<script>alert("x")</script> & 河'
FRAME = Frame(NASTY, {NASTY: "#0072B2", "b": "#D55E00"}, NASTY)


def an_axis(values=(10.0,)):
    return Axis.over(values, f"t {NASTY}", lambda tick: f"{tick:g}")


def pictures():
    bars = (Bar(NASTY, NASTY, (Part(0.0, 4.0, "#000", NASTY), Part(4.0, 9.0, "#111")), mark=6.0),)
    yield draw_bars(FRAME, an_axis(), bars)
    up = Axis((0.0, 0.5, 1.0), NASTY, str)
    yield draw_curve(
        FRAME, Axes(an_axis(), up), (Line(NASTY, ((0.0, 0.0), (10.0, 1.0)), "#000"),), (Point(5, 0.5, NASTY, False),)
    )
    yield draw_strips(FRAME, an_axis(), (Strip(NASTY, (Dot(NASTY, 5.0), Dot("b", 5.01), Dot("c", 99.0)), "#000"),))


@pytest.mark.parametrize("picture", [*pictures()])
def test_a_chart_is_well_formed_and_shows_names_as_text(picture):
    assert picture.en == picture.zh
    root = ElementTree.fromstring(picture.en)
    assert root.find("title").text == root.find("desc").text == NASTY
    assert NASTY in {element.text for element in root.iter("text")}
    assert not list(root.iter("script"))
    assert root.get("role") == "img"


@given(
    low=st.sampled_from([0.0, -1e-3, -7.5]) | st.floats(-1e9, -1e-3), high=st.floats(1e-3, 1e9), most=st.integers(2, 8)
)
def test_ticks_are_few_round_and_hold_both_ends(low, high, most):
    ticks = round_ticks(low, high, most)
    slack = 1e-6 * (high - low)
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= most + 2
    assert 0.0 in ticks
    steps = {round((b - a) / (ticks[1] - ticks[0]), 6) for a, b in pairwise(ticks)}
    assert steps == {1.0}


def test_bars_are_as_long_as_their_numbers():
    bars = [Bar("a", "5", (Part(0.0, 5.0, "#000"),)), Bar("b", "-5", (Part(0.0, -5.0, "#000"),))]
    root = ElementTree.fromstring(draw_bars(Frame("t", description="d"), an_axis([-5.0, 5.0]), bars).en)
    places = [(rect.get("x"), rect.get("width")) for rect in root.iter("rect")]
    assert places == [("50%", "50%"), ("0%", "50%")]


def test_a_curve_passes_through_its_places():
    up = Axis((0.0, 1.0), "share", str)
    line = Line("a", ((0, 0), (5, 0.5), (10, 1)), "#000")
    root = ElementTree.fromstring(draw_curve(Frame("t"), Axes(an_axis(), up), (line,)).en)
    assert root.find(".//polyline").get("points") == "0.0,1000.0 500.0,500.0 1000.0,0.0"


def test_every_facility_is_a_dot_and_dots_do_not_leave_the_picture():
    dots = tuple(Dot(f"s{number}", 0.5 + 1e-4 * number) for number in range(40))
    root = ElementTree.fromstring(draw_strips(Frame("t"), an_axis([1.0]), (Strip("stations", dots, "#000"),)).en)
    heights = [float(circle.get("cy")) for circle in root.iter("circle")]
    assert len(heights) == 40
    assert min(heights) > 0
    assert max(heights) < float(root.get("height"))


def test_an_axis_of_nothing_still_has_two_ends():
    axis = an_axis([0.0])
    assert math.isclose(axis.place(0.0), 0.0)
    assert re.search("0", axis.write(axis.ticks[0]))


def test_each_language_has_its_own_words():
    bar = Bar(Label("cost", "成本"), Label("5 CNY", "5元"), (Part(0.0, 5.0, "#000"),))
    axis = Axis.over([5.0], Label("a year", "每年"), lambda tick: Label(f"{tick:g} CNY", f"{tick:g}元"))
    chart = draw_bars(Frame(Label("Costs", "费用"), {Label("spending", "支出"): "#000"}), axis, [bar])
    assert "cost 5 CNY (a year)" in chart.en
    assert "成本 5元 (每年)" in chart.zh
    assert not re.search("[a-z]+ CNY|spending", re.sub("<[^>]*>", " ", chart.zh))
    assert not re.search(r"[\u4e00-\u9fff]", chart.en)
