"""Whatever an output tells has a name in both languages."""

import re
from dataclasses import replace

import pytest

from siting.language.catalogue import texts
from siting.results.keyfigures import key_figures
from tests.outputs_city import make_config, make_run

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_key_figure_has_a_chinese_name():
    for figure in key_figures(make_run()):
        assert figure.label.en
        assert CHINESE.search(figure.label.zh), figure.key


@pytest.mark.parametrize("area", ["figures", "results"])
def test_every_text_is_in_both_languages(area):
    for key, label in texts(area).items():
        assert not CHINESE.search(label.en), key
        assert CHINESE.search(label.zh) or "{" in label.zh, key


def test_figures_of_a_rule_name_what_it_asks():
    config = make_config(layout={"spacing": [{"types": ["station"], "least_m": 1500}]})
    run = replace(make_run(), config=config)
    label = next(figure.label for figure in key_figures(run) if figure.key == "spacing_0_m")
    assert (label.en, label.zh) == ("nearest two, required 1,500 m", "最近两处设施间距（要求 1,500 米）")
