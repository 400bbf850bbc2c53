"""Text tables: encodings, delimiters, and numbers as offices write them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siting.errors import DataError, FileError
from siting.inputs.tables import read_source
from siting.inputs.tables.numbers import as_id, parse_number
from siting.inputs.tables.schema import definition
from siting.inputs.tables.units import factor_of
from siting.inputs.tables.wording import plain
from tests.table_files import write_text

CHINESE = ["编号", "名称", "人口", "经度", "纬度"]


def demand(path, **options):
    return read_source(path, "demand", **{"datum": "wgs84", "columns": {"residents": "人口"}, **options})


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("gb18030", "read as GB18030"),
        ("gbk", "GB18030"),
        ("utf-16", "read as UTF-16"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_text_table_reads_the_same_in_every_usual_encoding(tmp_path, encoding, told, delimiter):
    rows = [CHINESE, ["A1", "大沽南路", 120, 117.2, 39.13], ["A2", "南开三马路", 80, 117.21, 39.14]]
    frame = demand(write_text(tmp_path / "小区.csv", rows, encoding=encoding, delimiter=delimiter))
    assert frame["name"].tolist() == ["大沽南路", "南开三马路"]
    assert frame["residents"].tolist() == [120, 80]
    assert told in "\n".join(frame.attrs["notes"])


def test_ids_are_given_where_no_row_has_one_and_asked_for_where_some_have(tmp_path):
    rows = [["", "大沽南路", 120, 117.2, 39.13], ["", "南开三马路", 80, 117.21, 39.14]]
    frame = demand(write_text(tmp_path / "小区.csv", [CHINESE, *rows]))
    assert frame["id"].tolist() == ["D00001", "D00002"]
    rows[0][0] = "A1"
    with pytest.raises(DataError, match="cell A3: no id; give every row its own, or none at all"):
        demand(write_text(tmp_path / "小区.csv", [CHINESE, *rows]))


def test_utf8_that_was_cut_off_is_refused_and_not_read_as_gb18030(tmp_path):
    path = write_text(tmp_path / "小区.csv", [CHINESE, ["A1", "大沽南路", 120, 117.2, 39.13], ["A2", "南开"]])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"小区\.csv, row 3: damaged UTF-8 text, perhaps cut off"):
        demand(path)


def test_bytes_of_no_encoding_are_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1,\xff\xff\xfe\n")
    with pytest.raises(DataError, match="neither UTF-8 nor GB18030; save it again as 'CSV UTF-8'"):
        demand(path)


def test_a_zip_named_csv_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"PK\x03\x04" + b"0" * 60)
    with pytest.raises(FileError, match=r"a zip archive or \.xlsx workbook named \.csv"):
        demand(path)


def test_headers_over_two_rows_saved_as_csv_are_put_together(tmp_path):
    rows = [["小区人口表", "", "", "", ""], ["编号", "名称", "人口(万人)", "坐标", ""], ["", "", "", "经度", "纬度"]]
    rows.append(["A1", "甲", "1.2", "117.2", "39.1"])
    frame = demand(write_text(tmp_path / "a.csv", rows), columns={})
    assert frame["residents"].tolist() == [12000]
    assert frame.geometry.iloc[0].coords[0] == (117.2, 39.1)


def test_units_in_a_row_of_their_own_are_understood(tmp_path):
    rows = [
        ["ID", "Residents", "Longitude", "Latitude"],
        ["", "(thousand)", "(°)", "(°)"],
        ["A1", "1.2", "24.9", "60.1"],
    ]
    frame = read_source(write_text(tmp_path / "a.csv", rows), "demand")
    assert frame["residents"].tolist() == [1200]


def test_the_cell_of_a_fault_in_a_text_table_is_where_excel_shows_it(tmp_path):
    rows = [CHINESE, ["A1", "甲", "很多", 117.2, 39.1]]
    with pytest.raises(DataError, match=r"小区.csv, cell C2 \(人口\): '很多' is not a number"):
        demand(write_text(tmp_path / "小区.csv", rows))


def test_a_census_needs_no_coordinates_and_names_come_from_either_column(tmp_path):
    rows = [["行政区划代码", "地区", "常住人口(万人)", "家庭户(户)"], ["120101", "和平区", "35.5", "１４２，０００"]]
    rows += [["120102", "河东区", "85.88", "350000"], ["", "全市总计", "121.38", "492000"]]
    frame = read_source(write_text(tmp_path / "普查.csv", rows, encoding="gb18030"), "census")
    assert frame["code"].tolist() == ["120101", "120102"]
    assert frame["name"].tolist() == ["和平区", "河东区"]
    assert frame["residents"].tolist() == [355000, 858800]
    assert frame["households"].tolist() == [142000, 350000]
    assert "geometry" not in frame


def test_two_columns_that_mean_the_same_are_refused_and_a_better_one_is_taken(tmp_path):
    rows = [["编号", "人口", "人口", "经度", "纬度"], ["A1", 1, 2, 117.2, 39.1]]
    with pytest.raises(DataError, match="cells B1 '人口' and C1 '人口': both mean residents"):
        demand(write_text(tmp_path / "a.csv", rows), columns={})
    rows = [["编号", "户籍人口", "常住人口", "经度", "纬度"], ["A1", 1, 2, 117.2, 39.1]]
    frame = demand(write_text(tmp_path / "a.csv", rows), columns={})
    assert frame["residents"].tolist() == [2]
    assert any("'户籍人口' not used" in note for note in frame.attrs["notes"])


def test_land_area_headed_area_alone_is_not_taken_for_a_functional_area(tmp_path):
    rows = [["id", "area", "lon", "lat"], ["A1", "350", "24.9", "60.1"]]
    with pytest.raises(DataError, match="it holds numbers only; for an area of land write its unit into the header"):
        read_source(write_text(tmp_path / "a.csv", rows), "candidates")


def test_no_header_means_one_kind_of_table_twice():
    for kind in definition().kinds.values():
        owners = {}
        for column in kind.columns:
            for header in (column.header.en, column.header.zh, *column.aliases):
                owners.setdefault(plain(header), set()).add(column.key)
        assert {header: keys for header, keys in owners.items() if len(keys) > 1} == {}, kind.name


@pytest.mark.parametrize(
    ("quantity", "unit", "period", "factor"),
    [
        ("tonnes_a_year", "吨/日", "", 365), ("tonnes_a_year", "t/day", "", 365), ("tonnes_a_year", "TPD", "", 365),
        ("tonnes_a_year", "kg/d", "", 0.365), ("tonnes_a_year", "吨", "month", 12),
        ("tonnes_a_year", "万吨", "year", 10000),
        ("area", "㎡", "", 1), ("area", "公顷", "", 10000), ("area", "亩", "", 2000 / 3), ("area", "km²", "", 1e6),
        ("persons", "万人", "", 10000), ("households", "户", "", 1),
        ("price", "元/平方米", "", 1), ("price", "万元/亩", "", 15),
    ],
)  # fmt: skip
def test_units_are_worth_what_they_are(quantity, unit, period, factor):
    assert factor_of(quantity, unit, period) == pytest.approx(factor)


WRITINGS = {
    "as it is": lambda number: number,
    "as text": repr,
    "full-width": lambda number: "".join(wide(letter) for letter in repr(number)),
    "with commas": lambda number: f"{number:,}",
    "full-width with commas": lambda number: "".join(wide(letter) for letter in f"{number:,}"),
    "with blanks around": lambda number: f"　 {number!r} \t",
    "with an apostrophe": lambda number: f"'{number!r}",
    "with its unit": lambda number: f"{number:,} 人",
}


def wide(letter):
    return chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter


@given(
    number=st.one_of(st.integers(0, 10**9), st.floats(0, 1e9).filter(lambda number: "e" not in repr(number))),
    writing=st.sampled_from(sorted(WRITINGS)),
)
def test_a_number_comes_back_however_an_office_wrote_it(number, writing):
    assert parse_number(WRITINGS[writing](number), "persons") == number


@given(st.text("0123456789", min_size=1, max_size=25))
def test_an_id_of_digits_comes_back_digit_by_digit(digits):
    assert as_id(digits) == digits
    assert as_id(unicodedata.normalize("NFKC", "".join(wide(digit) for digit in digits))) == digits


@pytest.mark.parametrize("text", ["12,34", "1,2345", "1.2.3", "300-500", "≥500", "5 kg", "一百", "True"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"not a number|unit"):
        parse_number(text, "persons")


def test_degrees_with_minutes_and_seconds_are_read():
    assert parse_number("东经117°12′30″", "angle") == pytest.approx(117 + 12.5 / 60)
    assert parse_number("117度12分30秒", "angle") == pytest.approx(117 + 12.5 / 60)
    assert parse_number("33°30'S", "angle") == -33.5


def test_decimal_commas_are_read_where_semicolons_separate(tmp_path):
    rows = [
        ["编号", "经度", "纬度", "面积(㎡)"],
        ["a", "117,20341", "39,1305", "60,000"],
        ["b", "117,3", "39,15", "1.234,5"],
    ]
    frame = read_source(write_text(tmp_path / "a.csv", rows, delimiter=";"), "candidates", datum="wgs84")
    assert frame.geometry.x.round(5).tolist() == [117.20341, 117.3]
    assert frame["area_m2"].tolist() == [60.0, 1234.5]
    assert any("decimal commas" in note for note in frame.attrs["notes"])


def test_a_comma_that_nothing_explains_is_refused(tmp_path):
    rows = [["编号", "经度", "纬度", "面积(㎡)"], ["a", "117", "39", "60,000"]]
    with pytest.raises(DataError, match="'60,000' separate thousands or decimals"):
        read_source(write_text(tmp_path / "a.csv", rows, delimiter=";"), "candidates", datum="wgs84")
    rows[1][1] = "117.2034"
    frame = read_source(write_text(tmp_path / "b.csv", rows, delimiter=";"), "candidates", datum="wgs84")
    assert frame["area_m2"].tolist() == [60_000.0]
