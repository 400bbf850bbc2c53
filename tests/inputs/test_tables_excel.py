"""Excel tables as bureaus send them: what is understood, what is told, and what is refused with the cell."""

import zipfile

import openpyxl
import openpyxl.styles
import pytest

from siting.errors import ConfigError, DataError, FileError
from siting.inputs.tables import read_source, source
from tests.table_files import write_sheet

HEADER = ["编号", "名称", "经度", "纬度"]
ROWS = [["A1", "甲", 117.20, 39.13], ["A2", "乙", 117.21, 39.14]]


def refusal(path, kind="candidates", **options):
    with pytest.raises((DataError, ConfigError, FileError)) as caught:
        read_source(path, kind, **{"datum": "wgs84", **options})
    return str(caught.value)


@pytest.fixture
def bureau(tmp_path):
    rows = [
        ["天津市再生资源回收网点统计表"],
        ["填表单位：商务局", None, None, None, None, None, None, "单位：吨"],
        ["序号", "行政区", "网点名称", "类别", "坐标", None, "处理情况", None],
        [None, None, None, None, "经度", "纬度", "日处理能力（吨）", "占地面积（㎡）"],
        [1, "和平区", "大沽路回收站", "回收点", "１１７．２０３４", "39.1305", "１，２００", 40],
        [2, None, "南市分拣中心", "分拣中心", 117.19, 39.12, "2万吨/年", "1亩"],
        ["小计", None, None, None, None, None, 1200, None],
        [3, "河西区", "河西中转站", "中转站", "117°12′30″", 39.1, 3, "2,000"],
        ["合  计", None, None, None, None, None, 1203, None],
        ["注：数据截至2025年底"],
        [None],
    ]
    merges = ["A1:H1", *(f"{column}3:{column}4" for column in "ABCD"), "E3:F3", "G3:H3", "B5:B6"]
    return write_sheet(tmp_path / "点位.xlsx", rows, merges=merges)


def test_a_bureaus_sheet_is_read_with_its_title_groups_totals_and_merged_districts(bureau):
    frame = read_source(bureau, "facilities", datum="wgs84")
    assert frame["id"].tolist() == ["1", "2", "3"]
    assert frame["district"].tolist() == ["和平区", "和平区", "河西区"]
    assert frame["echelon"].tolist() == ["point", "sorting", "transfer"]
    assert frame["role"].tolist() == ["existing"] * 3
    assert frame["capacity_t"].tolist() == pytest.approx([1200 * 365, 20000, 3 * 365])
    assert frame["area_m2"].tolist() == pytest.approx([40, 666.6667, 2000])
    assert frame.geometry.x.tolist() == pytest.approx([117.2034, 117.19, 117.208333333])
    assert frame.crs.to_epsg() == 4326


def test_what_was_dropped_filled_and_converted_is_told(bureau):
    notes = "\n".join(read_source(bureau, "facilities", datum="wgs84").attrs["notes"])
    for piece in ("totals dropped: 2", "remarks dropped: 1", "merged cells above them: 1", "× 365 to t/year"):
        assert piece in notes


def test_coordinates_in_china_need_a_datum_and_the_choices_are_listed(bureau):
    text = refusal(bureau, "facilities", datum=None)
    assert "点位.xlsx, sheet 网点" in text
    for choice in ("wgs84", "gcj02", "bd09", "cgcs2000", "EPSG:4548"):
        assert choice in text


def test_coordinates_elsewhere_are_wgs84_and_that_is_told(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, ["A1", "x", 24.94, 60.17]])
    frame = read_source(path, "candidates")
    assert frame.geometry.iloc[0].coords[0] == (24.94, 60.17)
    assert any("taken as wgs84" in note for note in frame.attrs["notes"])


def test_a_header_that_names_amap_makes_the_coordinates_gcj02(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [["编号", "高德经度", "高德纬度"], ["A1", 117.2034, 39.1305]])
    point = read_source(path, "candidates").geometry.iloc[0]
    assert point.distance(read_source(path, "candidates", datum="gcj02").geometry.iloc[0]) == 0
    assert 0.005 < 117.2034 - point.x < 0.008


def test_every_bad_cell_is_named_at_once(tmp_path):
    rows = [["编号", "名称", "经度", "纬度", "面积(㎡)"]]
    rows += [["A1", "甲", "abc", 39.1, "约300"], ["A1", "乙", 117.2, 139.1, 5], ["A3", "丙", 117.2, None, "#REF!"]]
    text = refusal(write_sheet(tmp_path / "点位.xlsx", rows))
    assert "6 faults" in text
    for piece in (
        "点位.xlsx, sheet 网点, cell C2 (经度): 'abc' is not a number",
        "cell D3 (纬度): 139.1 is out of range, -90 to 90 °; are longitude and latitude exchanged?",
        "cell D4: no lat",
        "cell E2 (面积(㎡)): '约300' is not a number",
        "cell E4 (面积(㎡)): '#REF!' is an error of the spreadsheet",
        "cell A3: id 'A1' stands in cell A2 already",
    ):
        assert piece in text


