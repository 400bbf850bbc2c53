"""Chains and payers in every output: households first, nothing that averages both as a headline, one chain alone."""

from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest
from rich.console import Console

from siting.comparison import compare_runs
from siting.config import Config
from siting.errors import ConfigError
from siting.problem import read_config
from siting.render.html.map.data import map_data
from siting.render.html.report.page import draw_report
from siting.render.terminal.report import print_scorecard
from siting.render.xlsx.plan import plan_workbook
from siting.result import Result
from siting.results.results import Results
from siting.runs.folder import write_run
from siting.verify import district_figures, verify
from siting.vocabulary import Chain, Payer
from tests.outputs_city import make_config, make_rollout
from tests.pages import Page
from tests.small_city import small_config, write_small_city

HOUSEHOLDS, GENERATORS = Chain.HOUSEHOLDS, Chain.GENERATORS


@pytest.fixture(scope="module")
def alone(run):
    """The run without what generators offer and give."""
    tonnes = np.where(run.instance.demand.is_household[:, None], run.instance.demand.tonnes, 0.0)
    instance = dataclasses.replace(run.instance, demand=dataclasses.replace(run.instance.demand, tonnes=tonnes))
    plan = dataclasses.replace(run.solution.plan, direct_t=np.zeros_like(run.solution.plan.direct_t))
    return dataclasses.replace(
        run,
        instance=instance,
        solution=dataclasses.replace(run.solution, plans=(plan,)),
        verification=verify(instance, plan),
        district_figures=district_figures(instance, plan),
    )


def printed(record, width=130):
    console = Console(file=io.StringIO(), width=width)
    print_scorecard(console, Results(record))
    return console.file.getvalue()


def by_chain(record):
    return {one.chain: one for one in Results(record).chain_totals}


def test_the_terminal_has_a_line_for_each_chain_before_their_sum(run):
    lines = printed(run).splitlines()
    names = ("households", "commerce and", "both together")
    first = [next(n for n, line in enumerate(lines) if name in line and "│" in line) for name in names]
    assert first == sorted(first)
    assert next(n for n, line in enumerate(lines) if "targets hold" in line) < first[0]  # the verdict first
    chains = by_chain(run)
    assert f"{chains[HOUSEHOLDS].cost_cny_per_resident:.2f}".replace("-", "−") in lines[first[0]]
    assert f"{chains[GENERATORS].cost_cny_per_t:.1f}".replace("-", "−") in lines[first[1]]


def test_the_sum_of_both_has_no_cost_per_tonne_or_resident(run):
    for language, whole in (("en", "both together"), ("zh", "合计")):
        page = Page(draw_report(Results(run)), language)
        table = page.tables["By chain" if language == "en" else "分来源主要指标"]
        (total,) = [row for row in table if row[0] == whole]
        assert total[3:5] == ["", ""] and all(total[5:])
        assert set(page.figures) == {"cost_cny_per_t.households", "cost_cny_per_t.generators", "within_share"}


def test_the_first_table_of_the_report_is_that_of_the_chains(run, alone):
    for record in (run, alone):
        sections = [one for one in Page(draw_report(Results(record)), "en").ids if one.startswith("en-")]
        assert sections[:2] == ["en-brief", "en-chains"]
    assert next(iter(Page(draw_report(Results(run)), "en").tables)) == "By chain"


def test_a_config_of_one_chain_tells_only_of_that_one(alone):
    results = Results(alone)
    assert [one.chain for one in results.chain_totals] == [HOUSEHOLDS]
    html = draw_report(results)
    for written in (printed(alone), Page(html, "en").text, Page(html, "zh").text):
        assert not any(word in written for word in ("commerce and industry", "both together", "工商业源", "合计）"))
    assert [key for key in results.figure_values if key.startswith("cost_")] == [
        "cost_cny_per_t.households", "cost_cny_per_resident.households",
    ]  # fmt: skip
    assert [one["label"]["zh"] for one in map_data(results)["about"]["chains"]] == ["居民源"]


