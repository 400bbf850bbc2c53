"""What an instance refuses to be."""

from dataclasses import replace

import numpy as np
import pytest

from siting.errors import DataError
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