def test_of_very_many_faults_some_of_each_column_are_shown_and_the_rest_counted(tmp_path):
    rows = [HEADER, *(["A1" if number < 2 else f"B{number}", "x", "no", 39.1] for number in range(57))]
    lines = refusal(write_sheet(tmp_path / "a.xlsx", rows)).splitlines()
    assert lines[0] == "58 faults:"
    assert sum(line.startswith("  - ") for line in lines) == 20
    assert lines[-1] == "  … and 38 more"
    assert any("stands in cell A2 already" in line for line in lines)


def test_a_header_merged_over_columns_with_nothing_below_is_refused_with_its_cells(tmp_path):
    rows = [["编号", "名称", "坐标", None], ["A1", "甲", 117.2, 39.1]]
    text = refusal(write_sheet(tmp_path / "点位.xlsx", rows, merges=["C1:D1"]))
    assert "点位.xlsx, sheet 网点, cells C1:D1: header '坐标' is merged over 2 columns" in text
    assert "give each column its header" in text


def test_one_number_merged_over_rows_is_refused_not_counted_twice(tmp_path):
    rows = [["编号", "产能(吨/年)", "经度", "纬度"], ["A1", 500, 117.2, 39.1], ["A2", None, 117.3, 39.1]]
    text = refusal(write_sheet(tmp_path / "点位.xlsx", rows, merges=["B2:B3"]), "facilities")
    assert "cells B2:B3: one number (500) is merged over 2 rows" in text


def test_subtotals_in_any_column_of_names_are_dropped(tmp_path):
    rows = [["行政区", "小区名称", "常住人口", "经度", "纬度"], ["和平区", "甲", 12.4, 117.2, 39.1]]
    rows += [["和平区", "小计", 12, None, None], ["河西区", "合计花园", 5, 117.3, 39.1]]
    frame = read_source(write_sheet(tmp_path / "a.xlsx", rows), "demand", datum="wgs84")
    assert frame["name"].tolist() == ["甲", "合计花园"]
    assert frame["residents"].tolist() == [12, 5]
    assert any("1 values rounded to whole numbers" in note for note in frame.attrs["notes"])


def test_zeros_are_no_coordinates(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, ["A1", "甲", 0, 0]])
    assert "cell C2: 0, 0 is no place here; enter the coordinates" in refusal(path)


def test_a_header_that_contradicts_itself_is_refused_and_one_with_a_year_is_a_years(tmp_path):
    rows = [["编号", "日处理能力(吨/年)", "经度", "纬度"], ["A1", 500, 117.2, 39.1]]
    text = refusal(write_sheet(tmp_path / "a.xlsx", rows), "facilities")
    assert "cell B1 (日处理能力(吨/年)): unit '吨/年' is a year's, the name a day's" in text
    rows[0][1] = "2024年处理量(吨)"
    frame = read_source(write_sheet(tmp_path / "a.xlsx", rows), "facilities", datum="wgs84")
    assert frame["capacity_t"].tolist() == [500]


def test_a_capacity_without_its_time_is_refused(tmp_path):
    rows = [["编号", "处理能力(吨)", "经度", "纬度"], ["A1", 500, 117.2, 39.1]]
    text = refusal(write_sheet(tmp_path / "点位.xlsx", rows), "facilities")
    assert "cell B1 (处理能力(吨)): '吨' in which time? write 吨/年 or 吨/日" in text


def test_a_bare_number_under_a_capacity_without_unit_is_refused_unless_mapped(tmp_path):
    rows = [["编号", "产能", "经度", "纬度"], ["A1", "3万吨/年", 117.2, 39.1], ["A2", 500, 117.2, 39.2]]
    many = write_sheet(tmp_path / "b.xlsx", [*rows, *([f"B{number}", number, 117.2, 39.2] for number in range(1, 9))])
    assert "2 faults" in (text := refusal(many, "facilities"))
    assert "column 产能: 8 more cells without unit" in text
    path = write_sheet(tmp_path / "点位.xlsx", rows)
    assert "cell B3 (产能): 500 has no unit and its header none either" in refusal(path, "facilities")
    frame = read_source(path, "facilities", datum="wgs84", columns={"capacity_t": "产能"})
    assert frame["capacity_t"].tolist() == [30000, 500]


