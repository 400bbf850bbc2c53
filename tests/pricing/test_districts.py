"""Cost by district: the parts sum to the cost of the plan, and shared facilities are split by what enters them."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.plan import weighted
from siting.pricing.districts import district_costs
from siting.verify import verify_stages
from tests.parts import PARTS, STAGED, with_parts
from tests.results.test_chains import any_plan, hand_plan
from tests.tiny import hand_instance, tiny_instance

NORTH, SOUTH = 0, 1
STAGES = (None, "years", "cases")


@given(
    st.integers(0, 10_000),
    st.sets(st.sampled_from([name for name in PARTS if name not in STAGED]), max_size=3),
    st.sampled_from(STAGES),
)
@settings(max_examples=40, deadline=None)
def test_the_parts_of_all_districts_sum_to_the_cost_and_tonnes_of_any_plan(seed, parts, staged):
    parts -= {"dismantling"} if "processing base" in parts else set()
    names = sorted(parts | ({staged} if staged else set()), key=list(PARTS).index)
    instance = with_parts(tiny_instance(seed, n_generators=2), seed, *names)
    rng = np.random.default_rng(seed)
    plans = tuple(any_plan(instance, rng) for _ in range(2 if staged else 1))
    verified, paper = verify_stages(instance, plans), np.array([True, False])
    found = district_costs(instance, plans, paper)
    scale = sum(abs(cny) for one in verified for cny in one.cost_terms_cny.values())
    whole_cny = weighted(instance.stages, [one.cost_cny for one in verified])
    assert found.cost_cny.sum() == pytest.approx(whole_cny, rel=1e-9, abs=1e-9 * scale)
    whole_t = weighted(instance.stages, [float(one.collected_t[paper].sum()) for one in verified])
    assert found.tonnes.sum() == pytest.approx(whole_t, rel=1e-9)


def test_the_hand_instance_by_district():
    """North brings 4 t to p3, south 4 t there and 5 t of its generator to the centre, which stands in the south.

    p3 (1,500), the station (300, in the north) and the penalty (50) are halved; 2,400 CNY and 1,000 kWh x 0.1 of the
    centre are split 4 : 9. A tonne of households earns 200, one of the generator 240.
    """
    found = district_costs(hand_instance(), (hand_plan(),), np.array([True]))
    north = 750 + 150 + 25 - 4 * 200 + 2500 * 4 / 13
    south = 750 + 150 + 25 - 4 * 200 - 5 * 240 + 2500 * 9 / 13
    assert found.cost_cny == pytest.approx([north, south])
    assert found.tonnes == pytest.approx([4, 9])


def test_an_idle_point_is_paid_by_the_district_in_which_it_stands():
    instance, plan = hand_instance(), hand_plan()
    before = district_costs(instance, (plan,), np.array([True])).cost_cny
    plan.is_open[1] = True  # p2, in the south
    after = district_costs(instance, (plan,), np.array([True])).cost_cny
    assert after - before == pytest.approx([0, 1000])


def test_the_penalty_of_a_target_of_one_district_is_its_own():
    instance, plan = hand_instance(), hand_plan()
    before = district_costs(instance, (plan,), np.array([True])).cost_cny
    served, collected = instance.targets
    in_south = collected.in_unit_demand & (instance.demand.district == SOUTH)
    ask = dataclasses.replace(collected, in_unit_demand=in_south, value=6.0)  # 4 t come
    instance = dataclasses.replace(instance, targets=(served, ask))
    after = district_costs(instance, (plan,), np.array([True])).cost_cny
    assert after - before == pytest.approx([-25, 100 - 25])
