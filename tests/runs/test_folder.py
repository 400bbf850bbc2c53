import dataclasses
import json
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pandas.testing
import pytest
from geopandas.testing import assert_geodataframe_equal

from siting.errors import ConfigError, FileError
from siting.instance import Instance
from siting.plan import Certificate, Plan, Solution, open_option_of_site
from siting.runs.arrays import load_arrays, save_arrays
from siting.runs.folder import read_run, write_run
from siting.verify import district_figures, verify


def assert_same(a, b):
    """Two values are the same to the last bit, through dataclasses, tuples and arrays."""
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif dataclasses.is_dataclass(a):
        for field in dataclasses.fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name))
    elif isinstance(a, tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            assert_same(one, other)
    else:
        assert type(a) is type(b)
        np.testing.assert_equal(a, b)  # nan is equal to nan


def read_table(folder, name):
    assert (folder / name).read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark to read Chinese"
    return pd.read_csv(folder / name, encoding="utf-8-sig", dtype={"district_code": str})


def test_an_instance_comes_back_exactly(run, tmp_path):
    save_arrays(tmp_path / "instance.npz", run.instance)
    assert_same(run.instance, load_arrays(tmp_path / "instance.npz", Instance))


def test_an_instance_without_targets_comes_back(run, tmp_path):
    bare = dataclasses.replace(run.instance, targets=())
    save_arrays(tmp_path / "instance.npz", bare)
    assert_same(bare, load_arrays(tmp_path / "instance.npz", Instance))


def test_a_plan_comes_back_exactly_with_its_certificate_and_history(run, tmp_path):
    solution = dataclasses.replace(
        run.solution,
        certificate=Certificate(np.array([0.1, -3.0]), np.array(["serve"]), np.array([0]), np.array([2]), "0" * 64),
    )
    save_arrays(tmp_path / "plan.npz", solution)
    assert_same(solution, load_arrays(tmp_path / "plan.npz", Solution))


def test_a_damaged_archive_is_refused_with_a_cure(run, tmp_path):
    path = tmp_path / "plan.npz"
    save_arrays(path, run.solution)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FileError, match="run again"):
        load_arrays(path, Solution)
    with pytest.raises(FileError, match="check the run folder"):
        load_arrays(tmp_path / "none.npz", Solution)
    save_arrays(path, run.solution)
    with pytest.raises(FileError, match="run again"):
        load_arrays(path, Instance)


def rewrite(path, change):
    """Change the arrays and the scalars of an archive."""
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    scalars = json.loads(str(arrays["scalars"]))
    change(arrays, scalars)
    np.savez_compressed(path, **{**arrays, "scalars": np.array(json.dumps(scalars))})


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays, scalars: arrays.pop("plans.assign"),
        lambda arrays, scalars: arrays.update({"plans.assign": arrays["plans.assign"][:0]}),
        lambda arrays, scalars: arrays.update({"plans.assign": arrays["plans.assign"].astype(str)}),
        lambda arrays, scalars: scalars.update(plans=[]),
        lambda arrays, scalars: scalars.update(plans="x"),
        lambda arrays, scalars: scalars.update(cost_cny=None),
        lambda arrays, scalars: scalars.update(value="x"),
    ],
)
def test_a_forged_plan_is_refused_with_a_cure(folder, tmp_path, change):
    shutil.copytree(folder, tmp_path / "forged")
    rewrite(tmp_path / "forged" / "plan.npz", change)
    with pytest.raises(FileError, match=r"plan\.npz: .*run again to write it anew"):
        read_run(tmp_path / "forged")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("assumptions.csv", ""),
        ("assumptions.csv", "path,value\nhousehold,"),
        ("districts.csv", ""),
        ("districts.csv", "district_code,residents\nD,1\n"),
        ("plan.json", "[]"),
        ("plan.json", '{"schema_version": 0}'),
        ("inputs.json", "3"),
        ("versions.json", "null"),
        ("geography.gpkg", "no database"),
    ],
)
def test_a_damaged_file_of_a_run_folder_is_refused_with_a_cure(folder, tmp_path, name, content):
    shutil.copytree(folder, tmp_path / "damaged")
    (tmp_path / "damaged" / name).write_text(content, encoding="utf-8")
    with pytest.raises(FileError, match="run again"):
        read_run(tmp_path / "damaged")


