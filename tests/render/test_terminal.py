import dataclasses
import io
import re

import numpy as np
import pytest
from rich.console import Console

from siting.cli.screen import solve_line
from siting.journal import Journal
from siting.language import set_reader_language
from siting.plan import Progress, Status
from siting.render.terminal.report import district_table, print_scorecard
from siting.render.terminal.table import rich_table
from siting.results.keyfigures import key_figures
from siting.results.results import Results
from siting.results.sentences import closing_sentence
from siting.solve.solve import solve
from siting.synthetic import synthetic_instance
from siting.vocabulary import COST_TERMS, PENALTY, Chain
from tests.outputs_city import make_config


def printed(run, width=110):
    console = Console(file=io.StringIO(), width=width)
    print_scorecard(console, Results(run))
    return console.file.getvalue()


def test_the_missed_target_comes_first(run):
    text = printed(run)
    assert "5 of 6 targets hold; 1 soft target is missed." in text
    lines = [line for line in text.splitlines() if line.startswith("│ city")]
    assert "MISSED (soft)" in lines[0]
    assert all("holds" in line for line in lines[1:])


def test_the_sentence_is_honest_about_the_gap(run):
    text = closing_sentence(run.solution).en
    assert text.startswith("Stopped when the requested gap was proven after 12 s")
    assert "at most 1.00 % of its cost" in text
    assert f"({run.solution.cost_cny * 0.01:,.0f} CNY/yr)" in text
    assert text.count("%") == 2
    assert "which is 1.33 % of the" in text  # 1 % of the cost, of which a quarter is the floor
    flattering = dataclasses.replace(run.solution, floor_cny=0.75 * run.solution.cost_cny)
    assert "CNY/yr above the cheapest: 4.00 % of the" in " ".join(closing_sentence(flattering).en.split())
    nothing = dataclasses.replace(run.solution, floor_cny=0.0)
    assert closing_sentence(nothing).en.count("%") == 1
    unknown = dataclasses.replace(run.solution, bound=float("-inf"), bound_cny=float("-inf"), status=Status.TIME_LIMIT)
    assert "nothing is proven" in closing_sentence(unknown).en


def test_faults_are_printed(run):
    broken = dataclasses.replace(run.verification, faults=("site P1: [red]too full[/red]",))
    assert "Does not hold: site P1: [red]too full[/red]" in printed(dataclasses.replace(run, verification=broken))


def test_costs_are_printed_with_their_share_of_spending(run):
    text = printed(run)
    terms = run.verification.cost_terms_cny
    spent = sum(value for term, value in terms.items() if value > 0 and term != PENALTY)
    assert terms[PENALTY] > 0
    line = next(line for line in text.splitlines() if "fixed operation" in line)
    assert f"{100 * terms['fixed_operation'] / spent:.1f} %" in line
    assert "income" in next(line for line in text.splitlines() if "sales" in line)
    lines = [line for line in text.splitlines() if "│ net cost " in line or COST_TERMS[PENALTY].en[:20] in line]
    assert "net cost" in lines[0]  # the sum of what is paid, and penalties below it
    assert f"{(sum(terms.values()) - terms[PENALTY]) / 1e6:.4f}".replace("-", "−")[:6] in lines[0]


def test_a_figure_outside_its_published_range_is_marked(run):
    ranges = {"mean_walk_m": {"low": 1, "high": 2, "source": "a survey"}}
    text = printed(dataclasses.replace(run, config=make_config(plausible=ranges)))
    assert "OUTSIDE" in next(line for line in text.splitlines() if "mean walk" in line)
    assert " in " in next(line for line in printed(run).splitlines() if "mean walk" in line)


def test_districts_share_one_table(run):
    console = Console(file=io.StringIO(), width=110)
    console.print(rich_table(district_table(Results(run))))
    text = console.file.getvalue()
    assert "residents with a point within 1,000 m" in text
    assert "≥ 30.0 %" in text
    assert [line.split("│")[1].strip() for line in text.splitlines() if line.startswith("│ He")] == ["Hedong", "Heping"]


def test_every_line_fits_a_terminal_of_80_columns(run):
    assert max(len(line) for line in printed(run, width=80).splitlines()) <= 80


