"""What an instance refuses to be."""

from dataclasses import replace

import numpy as np
import pytest

from siting.errors import DataError
from siting.vocabulary import Measure
from tests.tiny import hand_instance


def test_an_index_that_points_nowhere_is_refused_with_its_range():
    instance = hand_instance()
    walks = replace(instance.walks, site=instance.walks.site + 100)

    with pytest.raises(DataError, match=r"instance\.walks\.site: runs from 10\d to 10\d; there are 5 rows"):
        replace(instance, walks=walks)


def test_a_negative_demand_is_refused_with_its_row():
    instance = hand_instance()
    tonnes = instance.demand.tonnes.copy()
    tonnes[1] = -3.0

    with pytest.raises(DataError, match=r"instance\.demand\.tonnes: row 1 is .*-3"):
        replace(instance, demand=replace(instance.demand, tonnes=tonnes))


def test_arrays_of_different_lengths_are_refused():
    instance = hand_instance()

    with pytest.raises(DataError, match="shape"):
        replace(instance, sites=replace(instance.sites, area_m2=np.ones(2)))


@pytest.mark.parametrize("figure", [np.nan, np.inf, 1e16])
def test_a_price_of_the_city_that_is_no_figure_is_refused_before_any_solve(figure):
    instance = hand_instance()

    with pytest.raises(DataError, match=r"instance\.rates\.disposal_cny_per_t: is .*; every figure must be finite"):
        replace(instance, rates=replace(instance.rates, disposal_cny_per_t=float(figure)))


def test_a_target_and_a_price_of_a_material_that_are_no_figures_are_refused_in_one_list():
    instance = hand_instance()
    sales = instance.materials.sales_cny_per_t.copy()
    sales[0] = np.inf
    target = instance.hard_target(Measure.COVERAGE, np.nan, is_at_least=True)

    with pytest.raises(DataError) as refused:
        replace(instance, materials=replace(instance.materials, sales_cny_per_t=sales), targets=(target,))

    assert "instance.materials.sales_cny_per_t: row 0 is inf" in str(refused.value)
    assert f"instance.targets[{target.id}].value: is nan" in str(refused.value)