def test_files_and_plan_json_have_the_figures_of_each_chain(run, tmp_path):
    write_run(tmp_path / "run", run)
    table = pd.read_csv(tmp_path / "run" / "chains.csv", encoding="utf-8-sig").set_index("chain")
    told = json.loads((tmp_path / "run" / "plan.json").read_text(encoding="utf-8"))
    for chain, one in by_chain(run).items():
        assert table.loc[chain.key, "cost_cny"] == pytest.approx(one.cost_cny, abs=0.01)
        assert told["chains"][chain.key]["cost_cny_per_t"] == pytest.approx(one.cost_cny_per_t, abs=1e-4)
        terms = [column for column in table if column.endswith("_cny_per_year")]
        assert table.loc[chain.key, terms].sum() == pytest.approx(one.cost_cny, abs=0.1)
    assert told["chains"]["generators"]["residents"] is None
    assert sum(one["cost_cny"] for one in told["chains"].values()) == pytest.approx(told["cost_cny"], abs=2)
    payers = pd.read_csv(tmp_path / "run" / "payers.csv", encoding="utf-8-sig")
    assert payers["cost_cny"].sum() == pytest.approx(_paid_cny(run), abs=0.1)


def _paid_cny(record):
    """Cost of a plan before subsidies, penalties left out."""
    terms = record.verification.cost_terms_cny
    return sum(terms.values()) - terms["subsidy"] - terms["shortfall_penalty"]


def test_by_default_each_chain_has_its_payer_and_the_public_purse_pays_subsidies(run):
    subsidised = dataclasses.replace(run.instance.materials, subsidy_cny_per_t=np.full((2, 2), 10.0))
    instance = dataclasses.replace(run.instance, materials=subsidised)
    record = dataclasses.replace(run, instance=instance, verification=verify(instance, run.solution.plan))
    chains = by_chain(record)
    public, generators = Results(record).payer_totals
    assert (public.payer, generators.payer) == (Payer.PUBLIC, Payer.GENERATORS)
    penalty_cny = chains[HOUSEHOLDS].cost_terms_cny["shortfall_penalty"]
    assert public.by_chain[HOUSEHOLDS] == pytest.approx(chains[HOUSEHOLDS].cost_cny - penalty_cny)
    assert public.by_chain[GENERATORS] == generators.by_chain[HOUSEHOLDS] == 0
    assert public.subsidies_cny == pytest.approx(10 * sum(one.collected_t for one in chains.values()))
    assert public.cost_cny + generators.cost_cny == pytest.approx(_paid_cny(record))


def test_a_term_of_the_cost_can_have_another_payer(run):
    terms = {"households": {"sales": "operators", "unit_operation": "operators"}}
    record = dataclasses.replace(run, config=make_config(payers={"terms": terms}))
    households = by_chain(record)[HOUSEHOLDS].cost_terms_cny
    operators = next(one for one in Results(record).payer_totals if one.payer is Payer.OPERATORS)
    assert operators.cost_cny == pytest.approx(households["sales"] + households["unit_operation"])
    assert sum(one.cost_cny for one in Results(record).payer_totals) == pytest.approx(_paid_cny(record))


def test_an_unknown_term_of_a_payer_is_refused_with_those_that_there_are(tmp_path):
    config = small_config() | {"payers": {"terms": {"households": {"haulage": "public"}}}}
    with pytest.raises(ConfigError, match=r"no cost term 'haulage'; there are .*'transport'"):
        read_config(write_small_city(tmp_path, config=config))


@pytest.mark.parametrize(
    "key, cure",
    [
        ("cost_cny_per_t", "cost_cny_per_t.households or cost_cny_per_t.generators"),
        ("cost_cny_per_resident", "cost_cny_per_resident.households"),
        ("emissions_kg_co2e_per_t", "emissions_kg_co2e_per_t.households or"),
    ],
)
def test_a_range_of_both_chains_is_refused_with_the_keys_to_write(key, cure):
    with pytest.raises(ValueError, match=f"{key} is a figure of each chain; write {cure}"):
        make_config(plausible={key: {"low": 1, "high": 2, "source": "a survey"}})


