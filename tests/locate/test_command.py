"""`siting locate`: places from files, distances by street or straight, tables, the map in a browser."""

import json
import re
import shutil
import subprocess
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from siting.errors import DataError
from siting.inputs.city import read_city
from siting.locate import p_median, read_places, straight_arcs, street_arcs
from siting.locate.io import places
from tests.commands import failing, siting
from tests.small_city import write_small_city

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ROW_M = 100.0
LON_PER_M = 1 / 86_600  # at 39° north, roughly: what matters is the order


@pytest.fixture
def street(tmp_path):
    """Eight houses in a row, 100 m apart, and a site at each; the folder they stand in."""
    lon = 117.2 + np.arange(8) * ROW_M * LON_PER_M
    demand = pd.DataFrame(
        {"id": [f"h{n}" for n in range(8)], "lon": lon, "lat": 39.1, "people": [1, 9, 1, 1, 1, 1, 1, 9]}
    )
    sites = pd.DataFrame({"id": [f"s{n}" for n in range(8)], "lon": lon, "lat": 39.1, "now": ["yes"] + [""] * 7})
    sites["rent"], sites["room"] = 100.0, 12.0
    demand.to_csv(tmp_path / "demand.csv", index=False)
    sites.to_csv(tmp_path / "sites.csv", index=False)
    return tmp_path


def files(folder):
    return ["--demand", folder / "demand.csv", "--sites", folder / "sites.csv"]