def test_a_unit_above_the_table_holds_where_headers_have_none(tmp_path):
    rows = [["产废单位汇总表"], ["单位：万吨/年"], ["企业名称", "类别", "物料", "产生量", "经度", "纬度"]]
    rows.append(["钢厂", "工业", "废金属", 1.5, 117.2, 39.1])
    frame = read_source(write_sheet(tmp_path / "a.xlsx", rows, merges=["A1:F1"]), "generators", datum="wgs84")
    assert frame[["kind", "material", "tonnes"]].iloc[0].tolist() == ["industrial", "scrap_metal", 15000]


def test_an_id_of_18_digits_stays_text_and_one_that_excel_shortened_is_refused(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, ["120101001001000123", "x", 117.2, 39.1]])
    assert read_source(path, "candidates", datum="wgs84")["id"].tolist() == ["120101001001000123"]
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, [120101001001000123, "x", 117.2, 39.1]])
    assert "cell A2 (编号): 1201010010010" in (text := refusal(path))
    assert "a number keeps 15 digits only" in text


def test_the_sheet_is_found_by_its_name_or_headers_and_a_wrong_name_lists_the_sheets(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.active.append(["天津市"])
    for row in [HEADER, *ROWS]:
        book.create_sheet("表2") if "表2" not in book.sheetnames else None
        book["表2"].append(row)
    book.save(path := tmp_path / "a.xlsx")
    assert len(read_source(path, "candidates", datum="wgs84")) == 2
    text = refusal(path, sheet="表3")
    assert "no sheet '表3'; did you mean '表2'? its sheets are ['封面', '表2']" in text


def test_a_sheet_of_a_text_table_and_a_layer_of_a_workbook_are_refused(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    assert "name one with `sheet:`" in refusal(path, layer="x")
    (tmp_path / "a.csv").write_text("编号,经度,纬度\nA1,117.2,39.1\n", encoding="utf-8")
    assert "only workbooks have sheets" in refusal(tmp_path / "a.csv", sheet="x")


def test_an_unknown_kind_is_refused_with_the_kinds(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    assert "kind 'candidate': unknown; did you mean 'candidates'?" in refusal(path, "candidate")


def test_an_empty_workbook_and_a_header_without_rows_are_refused(tmp_path):
    assert "every sheet is empty" in refusal(write_sheet(tmp_path / "a.xlsx", []))
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, ["合计", None, None, None]])
    assert "no rows of data below the header (1 rows of totals)" in refusal(path)


def test_a_mapping_to_a_wrong_header_or_column_says_what_was_meant(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [["编号", "点位全名", "东经", "北纬"], ["A1", "甲", 117.2, 39.1]])
    frame = read_source(path, "candidates", datum="wgs84", columns={"name": "点位全名"})
    assert frame["name"].tolist() == ["甲"]
    assert "columns: name: '点位名': no column is headed so; did you mean '点位全名'?" in refusal(
        path, columns={"name": "点位名"}
    )
    assert "'nmae' is no column of candidates; did you mean 'name'?" in refusal(path, columns={"nmae": "点位全名"})


@pytest.mark.parametrize("said", ["base", "加工利用基地", "再生资源基地", "再生资源加工利用基地", "processing base"])
def test_processing_bases_are_an_echelon_under_their_usual_names(tmp_path, said):
    path = tmp_path / "sites.csv"
    path.write_text(f"编号,设施层级,经度,纬度\nB1,{said},117.2,39.1\n", encoding="utf-8")
    for kind in ("candidates", "facilities"):
        assert read_source(path, kind, datum="wgs84")["echelon"].tolist() == ["base"]


def test_a_constant_stands_in_every_row(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    frame = read_source(path, "candidates", datum="wgs84", columns={"echelon": "=transfer"})
    assert frame["echelon"].tolist() == ["transfer", "transfer"]


def test_a_missing_required_column_is_named_with_its_usual_headers(tmp_path):
    text = refusal(write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS]), "demand")
    assert "no column for 常住人口 (residents); map it with `columns: {residents: …}`" in text


def test_a_word_that_is_no_choice_is_refused_with_the_choices(tmp_path):
    rows = [[*HEADER, "设施层级"], ["A1", "甲", 117.2, 39.1, "分拣中新"]]
    text = refusal(write_sheet(tmp_path / "a.xlsx", rows))
    assert (
        "cell E2 (设施层级): '分拣中新' is not known here; did you mean '分拣中心'? choose from 回收点 (point)" in text
    )


