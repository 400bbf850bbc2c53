"""Numbers for readers: both languages tell the same number, near the true one, whatever its size."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.language.quantities import difference, quantity, scale_of
from siting.language.units import UNITS
from siting.results.keyfigures import key_figures
from siting.vocabulary import MEASURES
from tests.outputs_city import make_run

NUMBERS = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)
SHARES = st.floats(min_value=-1, max_value=1, allow_nan=False)


def value_of(text, steps):
    """The number that a text tells, back in its unit: the longest unit name that ends it says which multiple."""
    sign, number, name = re.fullmatch(r"([−+]?)([\d,]+(?:\.\d+)?)(.*)", text).groups()
    power = next(step.power for step in steps if step.name == name)
    return (-1 if sign == "−" else 1) * float(number.replace(",", "")) * 10.0**power


def both(label, unit):
    return value_of(label.en, UNITS[unit].en), value_of(label.zh, UNITS[unit].zh)


@pytest.mark.parametrize("unit", sorted(UNITS))
@given(value=NUMBERS)
def test_both_languages_tell_one_number_and_it_is_near_the_true_one(unit, value):
    english, chinese = both(quantity(value, unit), unit)
    assert math.isclose(english, chinese, rel_tol=1e-12, abs_tol=1e-12)
    coarsest = 0.5 * 10.0 ** -UNITS[unit].places
    assert abs(english - value) <= max(coarsest, 0.5001e-3 * abs(value)) * (1 + 1e-9)


@pytest.mark.parametrize("unit", ["CNY/yr", "t", "m", "share", "facilities"])
@given(value=NUMBERS)
def test_a_negative_number_is_the_positive_one_with_a_minus_and_zero_has_no_sign(unit, value):
    above, below = quantity(abs(value), unit), quantity(-abs(value), unit)
    is_zero = both(above, unit)[0] == 0
    assert below.en == ("" if is_zero else "−") + above.en
    assert below.zh == ("" if is_zero else "−") + above.zh
    assert quantity(abs(value), unit, signed=True).zh == ("" if is_zero else "+") + above.zh


@pytest.mark.parametrize("unit", ["CNY/yr", "t/yr", "residents", "m2"])
@given(a=NUMBERS, b=NUMBERS)
def test_a_larger_number_never_reads_as_a_smaller_one(unit, a, b):
    less, more = sorted([a, b])
    assert both(quantity(less, unit), unit)[0] <= both(quantity(more, unit), unit)[0]


@given(value=SHARES)
def test_a_share_that_is_not_nothing_nor_all_does_not_read_so(value):
    told = both(quantity(value, "share"), "share")[0]
    for end in (0.0, 1.0):
        if abs(abs(value) - end) > 0.00005:
            assert abs(told) != end


@given(values=st.lists(NUMBERS, min_size=1, max_size=6))
def test_a_column_has_one_unit_and_its_largest_number_keeps_four_digits(values):
    scale = scale_of(values, "CNY/yr")
    largest = max(values, key=abs)
    number = scale.number(largest)
    for text, power in ((number.en, scale.power_en), (number.zh, scale.power_zh)):
        told = float(text.replace(",", "").replace("−", "-")) * 10.0**power
        assert abs(told - largest) <= max(0.5, 0.5001e-3 * abs(largest))
    assert len({len(scale.number(v).zh.partition(".")[2]) for v in values if v}) <= 1


@pytest.mark.parametrize(
    ("value", "unit", "english", "chinese"),
    [
        (1_755_312_000, "CNY/yr", "1,755 million CNY a year", "17.55亿元/年"),
        (842_300, "CNY", "842,300 CNY", "84.23万元"),
        (8_400_000, "t", "8.4 Mt", "840万吨"),
        (520_000, "t", "520 kt", "52万吨"),
        (320, "t", "320 t", "320吨"),
        (9_999.97, "t", "10 kt", "1万吨"),
        (13_870_000, "residents", "13.87 million", "1,387万人"),
        (743.4, "m", "743 m", "743米"),
        (12_543, "m", "12.54 km", "12.54公里"),
        (3_000, "facilities", "3,000", "3,000"),
        (12_345_678, "facilities", "12,345,678", "12,345,678"),
        (0.874, "share of residents", "87.4 %", "87.4%"),
        (0.99999999, "share", "100 %", "100%"),
        (0.99969, "share", "99.97 %", "99.97%"),
        (213.456, "CNY/t", "213.5 CNY/t", "213.5元/吨"),
        (65_000, "m2", "6.5 ha", "6.5公顷"),
        (0.5, "facilities", "1", "1"),
        (-0.2, "CNY", "0 CNY", "0元"),
        (0, "t/yr", "0 t a year", "0吨/年"),
        (np.float64(1.25), "km", "1.3 km", "1.3公里"),
    ],
)
def test_numbers_read_as_written_here(value, unit, english, chinese):
    assert quantity(value, unit).as_dict() == {"en": english, "zh": chinese}


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_what_is_not_known_says_so(value):
    assert quantity(value, "CNY").as_dict() == {"en": "not known", "zh": "未知"}
    assert scale_of([value], "CNY").number(value).as_dict() == {"en": "–", "zh": "–"}


def test_the_difference_of_shares_is_in_points():
    assert difference(-0.0123, "share of residents").as_dict() == {"en": "−1.2 points", "zh": "−1.2个百分点"}
    assert difference(500_000.0, "CNY/yr").as_dict() == {"en": "+500,000 CNY a year", "zh": "+50万元/年"}


def test_every_unit_of_targets_and_key_figures_can_be_written():
    used = {record.unit for record in MEASURES.values()} | {figure.unit for figure in key_figures(make_run())}
    assert used <= set(UNITS)


def test_a_unit_that_is_not_known_is_written_as_it_is():
    assert quantity(2.5, "visits/week").as_dict() == {"en": "2.5 visits/week", "zh": "2.5 visits/week"}
