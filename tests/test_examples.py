"""Every config in configs/examples is planned, verified, and told apart from the same config without its part."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from siting.config import load_config
from siting.inputs.city import read_city
from siting.prepare import prepare
from siting.solve.goals import solve_goals
from siting.verify import verify_stages

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "configs" / "examples").glob("*.yaml"))


def existing(raw):
    """All that stands stays."""
    del raw["existing"]
    raw["targets"] = [line for line in raw["targets"] if line["measure"] != "count"]


def fairness(raw):
    """Districts may be served as unequally as is cheap."""
    raw["targets"] = [line for line in raw["targets"] if line["measure"] == "coverage"]


def goals(raw):
    """Nothing is optimised but cost."""
    del raw["objective"]


PLAIN = {"existing": existing, "fairness": fairness, "goals": goals}
"""What takes the part of each example out of its config."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Distances, found once for all examples."""
    return tmp_path_factory.mktemp("cache")


def planned(path, cache):
    config = load_config(path).config
    prepared = prepare(config, read_city(config.city), cache)
    outcome = solve_goals(prepared.instance, prepared.goals, **config.solve.model_dump())
    solution = outcome.solution
    assert [fault for one in verify_stages(outcome.instance, solution.plans) for fault in one.faults] == []
    return solution


def test_every_example_has_a_plain_counterpart():
    assert {path.stem for path in EXAMPLES} == set(PLAIN)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_a_plan_that_its_part_changes(path, cache, tmp_path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    PLAIN[path.stem](raw)
    raw |= {key: str((path.parent / raw[key]).resolve()) for key in ("city", "parameters", "extends") if key in raw}
    plain = tmp_path / "plain.yaml"
    plain.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    with_part, without = planned(path, cache), planned(plain, cache)
    room = max(with_part.cost_cny - with_part.bound_cny, without.cost_cny - without.bound_cny)
    assert abs(with_part.cost_cny - without.cost_cny) > room, "the part changes what a plan must cost"
