"""Cases of RELOG: the published optimum of its first sample, each part by figures that the head can check."""

import dataclasses
import json
from itertools import product

import numpy as np
import pandas as pd
import pytest

from siting.errors import DataError, InfeasibleError
from siting.relog import read_case, solve_case
from tests.commands import failing, siting
from tests.relog_cases import later_case, offers, one_plant_case, series, size, two_stage_case, write_case
from tests.relog_reference import reference_cost

PUBLISHED = 1_871_178.9616626  # $, by RELOG 0.5.2 for its sample s1


def solved(folder, case, **how):
    return solve_case(read_case(write_case(folder, case), **how))


def test_the_first_sample_has_its_published_optimum(tmp_path):
    answer = solved(tmp_path, two_stage_case())
    assert answer.value == pytest.approx(PUBLISHED, abs=0.01)
    assert answer.bound == pytest.approx(PUBLISHED, rel=1e-6)
    assert answer.status == "optimal"
    assert answer.costs["extension"] == pytest.approx(4114.776)
    last = answer.plants[answer.plants["year"] == 2].set_index("location")["capacity_t"]
    assert last["L2"] == pytest.approx(3738.64)


def test_no_choice_of_plants_is_cheaper(tmp_path):
    """Every choice of open plants in turn, by its linear program."""
    case = read_case(write_case(tmp_path, two_stage_case()))
    choices = [np.array(choice)[:, None] * np.ones(2) for choice in product([0.0, 1.0], repeat=len(case.plants))]
    costs = [cost for cost in (reference_cost(case, is_open) for is_open in choices) if cost is not None]
    assert min(costs) == pytest.approx(PUBLISHED, rel=1e-7)


def test_capacity_is_bought_by_the_tonne(tmp_path):
    answer = solved(tmp_path, one_plant_case())
    # 1000 to open, 50 t more in the second year at 2 $, fixed 10 each year and 0.1 $ for a tonne more, 2 $ to process
    assert answer.value == pytest.approx(1000 + 20 * 2 + 30 * 2 + 2 * 10 + 0.1 * (20 + 50) + 2 * 270)


def test_capacity_that_stands_is_not_paid_for(tmp_path):
    answer = solved(tmp_path, one_plant_case(plant={"initial capacity (tonne)": 160.0}))
    assert answer.costs["opening"] + answer.costs["extension"] == 0
    assert answer.costs["fixed"] == pytest.approx(2 * (10 + 0.1 * 60))


def test_plants_open_in_the_building_period_only(tmp_path):
    with pytest.raises(InfeasibleError, match="no plan takes all"):
        solved(tmp_path, one_plant_case(parameters={"building period (years)": [2]}))


def test_what_is_left_at_centres_costs_and_has_a_limit(tmp_path):
    free = {"disposal limit (tonne)": [None, None], "disposal cost ($/tonne)": [1.0, 1.0]}
    assert solved(tmp_path, one_plant_case(product=free)).value == pytest.approx(270)
    few = free | {"disposal limit (tonne)": [20.0, 50.0], "acquisition cost ($/tonne)": [3.0, 3.0]}
    answer = solved(tmp_path, one_plant_case(product=few))
    assert answer.value == pytest.approx(1000 + 20 + 200 * 2 + 70 + 200 * 3)


@pytest.mark.parametrize("limit", [30.0, None])
def test_storage_is_refused_with_its_reason_and_cure(tmp_path, limit):
    storage = {"cost ($/tonne)": [2.0, 2.0], "limit (tonne)": limit}
    output = failing(2, "import", "relog", write_case(tmp_path, one_plant_case(plant={"storage": storage})))
    assert (
        "plant F at L: storage for later years is not part of the planning model; set its storage limit to 0" in output
    )
    storage["limit (tonne)"] = 0.0
    assert (
        solved(tmp_path, one_plant_case(plant={"storage": storage})).value == solved(tmp_path, one_plant_case()).value
    )


def test_driving_is_longer_and_says_so(tmp_path):
    case = two_stage_case()
    case["parameters"]["distance metric"] = "driving"
    assert read_case(write_case(tmp_path, case)).detour > 1
    assert read_case(write_case(tmp_path, case), detour=1.0).detour == 1.0


def test_named_places_are_looked_up(tmp_path):
    case = two_stage_case()
    place = case["plants"]["F1"]["locations"]["L2"]
    del place["latitude (deg)"], place["longitude (deg)"]
    place["location"] = "us-state:IL"
    path = write_case(tmp_path, case)
    assert "F1 at L2: is only named, us-state:IL" in failing(2, "import", "relog", path)
    pd.DataFrame({"location": ["us-state:IL"], "lat": [0.5], "lon": [0.5]}).to_csv(tmp_path / "p.csv", index=False)
    result = siting("import", "relog", path, "--places", tmp_path / "p.csv", "--json")
    assert json.loads(result.output)["value"] == pytest.approx(PUBLISHED, abs=0.01)