def answer(problem, folder, *more):
    result = siting("locate", problem, *files(folder), *more, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_each_problem_goes_by_its_name(street):
    assert answer("lscp", street, "--within-m", 110)["value"] == 3
    assert answer("mclp", street, "--within-m", 10, "--p", 2, "--weight", "people")["value"] == 18
    assert answer("p-median", street, "--p", 2)["value"] == pytest.approx(800, rel=0.01)
    assert answer("p-center", street, "--p", 2)["value"] == pytest.approx(200, rel=0.01)
    assert (
        answer("UFLP", street, "--opening", "rent", "--weight", "people", "--cost-per-km", 1000)["status"] == "optimal"
    )
    whole = answer("cflp", street, "--opening", "rent", "--weight", "people", "--capacity", "room")
    assert len(whole["chosen"]) == 2  # 24 people, 12 to a site
    plants = ["--plants", street / "sites.csv", "--opening", "rent", "--weight", "people", "--capacity", "room"]
    assert len(answer("tscflp", street, *plants)["plants"]) == 2


def test_fixed_sites_stay(street):
    assert "s0" in answer("p-median", street, "--p", 2, "--fixed", "now")["chosen"]
    assert "s0" not in answer("p_median", street, "--p", 1, "--forbidden", "now")["chosen"]


def test_the_terminal_shows_value_bound_and_gap(street):
    output = siting("locate", "p-median", *files(street), "--p", "2", "--weight", "people").output
    assert re.search(r"value .* people × m", output)
    assert re.search(r"bound .* people × m", output)
    assert "0.000 %" in output


def test_tables_are_written_whole(street):
    out = street / "answer"
    assert siting("locate", "mclp", *files(street), "--within-m", "110", "--p", "2", "--out", out).exit_code == 0
    assert sorted(path.name for path in out.iterdir()) == ["assignments.csv", "sites.csv", "summary.json"]
    rows = pd.read_csv(out / "assignments.csv")
    assert (rows["distance_m"] <= 110).all()
    assert pd.read_csv(out / "sites.csv")["serves_nodes"].sum() == len(rows) == 6
    siting("locate", "lscp", *files(street), "--within-m", "110", "--out", street / "one.csv")
    assert pd.read_csv(street / "one.csv")["node"].tolist() == [f"h{n}" for n in range(8)]


def test_layers_and_tables_give_the_same(street, tmp_path):
    places = read_places(street / "demand.csv", datum="wgs84")
    places.to_file(tmp_path / "demand.gpkg")
    places.to_crs("EPSG:32650").to_parquet(tmp_path / "demand.parquet")
    sites = read_places(street / "sites.csv", datum="wgs84")
    values = [
        p_median(straight_arcs(read_places(tmp_path / name, assumed="wgs84"), sites), p=2).value
        for name in ("demand.csv", "demand.gpkg", "demand.parquet")
    ]
    assert values == pytest.approx([values[0]] * 3, rel=1e-3)  # the last is measured in its own zone of UTM


def test_streets_are_longer_than_straight_lines(tmp_path):
    city = write_small_city(tmp_path).parent / "city"
    parts = ["--demand", city / "demand.parquet", "--sites", city / "candidates.parquet", "--p", "3"]
    values = []
    for more in (["--straight"], ["--network", city]):
        result = siting("locate", "p-median", *parts, *more, "--json")
        assert result.exit_code == 0, result.output
        values.append(json.loads(result.output)["value"])
    assert values[1] > values[0]


def test_streets_to_the_nearest_sites_are_those_of_all_pairs(tmp_path, monkeypatch):
    city = write_small_city(tmp_path).parent / "city"
    demand, sites = read_places(city / "demand.parquet"), read_places(city / "candidates.parquet")
    streets = read_city(city)
    whole = street_arcs(demand, sites, streets).nearest(3)
    monkeypatch.setattr(places, "PAIRS_AT_ONCE", 4 * len(sites))
    near = street_arcs(demand, sites, streets, nearest=3)
    for name in ("start", "site", "cost", "beyond"):
        assert getattr(near, name).tolist() == getattr(whole, name).tolist(), name
    assert np.isfinite(near.beyond).any()
    monkeypatch.setattr(places, "FEW_PAIRS", 6 * len(demand))
    parts = ["--demand", city / "demand.parquet", "--sites", city / "candidates.parquet", "--network", city, "--json"]
    few = json.loads(siting("locate", "p-median", *parts, "--p", "8").output)
    monkeypatch.undo()
    assert few["value"] == pytest.approx(json.loads(siting("locate", "p-median", *parts, "--p", "8").output)["value"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mclp", "--within-m", "100"], "--p: missing; mclp needs it"),
        (["median"], "no such problem; take one of lscp"),
        (["p-median", "--p", "99"], "lower p or allow more"),
        (["p-median", "--p", "2", "--weight", "folk"], "no column 'folk'; the file has id, lon"),
        (["p-median", "--p", "2", "--fixed", "rent"], "rent of s0 is '100'; give yes or no"),
        (["p-median", "--p", "2", "--straight", "--network", "x"], "give one of them"),
    ],
)
def test_what_is_wrong_is_said(street, arguments, message):
    assert message in failing(2, "locate", arguments[0], *files(street), *arguments[1:])


def test_who_cannot_be_covered_is_named(street):
    assert "node h0" in failing(3, "locate", "lscp", *files(street), "--within-m", "10", "--forbidden", "now")


def test_places_without_a_position_or_a_system_are_refused(tmp_path):
    pd.DataFrame({"id": [1], "depth": [2]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match="nothing says where its rows are"):
        read_places(tmp_path / "a.csv")
    pd.DataFrame({"lon": [117, 300], "lat": [39, 39]}).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(DataError, match=r"cell A3 .*300 is out of range"):
        read_places(tmp_path / "b.csv")
    bare = gpd.GeoDataFrame({"id": ["a"]}, geometry=gpd.points_from_xy([0], [0]))
    with pytest.raises(DataError, match="set their crs"):
        straight_arcs(bare, bare)


@pytest.mark.skipif(BROWSER is None, reason="no chromium on this machine")
def test_the_map_draws_with_the_network_cut(street):
    page = street / "map.html"
    siting("locate", "mclp", *files(street), "--within-m", "110", "--p", "2", "--map", page)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--proxy-server=127.0.0.1:9"]
    flags += ["--enable-logging=stderr", f"--user-data-dir={street / 'profile'}", "--virtual-time-budget=3000"]
    done = subprocess.run(
        [BROWSER, *flags, "--dump-dom", page.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert 'data-ready="2 sites, 8 nodes"' in done.stdout
    assert not re.search(r"""src=["']?http|url\(["']?http""", page.read_text(encoding="utf-8"))


def test_nothing_but_the_answer_reaches_programs(street):
    """As a process: libraries print past Python, which a test within one process does not see."""
    given = [*files(street), "--within-m", "250", "--json"]
    command = [sys.executable, "-m", "siting", "locate", "lscp", *map(str, given)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout)["status"] == "optimal"


def test_a_network_of_today_is_compared_and_changed_in_few_places(street):
    out = street / "changed"
    asked = ["--existing", "now", "--most-new", 1, "--p", 2, "--weight", "people"]
    found = answer("p-median", street, *asked, "--out", out)
    assert found["opened"] == ["s7"]
    assert found["closed"] == []
    assert found["chosen"] == ["s0", "s7"]
    assert found["today_value"] == pytest.approx(100 * (9 + 2 + 3 + 4 + 5 + 6 + 7 * 9), rel=0.01)
    changes = pd.read_csv(out / "changes.csv")
    assert changes[["id", "change"]].to_numpy().tolist() == [["s7", "opened"]]
    covered = answer("mclp", street, "--within-m", 10, "--existing", "now", "--most-new", 0, "--weight", "people")
    assert (covered["value"], covered["today_value"], covered["chosen"]) == (1, 1, ["s0"])


def test_options_about_a_network_of_today_that_say_nothing_are_refused(street):
    asked = files(street)
    assert "needs --existing" in failing(2, "locate", "mclp", *asked, "--p", 1, "--within-m", 10, "--most-new", 1)
    assert "does not compare" in failing(2, "locate", "lscp", *asked, "--within-m", 110, "--existing", "now")
    too_few = failing(2, "locate", "p-median", *asked, "--existing", "now", "--most-new", 1, "--p", 4)
    assert "raise most_new or lower p" in too_few
