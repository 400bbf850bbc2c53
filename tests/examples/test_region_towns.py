"""Cities and bases planned together: the bound is below the truth, rounds settle, the audit finds what is off."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
import yaml
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from typer.testing import CliRunner

from siting.cli.app import app
from siting.errors import ConfigError
from siting.model import build_model
from siting.model.flow_rows import inflow_terms
from siting.model.linear import MODEL_CNY
from siting.problem import read_config
from siting.region import Planner, audit_region, read_region, write_region
from siting.region.bases import Bases
from siting.region.rounds import LATER_SHARE, SAME_OUTPUT
from siting.scenarios import Workforce
from siting.vocabulary import Echelon
from tests.towns import DELIVERS, MATERIALS, TOWNS, write_towns


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """The plan of both towns and their bases, and its folder."""
    folder = tmp_path_factory.mktemp("towns")
    config = write_towns(folder)
    plan = Planner(read_region(config), folder / "planned").plan()
    write_region(plan, folder / "planned")
    return plan, folder / "planned"


def least_cost(folder, base_problem):
    """Least cost of both towns and their bases as one mixed-integer model, CNY a year, by SciPy's solver.

    What a town delivers leaves it for the bases; nothing else ties them. All is put together here by hand.
    """
    models, deliver = [], []
    for town in TOWNS:
        instance = read_config(folder / town / "plan.yaml").instance
        model, columns = build_model(instance)
        made = np.zeros((len(MATERIALS), model.n_columns))
        for site, material, column, kt in zip(*inflow_terms(instance, columns), strict=True):
            if instance.sites.echelon[site] == Echelon.SORTING:
                shares = DELIVERS[str(instance.materials.id[material])]
                for name, share in shares.items():
                    kept = 1 - instance.materials.residue_share[material]
                    made[MATERIALS.index(name), column] += share * kept * kt
        models.append(model)
        deliver.append(made)
    instance = base_problem.instance
    model, columns = build_model(instance)
    taken = np.zeros((len(TOWNS), len(MATERIALS), model.n_columns))
    tail = instance.direct.tail[columns.direct_link]
    town = instance.demand.district[tail]
    taken[town, columns.direct_material, columns["direct"].start + np.arange(len(tail))] = 1.0
    blocks = [*models, model]
    rows = []
    for number in range(len(TOWNS)):
        of_towns = [made if other == number else 0 * made for other, made in enumerate(deliver)]
        rows.append(np.concatenate([*of_towns, -taken[number]], axis=1))
    ties = LinearConstraint(np.vstack(rows), 0.0, 0.0)
    own = LinearConstraint(
        sparse.block_diag([one.matrix for one in blocks]),
        np.concatenate([one.row_lower for one in blocks]), np.concatenate([one.row_upper for one in blocks]),
    )  # fmt: skip
    lower, upper = (np.concatenate([getattr(one, side) for one in blocks]) for side in ("column_lower", "column_upper"))
    found = milp(
        np.concatenate([one.cost for one in blocks]), constraints=[own, ties], bounds=Bounds(lower, upper),
        integrality=np.concatenate([one.is_integer for one in blocks]), options={"mip_rel_gap": 1e-6},
    )  # fmt: skip
    assert found.success, found.message
    return found.fun * MODEL_CNY


def test_the_bound_is_below_and_the_plan_above_the_least_cost_of_the_whole(planned):
    plan, folder = planned
    within = [one.within for one in plan.cities]
    offered = plan.bases.at_prices(
        plan.rounds[-1].prices * 0,
        type(within[0])(np.zeros((2, 2)), np.array([one.most_t for one in within])),
    )
    least_cny = least_cost(folder.parent, offered)
    assert plan.bound_cny <= least_cny * (1 + 1e-6)
    assert plan.cost_cny >= least_cny * (1 - 1e-6)
    assert 0 < plan.gap < 0.1


def test_rounds_settle_and_the_cities_are_planned_at_the_prices_of_the_bases(planned):
    plan, folder = planned
    assert plan.is_settled and max(plan.rounds[-1].price_change, plan.rounds[-1].output_change) <= 0.005
    summary = json.loads((folder / "region.json").read_text(encoding="utf-8"))
    east = yaml.safe_load((folder / summary["cities"]["east"]["run"] / "config.yaml").read_text(encoding="utf-8"))
    price = summary["cities"]["east"]["prices_cny_per_t"]
    assert price["fibre"] > 0
    assert east["materials"]["paper"]["sales_cny_per_t"] == pytest.approx(-0.9 * price["fibre"])
    assert east["materials"]["metal"]["sales_cny_per_t"] == pytest.approx(-price["ingot"])


def test_another_search_of_the_same_bases_changes_no_price(planned, tmp_path, monkeypatch):
    plan, folder = planned
    searches = iter(range(1, 100))
    monkeypatch.setattr(Bases, "prices", lambda self, _: plan.rounds[0].prices + 50.0 * next(searches))
    rounds = Planner(read_region(folder.parent / "region.yaml"), tmp_path / "planned").plan().rounds
    assert [one.price_change == 0 for one in rounds] == [one.output_change <= SAME_OUTPUT for one in rounds]
    assert rounds[-1].price_change == 0


def test_a_later_round_has_a_share_of_the_work(planned):
    plan, folder = planned
    planner = Planner(read_region(folder.parent / "region.yaml"), folder)
    city = dataclasses.replace(plan.cities[0], problem=plan.cities[0].problem.with_config({"solve": {"work": 10.0}}))
    first, later = (planner._task(city, plan.rounds[0].prices[0], folder, number) for number in (1, 2))
    assert first.variant.loaded.config.solve.work == 10.0
    assert later.variant.loaded.config.solve.work == pytest.approx(10.0 * LATER_SHARE)


def test_any_prices_bound_the_whole(planned):
    plan, _ = planned
    within = [one.within for one in plan.cities]
    spans = type(within[0])(*(np.array([getattr(one, side) for one in within]) for side in ("least_t", "most_t")))
    for prices in (plan.rounds[-1].prices * 0, plan.rounds[-1].prices * 0.7 - 50):
        cities = [city.at_prices(row).solve() for city, row in zip(plan.cities, prices, strict=True)]
        priced = plan.bases.at_prices(prices, spans).solve()
        assert sum(one.bound_cny for one in cities) + priced.bound_cny <= plan.cost_cny * (1 + 1e-6)


def test_every_plan_of_a_city_delivers_what_its_span_says(planned):
    plan, _ = planned
    for one in plan.rounds:
        for row, city in enumerate(plan.cities):
            assert (one.output_t[row] >= city.within.least_t - 1e-6).all()
            assert (one.output_t[row] <= city.within.most_t + 1e-6).all()
    assert any(city.within.least_t.any() for city in plan.cities)


def test_a_planned_region_holds_and_the_command_says_so(planned):
    plan, folder = planned
    audit = audit_region(folder)
    assert not audit.faults
    assert audit.cost_cny == pytest.approx(plan.cost_cny)
    assert audit.bound_cny == pytest.approx(plan.bound_cny)
    said = CliRunner().invoke(app, ["verify", str(folder)])
    assert said.exit_code == 0 and "fit each other" in said.output


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda one: one.update(bound_cny=one["bound_cny"] + 1e5), "bound_cny says"),
        (lambda one: one["cities"]["east"]["prices_cny_per_t"].update(fibre=1.0), "CNY/t for fibre"),
        (lambda one: one["cities"]["west"]["delivered_t"].update(ingot=1.0), "t of ingot"),
        (lambda one: one["cities"]["west"]["delivers"].update(metal={"ingot": 0.5}), "take"),
        (lambda one: one["cities"]["west"].update(run=one["cities"]["east"]["run"]), "take"),
        (lambda one: one["cities"]["east"].update(run=one["cities"]["east"]["run"].replace("round-2", "round-1")), ""),
    ],
)
def test_the_audit_finds_what_does_not_fit(planned, tmp_path, change, told):
    _, folder = planned
    other = tmp_path / "planned"
    shutil.copytree(folder, other)
    summary = json.loads((other / "region.json").read_text(encoding="utf-8"))
    change(summary)
    (other / "region.json").write_text(json.dumps(summary), encoding="utf-8")
    found = audit_region(other).faults
    assert found and any(told in fault for fault in found)


def test_two_processes_plan_the_same(planned, tmp_path):
    plan, folder = planned
    other = Planner(read_region(folder.parent / "region.yaml"), tmp_path / "planned", Workforce(workers=2)).plan()
    assert other.cost_cny == pytest.approx(plan.cost_cny)
    assert other.bound_cny == pytest.approx(plan.bound_cny)


def test_what_makes_no_region_is_told_in_one_list(tmp_path):
    config = write_towns(tmp_path)
    raw = yaml.safe_load(config.read_text(encoding="utf-8"))
    raw["cities"]["east"]["delivers"] = {"paper": {"fibre": 0.9, "ingot": 0.5}, "wood": {}}
    raw["cities"]["north"] = raw["cities"]["west"]
    config.write_text(yaml.safe_dump(raw), encoding="utf-8")
    base = tmp_path / "bases" / "plan.yaml"
    changed = yaml.safe_load(base.read_text(encoding="utf-8"))
    changed["targets"] = [{"unit": "city", "measure": "emissions_t", "at_most": 5}]
    base.write_text(yaml.safe_dump(changed), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        Planner(read_region(config), tmp_path / "planned").plan()
    for told in ("shares sum to 1.4", "wood", "north", "emissions_t depends"):
        assert told in str(error.value)
