"""What a planner reads of the parts of the model: key figures, tables, and a page that knows bases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from siting.problem import read_config
from siting.render.html.map.data import map_data
from siting.render.html.map.page import draw_map
from siting.results.keyfigures import key_figures
from siting.results.results import Results
from siting.runs.folder import read_run
from siting.verify.tonnage import link_tonnes
from siting.vocabulary import LINK_CLASSES
from tests.prepare.test_flows import LINK, booked, fleet, mobile_config, with_base
from tests.render.test_page import BROWSER, open_page
from tests.small_city import write_small_city

FLOW_KEYS = ("shared_share", "mobile_stops", "fleet_vehicles", "door_t", "base_t", "avoided_t_co2e", "tkm_van")


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """A run with every part at once, and its folder."""
    folder = tmp_path_factory.mktemp("everything")
    config = with_base(mobile_config())
    config["participation"] = booked()["participation"]
    toured = fleet({"districts": ["West"], "vehicles": ["van"]})
    config["facilities"]["point"] |= toured["facilities"]["point"]
    config["facilities"]["point"]["van"]["sizes"]["twice"]["emptying"] = {"stop_h": 1.5}
    config["transport"] |= toured["transport"] | {"generator_to_base": LINK | {"from_t": 1000}}
    config["materials"]["paper"]["avoided_kg_co2e_per_t"] = 500
    config["shared"] = {"ids": ["P0", "P5"], "capex_factor": 0.5}
    config["subsidies"] = [{"material": "paper", "districts": ["d1"], "cny_per_t": 30}]
    config["targets"].append({"unit": "city", "measure": "count", "echelon": "point", "type": "van", "at_least": 2})
    result = read_config(write_small_city(folder, config=config)).solve()
    result.write(folder / "runs" / "small")
    return result.record, folder / "runs" / "small"


def figures_of(record):
    return {figure.key: figure.value for figure in key_figures(record)}


def test_a_plain_plan_tells_nothing_of_parts_it_does_not_have(tmp_path):
    record = read_config(write_small_city(tmp_path)).solve().record
    assert not set(FLOW_KEYS) & set(figures_of(record))


def test_each_part_has_its_figure(everything):
    record, _ = everything
    figures, instance, plan = figures_of(record), record.instance, record.solution.plan
    moved = dict(zip(LINK_CLASSES, link_tonnes(instance, plan).tolist(), strict=True))
    assert figures["mobile_stops"] >= 2
    assert figures["fleet_vehicles"] == pytest.approx(0.1 * figures["mobile_stops"])
    assert 0 < figures["mobile_share"] <= 1
    assert figures["door_t"] == pytest.approx(moved["door_to_transfer"])
    assert figures["base_t"] == pytest.approx(moved["sorting_to_base"] + moved["generator_to_base"])
    assert figures["point_to_point_t"] == pytest.approx(moved["generator_to_base"])
    assert figures["avoided_t_co2e"] == pytest.approx(0.5 * moved["sorting_to_base"], rel=1e-6)
    paid = -record.verification.cost_terms_cny["subsidy"]
    assert figures["subsidy_cny_d1"] == pytest.approx(paid)
    assert figures["tkm_van"] + figures["tkm_truck"] <= sum(record.verification.tonne_km.values()) + 1e-6


def test_the_tables_show_vehicles_outlets_and_links(everything):
    record, folder = everything
    facilities = pd.read_csv(folder / "facilities.csv", encoding="utf-8-sig")
    assert facilities.loc[facilities["type"] == "van", "vehicles"].tolist() == pytest.approx(
        [0.1] * int((facilities["type"] == "van").sum())
    )
    assert set(facilities.loc[facilities["is_shared"], "id"].str.slice(0, 2)) <= {"P0", "P5"}
    flows = pd.read_csv(folder / "flows.csv", encoding="utf-8-sig")
    assert {"sorting_to_base", "door_to_transfer"} <= set(flows["link_class"])
    assert {"van", "door_to_transfer"} <= set(flows["vehicle"])
    assert flows["cny"].sum() == pytest.approx(record.verification.cost_terms_cny["transport"], rel=1e-3)


def test_a_run_with_every_part_is_read_back_as_it_was(everything):
    record, folder = everything
    again = read_run(folder)
    assert again.config.shared == record.config.shared
    assert figures_of(again) == pytest.approx(figures_of(record), nan_ok=True)


def test_the_page_draws_bases_and_leaves_doors_out(everything):
    data = map_data(Results(everything[0]))
    assert max(data["facilities"]["echelon"]) == 3
    assert len(data["generators"]["id"]) == 2
    assert all(row >= 0 for row in data["directs"]["from"])
    assert np.isfinite(data["facilities"]["investment_cny"]).all()


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_the_page_with_bases_opens_without_a_fault(everything, tmp_path):
    dom, consoles = open_page(tmp_path, draw_map(Results(everything[0])))
    assert consoles == []
    assert "station → centre → base" in dom
