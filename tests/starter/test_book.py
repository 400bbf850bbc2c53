"""A workbook alone is a config: its city, targets, costs and scenarios, with roads and districts beside it."""

from pathlib import Path

import openpyxl
import pytest

import siting as siting_package
from siting.certificate.proof import digest
from siting.config.parameters import read_parameters
from siting.errors import ConfigError, DataError
from siting.problem import read_config
from siting.starter.template import write_book
from tests.assembly_sources import small_sources
from tests.commands import failing, siting
from tests.small_city import write_small_city

TARGETS = [
    {"For whom": "city", "What is measured": "number of facilities", "Echelon": "transfer", "At least": 1},
    {"For whom": "city", "What is measured": "number of facilities", "Echelon": "sorting", "At least": 1},
    {
        "For whom": "city", "What is measured": "share of residents assigned to a point", "Within": 700,
        "At least": 0.5, "Penalty": 1e6, "Source": "the mayor",
    },
]  # fmt: skip
COSTS = [{"Figure": "wage.attendant", "Your value": 61_000}]
SCENARIOS = [
    {"Scenario": "near", "What changes": "served-700.at_least", "To": 0.6},
    {"Scenario": "near", "What changes": "money.carbon_cny_per_t", "To": "×2"},
]


def fill(sheet, rows):
    """Write rows below those of a sheet, by header without unit and star."""
    heads = {str(cell.value).rstrip("*").split(" (")[0]: cell.column for cell in sheet[1]}
    for row in rows:
        at = sheet.max_row + 1
        for head, value in row.items():
            sheet.cell(at, heads[head], value)