def test_key_figures_by_hand(run):
    figures = {figure.key: figure.value for figure in key_figures(run)}
    walks, plan, demand = run.instance.walks, run.solution.plan, run.instance.demand
    assigned = [(demand.residents[walks.demand[k]], walks.distance_m[k]) for k in np.flatnonzero(plan.assign)]
    mean = sum(r * m for r, m in assigned) / sum(r for r, _ in assigned)
    assert figures["mean_walk_m"] == pytest.approx(mean)
    assert figures["residents_per_point"] == pytest.approx(demand.residents.sum() / 10)
    households = next(one for one in Results(run).chain_totals if one.chain is Chain.HOUSEHOLDS)
    per_resident = (households.cost_cny - households.cost_terms_cny[PENALTY]) / demand.residents.sum()
    assert figures["cost_cny_per_resident.households"] == pytest.approx(per_resident)
    collected_t = run.verification.collected_t.sum()
    assert figures["cost_cny_per_t.all"] == pytest.approx(run.verification.paid_cny / collected_t)
    assert figures["t_per_point_day"] == pytest.approx(run.verification.collected_household_t.sum() / 10 / 365)
    direct = run.instance.direct
    hauled = plan.direct_t.sum(axis=1)
    km = (hauled * direct.distance_m).sum() / 1000 / hauled.sum()
    assert figures["haul_km_generator_to_sorting"] == pytest.approx(km)
    assert figures["centre_load_max_share"] >= figures["centre_load_mean_share"] >= figures["centre_load_min_share"]


def test_who_passes_a_nearer_open_point_is_counted(run):
    """By the walks of each cell in turn; none where all go to the nearest."""
    instance, plan = run.instance, run.solution.plan
    walks = instance.walks
    is_open = {int(site) for site in instance.options.site[plan.is_open]}
    open_walks = [[w for w in np.flatnonzero(walks.demand == i) if walks.site[w] in is_open] for i in walks.demand]
    farthest = np.zeros(len(walks.demand))
    for own in open_walks:
        farthest[max(own, key=lambda w: walks.distance_m[w])] = 1.0
    residents = instance.demand.residents[walks.demand] * farthest
    past = [len({walks.distance_m[w] for w in own}) > 1 for own in open_walks]
    to_farthest = dataclasses.replace(run.solution, plans=(dataclasses.replace(plan, assign=farthest),))
    found = {f.key: f.value for f in key_figures(dataclasses.replace(run, solution=to_farthest))}
    assert found["past_nearer_share"] == pytest.approx(residents[past].sum() / residents.sum())
    assert found["past_nearer_share"] > 0
    nearest = np.zeros(len(walks.demand))
    for own in open_walks:
        nearest[min(own, key=lambda w: walks.distance_m[w])] = 1.0
    to_nearest = dataclasses.replace(run.solution, plans=(dataclasses.replace(plan, assign=nearest),))
    found = {f.key: f.value for f in key_figures(dataclasses.replace(run, solution=to_nearest))}
    assert found["past_nearer_share"] == 0


@pytest.fixture
def chinese():
    set_reader_language("zh")
    yield
    set_reader_language("en")


def test_the_scorecard_is_chinese_on_request(run, chinese):
    text = printed(run)
    for words in ("全市及其他单元目标", "开放设施：", "年成本", "关键指标", "未达成（软目标）"):
        assert words in text
    sources = {line.source for line in run.config.plausible.values()} | {row.source for row in run.config.targets}
    for source in sources:
        text = text.replace(source, "")
    assert not re.search(r"\b(MISSED|holds|Open|reached|asked|residents|transport)\b", text)


def test_values_of_targets_have_chinese_units(run, chinese):
    text = printed(run)
    assert re.search(r"[\d,]+ ?吨/年", text)
    assert "t/yr" not in text


@pytest.mark.parametrize(("engine", "assigns_nearest"), [("exact", False), ("city", False), ("city", True)])
def test_every_step_of_a_solve_has_a_chinese_name(chinese, engine, assigns_nearest):
    told = []
    city = dataclasses.replace(synthetic_instance(40), assigns_nearest=assigns_nearest)
    solve(city, engine=engine, work=3.0, gap=0.0, time_limit_s=60, watch=told.append)
    steps = {solve_line(one).partition(" · ")[0] for one in told}
    assert len(steps) > 3
    assert [step for step in steps if not re.search(r"[\u4e00-\u9fff]", step)] == []


def test_progress_and_phases_are_chinese_on_request(chinese):
    assert (
        solve_line(Progress(3.0, 2e6, 1.9e6, "points")) == "points · 方案 2,000,000 元/年 · 下界 1,900,000 · 差距 5.00%"
    )
    assert solve_line(Progress(3.0, 2e6, 1.9e6, "2025: placed, settled")).startswith("2025: 布置完成，流量已优化 · ")
    lines = []
    journal = Journal(lines.append)
    with journal.phase("travel and instance"):
        pass
    assert lines[0].startswith("距离与算例：")
    assert "travel and instance: " in journal.text, "the log of a run stays English"
