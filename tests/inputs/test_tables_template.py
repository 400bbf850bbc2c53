"""The workbook to fill in: it is read as it was written, in both languages, and says what is wrong in its cells."""

from pathlib import Path

import openpyxl
import pytest

from siting.errors import DataError, FileError
from siting.inputs.tables import read_city_facts, read_source, read_workbook, write_template
from siting.inputs.tables.describe import header_of
from siting.inputs.tables.document import columns_markdown
from siting.inputs.tables.schema import definition

LANGUAGES = ["zh", "en"]
CITY = {"zh": ["天津市", "Tianjin", "高德、腾讯（GCJ-02）"], "en": ["天津市", "Tianjin", "GCJ-02 (Amap, Tencent)"]}
PLACE = {"name": "花园", "district": "和平区"}
WRITTEN = {
    "census": [
        {"code": "120101", "name": "和平区", "name_en": "Heping", "residents": 355000, "households": 142000,
         "ring": "inner"},
    ],
    "demand": [{"id": "D1", **PLACE, "settlement": "urban", "residents": 3200, "households": 1250}],
    "candidates": [
        {"id": "C1", **PLACE, "echelon": "point", "kind": "community", "area_m2": 40, "role": "required"},
        {"id": "C2", "name": "北", "district": None, "echelon": "sorting", "kind": "industrial_land", "area_m2": 26000,
         "role": "candidate", "land_price_cny_per_m2": 620},
    ],
    "facilities": [
        {"id": "F1", **PLACE, "echelon": "transfer", "capacity_t": 300, "area_m2": 20,
         "materials": "paper,glass", "existing_type": "station", "existing_size": "small"},
    ],
    "generators": [{"id": "G1", **PLACE, "kind": "industrial", "material": "scrap_metal", "tonnes": 5200}],
    "exclusion": [{"name": "水源地", "kind": "water_source", "radius_m": 300}],
}  # fmt: skip
LONLAT = {"lon": 117.2034, "lat": 39.1305}


def fill_in(path, language, tables=WRITTEN, *, city=None):
    """Fill the template in, the way a planner would: words in the language, below the examples."""
    book = openpyxl.load_workbook(path)
    for row, value in enumerate(CITY[language] if city is None else city, start=1):
        book[definition().workbook.city.of(language)].cell(row, 2, value)
    for name, rows in tables.items():
        kind = definition().kinds[name]
        sheet = book[kind.sheet.of(language)]
        for row in rows:
            facts = row if kind.shape is None else {**row, **LONLAT}
            sheet.append([spoken(column, facts.get(column.name), language) for column in kind.template_columns])
    book.save(path)


def spoken(column, value, language):
    if value is None or not column.values:
        return value
    words = [column.values[word].of(language) for word in value.split(",")]
    return "、".join(words)


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture
def template(tmp_path, language):
    write_template(tmp_path / "数据.xlsx", language)
    return tmp_path / "数据.xlsx"


def test_a_filled_in_template_comes_back_as_it_was_written(template, language):
    fill_in(template, language)
    frames = read_workbook(template)
    assert set(frames) == set(WRITTEN)
    for kind, rows in WRITTEN.items():
        assert len(frames[kind]) == len(rows)
        for row, facts in enumerate(rows):
            for name, value in facts.items():
                assert frames[kind][name].iloc[row] == value or (value is None and frames[kind][name].iloc[row] is None)
    assert frames["facilities"]["role"].tolist() == ["existing"]
    point = frames["demand"].geometry.iloc[0]
    assert 0.005 < LONLAT["lon"] - point.x < 0.008
    assert any("converted from gcj02" in note for note in frames["demand"].attrs["notes"])


def test_the_city_sheet_is_read(template, language):
    fill_in(template, language, {})
    facts = read_city_facts(template)
    assert (facts.name_zh, facts.name_en, facts.datum) == ("天津市", "Tianjin", "gcj02")


def test_a_template_with_nothing_but_its_examples_has_no_data(template):
    with pytest.raises(DataError, match="no sheet has a row of data"):
        read_workbook(template)


def test_a_single_sheet_of_the_template_is_a_source_too(template, language):
    fill_in(template, language)
    assert read_source(template, "candidates", datum="wgs84")["id"].tolist() == ["C1", "C2"]


