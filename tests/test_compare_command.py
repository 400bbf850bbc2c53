import json

import pytest

from siting.outputs.folder import write_run
from tests.commands import failing, siting
from tests.compare_runs import other_city, run_without
from tests.outputs_city import make_run


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Three run folders: the base, one with two points fewer, and one of another city."""
    place, base = tmp_path_factory.mktemp("runs"), make_run()
    for name, run in {"base": base, "fewer": run_without(base, "P00002", "P00005"), "other": other_city()}.items():
        write_run(place / name, run)
    return place


def test_the_terminal_tells_differences_in_figures_words_and_arrows(folders):
    shown = siting("compare", folders / "base", folders / "fewer")
    assert shown.exit_code == 0, shown.output
    for text in ("recycling points", "▼ −2", "worse", "better", "Sites: base and fewer", "only in base"):
        assert text in shown.output
    assert "base and fewer solve the same problem: the plan of fewer is the better one" in " ".join(
        shown.output.split()
    )


def test_several_runs_stand_beside_the_first(folders):
    shown = siting("compare", folders / "base", folders / "fewer", folders / "other").output
    assert "to base" in shown
    assert "Not compared: base plans Tianjin, other plans Elsewhere" in " ".join(shown.split())


def test_a_comparison_is_written_for_programs(folders, tmp_path):
    siting("compare", folders / "base", folders / "fewer", "--json", tmp_path / "new" / "c.json")
    summary = json.loads((tmp_path / "new" / "c.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in summary["runs"]] == ["base", "fewer"]
    assert len(summary["pairs"][0]["sites"]["only_first"]) == 2


def test_the_distance_of_a_move_can_be_set(folders, tmp_path):
    siting("compare", folders / "base", folders / "fewer", "--moved-within", 70, "--json", tmp_path / "c.json")
    sites = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["pairs"][0]["sites"]
    assert sites["moved_within_m"] == dict.fromkeys(("point", "transfer", "sorting", "base"), 70)


def test_what_is_no_run_folder_is_refused(folders, tmp_path):
    assert "is no run folder" in failing(2, "compare", folders / "base", tmp_path)
    assert "is no run folder" in failing(2, "compare", folders / "base", tmp_path / "nothing")
    assert "give two run folders or more" in failing(2, "compare", folders / "base")
    written = failing(2, "compare", folders / "base", folders / "fewer", "--json", folders / "base/plan.json/c.json")
    assert "choose another place" in written
