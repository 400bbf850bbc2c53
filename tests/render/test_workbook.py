"""The workbook opened as a planner opens it: its numbers are those of plan.json, it can be printed and pasted from."""

import dataclasses
import io
import json

import numpy as np
import openpyxl
import pandas as pd
import pytest

from siting.language import Label, text
from siting.plan import Plan
from siting.render.table import Column, Table
from siting.render.xlsx import places
from siting.render.xlsx.plan import default_language, plan_workbook
from siting.render.xlsx.write import workbook_bytes
from siting.results.results import Results
from siting.verify import verify
from siting.vocabulary import COST_TERMS, PENALTY
from tests.outputs_city import make_run

SHEETS = [
    "概况 Overview", "分来源 By chain", "责任汇总 Duties", "责任清单 Action list", "目标评价 Scorecard",
    "分区 Districts", "设施 Facilities", "物流 Flows", "成本 Costs", "投资 Investment",
    "参数与假设 Assumptions", "数据来源 Data sources",
]  # fmt: skip


@pytest.fixture(scope="module")
def book(folder):
    return openpyxl.load_workbook(folder / "plan.xlsx")


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def rows_of(sheet, first):
    """The rows below the one whose first cell begins with `first`, up to an empty row."""
    rows = list(sheet.iter_rows(values_only=True))
    start = next(i for i, row in enumerate(rows) if str(row[0]).startswith(first))
    return rows[start + 1 :]


def value_of(sheet, item):
    return next(row[1] for row in sheet.iter_rows(values_only=True) if row[0] == item)


def test_the_sheets_are_named_in_both_languages(book):
    assert book.sheetnames == SHEETS


def test_the_overview_tells_what_plan_json_tells(book, folder):
    plan, sheet = json.loads((folder / "plan.json").read_text(encoding="utf-8")), book["概况 Overview"]
    assert value_of(sheet, "年净成本（两类来源合计）") == pytest.approx(plan["paid_cny"] / 1e4, abs=1e-9)
    assert value_of(sheet, "年净成本与罚项合计") == pytest.approx(plan["cost_cny"] / 1e4, abs=1e-9)
    assert value_of(sheet, COST_TERMS[PENALTY].zh) == pytest.approx(
        (plan["cost_cny"] - plan["paid_cny"]) / 1e4, abs=1e-4
    )
    assert value_of(sheet, "已证下界") == pytest.approx(plan["bound_cny"] / 1e4, abs=1e-9)
    assert value_of(sheet, "最优差距") == plan["gap"]
    assert value_of(sheet, "  其中：任何方案必付（所收物料）") == pytest.approx(plan["floor_cny"] / 1e4, abs=1e-4)
    assert value_of(sheet, "可决定部分的差距") == plan["decidable_gap"]
    assert value_of(sheet, "规划范围居民") == plan["residents"]
    assert value_of(sheet, "回收点") == plan["facilities"]["point"]["open"]
    assert value_of(sheet, "  其中：有人值守点（S）") == plan["facilities"]["point"]["by_type_and_size"]["staffed/S"]
    assert value_of(sheet, "回收量") == plan["tonnes"]["collected"]["total"]
    assert value_of(sheet, "  回收量：废纸") == plan["tonnes"]["collected"]["paper"]
    assert value_of(sheet, "其中：未达成") == plan["targets"]["number"] - plan["targets"]["hold"]
    assert value_of(sheet, "居民平均步行距离") == pytest.approx(plan["key_figures"]["mean_walk_m"]["value"], abs=1e-4)


def test_the_first_sheet_warns_of_what_is_synthetic_or_assumed(book):
    above = " ".join(str(row[0]) for row in book["概况 Overview"].iter_rows(max_row=6, values_only=True))
    assert "用途为虚构" in above
    assert "已公布 1 项" in above


def test_costs_are_those_of_plan_json_and_sum_to_the_net_cost(book, folder):
    terms = json.loads((folder / "plan.json").read_text(encoding="utf-8"))["cost_terms_cny"]
    *lines, total, penalty = rows_of(book["成本 Costs"], "费用项")
    assert penalty[0] == COST_TERMS[PENALTY].zh  # below the sum, for nobody pays it
    assert sorted(row[1] for row in (*lines, penalty)) == pytest.approx(
        sorted(v / 1e4 for v in terms.values() if v), abs=1e-9
    )
    assert total[1] == pytest.approx(sum(row[1] for row in lines), abs=1e-3)