def test_survey_coordinates_with_north_first_land_where_they_are(tmp_path):
    rows = [["编号", "X坐标", "Y坐标"], ["A1", 4331559.0, 518568.0], ["A2", 4331600.0, 518600.0]]
    path = write_sheet(tmp_path / "a.xlsx", rows)
    frame = read_source(path, "candidates", datum="EPSG:4548")
    assert frame.geometry.x.iloc[0] == pytest.approx(117.2148, abs=1e-3)
    assert any("X holds northings" in note for note in frame.attrs["notes"])
    assert "cell B2: (4331559, 518568): metres of a survey, not degrees" in refusal(path, datum="wgs84")


def test_of_degrees_and_metres_those_are_taken_that_the_datum_is_in(tmp_path):
    rows = [["编号", "经度", "纬度", "X坐标", "Y坐标"], ["A1", 117.9, 39.9, 518568.0, 4331559.0]]
    path = write_sheet(tmp_path / "a.xlsx", rows)
    assert read_source(path, "candidates", datum="EPSG:4548").geometry.x.iloc[0] == pytest.approx(117.2148, abs=1e-3)
    assert read_source(path, "candidates", datum="wgs84").geometry.x.iloc[0] == 117.9


def test_headers_over_three_rows_are_put_together(tmp_path):
    rows = [
        ["序号", "基本情况", None, "位置", None],
        [None, "处理能力", None, "经度\n（°）", "纬度\n（°）"],
        [None, "设计\n（吨/日）", "实际\n（吨/日）", None, None],
        [1, 100, 80, 117.2, 39.1],
    ]
    merges = ["A1:A3", "B1:C1", "D1:E1", "B2:C2", "D2:D3", "E2:E3"]
    frame = read_source(write_sheet(tmp_path / "a.xlsx", rows, merges=merges), "facilities", datum="wgs84")
    assert frame["capacity_t"].tolist() == [36500]
    assert any("columns not used" in note and "实际" in note for note in frame.attrs["notes"])


def test_coordinates_in_one_cell_are_taken_apart(tmp_path):
    rows = [["名称", "经纬度"], ["甲", "117.2034，39.1305"], ["乙", "39.14,117.25"]]
    path = write_sheet(tmp_path / "a.xlsx", rows)
    frame = read_source(path, "candidates", datum="wgs84")
    assert [point.coords[0] for point in frame.geometry] == [(117.2034, 39.1305), (117.25, 39.14)]
    assert frame["id"].tolist() == ["C00001", "C00002"]


def test_a_formula_that_was_never_computed_is_refused(tmp_path):
    rows = [["名称", "人口(万人)", "经度", "纬度"], ["甲", "=1+1", 117.2, 39.1]]
    text = refusal(write_sheet(tmp_path / "a.xlsx", rows), "demand")
    assert "cell B2 (人口(万人)): '=1+1' is a formula that was never computed" in text


@pytest.mark.parametrize(
    ("name", "content", "cure"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "save it as .xlsx"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 99, "with a password"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "a web page named .xls"),
        ("a.xls", b"BIFF", ".xls is not read; open it in Excel or WPS and save it as .xlsx"),
        ("a.xlsx", b"id,name\n1,2\n", "if it is a text table, name it .csv"),
        ("a.xlsx", b"", "an empty file of 0 bytes"),
        ("a.pdf", b"%PDF", ".pdf is not read; give one of .csv"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_with_the_cure(tmp_path, name, content, cure):
    path = tmp_path / name
    path.write_bytes(content)
    assert cure in refusal(path)


def test_a_workbook_cut_off_is_refused(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    path.write_bytes(path.read_bytes()[:1500])
    assert "damaged or cut off" in refusal(path)


def test_a_file_that_is_not_there_is_refused_with_the_nearest_name(tmp_path):
    write_sheet(tmp_path / "候选点位.xlsx", [HEADER, *ROWS])
    assert "no such file; did you mean '候选点位.xlsx'?" in refusal(tmp_path / "候选点.xlsx")


def test_a_formatted_cell_far_away_costs_nothing(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    book = openpyxl.load_workbook(path)
    sheet = book.active
    for row in (5_000, 1_048_576):
        sheet.cell(row, 1).font = openpyxl.styles.Font(bold=True)
    book.save(path)
    read = source.open_source(path)
    assert read.values[read.sheets[0]].max_row == 3
    assert len(read_source(path, "candidates", datum="wgs84")) == 2


def test_hidden_rows_are_read_and_told(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[3].hidden = True
    book.save(path)
    frame = read_source(path, "candidates", datum="wgs84")
    assert len(frame) == 2 and any("1 hidden rows are read too" in note for note in frame.attrs["notes"])


def test_a_workbook_in_the_strict_format_is_called_so(tmp_path):
    path = write_sheet(tmp_path / "a.xlsx", [HEADER, *ROWS])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    plain, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part.replace(plain, strict))
    assert "Strict Open XML" in refusal(path)
