"""A certificate proves a bound of one instance and one layout of rows, and is refused for any other."""

import dataclasses

import numpy as np
import pytest

from siting.certificate import certificate_faults, digest
from siting.instance import Instance
from siting.model import build_whole
from siting.plan import Solution
from siting.runs.arrays import load_arrays, save_arrays
from siting.solve.solve import solve
from tests.parts import with_parts
from tests.tiny import hand_instance, tiny_instance

HAND = hand_instance()


@pytest.fixture(scope="module")
def solution():
    return solve(HAND, time_limit_s=20, gap=0.0)


def faults(solution, instance=HAND, **changed):
    proof = dataclasses.replace(solution.certificate, **changed)
    return certificate_faults(instance, build_whole(instance), dataclasses.replace(solution, certificate=proof))


def test_the_certificate_of_a_solve_is_accepted_also_after_it_was_stored(solution, tmp_path):
    assert faults(solution) == []
    save_arrays(tmp_path / "instance.npz", HAND)
    save_arrays(tmp_path / "plan.npz", solution)
    stored, plan = load_arrays(tmp_path / "instance.npz", Instance), load_arrays(tmp_path / "plan.npz", Solution)
    assert certificate_faults(stored, build_whole(stored), plan) == []


def test_a_forged_digest_is_refused(solution):
    (fault,) = faults(solution, instance_digest="0" * 64)
    assert "made for another instance" in fault
    assert "run again" in fault


def test_another_instance_is_refused(solution):
    dearer = dataclasses.replace(HAND, rates=dataclasses.replace(HAND.rates, disposal_cny_per_t=101.0))
    (fault,) = faults(solution, dearer)
    assert "made for another instance" in fault


def test_permuted_row_families_are_refused_with_the_first_that_differs(solution):
    order = np.arange(len(solution.certificate.family))
    order[[1, 2]] = order[[2, 1]]
    proof = solution.certificate
    (fault,) = faults(solution, family=proof.family[order], start=proof.start[order], stop=proof.stop[order])
    assert f"laid out otherwise than in this version, from {proof.family[2]} on" in fault
    assert "run again" in fault


def test_columns_of_other_length_and_multipliers_that_are_no_numbers_are_refused(solution):
    (fault,) = faults(solution, start=solution.certificate.start[:-1])
    assert "damaged" in fault
    assert "run again" in fault
    (fault,) = faults(solution, multipliers=solution.certificate.multipliers * np.nan)
    assert "prove nothing" in fault
    assert "run again" in fault


def test_too_few_multipliers_are_refused(solution):
    (fault,) = faults(solution, multipliers=np.zeros(3))
    assert fault.startswith("certificate: 3 multipliers for a model of")


@pytest.mark.parametrize("changed", [{}, {"bound_cny": -np.inf}, {"bound": -np.inf, "bound_cny": -np.inf}])
def test_a_missing_certificate_is_a_fault_whatever_is_claimed(solution, changed):
    without = dataclasses.replace(solution, certificate=None, **changed)
    (fault,) = certificate_faults(HAND, build_whole(HAND), without)
    assert "missing, yet a bound of" in fault


def test_the_digest_sees_every_array_and_scalar_and_no_byte_order():
    base = digest(HAND)
    assert base == digest(dataclasses.replace(HAND, year=np.int64(HAND.year)))
    assert digest(dataclasses.replace(HAND, year=HAND.year + 1)) != base
    options = HAND.options
    swapped = dataclasses.replace(options, capacity_t=options.capacity_t.astype(">f8"))
    assert digest(dataclasses.replace(HAND, options=swapped)) == base
    for name, array in vars(options).items():
        if array.dtype.kind == "f":
            other = array / 2 if name == "max_load_share" else array + 1.0
            changed = dataclasses.replace(options, **{name: other})
            assert digest(dataclasses.replace(HAND, options=changed)) != base, name


def test_the_digest_is_the_same_on_every_machine():
    """Fixed by value: a change of it makes every stored certificate one of another instance."""
    staged = with_parts(tiny_instance(0), 0, "cases")
    assert digest(staged) != digest(tiny_instance(0))
    assert digest(HAND) == "330e1e52f876165d21281fede7d3a17719020aa49e4a990ee6c604e0099682d5"
