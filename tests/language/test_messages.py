"""Usual errors are shown in Chinese on request; what is not known stays English."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import siting
from siting.language.catalogue import texts
from siting.language.messages import chinese
from tests.commands import siting as command
from tests.small_city import write_small_city

SOURCES = "".join(path.read_text(encoding="utf-8") for path in Path(siting.__file__).parent.rglob("*.py"))
PLAIN = re.sub(r'"\s*\n\s*f?"', "", SOURCES)
FROM_LIBRARIES = {f"messages.{name}" for name in ("at_least", "above", "at_most", "not_a_number", "not_found")}
COMPOSED = {
    f"messages.{name}"
    for name in (
        *("add_or_lower", "coverage_limit", "reach_limit", "site_limit", "other_limit"),
        *("budget_spent_and_buys", "cny_of", "conflict_of_two", "conflict_of_two_unproven", "conflict_of_three"),
        *(
            "residents_assigned_within",
            "budget_buys",
            "budget_buys_at_most",
            "budget_buys_proven",
            "budget_needs",
            "budget_spent",
        ),
        *("spent_points", "spent_points_within", "at_least_amount", "lower_others", "lower_one"),
        *("step_point_placed", "step_transfer_placed", "step_sorting_placed", "step_base_placed"),
        *("step_start_not_repaired", "step_with_flows"),
        *("of_residents_with", "of_residents_assigned", "of_residents_assigned_within", "of_collected"),
    )
}
FROM_CATALOGUE = {"messages.all_hold", "messages.soft_missed", "messages.soft_missed_more"}


def edited(tmp_path, old, new):
    path = write_small_city(tmp_path)
    source = Path(path).read_text(encoding="utf-8")
    assert old in source
    Path(path).write_text(source.replace(old, new, 1), encoding="utf-8")
    return path


def test_a_misspelt_key_is_refused_in_chinese(tmp_path):
    done = command("--lang", "zh", "run", edited(tmp_path, "year:", "yaer:"))
    assert done.exit_code == 2
    assert "错误：" in done.output
    assert "yaer：未知的键；是否应为 'year'？" in done.output
    assert "year：缺少该项，请补充" in done.output


def test_the_language_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("SITING_LANG", "zh")
    assert "不是结果文件夹" in command("verify", str(tmp_path)).output


def test_english_is_the_default_again(tmp_path):
    command("--lang", "zh", "verify", str(tmp_path))
    assert "is no run folder" in command("verify", str(tmp_path)).output


def test_fields_are_translated_too():
    line = (
        "city: at most 98.8 % of residents have a usable candidate point within 300 m; target coverage-300 asks"
        " at least 99.9 %; add candidates there or lower the target to 0.98"
    )
    assert chinese(line) == (
        "全市：最多 98.8 % 的居民在 300 米内有可用的候选回收点；目标 coverage-300 要求至少 99.9 %；"
        "请在当地增加候选点，或将目标降至 0.98"
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "city: at least CNY 3,200,000 of investment in facilities is what the cheapest 4 recycling points take"
            " (points); target budget asks at most CNY 2,000,000; lower points or raise the target to 3200000",
            "全市：最省的 4 个回收点即需（points），设施投资至少 CNY 3,200,000；目标 budget 要求至多 CNY 2,000,000；"
            "请降低 points，或将目标提高到 3200000",
        ),
        (
            "city: the other targets need at least 5 M CNY of net cost; target cap allows 4 M CNY: raise it to 5.1,"
            " or lower what it has to pay for",
            "全市：其他目标需要年净成本 至少 5 M CNY；目标 cap 只允许 4 M CNY：请将其提高到 5.1，或减少由它承担的内容",
        ),
        (
            "city: 4 M CNY of net cost (cap) buys 61.0 % of residents with a point within 300 m (no plan has more than"
            " 62.0 %); target near asks 90.0 %: lower it to 0.61",
            "全市：年净成本 4 M CNY（cap）可实现 61.0 % 的居民（300 米内有回收点）（任何方案都不超过 62.0 %）；"
            "目标 near 要求 90.0 %：请将其降至 0.61",
        ),
        (
            "these 2 targets cannot hold together: served-500 of city, at least 90.0 % of residents assigned to a point"
            " within 500 m; cap of city, at most 400,000 CNY of investment in facilities",
            "以下 2 项目标不能同时达成：全市 served-500（至少 90.0 % 的居民（500 米内有回收点服务））；"
            "全市 cap（至多 400,000 元的设施投资）",
        ),
        (
            "city: 400,000 CNY of investment in facilities (cap) buys nothing of target near, 90.0 %: the facilities"
            " that the first of it needs cost more; raise the budget",
            "全市：设施投资 400,000 CNY（cap）不足以建成目标 near（90.0 %）所需的第一套设施；请提高预算",
        ),
        (
            "round 2: cities 1,000, bases 20, together 1,020 CNY/yr; prices change by 0.10%, output by 0.00%",
            "第 2 轮：城市 1,000，基地 20，合计 1,020 元/年；价格变化 0.10%，产量变化 0.00%",
        ),
    ],
)
def test_budgets_and_regions_speak_chinese(line, said):
    assert chinese(line) == said


def test_an_unknown_line_stays_as_it_is():
    assert chinese("something new went wrong") == "something new went wrong"


@pytest.mark.parametrize("key", sorted(set(texts("messages")) - FROM_LIBRARIES - FROM_CATALOGUE - COMPOSED))
def test_every_template_is_a_message_of_the_program(key):
    pieces = [literal for literal, *_ in string.Formatter().parse(texts("messages")[key].en)]
    words = max((word for piece in pieces for word in re.split(r"\{|\}", piece)), key=len).strip(" :;(")
    assert words in PLAIN or words.replace(" ", "_") in PLAIN, words