def test_the_datum_must_be_chosen_in_china(template, language):
    fill_in(template, language, {"demand": WRITTEN["demand"]}, city=["天津市", "Tianjin", None])
    with pytest.raises(DataError, match=r"declare one of .*; choose it in sheet .*, cell B3"):
        read_workbook(template)
    assert read_workbook(template, datum="wgs84")["demand"].geometry.x.tolist() == [LONLAT["lon"]]


def test_an_unknown_district_is_named_with_the_nearest_one(template, language):
    wrong = [{**WRITTEN["demand"][0], "district": "和平曲"}]
    fill_in(template, language, {"census": WRITTEN["census"], "demand": wrong})
    with pytest.raises(DataError, match="cell C4: '和平曲' is no district; did you mean '和平区'"):
        read_workbook(template)


def test_faults_of_every_sheet_are_told_together(template, language):
    demand, candidates = dict(WRITTEN["demand"][0], residents="很多"), dict(WRITTEN["candidates"][0], area_m2="大")
    fill_in(template, language, {"demand": [demand], "candidates": [candidates]})
    with pytest.raises(DataError) as caught:
        read_workbook(template)
    assert str(caught.value).startswith("2 faults:\n  - ")
    assert "'很多' is not a number" in str(caught.value)
    assert "'大' is not a number" in str(caught.value)


def test_every_column_with_a_list_has_its_drop_down(template, language):
    book = openpyxl.load_workbook(template)
    assert book["lists"].sheet_state == "hidden"
    for kind in definition().kinds.values():
        if not kind.in_template:
            continue
        sheet = book[kind.sheet.of(language)]
        assert sheet.freeze_panes == "B2"
        lists = {
            str(rule.sqref).split("2:")[0]: rule
            for rule in sheet.data_validations.dataValidation
            if rule.type == "list"
        }
        for place, column in enumerate(kind.template_columns):
            if column.type in ("choice", "label", "district"):
                name, cells = lists[chr(65 + place)].formula1.replace("$", "").replace("'", "").split("!")
                shown = [cell.value for (cell,) in book[name][cells]]
                if column.type != "district":
                    assert shown == [value.of(language) for value in column.values.values()]


def test_the_guide_explains_every_column(template, language):
    book = openpyxl.load_workbook(template)
    told = {(row[0], row[1]) for row in book[definition().workbook.guide.of(language)].iter_rows(values_only=True)}
    for kind in definition().kinds.values():
        for column in kind.template_columns if kind.in_template else ():
            assert (kind.sheet.of(language), column.header.of(language)) in told


def test_headers_of_the_template_carry_their_units(language):
    capacity = definition().kinds["facilities"].column("capacity_t")
    assert header_of(capacity, language) == {"zh": "处理能力（吨/年）", "en": "Capacity (t/year)"}[language]


def test_a_workbook_that_is_there_is_never_overwritten(template, language):
    before = template.read_bytes()
    with pytest.raises(FileError, match="is there already and may be filled in"):
        write_template(template, language)
    assert template.read_bytes() == before


def test_a_workbook_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(FileError, match=r"a workbook's name ends in \.xlsx"):
        write_template(tmp_path / "city.xls", "zh")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(FileError, match=r"cannot be written.*give another --out"):
        write_template(tmp_path / "file" / "city.xlsx", "zh")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_workbook_with_other_sheets_lists_them(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Sheet1"
    book.active.append(["x", 1])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match=r"its sheets are \['Sheet1'\], the template's \['行政区', '居民小区'"):
        read_workbook(tmp_path / "a.xlsx")


def test_an_example_that_was_written_over_is_not_lost_in_silence(template, language):
    book = openpyxl.load_workbook(template)
    kind = definition().kinds["demand"]
    sheet = book[kind.sheet.of(language)]
    sheet["E2"] = 4711
    book.save(template)
    mark = {"zh": "示例1", "en": "Example 1"}[language]
    with pytest.raises(DataError, match=f"row 2: called '{mark}', but not the template's example"):
        read_workbook(template)


def test_the_documentation_of_the_columns_is_up_to_date():
    page = Path(__file__).parents[2] / "docs/reference/source-columns.md"
    command = "python -m siting.inputs.tables.document > docs/reference/source-columns.md"
    assert page.read_text(encoding="utf-8") == columns_markdown(), f"make it again: {command}"