@pytest.mark.parametrize("key", ["stages", "goals"])
@pytest.mark.parametrize("value", [None, 3, "x", [3], [{"a": 1}]])
def test_a_summary_of_another_form_is_refused_with_a_cure(folder, tmp_path, key, value):
    shutil.copytree(folder, tmp_path / "damaged")
    path = tmp_path / "damaged" / "plan.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {key: value}), encoding="utf-8")
    with pytest.raises(FileError, match="run again"):
        read_run(tmp_path / "damaged")


def test_a_run_folder_alone_gives_back_the_run(run, folder):
    again = read_run(folder)
    assert_same(run.instance, again.instance)
    assert_same(run.solution, again.solution)
    assert again.config == run.config
    assert again.figures == run.figures
    assert (again.versions, again.inputs, again.stages, again.log) == (run.versions, run.inputs, run.stages, run.log)
    for name, values in run.district_figures.items():
        np.testing.assert_array_equal(again.district_figures[name], values)
    for name in ("cost_cny", "cost_terms_cny", "tonne_km", "faults"):
        assert getattr(again.verification, name) == getattr(run.verification, name)
    held = [(o.target.id, o.reached, o.margin, o.holds) for o in run.verification.targets]
    assert [(o.target.id, o.reached, o.margin, o.holds) for o in again.verification.targets] == held


def test_a_run_folder_alone_can_be_verified(run, folder):
    again = read_run(folder)
    assert verify(again.instance, again.solution.plan).cost_cny == run.verification.cost_cny


def test_geography_comes_back(run, folder):
    again = read_run(folder).geography
    for name in ("districts", "sites", "roads", "water"):
        assert_geodataframe_equal(getattr(run.geography, name), getattr(again, name), check_dtype=False)
    assert (again.notes, again.attributions, again.city_name_zh) == (
        run.geography.notes, run.geography.attributions, run.geography.city_name_zh,
    )  # fmt: skip
    assert list(again.demand["cell"].isna()) == [cell is None for cell in run.geography.demand["cell"]]
    assert again.demand["cell"].iloc[0].equals(run.geography.demand["cell"].iloc[0])


def test_only_open_facilities_are_listed(run, tmp_path):
    plan = run.solution.plan
    is_open = plan.is_open.copy()
    is_open[[0, 11]] = False
    closed = Plan(is_open, plan.assign, plan.direct_t, plan.haul_t)
    some = dataclasses.replace(run, solution=dataclasses.replace(run.solution, plans=(closed,)))
    write_run(tmp_path / "some", some)
    ids = set(read_table(tmp_path / "some", "facilities.csv")["id"])
    assert ids == set(run.instance.sites.id[open_option_of_site(run.instance, closed) >= 0])
    assert len(gpd.read_file(tmp_path / "some" / "plan.gpkg", layer="facilities")) == len(ids) == 13


def test_tables_sum_to_what_was_verified(run, folder):
    facilities, flows = read_table(folder, "facilities.csv"), read_table(folder, "flows.csv")
    assignments = read_table(folder, "assignments.csv")
    by_echelon = facilities.groupby("echelon")["throughput_t"].sum()
    assert by_echelon["sorting"] == pytest.approx(run.verification.processed_t.sum(), abs=0.2)
    assert assignments["tonnes"].sum() == pytest.approx(run.verification.collected_household_t.sum(), abs=0.1)
    tonne_km = (flows["tonnes"] * flows["distance_km"]).groupby(flows["link_class"]).sum()
    for name, value in run.verification.tonne_km.items():
        assert tonne_km[name] == pytest.approx(value, rel=1e-3)
    assert flows["cny"].sum() == pytest.approx(run.verification.cost_terms_cny["transport"], rel=1e-3)
    assert facilities["residents_served"].sum() == pytest.approx(assignments["residents"].sum(), abs=10)
    assert facilities["investment_cny"].sum() == 50_000 * (len(facilities) - 1), "the existing one is sunk"


def test_facilities_say_what_is_real(folder):
    facilities = read_table(folder, "facilities.csv").set_index("is_existing")["nature"]
    assert set(facilities[~facilities.index]) == {"real location, synthetic use"}
    assert set(facilities[facilities.index]) == {"existing facility"}


def test_plan_json_has_terms_that_sum_to_the_cost_and_ranges_beside_figures(run, folder):
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert sum(plan["cost_terms_cny"].values()) == pytest.approx(plan["cost_cny"], abs=10)
    assert plan["facilities"]["point"] == {"open": 10, "by_type_and_size": {"smart/S": 5, "staffed/S": 5}}
    assert plan["targets"] == {"number": 6, "hold": 5, "hard_missed": 0}
    walk = plan["key_figures"]["mean_walk_m"]
    assert (walk["low"], walk["high"], walk["is_plausible"]) == (100, 900, 100 <= walk["value"] <= 900)
    assert plan["status"] == "gap_reached"
    assert plan["gap"] == pytest.approx(0.01)


