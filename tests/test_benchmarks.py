"""Every benchmark runs, on something tiny; what it measures is looked at by hand (benchmarks/README.md)."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from benchmarks import backcast, build, formats, kills, peers, published, scale, startup
from benchmarks.measure import measured
from benchmarks.solvers import _cbc_bound
from siting.config.load import load_config

TABLE = """instance,problem,sense,size,parameters,best_value,proven_optimal,bound,source,file
line,p-median,min,n=4,p=1,8,yes,8,by hand,pmed/line.txt
two,CFLP multi-source,min,2x2,,26,yes,26,by hand,cap/two.txt
two,UFL,min,2x2,,14,yes,14,by hand,cap/two.txt
word,CFLP multi-source,min,2x2,capacity=8,26,yes,26,by hand,cap/word.txt
stages,two-stage CFLP,min,1/2/2,,33,yes,33,by hand,tscflp/stages.txt
street,MCLP,max,4,p=1 R=10 total=10,7,yes,7,by hand,mclp/street.txt
square,p-median (Euclidean),min,n=4,p=2,2,yes,2,by hand,pmed_large/square.tsp
"""
FILES = {
    "bestknown.csv": TABLE,
    # a path of four places with steps of 9 (replaced by 2), 2 and 2; from its second place 2 + 0 + 2 + 4
    "pmed/line.txt": "4 4 1\n1 2 9\n2 3 2\n3 4 2\n2 1 2\n",
    # the second site costs 20, the first 3 but has no room for both nodes: 3 + 20 + 1 + 2; alone it would be 3 + 1 + 10
    "cap/two.txt": "2 2\n8 3.\n10 20.\n5\n1. 9.\n5\n10. 2.\n",
    "cap/word.txt": "2 2\ncapacity 3.\ncapacity 20.\n5\n1. 9.\n5\n10. 2.\n",
    # one plant (opening 7), sites at 3 and 20: the first has room for all; 7 + 3 + 10 × 1 + 5 × 1 + 5 × 1.6
    "tscflp/stages.txt": "1 2 2\n5\n5\n10 7\n1 2\n10 3\n10 20\n1 1.6\n9 1\n",
    "mclp/street.txt": "4\t9999\tp\tS\n0\t0\t3\n8\t0\t4\n30\t0\t1\n50\t0\t2\n",
    "pmed_large/square.tsp": "NAME : square\nNODE_COORD_SECTION\n1 0 0\n2 1.9 0\n3 9e1 0\n4 9.19e1 0\nEOF\n",
    # no row of the table is of these
    "pmed/another.txt": "2 1 1\n1 2 5\n",
    "mclp/unknown.txt": "1 9999 p S\n0 0 3\n",
}
GLOBE = """NAME : globe
NODE_COORD_SECTION
40.0 -074.0
40.001 -074.0
DEMAND_SECTION
2
5
EOF"""


@pytest.fixture
def instances(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_published_instances_are_found_by_layout_and_solved_to_their_best_values(instances):
    tasks = list(published.list_tasks(instances, ["pmed", "cap", "tscflp", "mclp", "pmed_large"]))
    with_best = [task for task in tasks if task["best_known"] is not None]

    assert {task["instance"] for task in tasks} - {task["instance"] for task in with_best} == {"another", "unknown"}
    assert len(with_best) == 7
    for task in with_best:
        found = published.solve_one(
            task["path"], task["set"], problem=task["problem"], parameters=task["parameters"], time_limit_s=5
        )
        assert found["proven"], task
        assert found["value"] == pytest.approx(task["best_known"]), task


def test_one_row_is_written_for_each_instance_whether_its_best_value_is_known_or_not(instances):
    out = instances / "rows.json"
    published.main(["--instances", str(instances), "--set", "pmed", "mclp", "--only", "n", "--json", str(out)])
    rows = {row["instance"]: row for row in json.loads(out.read_text())["rows"]}

    assert rows["line"]["value"] == rows["line"]["best_known"] == 8
    assert rows["line"]["off_best_percent"] == 0
    assert (rows["another"]["value"], rows["another"]["best_known"]) == (5, None)
    assert "left out: no p, R" in rows["unknown"]["status"]


def test_a_folder_without_instances_is_an_error_that_names_the_sets(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        published.main(["--instances", str(tmp_path)])

    assert "pmed, cap, tscflp, mclp, pmed_large" in capsys.readouterr().err


def test_degrees_are_measured_on_the_globe(tmp_path):
    (tmp_path / "globe.txt").write_text(GLOBE)
    metres, weights = formats.read_points(tmp_path / "globe.txt")

    assert weights.tolist() == [2, 5]
    assert metres == pytest.approx(np.array([[0, 111.3], [111.3, 0]]), abs=0.1)


def test_work_in_a_process_of_its_own_is_stopped_at_its_limit_and_told_of_where_it_fails():
    failed = measured("benchmarks.build:build_one", {"source": "no/such/run", "path": "arrays"}, limit_s=60)
    stopped = measured("benchmarks.build:build_one", {"source": "synthetic-1000", "path": "arrays"}, limit_s=0.2)

    assert "no/such/run" in failed["status"]
    assert stopped["status"] == "stopped after 0 s"


def test_scale_and_build_write_a_row_for_each_city(tmp_path):
    scale.main(["--cells", "40", "--time-limit", "60", "--engine", "exact", "--json", str(tmp_path / "scale.json")])
    build.main(["synthetic-40", "--repeat", "1", "--json", str(tmp_path / "build.json")])
    (scaled,) = json.loads((tmp_path / "scale.json").read_text())["rows"]
    built = json.loads((tmp_path / "build.json").read_text())["rows"]

    assert (scaled["n_demand"], scaled["faults"]) == (40, 0)
    assert scaled["peak_mb"] > 50
    assert [row["path"] for row in built] == ["own arrays", "PuLP"]
    assert built[0]["n_entries"] == built[1]["n_entries"] > 0


@pytest.mark.parametrize("name", ["coverage", "materials"])
def test_variants_of_tianjin_are_configs_that_load(name):
    loaded = load_config(Path(published.__file__).parent / "variants" / f"{name}.yaml")

    assert loaded.config.name == f"variant-{name}"
    assert loaded.config.targets


def test_peers_are_held_against_the_best_bound_of_their_problem(tmp_path):
    peer = ["siting", "pulp-highs", "cover-siting"]
    peers.main(["synthetic-40", "--time-limit", "2", "--peer", *peer, "--json", str(tmp_path / "peers.json")])
    rows = json.loads((tmp_path / "peers.json").read_text())["rows"]

    assert [row["peer"] for row in rows] == peer
    assert all(row["above_percent"] > -1e-6 for row in rows), rows
    assert rows[0]["above_percent"] < 5
    assert rows[0]["faults"] == 0


def test_a_value_is_held_against_the_best_bound_that_any_peer_proved():
    city, cover = {"problem": "city", "sign": 1}, {"problem": "coverage", "sign": -1}
    rows = peers.compared(
        [
            city | {"value": 110.0, "bound": 90.0},
            city | {"value": None, "bound": 100.0},
            cover | {"value": 80.0, "bound": 84.0},
        ]
    )

    assert [row.get("above_percent") for row in rows] == [pytest.approx(100 / 11), None, pytest.approx(5)]


def test_the_bound_in_the_log_of_cbc_is_that_of_branch_and_bound_before_that_of_the_relaxation():
    root = "Continuous objective value is 90.5 - 0.01 seconds\n"

    assert _cbc_bound(root) == 90.5
    assert _cbc_bound(root + "Lower bound:                    95.250\n") == 95.25
    assert _cbc_bound("") == -np.inf


def test_startup_is_measured_in_seconds_of_the_processor(capsys):
    startup.main(["--repeat", "1"])
    rows = capsys.readouterr().out.splitlines()
    assert [row[:28].strip() for row in rows[1:]] == list(startup.COMMANDS)
    assert min(float(rows[2].split()[-3]), float(rows[1].split()[-2])) >= 0


def test_backcast_matches_enumeration_and_the_figures_of_the_readme(tmp_path):
    random = np.random.default_rng(5)
    lon, lat = -4.42 + random.uniform(0, 0.02, 30), 36.72 + random.uniform(0, 0.015, 30)
    kinds = ["trash"] * 18 + ["batteries"] * 4 + ["clothes"] * 6 + ["batteries", "clothes"]
    lon[-2:], lat[-2:] = lon[18], lat[18]  # three containers at one place
    lines = [f"{kinds[i]},{i},{lon[i]},{lat[i]},{1 + i % 3 if i < 17 else ''}," for i in range(30)]
    (tmp_path / "containers.csv").write_text("\n".join(["kind,osm_id,lon,lat,capacity,check_date", *lines]))
    city = backcast.read_containers(tmp_path / "containers.csv", demand_kind="trash")
    is_today, p = city.is_today["batteries"], 4
    choices = [np.isin(np.arange(len(city.sites)), one) for one in itertools.combinations(range(len(city.sites)), p)]
    assert city.weight.sum() == sum(1 + i % 3 for i in range(17)) + backcast.MISSING_M3
    assert (len(city.sites), is_today.sum()) == (10, p)
    today_m, within = city.mean(city.walks_m(is_today)), city.mean(city.walks_m(is_today) <= 300.0)
    (tmp_path / "README.md").write_text(f"batteries {today_m - 0.5:.3f}; 0.0 %; {100 * within:.3f} %.")

    backcast.main([f"--containers={tmp_path}/containers.csv", "--kinds=batteries", f"--json={tmp_path}/rows.json"])

    rows = json.loads((tmp_path / "rows.json").read_text())["rows"]
    assert [row["network"] for row in rows] == ["today", *["best", "half the gain"] * 2]
    for within_m, best, half in ((None, *rows[1:3]), (300.0, *rows[3:5])):
        task = backcast.Task(city, "batteries", within_m)
        values = np.array([task.value(is_open) for is_open in choices])
        target = (task.value(is_today) + values.min()) / 2
        fewest = min(
            task.new(is_open) for is_open, value in zip(choices, values, strict=True) if value <= target + 1e-9
        )
        assert best["bound"] == pytest.approx(values.min(), abs=1e-6)
        assert half["least_new"] <= fewest <= half["new"] < best["new"]
        assert (best["mean_m"], 1 - best["within_300"])[within_m is not None] == pytest.approx(values.min(), abs=0.005)
    off = backcast.differences(tmp_path / "README.md", rows)
    assert (off[0]["mean_m"], off[0]["within_300"]) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.0, abs=0.01))
    # one van takes all four: there and back by the mean distance; detours by the distance to the third neighbour
    between_m = cdist(city.sites_m[is_today], [*city.sites_m[is_today], city.depot_m])
    by_hand_km = 2 * between_m[:, p].mean() + 0.57 * np.sqrt(np.pi / 3) * between_m[:, :p].max(axis=1).sum()
    assert rows[0]["round_km"] == pytest.approx(by_hand_km / 1000, abs=0.1)


@pytest.mark.slow
def test_a_writer_that_is_killed_at_a_rename_loses_nothing(tmp_path):
    counts = kills.tried(tmp_path, n_random=1, steps=["full", "rights", "two"])
    assert counts["full disk: attempts"] == len(kills.FILE_SIZES) and counts["two at once: attempts"] == 1
    bad = ("half a run seen", "next run failed", "runs lost", "litter")
    assert {name: number for name, number in counts.items() if name.endswith(bad) and number} == {}
