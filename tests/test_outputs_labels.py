"""Whatever an output tells has a name in both languages."""

import re
from pathlib import Path

import siting.results.flowfigures
import siting.results.keyfigures
from siting.results.keyfigures import KeyFigure, key_figures
from siting.results.labels import COST_TERM_LABELS, KEY_FIGURES_ZH, LINK_LABELS, key_figure_label
from siting.vocabulary import COST_TERMS, LINK_CLASSES
from tests.outputs_city import make_config, make_run


def test_every_term_of_cost_and_class_of_link_has_a_label():
    assert set(COST_TERM_LABELS) == set(COST_TERMS)
    assert set(LINK_LABELS) == set(LINK_CLASSES)


def test_every_key_figure_has_a_chinese_name():
    run = make_run()
    for figure in key_figures(run):
        label = key_figure_label(figure, run.config)
        assert label.en == figure.label
        assert re.search(r"[\u4e00-\u9fff]", label.zh), figure.key


def test_every_key_that_the_code_can_give_has_a_chinese_name():
    for module in (siting.results.keyfigures, siting.results.flowfigures):
        keys = re.findall(r'yield "([a-z0-9_]+)"', Path(module.__file__).read_text())
        assert set(keys) <= set(KEY_FIGURES_ZH)


def test_figures_of_a_rule_name_what_it_asks():
    config = make_config(layout={"spacing": [{"types": ["station"], "least_m": 1500}]})
    figure = KeyFigure("spacing_0_m", "nearest two, asked 1,500 m", 1800.0, "m", None)
    assert key_figure_label(figure, config).zh == "最近两处设施间距（要求 1,500 米）"
    assert key_figure_label(KeyFigure("tkm_van", "hauled by van", 1.0, "t-km/yr", None), config).zh == "van 运输周转量"
