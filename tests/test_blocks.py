"""The bound with the last echelons decided whole: no lower than that of the multipliers, and below every plan."""

import numpy as np
import pytest

from siting.model import build_model
from siting.model.bound import lagrangian_bound
from siting.model.linear import MODEL_CNY
from siting.solve.city.blocks import raised_bound
from siting.solve.city.echelons import make_tiers
from siting.solve.relaxation import relax
from tests.brute_force import optimum
from tests.tiny import tiny_instance


@pytest.mark.parametrize("seed", range(40))
def test_it_lies_between_the_bound_of_the_multipliers_and_the_optimum(seed):
    instance = tiny_instance(seed)
    model, columns = build_model(instance)
    tiers, truth = make_tiers(instance, model, columns), optimum(instance)
    root = relax(model, time_limit_s=30)
    if truth is None or root is None:
        return
    rng = np.random.default_rng(seed)
    for multipliers in (root.multipliers, root.multipliers * rng.uniform(0.7, 1.3, model.n_rows)):
        bound = raised_bound(model, tiers, multipliers, time_limit_s=10)

        assert bound >= lagrangian_bound(model, multipliers)
        assert bound * MODEL_CNY <= truth + 1e-6 * max(1.0, abs(truth))


def test_it_is_higher_where_centres_cannot_be_built_in_parts():
    gains = []
    for seed in range(12):
        instance = tiny_instance(seed)
        model, columns = build_model(instance)
        root = relax(model, time_limit_s=30)
        if root is not None:
            bound = raised_bound(model, make_tiers(instance, model, columns), root.multipliers, time_limit_s=10)
            gains.append(bound - lagrangian_bound(model, root.multipliers))

    assert max(gains) > 0.01 * abs(root.bound)
