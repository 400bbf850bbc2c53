"""The commands of docs/howto/own-city.md, run as they stand there, print what stands there."""

import re
import shutil
from pathlib import Path

import geopandas as gpd
import pytest

from tests.commands import siting

ROOT = Path(__file__).parents[2]
SOLVED = ("run", "verify")
TABLES = ("districts", "demand", "candidates", "road_nodes", "road_edges", "water", "barriers")


def blocks():
    """(command, lines that it must print) for each block of the tutorial."""
    text = (ROOT / "docs/howto/own-city.md").read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        command, *lines = block.strip().splitlines()
        yield command.removeprefix("$ siting ").split(), lines


def plain(text, command):
    """Text with single blanks; of a solve the figures are left open, for they differ between machines."""
    text = " ".join(text.replace("│", " ").split())
    return re.sub(r"[\d,.]+", "#", text) if command[0] in SOLVED else text


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """What the tutorial needs of the repository, in a folder of its own."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("data/helsinki", "configs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "data/parameters.csv", folder / "data/parameters.csv")
    return folder


def contents(folder):
    """The bytes of every file that git would see, by name: what is written to runs/ it ignores."""
    files = (path for path in folder.rglob("*") if path.is_file())
    ours = {path.relative_to(folder): path for path in files}
    return {name: path.read_bytes() for name, path in ours.items() if name.parts[0] != "runs"}


def test_the_tutorial_does_what_it_says(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    before = contents(checkout)
    told = list(blocks())
    assert [command[:2] for command, _ in told][-2:] == [["run", "configs/helsinki.yaml"], ["verify", "runs/helsinki"]]
    for command, lines in told:
        result = siting(*command)
        assert result.exit_code == 0, result.output
        printed = plain(result.output, command)
        for line in lines:
            assert plain(line, command) in printed, f"{command} does not print: {line}\n{result.output}"
    assert (checkout / "runs/helsinki/map.html").stat().st_size > 100_000
    assert (checkout / "runs/helsinki-city/preview.html").exists()
    assert contents(checkout) == before, "the commands of the tutorial change files of the repository"


def test_the_city_folder_in_the_repository_is_the_one_that_the_build_makes(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    made = checkout / "again"
    built = siting("data", "build", "data/helsinki/sources/city-source.yaml", "--out", made)
    assert built.exit_code == 0, built.output
    for stem in TABLES:
        fresh, kept = (gpd.read_parquet(folder / f"{stem}.parquet") for folder in (made, ROOT / "data/helsinki/city"))
        assert list(fresh) == list(kept) and len(fresh) == len(kept)
        assert fresh.geometry.geom_equals_exact(kept.geometry, tolerance=1e-6).all(), stem
    assert (ROOT / "data/helsinki/city/city-source.yaml").read_bytes() == (
        ROOT / "data/helsinki/sources/city-source.yaml"
    ).read_bytes()


def test_the_example_says_that_its_residents_are_an_assumption():
    for name in ("README.md", "city.yaml"):
        text = " ".join((ROOT / "data/helsinki/city" / name).read_text(encoding="utf-8").split())
        assert "Assumption: residents of each quarter (2006)" in text
        assert "© OpenStreetMap contributors" in text