def test_the_command_prints_and_writes(tmp_path):
    path, out = write_case(tmp_path, two_stage_case()), tmp_path / "out"
    result = siting("import", "relog", path, "--out", out)
    assert result.exit_code == 0, result.output
    assert "1,871,178.96 $" in result.output
    assert sorted(one.name for one in out.iterdir()) == ["movements.csv", "plants.csv", "summary.json"]
    moved = pd.read_csv(out / "movements.csv")
    assert moved.loc[moved["product"] == "P1", "amount_t"].sum() == pytest.approx(2 * 4738.64)


def test_what_is_not_taken_is_listed(tmp_path):
    centre = {"input": "P", "outputs": ["Q"], "variable output (tonne/tonne)": {"Q": [0.2, 0.3]}}
    mixing = {"input mix (%)": {"P": 90, "Q": 10}, "storage limit (tonne)": {"P": None}, "capacities": []}
    later = later_case()
    later["products"]["P"]["disposal limit (tonne)"] = 5.0
    later["centers"]["C"], later["plants"]["L"] = centre, mixing
    later["emissions"] = {"CO2": {"limit (tonne)": 3}}
    output = failing(2, "import", "relog", write_case(tmp_path, later))
    for said in (
        "product P: a disposal limit over centres and plants",
        "center C: a center that buys a product",
        "center C, Q: variable output",
        "plant L: an input mix of 2 products",
        "plant L: storage for later years",
        "emissions, CO2: a limit or penalty on a gas",
    ):
        assert said in output


def test_the_later_format_is_the_same_case(tmp_path):
    """One centre, one plant; in both formats the same figures give the same costs, centres cost 7 $ a year more."""
    product = {"acquisition cost ($/tonne)": 3.0, "disposal cost ($/tonne)": 4.0, "disposal limit (tonne)": 20.0}
    earlier, later = solved(tmp_path, one_plant_case(product=product)), solved(tmp_path, later_case())
    assert later.costs.pop("centres") == 14
    assert earlier.costs.pop("centres") == 0
    assert later.costs == pytest.approx(earlier.costs)
    assert later.costs["disposal"] == pytest.approx(4 * 40)
    assert later.value == pytest.approx(reference_cost(read_case(write_case(tmp_path, later_case()))))


def test_each_centre_of_the_later_format_has_its_own_disposal_and_acquisition(tmp_path):
    later = later_case()
    later["centers"]["near"] = later["centers"]["C1"] | {
        "fixed output (tonne)": {"P": [30, 30]},
        "collection cost ($/tonne)": {"P": 50.0},
        "disposal limit (tonne)": {"P": None},
    }
    case = read_case(write_case(tmp_path, later))
    answer = solve_case(case)
    assert answer.costs["disposal"] == pytest.approx(4 * (40 + 60))
    assert set(answer.movements["from"]) == {"C1"}
    assert answer.value == pytest.approx(reference_cost(case))
    assert answer.bound == pytest.approx(answer.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda case: case["products"]["P"].pop("transportation cost ($/km/tonne)"), "product P: no 'transportation"),
        (lambda case: case["plants"]["F"].update(input="Q"), "product Q: is used but not listed"),
        (
            lambda case: case["products"]["P"]["initial amounts"]["C1"].update({"amount (tonne)": [1]}),
            "1 figures for 2",
        ),
        (
            lambda case: case["products"]["P"]["initial amounts"]["C1"].update({"amount (tonne)": [1, 2, 3]}),
            "3 figures for 2 years; give one for each year",
        ),
        (lambda case: case["products"]["P"].update({"transportation cost ($/km/tonne)": ["x", 1]}), "give numbers"),
    ],
)
def test_faults_are_told_with_their_place(tmp_path, change, message):
    case = one_plant_case()
    change(case)
    with pytest.raises(DataError, match=message):
        read_case(write_case(tmp_path, case))


def test_a_chain_may_run_in_a_circle(tmp_path):
    """A plant that gives a tenth of what it takes to one that gives it all back: 120 t become 120 / 0.9 t of work."""
    case = one_plant_case(product={"initial amounts": offers([(0, 0, 90)])})
    case["products"]["Q"] = {"transportation cost ($/km/tonne)": series(0.0)}
    case["plants"]["F"]["outputs (tonne/tonne)"] = {"Q": 0.1}
    back = {"latitude (deg)": 0, "longitude (deg)": 0, "capacities (tonne)": {"50": size(0, 0, 0)}}
    case["plants"]["G"] = {"input": "Q", "outputs (tonne/tonne)": {"P": 1.0}, "locations": {"M": back}}
    answer = solved(tmp_path, case)
    assert answer.plants.set_index(["location", "year"])["processed_t"]["L", 1] == pytest.approx(100)


def test_scaling_money_scales_the_answer(tmp_path):
    case = read_case(write_case(tmp_path, one_plant_case()))
    plant = case.plants[0]
    dearer = dataclasses.replace(
        plant,
        opening=plant.opening * 3,
        extension_per_t=plant.extension_per_t * 3,
        fixed=plant.fixed * 3,
        fixed_per_t=plant.fixed_per_t * 3,
        variable_per_t=plant.variable_per_t * 3,
    )
    tripled = solve_case(dataclasses.replace(case, plants=(dearer,)))
    assert tripled.value == pytest.approx(3 * solve_case(case).value)
