"""The classic problems on the planning model have the value and a bound of the functions of their name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siting.errors import DataError, InfeasibleError
from siting.locate import classic_problem, lscp, mclp, p_center, p_median, uflp
from siting.model import build_model
from siting.model.pulp_model import export_model
from siting.solve.solve import solve
from siting.verify import verify_stages
from tests.locate.test_locate import STREET, tiny

SEEDS = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)


def both(problem, by_name, *, asked):
    """The answer of the planning model, and of the function of that name; None for both where there is none."""
    try:
        answer = by_name()
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            classic_problem(problem, **asked).solve()
        return
    except DataError as error:
        with pytest.raises(DataError, match=str(error)[:20].split(":")[0]):
            classic_problem(problem, **asked).solve()
        return
    found = classic_problem(problem, **asked).solve()
    assert found.value == pytest.approx(answer.value, rel=1e-5, abs=1e-5)
    assert found.bound == pytest.approx(answer.value, rel=1e-5, abs=1e-5)


@few
@given(SEEDS, st.booleans())
def test_p_median_agrees(seed, ties):
    distance, weights, p, fixed, forbidden = tiny(seed, ties=ties)
    asked = {"distance": distance, "weights": weights, "p": p, "fixed": fixed, "forbidden": forbidden}
    both("p-median", lambda: p_median(**asked), asked=asked)


@few
@given(SEEDS, st.booleans())
def test_p_center_agrees(seed, ties):
    distance, _, p, fixed, forbidden = tiny(seed, ties=ties)
    asked = {"distance": distance, "p": p, "fixed": fixed, "forbidden": forbidden}
    both("p-center", lambda: p_center(**asked), asked=asked)


@few
@given(SEEDS, st.booleans())
def test_mclp_agrees(seed, ties):
    distance, weights, p, fixed, forbidden = tiny(seed, ties=ties)
    asked = {"distance": distance, "within": 3.0, "p": p, "weights": weights, "fixed": fixed, "forbidden": forbidden}
    both("MCLP", lambda: mclp(**asked), asked=asked)


@few
@given(SEEDS, st.booleans())
def test_lscp_agrees(seed, ties):
    distance, _, _, fixed, forbidden = tiny(seed, ties=ties)
    cost = np.random.default_rng(seed).integers(1, 9, distance.shape[1]).astype(float)
    asked = {"distance": distance, "within": 4.0, "site_cost": cost, "fixed": fixed, "forbidden": forbidden}
    both("LSCP", lambda: lscp(**asked), asked=asked)


@few
@given(SEEDS, st.booleans())
def test_uflp_agrees(seed, ties):
    distance, weights, _, fixed, forbidden = tiny(seed, ties=ties)
    cost = np.random.default_rng(seed).uniform(1, 9, distance.shape[1])
    asked = {"weights": weights, "fixed": fixed, "forbidden": forbidden}
    both("UFLP", lambda: uflp(distance, cost, **asked), asked={"distance": distance, "site_cost": cost, **asked})


def test_the_answer_names_sites_and_who_is_served_where():
    located = classic_problem("p-median", STREET, p=2).solve()
    assert len(located.chosen) == 2
    assert located.value == pytest.approx(p_median(STREET, p=2).value)
    assert sorted(located.node.tolist()) == list(range(8))
    assert STREET[located.node, located.site].sum() == pytest.approx(located.value)


def test_a_classic_problem_can_be_exported_and_takes_more_rows(tmp_path):
    classic = classic_problem("MCLP", STREET, within=1, p=2)
    export_model(build_model(classic.instance)[0], tmp_path / "mclp.lp")
    assert "reach_count" in (tmp_path / "mclp.lp").read_text()


def test_the_plan_of_a_classic_problem_holds():
    classic = classic_problem("LSCP", STREET, within=1)
    solution = solve(classic.instance, engine="exact", gap=0.0)
    assert verify_stages(classic.instance, solution.plans)[0].faults == ()
    assert solution.cost_cny * classic.unit == pytest.approx(3)


@pytest.mark.parametrize(
    ("problem", "asked", "told"),
    [
        ("p-mediun", {"p": 2}, "not known; there are LSCP, MCLP"),
        ("p-median", {}, "p-median: needs `p`"),
        ("MCLP", {"p": 2}, "MCLP: needs `within`"),
        ("LSCP", {"within": 1, "p": 2}, "LSCP: knows no `p`"),
    ],
)
def test_what_a_problem_lacks_is_told(problem, asked, told):
    with pytest.raises(DataError, match=told):
        classic_problem(problem, STREET, **asked)