def plan_book(path, *, city=True, targets=TARGETS, costs=COSTS, scenarios=SCENARIOS):
    """A filled-in template."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_book(path, "en")
    book = openpyxl.load_workbook(path)
    if city:
        sources = small_sources()
        for row, value in enumerate(("小城", "Small", "WGS-84"), start=1):
            book["City"].cell(row, 2, value)
        demand = sources["demand.csv"].rename(
            columns={"id": "ID", "residents": "Residents", "lon": "Longitude", "lat": "Latitude"}
        )
        fill(book["Demand"], demand.to_dict("records"))
        names = {"id": "ID", "name": "Name", "echelon": "Echelon", "area_m2": "Land area", "lon": "Longitude",
                 "lat": "Latitude"}  # fmt: skip
        candidates = sources["candidates.csv"].rename(columns=names)[list(names.values())]
        fill(book["Candidates"], candidates.assign(**{"Kind of place": "community"}).to_dict("records"))
        for name in ("districts.geojson", "roads.gpkg"):
            sources[name].to_file(path.parent / name)
    for sheet, rows in (("Targets", targets), ("Costs", costs), ("Scenarios", scenarios)):
        fill(book[sheet], rows)
    book.save(path)
    return path


def test_a_workbook_alone_is_planned(tmp_path):
    book = plan_book(tmp_path / "town.xlsx")
    done = siting("run", book, "--work", "5", "--threads", "1")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "runs" / "town" / "plan.json").is_file()
    assert (tmp_path / "town-city" / "city.yaml").is_file()


def test_its_sheets_are_targets_costs_and_scenarios(tmp_path):
    problem = read_config(plan_book(tmp_path / "town.xlsx"))
    config = problem.config
    assert (config.name, problem.city.meta["name_en"]) == ("town", "Small")
    told = [(one.measure, one.echelon, one.within_m, one.at_least, one.penalty_cny) for one in config.targets]
    assert told == [
        ("count", "transfer", None, 1, None),
        ("count", "sorting", None, 1, None),
        ("served", None, 700, 0.5, 1e6),
    ]
    assert config.targets[2].source == "the mayor"
    (change,) = problem.loaded.changes
    assert (change.key, change.now) == ("parameters.wage.attendant", 61_000)
    near = problem.with_scenario("near").config
    assert near.targets[2].at_least == 0.6
    assert near.money.carbon_cny_per_t == 2 * config.money.carbon_cny_per_t


def test_the_city_is_built_again_when_the_workbook_changes(tmp_path):
    path = plan_book(tmp_path / "town.xlsx")
    residents = read_config(path).city.demand["residents"].sum()
    stamp = (tmp_path / "town-city" / "city.yaml").stat().st_mtime_ns
    read_config(path)
    assert (tmp_path / "town-city" / "city.yaml").stat().st_mtime_ns == stamp
    book = openpyxl.load_workbook(path)
    sheet = book["Demand"]
    column = next(cell.column for cell in sheet[1] if str(cell.value).startswith("Residents"))
    sheet.cell(sheet.max_row, column, sheet.cell(sheet.max_row, column).value + 500)
    book.save(path)
    assert read_config(path).city.demand["residents"].sum() == residents + 500


def test_a_workbook_beside_a_config_changes_its_plan_and_keeps_its_city(tmp_path):
    config = write_small_city(tmp_path)
    config.rename(tmp_path / "config.yaml")
    book = plan_book(tmp_path / "sources" / "council.xlsx", city=False, costs=[], scenarios=[])
    problem, base = read_config(book), read_config(tmp_path / "config.yaml")
    assert problem.config.name == "council"
    assert problem.config.city == base.config.city and problem.config.runs == base.config.runs
    assert problem.config.facilities == base.config.facilities
    assert [one.measure for one in problem.config.targets] == ["count", "count", "served"]


@pytest.fixture
def costs_of(tmp_path):
    """Read the city with the sheet of costs as an edit of it leaves it."""

    def read(edit, language="en"):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        write_small_city(folder).rename(folder / "config.yaml")
        write_book(folder / "town.xlsx", language)
        book = openpyxl.load_workbook(folder / "town.xlsx")
        edit(book["Costs" if language == "en" else "费用参数"])
        book.save(folder / "town.xlsx")
        return read_config(folder / "town.xlsx")

    return read


def row_of(sheet, key):
    return next(row for row in sheet.iter_rows(min_row=2) if row[1].value == key and row[4].value is not None)


def test_the_sheet_of_costs_holds_the_figures_in_force_with_their_range_and_source(tmp_path):
    write_book(tmp_path / "town.xlsx", "zh")
    sheet = openpyxl.load_workbook(tmp_path / "town.xlsx")["费用参数"]
    assert [cell.value.rstrip("*") for cell in sheet[1]][1:] == [
        *("参数", "本地取值", "单位", "现值", "下限", "上限", "依据类型", "来源", "含义"),
    ]
    wage = read_parameters(Path(siting_package.__file__).parent / "starter/parameters.csv")["wage.attendant"]
    told = [cell.value for cell in row_of(sheet, "wage.attendant")][2:8]
    status = {"published": "公布值", "recalled": "经验值", "assumption": "假设"}[wage.status]
    assert told == [wage.value, wage.unit, wage.value, wage.low, wage.high, status]
    keys = [row[0].value for row in sheet.iter_rows(min_row=3, min_col=2)]
    assert len(keys) > 50 and len(set(keys)) == len(keys) and not [key for key in keys if key.startswith("tj.")]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unchanged_sheet_of_costs_leaves_the_problem_as_it_is(costs_of, language):
    def none(sheet):
        sheet.delete_rows(2, sheet.max_row)

    empty, unchanged = costs_of(none, language), costs_of(lambda sheet: None, language)
    assert unchanged.loaded.changes == empty.loaded.changes == ()
    paths = {"city", "runs"}
    assert unchanged.config.model_dump(exclude=paths) == empty.config.model_dump(exclude=paths)
    assert digest(unchanged.instance) == digest(empty.instance)


def test_a_changed_figure_of_the_sheet_reaches_the_plan(tmp_path):
    book = plan_book(tmp_path / "town.xlsx", costs=[])
    before = read_config(book).config
    opened = openpyxl.load_workbook(book)
    row = row_of(opened["Costs"], "wage.attendant")
    row[2].value = 2 * row[2].value
    opened.save(book)
    (change,) = read_config(book).loaded.changes
    assert (change.key, change.now) == ("parameters.wage.attendant", row[2].value)
    was, now = (next(iter(one.facilities.point["kiosk"].sizes.values())) for one in (before, read_config(book).config))
    assert now.opex_cny > 1.5 * was.opex_cny


def test_what_is_missing_or_wrong_is_told_with_its_place(tmp_path):
    book = plan_book(tmp_path / "town.xlsx")
    (tmp_path / "roads.gpkg").unlink()
    with pytest.raises(ConfigError, match=r"needs roads and outlines of districts beside it.*put roads\.gpkg"):
        read_config(book)
    wrong = [{"For whom": "city", "What is measured": "happiness", "At least": 1}]
    with pytest.raises(DataError, match=r"Targets.*happiness"):
        read_config(plan_book(tmp_path / "wrong" / "town.xlsx", targets=wrong))
    unknown = [{"Figure": "wage.atendant", "Your value": 1}]
    said = failing(2, "check", plan_book(tmp_path / "typo" / "town.xlsx", costs=unknown))
    assert "wage.atendant" in said and "wage.attendant" in said