def test_facilities_are_those_of_the_table_by_district_with_the_largest_echelon_first(book, folder):
    table = pd.read_csv(folder / "facilities.csv", encoding="utf-8-sig").set_index("id")
    rows = rows_of(book["设施 Facilities"], "序号")
    assert [row[0] for row in rows] == list(range(1, len(table) + 1))
    assert sorted(row[2] for row in rows) == sorted(table.index)
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), key=["和平区", "河东区"].index)
    assert rows[0][4] == "分拣中心"
    for row in rows:
        one = table.loc[row[2]]
        assert (row[11], row[12]) == (pytest.approx(one["lon"], abs=1e-6), pytest.approx(one["lat"], abs=1e-6))
        assert row[13:16] == (one["capacity_t"], one["planned_limit_t"], one["throughput_t"])
        assert row[16:18] == pytest.approx((one["utilisation_share"], one["planned_load_share"]))
        assert row[18] == text(f"results.use.{one['use']}").zh
        assert row[21] == one["investment_cny"] / 1e4


def test_flows_sum_to_the_table(book, folder):
    table = pd.read_csv(folder / "flows.csv", encoding="utf-8-sig")
    rows = rows_of(book["物流 Flows"], "环节")
    assert len(rows) == len(table)
    assert sum(row[6] for row in rows) == pytest.approx(table["tonnes"].sum(), abs=1e-6)


def test_districts_end_with_their_sum(book, folder):
    table = pd.read_csv(folder / "districts.csv", encoding="utf-8-sig", dtype={"district_code": str})
    *lines, total = rows_of(book["分区 Districts"], "代码")
    assert [row[0] for row in lines] == list(table["district_code"])
    assert total[2] == table["residents"].sum()


def test_the_action_list_has_each_target_and_facility_and_what_is_missing(book, run):
    rows = rows_of(book["责任清单 Action list"], "序号")
    listed = Results(run).action_rows
    assert len(rows) == len(listed)
    missed = next(row for row in rows if row[11] and row[3] == "废纸回收量")
    assert missed[9] - missed[10] == pytest.approx(missed[11])
    sheet = book["责任清单 Action list"]
    formats = {cell.number_format for row in sheet.iter_rows(min_col=10, max_col=10) for cell in row}
    assert {'"≥ "0.0%', '"≥ "#,##0', '"≤ "#,##0'} <= formats, "a share is shown as one, behind its sign"


def test_totals_of_the_units_sum_to_all(book):
    *units, total = rows_of(book["责任汇总 Duties"], "责任单位")
    for place in range(1, len(total)):
        assert total[place] == pytest.approx(sum(row[place] for row in units))


def test_heads_stay_in_sight_are_filtered_and_repeated_in_print(book):
    for sheet in book:
        assert (sheet.freeze_panes is not None) or sheet.title == SHEETS[0], "above its heads are long notes"
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows is not None
    assert book["设施 Facilities"].auto_filter.ref.startswith("A4:")
    assert book["概况 Overview"].auto_filter.ref is None


def test_heads_are_in_both_languages_and_hold_the_unit(book):
    heads = {cell.value for cell in book["设施 Facilities"][4]}
    assert "能力（吨/年）\ncapacity (t a year)" in heads
    assert "投资（不含土地）（万元）\ninvestment without land (10,000 CNY)" in heads


def test_columns_are_wide_enough_for_chinese_text(book):
    sheet = book["责任清单 Action list"]
    assert sheet.column_dimensions["Q"].width >= 2 * len("和平区人民政府")


@pytest.mark.parametrize("name", ["=1+1", "+86 22", "-5", "@SUM(A1)", "\tcmd", '=HYPERLINK("http://x")'])
def test_a_name_that_looks_like_a_formula_is_text(name):
    sheet = opened(plan_workbook(Results(make_run(site_name=name))))["设施 Facilities"]
    cells = [cell for row in sheet.iter_rows(min_col=4, max_col=4) for cell in row if cell.value == name]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells), "it stays text when it is edited"


def test_no_cell_of_the_workbook_is_a_formula_or_a_link(book):
    assert all(cell.data_type != "f" and cell.hyperlink is None for sheet in book for row in sheet for cell in row)


