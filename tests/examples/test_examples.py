"""Every config in configs/examples is planned, verified, and told apart from the same config without its part."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from siting.config import load_config
from siting.inputs.city import read_city
from siting.plan import built_capacity_t, site_inflow_t
from siting.prepare import prepare
from siting.solve.goals import solve_goals
from siting.verify import reach, verify_stages

ROOT = Path(__file__).parents[2]
OF_ARISING = ("agricultural-film", "appliances-and-batteries", "construction-waste", "kitchen-waste")
"""Examples with a target on a share of what arises."""
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


def bases(raw):
    """Material ends at sorting centres."""
    del raw["bases"], raw["transport"], raw["facilities"]["base"]
    for material in raw["materials"].values():
        material.pop("to_base", None)


def participation(raw):
    """Residents come as the curve says, to the point that suits the plan."""
    del raw["participation"]
    raw["assignment"] = "designated"


def booked(raw):
    """All is brought to points."""
    del raw["participation"], raw["transport"]


def mobile(raw):
    """Points are fixed."""
    del raw["facilities"]["point"]["van_stop"]
    raw["targets"] = [line for line in raw["targets"] if line["measure"] != "vehicles"]


def shared(raw):
    """Nothing is shared or subsidised."""
    del raw["shared"], raw["subsidies"]
    raw["targets"] = [line for line in raw["targets"] if line["measure"] == "coverage"]


def road_rights(raw):
    """One vehicle for each class of link, allowed everywhere."""
    del raw["transport"]


def layout(raw):
    """No rules of layout."""
    del raw["layout"]


def expansion(raw):
    """One size, and a base that takes all."""
    sorting = raw["facilities"]["sorting"]["comprehensive"]
    del sorting["disposal"], sorting["sizes"]["growing"], sorting["sizes"]["kt030"]
    raw["facilities"]["base"]["mill"]["sizes"]["own_line"]["capacity_t"] = 20_000


def budgets(raw):
    """No limits on money and emissions."""
    raw["targets"] = [line for line in raw["targets"] if line["measure"] == "coverage"]


def rollout(raw):
    """The last year alone."""
    del raw["horizon"]


def standards(raw):
    """No standard binds."""
    del raw["standards"]


def of_arising(raw):
    """Nothing is asked of what arises; any plan near the cheapest tells."""
    raw["targets"] = [line for line in raw["targets"] if line["measure"] not in ("collected_share", "recycled_share")]
    raw["solve"]["gap"] = 0.1


def textiles(raw):
    """Nothing is made of what is sorted."""
    del raw["materials"]["textiles"]["products"]


def uncertainty(raw):
    """Demand as it stands."""
    del raw["uncertainty"]


PLAIN = {
    "bases": bases,
    "booked": booked,
    "standards": standards,
    "budgets": budgets,
    "existing": existing,
    "expansion": expansion,
    "fairness": fairness,
    "goals": goals,
    "layout": layout,
    "rollout": rollout,
    "mobile": mobile,
    "participation": participation,
    "road-rights": road_rights,
    "shared": shared,
    "uncertainty": uncertainty,
    **dict.fromkeys(OF_ARISING, of_arising),
    "textiles": textiles,
}
"""What takes the part of each example out of its config."""


def must_cost_otherwise(with_part, without):
    """The costs differ by more than the two gaps leave open."""
    room = max(one.solution.cost_cny - one.solution.bound_cny for one in (with_part, without))
    return abs(with_part.solution.cost_cny - without.solution.cost_cny) > room


def breaks_a_target(with_part, without):
    """The plan without the part is no plan with it."""
    found = verify_stages(with_part.instance, without.solution.plans)
    return any(not result.holds for one in found for result in one.targets)


def serves_more(with_part, without):
    """The first goal is reached further."""
    goal = with_part.reached[0].goal
    return reach(with_part.instance, without.solution.plan, goal) < with_part.reached[0].value - 0.01


def collects_more(with_part, without):
    """More is collected, for what is fetched at the door needs no walk."""
    given_t = [
        sum(one.collected_t.sum() for one in verify_stages(outcome.instance, outcome.solution.plans))
        for outcome in (with_part, without)
    ]
    return given_t[0] > given_t[1] * 1.05


def has_stops(with_part, without):
    """Some points come by vehicle."""
    return bool(with_part.instance.options.vehicles @ with_part.solution.plan.is_open)


def builds_over_years(with_part, without):
    """Open facilities stay open and their number grows over the years; without the part there is one year."""
    years = [plan.is_open for plan in with_part.solution.plans]
    grows = all((before <= after).all() for before, after in pairwise(years)) and years[0].sum() < years[-1].sum()
    return grows and len(without.solution.plans) == 1 < len(years)


def buys_and_disposes(with_part, without):
    """Capacity is bought by the tonne, all used up to its reserve, and what the base does not take is disposed of."""
    plan, instance = with_part.solution.plan, with_part.instance
    inflow_t = site_inflow_t(instance, plan)[instance.options.site[instance.expansions.option]].sum(axis=1)
    bought = plan.expanded_t > 1
    usable_t = built_capacity_t(instance, plan) * instance.options.usable_share
    is_used = inflow_t[bought] == pytest.approx(usable_t[instance.expansions.option[bought]])
    return bool(bought.any() and is_used and plan.disposed_t.sum() > 1)


EFFECTS = {
    "expansion": buys_and_disposes,
    "budgets": breaks_a_target,
    "booked": collects_more,
    "rollout": builds_over_years,
    "mobile": has_stops,
    "fairness": breaks_a_target,
    "goals": serves_more,
    **dict.fromkeys(OF_ARISING, breaks_a_target),
}
"""How the part of an example shows, where it is not by its cost."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Distances, found once for all examples."""
    return tmp_path_factory.mktemp("cache")


WORK = {
    "bases": 10, "booked": 20, "budgets": 20, "construction-waste": 4, "existing": 20, "expansion": 10, "fairness": 4,
    "goals": 40, "layout": 10, "mobile": 10, "participation": 20, "road-rights": 40, "rollout": 4, "shared": 10,
    "standards": 20, "uncertainty": 10,
}  # fmt: skip
"""Units of work after which an example shows its part, where it takes longer to its gap."""


def planned(path, cache, limits):
    config = load_config(path).config
    prepared = prepare(config, read_city(config.city), cache)
    outcome = solve_goals(prepared.instance, prepared.goals, **config.solve.model_dump() | limits)
    found = verify_stages(outcome.instance, outcome.solution.plans)
    assert [fault for one in found for fault in one.faults] == []
    return outcome


def test_every_example_has_a_plain_counterpart():
    assert {path.stem for path in EXAMPLES} == set(PLAIN)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_has_a_plan_that_its_part_changes(path, cache, tmp_path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    PLAIN[path.stem](raw)
    raw |= {key: str((path.parent / raw[key]).resolve()) for key in ("city", "parameters", "extends") if key in raw}
    plain = tmp_path / "plain.yaml"
    plain.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    shows = EFFECTS.get(path.stem, must_cost_otherwise)
    limits = {"work": float(WORK[path.stem])} if path.stem in WORK else {}
    assert shows(planned(path, cache, limits), planned(plain, cache, limits))
