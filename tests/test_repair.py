"""Irreducible conflicts of targets, and the smallest changes that give a plan."""

from dataclasses import replace

import pytest
import yaml

import siting
from siting.errors import InfeasibleError
from siting.explain.conflicts import diagnose
from siting.repair import repair
from siting.vocabulary import Echelon, Measure
from tests.brute_force import optimum
from tests.commands import failing
from tests.commands import siting as command
from tests.edges import with_targets
from tests.small_city import small_config, write_small_city
from tests.tiny import hand_instance, make_target, tiny_instance

HAND = hand_instance()


def city(measure, **keys):
    return {"unit": "city", "measure": measure, **keys}


def each(measure, **keys):
    return {"unit": "each_district", "measure": measure, **keys}


INFEASIBLE = {
    "more-than-there-is": [
        each("served", within_m=700, at_least=0.8),
        city("count", echelon="point", at_least=50),
        city("processed_t", at_least=1500),
    ],
    "too-few-points": [
        each("served", within_m=700, at_least=0.6),
        city("count", echelon="point", at_most=3),
        city("processed_t", at_least=1500),
    ],
    "too-small-a-budget": [
        each("coverage", within_m=500, at_least=0.6),
        city("investment_cny", at_most=3_600_000, margin=0.01),
        city("processed_t", at_least=1500),
    ],
}


def written(folder, targets):
    return write_small_city(folder, config=small_config() | {"targets": targets})


@pytest.mark.parametrize("name", INFEASIBLE)
def test_an_infeasible_config_is_repaired_by_its_own_suggestion(tmp_path, name):
    path = written(tmp_path, INFEASIBLE[name])
    problem = siting.read_config(path)
    with pytest.raises(InfeasibleError):
        problem.solve()
    found = repair(problem)
    path.write_text(path.read_text(encoding="utf-8") + found.as_yaml, encoding="utf-8")
    pasted = siting.read_config(path).with_scenario("feasible").solve(time_limit_s=30)
    assert pasted.verify().holds
    assert pasted.targets["holds"].all()
    assert repair(pasted.problem) is None
    for conflict in found.conflicts:
        assert conflict.is_irreducible
        ids = [one.target.id for one in conflict.members]
        alone = _with_only(problem, ids)
        assert not _has_plan(alone, {})
        for one in conflict.members:
            assert _has_plan(alone, {one.target.id: one.value})
            assert len(ids) == 1 or _has_plan(_with_only(problem, [id for id in ids if id != one.target.id]), {})


def _with_only(problem, ids):
    """The targets of the instance with these ids."""
    return replace(problem.instance, targets=tuple(one for one in problem.instance.targets if one.id in ids))


def _has_plan(instance, values):
    targets = tuple(
        replace(one, value=values[one.id], margin=0.0) if one.id in values else one for one in instance.targets
    )
    found = diagnose(replace(instance, targets=targets))
    return not found.conflicts and not found.repair


@pytest.mark.parametrize("seed", range(40))
def test_conflicts_and_repairs_agree_with_brute_force(seed):
    instance = tiny_instance(seed)
    found = diagnose(instance)
    if optimum(instance) is not None:
        assert not found.conflicts
        assert not found.repair
        return
    if not found.repair:
        assert optimum(replace(instance, targets=())) is None
        return
    changes = {one.target.id: one.value for one in found.repair}
    assert None not in changes.values()
    targets = tuple(
        replace(one, value=changes[one.id], margin=0.0) if one.id in changes else one for one in instance.targets
    )
    assert optimum(replace(instance, targets=targets)) is not None
    for conflict in found.conflicts:
        members = [one.target for one in conflict.members]
        assert optimum(replace(instance, targets=tuple(members))) is None
        for one in members:
            rest = tuple(other for other in members if other is not one)
            assert optimum(replace(instance, targets=rest)) is not None


def test_a_conflict_names_no_target_that_it_does_not_need():
    near = make_target(HAND, Measure.COVERAGE, 1.0, within_m=300.0)
    few = make_target(HAND, Measure.COUNT, 1, echelon=Echelon.POINT, is_at_least=False)
    free = make_target(HAND, Measure.COLLECTED, 1)
    (conflict,) = diagnose(with_targets(HAND, near, few, free)).conflicts
    assert {one.target.measure for one in conflict.members} == {Measure.COVERAGE, Measure.COUNT}
    assert {one.target.measure: one.value for one in conflict.members} == {Measure.COVERAGE: 0.5, Measure.COUNT: 2}


def test_the_command_prints_lines_that_can_be_pasted(tmp_path):
    path = written(tmp_path, INFEASIBLE["more-than-there-is"])
    assert f"siting repair {path}" in failing(3, "run", path)
    result = command("repair", path)
    assert result.exit_code == 0, result.output
    block = result.output[result.output.index("scenarios:") : result.output.index("Or at once")]
    changes = yaml.safe_load(block)["scenarios"]["feasible"]["targets"]
    assert changes["count-point"] == 10
    options = result.output.split("Or at once: siting ")[1].split()
    assert command(*options).exit_code == 0
    feasible = written(tmp_path / "feasible", INFEASIBLE["more-than-there-is"][2:])
    assert "nothing is to be changed" in command("repair", feasible).output
