import json
from io import StringIO

import openpyxl
import pytest
from rich.console import Console

from siting.render.terminal.comparison import print_comparison
from siting.results.comparison.compare import compare_runs
from siting.runs.folder import write_run
from tests.commands import failing, siting
from tests.compare_runs import other_city, run_without
from tests.outputs_city import make_run


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two run folders: the base, and one with two points fewer."""
    place, base = tmp_path_factory.mktemp("runs"), make_run()
    for name, run in {"base": base, "fewer": run_without(base, "P00002", "P00005")}.items():
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


def test_the_terminal_has_the_verdict_first_and_one_screen_unless_details_are_asked_for(folders):
    shown = siting("compare", folders / "base", folders / "fewer").output
    assert "base and fewer solve the same problem" in shown.splitlines()[0]
    assert len(shown.splitlines()) <= 40
    whole = siting("compare", folders / "base", folders / "fewer", "--details").output
    assert "base and fewer solve the same problem" in whole.splitlines()[0]
    assert len(whole.splitlines()) > 2 * len(shown.splitlines())
    for text in ("fixed operation", "Targets that differ", "all haul"):
        assert text in whole and text not in shown


def test_several_runs_stand_beside_the_first_and_what_is_not_compared_is_said():
    console = Console(width=140, file=StringIO())
    base = make_run()
    print_comparison(console, compare_runs([base, run_without(base, "P00002"), other_city()], names=["a", "b", "c"]))
    shown = " ".join(console.file.getvalue().split())
    assert "to a" in shown
    assert "Not compared: a plans Tianjin, c plans Elsewhere" in shown


def test_a_comparison_is_written_for_programs(folders, tmp_path):
    siting("compare", folders / "base", folders / "fewer", "--json", tmp_path / "new" / "c.json")
    summary = json.loads((tmp_path / "new" / "c.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in summary["runs"]] == ["base", "fewer"]
    assert len(summary["pairs"][0]["sites"]["only_first"]) == 2


def test_the_page_stands_beside_the_first_run_unless_told_otherwise(folders, tmp_path):
    shown = siting("compare", folders / "base", folders / "fewer").output
    page = folders / "compare-base-fewer.html"
    assert str(page) in shown.replace("\n", "")
    assert "<title>" in page.read_text(encoding="utf-8")
    siting("compare", folders / "base", folders / "fewer", "--html", tmp_path / "a" / "b.html")
    assert (tmp_path / "a" / "b.html").read_text(encoding="utf-8") == page.read_text(encoding="utf-8")


def test_a_workbook_has_figures_targets_and_sites(folders, tmp_path):
    siting("compare", folders / "base", folders / "fewer", "--xlsx", tmp_path / "c.xlsx", "--html", tmp_path / "c.html")
    book = openpyxl.load_workbook(tmp_path / "c.xlsx")
    assert book.sheetnames == ["指标 Figures", "目标 Targets", "场址 2 Sites 2"]
    rows = {row[0]: row for row in book["指标 Figures"].iter_rows(values_only=True)}
    assert rows["回收点"][2:5] == (10, 8, -2)
    assert rows["居民平均步行距离"][5] == "更差"
    sites = list(book["场址 2 Sites 2"].iter_rows(values_only=True))
    assert [row[3] for row in sites if row[1] == "仅 base"] == ["P00002", "P00005"]


def test_the_distance_of_a_move_can_be_set(folders, tmp_path):
    siting("compare", folders / "base", folders / "fewer", "--moved-within", 70, "--json", tmp_path / "c.json")
    sites = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["pairs"][0]["sites"]
    assert sites["moved_within_m"] == dict.fromkeys(("point", "transfer", "sorting", "base"), 70)


def test_what_is_no_run_folder_is_refused(folders, tmp_path):
    assert "is no run folder" in failing(2, "compare", folders / "base", tmp_path)
    assert "is no run folder" in failing(2, "compare", folders / "base", tmp_path / "nothing")
    assert "give two runs or more" in failing(2, "compare", folders / "base")
    written = failing(2, "compare", folders / "base", folders / "fewer", "--json", folders / "base/plan.json/c.json")
    assert "choose another place" in written