def test_letters_that_a_cell_cannot_hold_are_left_out():
    sheet = opened(plan_workbook(Results(make_run(site_name="A\x00\x1fB<script>&"))))["设施 Facilities"]
    assert "A  B<script>&" in {row[3] for row in sheet.iter_rows(values_only=True)}


def test_the_same_run_gives_the_same_bytes(run):
    assert plan_workbook(Results(run)) == plan_workbook(Results(run))


def test_cells_are_in_the_language_that_is_asked_for(run):
    assert default_language(run) == "zh"
    sheet = opened(plan_workbook(Results(run), "en"))["概况 Overview"]
    assert value_of(sheet, "net cost a year, both chains together") == pytest.approx(
        run.verification.paid_cny / 1e4, abs=1e-4
    )
    assert sheet["A1"].value == "A small city: the plan"


def test_a_city_outside_china_is_told_of_in_english(run):
    moved = run.geography.districts.translate(-92.0, 21.0)
    elsewhere = dataclasses.replace(run.geography, districts=run.geography.districts.set_geometry(moved))
    assert default_language(dataclasses.replace(run, geography=elsewhere)) == "en"


def test_a_plan_that_opens_nothing_has_all_its_sheets(run):
    nothing = Plan(*(np.zeros_like(getattr(run.solution.plan, f.name)) for f in dataclasses.fields(Plan)))
    verified = verify(run.instance, nothing)
    solution = dataclasses.replace(run.solution, plans=(nothing,), bound_cny=-np.inf)
    empty = dataclasses.replace(run, solution=solution, verification=verified, figures=())
    book = opened(plan_workbook(Results(empty)))
    assert book.sheetnames == SHEETS
    assert value_of(book["概况 Overview"], "已证下界") is None
    assert rows_of(book["物流 Flows"], "环节") == []


def test_faults_stand_at_the_top_of_the_overview(run):
    faulty = dataclasses.replace(run, verification=dataclasses.replace(run.verification, faults=("P1: over capacity",)))
    sheet = opened(plan_workbook(Results(faulty)))["概况 Overview"]
    assert sheet["A7"].value == "方案有 1 处校验未通过"
    assert sheet["A8"].value == "P1: over capacity"


def test_flows_beyond_the_most_are_left_out_the_smallest_first_and_the_sheet_says_so(run, monkeypatch):
    monkeypatch.setattr(places, "MOST_FLOWS", 5)
    whole, page = Results(run).flows, places.flow_page(Results(run))
    assert len(page.rows) == 5
    kept = sum(row[6] for row in page.rows)
    assert kept == pytest.approx(whole["tonnes"].nlargest(5).sum(), abs=0.01)
    assert f"最小的 {len(whole) - 5:,} 条物流" in page.notes[0].zh


def test_a_note_longer_than_its_table_is_broken():
    note = Label(en="word " * 60, zh="很长的说明" * 30)
    name = Label(en="P", zh="页")
    page = Table(name, (Column(Label("a", "甲")), Column(Label("b", "乙"))), (("x", 1),), (note,), name=name)
    sheet = opened(workbook_bytes([page], "zh")).worksheets[0]
    assert "A3:B3" in {str(cells) for cells in sheet.merged_cells.ranges}
    assert sheet.row_dimensions[3].height > 60


def test_standards_have_their_sheet_with_units_and_what_falls_short_in_red(run):
    columns = {
        "pack": "p", "rule": "r", "title_en": "Least area", "title_zh": "最小面积", "unit": "120101", "use": "check",
        "asked": 20.0, "reached": 12.0, "measured_in": "m2", "holds": False, "number_short": 3, "source": "code",
        "clause": "4.2", "status": "published", "note": None,
    }  # fmt: skip
    unknown = columns | {"asked": None, "reached": None, "measured_in": None, "holds": None, "number_short": None}
    book = opened(plan_workbook(Results(dataclasses.replace(run, standards=pd.DataFrame([columns, unknown])))))
    first, second = rows_of(book["标准 Standards"], "规则")
    assert first[:8] == ("最小面积", "和平区", "仅作检查", 20, 12, "平方米", "否", 3)
    assert second[3:8] == (None,) * 5
    red = [cell for row in book["标准 Standards"].iter_rows() for cell in row if cell.font.color.rgb == "FFB2182B"]
    assert [cell.value for cell in red] == ["否"]