def test_scorecard_says_what_is_missed_and_who_answers(folder):
    card = read_table(folder, "scorecard.csv").set_index("id")
    missed = card[~card["holds"]]
    assert list(missed.index) == ["t2"]
    assert (missed["strength"] == "soft").all()
    assert missed["materials"].item() == "paper"
    assert (card["responsible"] == "Commission of Commerce").all()
    assert json.loads((folder / "scorecard.json").read_text(encoding="utf-8"))[2]["holds"] is False


def test_history_leaves_unknown_costs_empty(folder):
    history = read_table(folder, "history.csv")
    assert history["cost_cny"].isna().tolist() == [True, False]


def test_a_new_run_takes_the_place_of_a_former_one(run, tmp_path):
    write_run(tmp_path / "runs" / "a", run)
    write_run(tmp_path / "runs" / "a", dataclasses.replace(run, log="second\n"))
    assert (tmp_path / "runs" / "a" / "log.txt").read_text() == "second\n"
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["a", "a.1"]
    assert (tmp_path / "runs" / "a.1" / "log.txt").read_text(encoding="utf-8") == run.log
    write_run(tmp_path / "runs" / "a", run, overwrite=True)
    assert sorted(path.name for path in (tmp_path / "runs").iterdir()) == ["a", "a.1"]


def test_a_full_disk_leaves_the_former_run_and_no_rest(run, tmp_path):
    resource = pytest.importorskip("resource", reason="needs a limit on the size of files")
    write_run(tmp_path / "a", run)
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, former[1]))
    try:
        with pytest.raises(FileError, match=r"cannot be written .*free space"):
            write_run(tmp_path / "a", dataclasses.replace(run, log="second\n"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    assert (tmp_path / "a" / "log.txt").read_text() == run.log
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_folder_that_is_no_run_is_not_replaced(run, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileError, match=r"has no plan\.json; choose another name"):
        write_run(tmp_path, run)
    assert (tmp_path / "thesis.txt").exists()


def test_a_place_that_cannot_be_written_is_named(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        write_run(tmp_path / "file" / "run", run)


def test_a_folder_without_a_plan_is_refused(tmp_path):
    with pytest.raises(FileError, match="give a folder that `siting run` wrote"):
        read_run(tmp_path)


def test_a_run_of_another_schema_is_refused(run, tmp_path):
    write_run(tmp_path / "a", run)
    (tmp_path / "a" / "plan.json").write_text('{"schema_version": 99}')
    with pytest.raises(FileError, match="schema_version is 99"):
        read_run(tmp_path / "a")


def test_districts_table_equals_the_figures(run, folder):
    table = read_table(folder, "districts.csv")
    figures = pd.DataFrame(district_figures(run.instance, run.solution.plan))
    pandas.testing.assert_frame_equal(table.drop(columns="district_code"), figures, check_dtype=False)


def test_a_plan_that_opens_nothing_can_be_written_and_read(run, tmp_path):
    plan = run.solution.plan
    nothing = Plan(*(np.zeros_like(part) for part in (plan.is_open, plan.assign, plan.direct_t, plan.haul_t)))
    solution = dataclasses.replace(run.solution, plans=(nothing,), history=())
    verified = verify(run.instance, nothing)
    write_run(tmp_path / "a", dataclasses.replace(run, solution=solution, verification=verified))
    assert list(read_table(tmp_path / "a", "facilities.csv")["action"]) == ["close"], "the one that stands"
    assert len(read_table(tmp_path / "a", "flows.csv")) == 0
    assert json.loads((tmp_path / "a" / "plan.json").read_text())["key_figures"]["mean_walk_m"]["value"] is None
    assert_same(solution, read_run(tmp_path / "a").solution)


def test_parts_are_written_alone_and_the_run_is_read_back(run, tmp_path):
    write_run(tmp_path / "a", run, parts=["map"])
    names = {path.name for path in (tmp_path / "a").iterdir()}
    assert "map.html" in names
    assert names.isdisjoint({"report.html", "plan.xlsx", "facilities.csv", "plan.gpkg"})
    assert_same(run.solution, read_run(tmp_path / "a").solution)


def test_an_unknown_part_is_refused_with_the_known_ones(run, tmp_path):
    with pytest.raises(ConfigError, match="parts: maps not known; choose from tables, workbook, map, report"):
        write_run(tmp_path / "a", run, parts=["maps"])
    assert not (tmp_path / "a").exists()