def test_a_range_of_one_chain_stands_beside_its_figure(run):
    config = make_config(plausible={"cost_cny_per_t.households": {"low": 1, "high": 2, "source": "a survey"}})
    assert isinstance(config, Config)
    figures = {one.key: one for one in Results(dataclasses.replace(run, config=config)).figures}
    assert figures["cost_cny_per_t.households"].is_plausible is False
    assert figures["cost_cny_per_t.generators"].is_plausible is None


def test_each_year_has_the_figures_of_each_chain():
    results = Results(make_rollout())
    periods, chains = results.periods, results.chains.set_index(["period", "chain"])
    for row in periods.to_dict("records"):
        for name, whole in (("cost_{}_cny", "cost_cny"), ("collected_{}_t", "collected_t")):
            parts = [row[name.format(chain.key)] for chain in Chain]
            assert sum(parts) == pytest.approx(row[whole])
        assert sum(row[f"investment_{chain.key}_cny"] for chain in Chain) == pytest.approx(row["investment_cny"])
        assert row["cost_households_cny"] == pytest.approx(chains.loc[(row["period"], "households"), "cost_cny"])
    assert sum(results.invested_by_chain.values()) == pytest.approx(results.invested_cny)
    page = Page(draw_report(results), "en").tables["Years side by side"]
    assert sum(row[0].startswith("households: ") for row in page) == 3


def test_the_workbook_has_a_column_for_each_chain_and_their_sum(run, alone):
    rows = _sheet(run)
    head = next(row for row in rows if row[0] and row[0].startswith("项目"))
    assert [cell.split("\n")[0] for cell in head] == ["项目", "居民源", "工商业源", "合计", "单位"]
    chains = by_chain(run)
    per_t = next(row for row in rows if row[0] == "每吨净成本")
    assert per_t[1:4] == (
        pytest.approx(chains[HOUSEHOLDS].cost_cny_per_t), pytest.approx(chains[GENERATORS].cost_cny_per_t), None,
    )  # fmt: skip
    cost = next(row for row in rows if row[0] == "净成本")
    assert cost[3] == pytest.approx(run.verification.paid_cny / 1e4, abs=1e-3)
    assert cost[1] + cost[2] == pytest.approx(cost[3], abs=1e-3)
    assert len(next(row for row in _sheet(alone) if row[0] == "净成本")) == 3


def _sheet(record):
    book = openpyxl.load_workbook(io.BytesIO(plan_workbook(Results(record), "zh")))
    return list(book["分来源 By chain"].iter_rows(values_only=True))


def test_a_comparison_is_by_chain_first(run):
    comparison = compare_runs([run, run])
    assert {figure.group for figure in comparison.figures[:5]} == {"chains"}
    per_t = next(one for one in comparison.figures if one.key == "generators/cost_cny_per_t")
    assert per_t.values[0] == pytest.approx(by_chain(run)[GENERATORS].cost_cny_per_t, abs=1e-4)
    assert per_t.label.zh == "工商业源：每吨净成本"


def test_a_notebook_shows_the_chains_first(run):
    lines = repr(Result(run)).splitlines()
    assert lines[1].split() == [
        "households", *f"{by_chain(run)[HOUSEHOLDS].cost_cny_per_t:,.0f} CNY/t, -1.46 CNY per resident a".replace(
            "-", "−"
        ).split(),
        "year,", "−70,070", "CNY", "a", "year",
    ]  # fmt: skip
    assert lines[2].split()[:3] == ["commerce", "and", "industry"]
    assert Result(run).chains["chain"].tolist() == ["households", "generators"]
    assert Result(run).payers["payer"].tolist() == ["public", "generators"]
