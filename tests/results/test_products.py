"""Products of sorting: what they make of residue and prices, and how much of each a plan makes."""

from __future__ import annotations

import pytest

from siting.config import load_config
from siting.errors import ConfigError
from siting.problem import read_config
from siting.results.keyfigures import key_figures
from tests.small_city import small_config, write_small_city

WORN = {"label": {"en": "Worn again", "zh": "再穿用"}, "share": 0.4, "sales_cny_per_t": 3000}
FIBRE = {"label": {"en": "Fibre", "zh": "纤维"}, "share": 0.35, "sales_cny_per_t": 600, "avoided_kg_co2e_per_t": 1500}


def with_products(**paper):
    config = small_config()
    del config["materials"]["paper"]["residue_share"]
    config["materials"]["paper"] |= {"products": {"worn": WORN, "fibre": FIBRE}} | paper
    return config


def test_products_give_residue_price_and_savings_of_a_tonne_of_product(tmp_path):
    material = load_config(write_small_city(tmp_path, config=with_products())).config.materials["paper"]
    assert material.residue_share == pytest.approx(0.25)
    assert material.sales_cny_per_t == pytest.approx((0.4 * 3000 + 0.35 * 600) / 0.75)
    assert material.avoided_kg_co2e_per_t == pytest.approx(0.35 * 1500 / 0.75)


@pytest.mark.parametrize(
    ("paper", "words"),
    [
        ({"residue_share": 0.1}, r"residue_share: the products make it 0\.25; leave residue_share out, or products"),
        ({"sales_cny_per_t": 5}, r"sales_cny_per_t: the products make it 1880; leave sales_cny_per_t out"),
        ({"products": {"a": WORN, "b": FIBRE | {"share": 0.7}}}, r"shares sum to 1\.1; a tonne that enters makes no"),
        ({"products": {"a": WORN | {"share": 0}}}, r"share.* greater than 0"),
    ],
)
def test_products_that_contradict_are_refused(tmp_path, paper, words):
    with pytest.raises(ConfigError, match=words):
        load_config(write_small_city(tmp_path, config=with_products(**paper)))


def test_a_plan_tells_its_products_and_what_becomes_product_of_what_arises(tmp_path):
    config = with_products()
    config["targets"].append({"unit": "city", "measure": "recycled_share", "material": "paper", "at_least": 0.3})
    result = read_config(write_small_city(tmp_path, config=config)).solve()
    figures = {figure.key: figure.value for figure in key_figures(result.record)}
    sorted_t = result.record.verification.processed_t[0]
    arising_t = 12_000 * 0.2 * 365 / 1000
    assert figures["product_paper_worn_t"] == pytest.approx(0.4 * sorted_t)
    assert figures["product_paper_fibre_t"] == pytest.approx(0.35 * sorted_t)
    assert figures["collected_share_paper"] == pytest.approx(sorted_t / arising_t)
    assert figures["recycled_share_paper"] == pytest.approx(0.75 * sorted_t / arising_t)
    (target,) = [one for one in result.record.verification.targets if one.target.measure == "recycled_share"]
    assert target.reached == pytest.approx(figures["recycled_share_paper"])
    assert target.holds
