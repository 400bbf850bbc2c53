"""Files and folders are written whole or not at all, by several writers at a time, and after one of them died."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from siting import files
from siting.errors import FileError
from siting.files import new_file, new_folder, recover_folder, require_replaceable, write_csv, write_file

BY_RENAMES = "import siting.files as files; files._exchange = lambda first, second: False\n"


def entries(folder):
    return sorted(path.name for path in folder.iterdir())


def write_folder(path, content, **how):
    with new_folder(path, **how) as partial:
        (partial / "inner").mkdir()
        (partial / "a.txt").write_text(content)
        (partial / "inner" / "b.txt").write_text(content)


@pytest.fixture(params=["exchange", "two renames"])
def _way(request, monkeypatch):
    if request.param == "two renames":
        monkeypatch.setattr(files, "_exchange", lambda first, second: False)


def killed(script, *arguments):
    """Run a script in another process until it kills itself."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], check=False, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_a_file_is_written_with_its_folders_and_replaced_whole(tmp_path):
    path = tmp_path / "new" / "deep" / "a.txt"
    write_file(str(path), "中文")
    write_file(path, b"bytes")
    assert path.read_bytes() == b"bytes"
    assert entries(path.parent) == ["a.txt"]


def test_a_file_keeps_its_permissions_and_a_new_one_has_those_of_the_umask(tmp_path):
    path = tmp_path / "a.txt"
    write_file(path, "1")
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()
    path.chmod(0o600)
    write_file(path, "2")
    assert path.stat().st_mode & 0o777 == 0o600


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_symbolic_link_stays_and_what_it_points_to_is_replaced(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "folder")
    write_file(tmp_path / "link.txt", "here")
    write_folder(tmp_path / "link", "one")
    write_folder(tmp_path / "link", "two")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "a.txt").read_text() == "here"
    assert (tmp_path / "elsewhere" / "folder" / "a.txt").read_text() == "two"


def test_a_device_is_written_and_not_replaced():
    write_file("/dev/null", "gone")
    assert Path("/dev/null").is_char_device()


def test_a_table_has_its_byte_order_mark(tmp_path):
    pd = pytest.importorskip("pandas")
    write_csv(tmp_path / "a.csv", pd.DataFrame({"名": ["甲"], "t": [None]}))
    assert (tmp_path / "a.csv").read_bytes() == "\ufeff名,t\n甲,\n".encode()


def test_a_file_that_fails_leaves_the_former_one_and_nothing_else(tmp_path):
    path = tmp_path / "a.xlsx"
    write_file(path, "former")
    with pytest.raises(ZeroDivisionError), new_file(path) as partial:
        assert partial.suffix == ".xlsx"
        partial.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "former"
    assert entries(tmp_path) == ["a.xlsx"]


@pytest.mark.parametrize("write", [write_file, write_folder])
def test_an_error_names_the_place_the_reason_and_the_cure(tmp_path, write):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match=r"file/a: cannot be written \(File exists\); give another --out"):
        write(tmp_path / "file" / "a", "x", cure="give another --out")


@pytest.mark.usefixtures("_way")
def test_a_folder_is_replaced_whole(tmp_path):
    write_folder(tmp_path / "run", "one")
    (tmp_path / "run" / "preview.html").write_text("may be lost")
    write_folder(tmp_path / "run", "two", owned=["preview.html"])
    assert entries(tmp_path) == ["run"]
    assert entries(tmp_path / "run") == ["a.txt", "inner"]
    assert (tmp_path / "run" / "inner" / "b.txt").read_text() == "two"


def test_a_folder_that_fails_leaves_the_former_one_and_nothing_else(tmp_path):
    write_folder(tmp_path / "run", "one")
    with pytest.raises(FileError, match="run: cannot be written"), new_folder(tmp_path / "run") as partial:
        (partial / "a.txt").write_text("half")
        (partial / "missing").read_text()
    assert (tmp_path / "run" / "a.txt").read_text() == "one"
    assert entries(tmp_path) == ["run"]


def test_a_folder_of_other_files_is_not_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("dear")
    with pytest.raises(FileError, match=r"mine: holds other files \(thesis.doc\); move them away"):
        write_folder(tmp_path / "mine", "x")
    with pytest.raises(FileError, match=r"mine: exists and has no plan.json"):
        write_folder(tmp_path / "mine", "x", marker="plan.json")
    with pytest.raises(FileError, match="choose another name"):
        require_replaceable(tmp_path / "mine" / "thesis.doc", "plan.json")
    with pytest.raises(FileError, match="is a file, not a folder"):
        write_folder(tmp_path / "mine" / "thesis.doc", "x")
    assert entries(tmp_path / "mine") == ["thesis.doc"]


def test_a_marked_folder_and_an_empty_one_are_replaced(tmp_path):
    for name in ("run", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "run" / "plan.json").write_text("{}")
    for name in ("run", "empty"):
        write_folder(tmp_path / name, "x", marker="plan.json")
        assert entries(tmp_path / name) == ["a.txt", "inner"]


def test_a_process_that_dies_while_writing_leaves_the_former_and_its_partial_is_removed(tmp_path):
    write_folder(tmp_path / "run", "one")
    write_file(tmp_path / "a.txt", "one")
    script = """
import os, sys, signal
from siting.files import new_file, new_folder
with new_folder(sys.argv[1] + "/run") as folder, new_file(sys.argv[1] + "/a.txt") as file:
    (folder / "a.txt").write_text("half")
    file.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed(script, tmp_path)
    assert len(entries(tmp_path)) == 4
    assert (tmp_path / "run" / "a.txt").read_text() == (tmp_path / "a.txt").read_text() == "one"
    write_folder(tmp_path / "run", "two")
    write_file(tmp_path / "a.txt", "two")
    assert entries(tmp_path) == ["a.txt", "run"]


def test_a_folder_comes_back_after_a_process_died_between_the_two_renames(tmp_path):
    write_folder(tmp_path / "run", "one")
    script = f"""
import os, sys, signal
from pathlib import Path
{BY_RENAMES}
renames = []
rename = Path.rename
def second_kills(self, target):
    renames.append(target)
    return rename(self, target) if len(renames) == 1 else os.kill(os.getpid(), signal.SIGKILL)
Path.rename = second_kills
with files.new_folder(sys.argv[1]) as folder:
    (folder / "a.txt").write_text("new")
    (folder / "inner").mkdir()
"""
    killed(script, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    recover_folder(tmp_path / "run")
    assert (tmp_path / "run" / "a.txt").read_text() == "one"
    assert entries(tmp_path) == ["run"]


def test_the_former_folder_stays_where_the_second_rename_fails(tmp_path, monkeypatch):
    write_folder(tmp_path / "run", "one")
    monkeypatch.setattr(files, "_exchange", lambda first, second: False)
    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda self, to: _refuse() if ".writing-" in self.name else rename(self, to))
    with pytest.raises(FileError, match=r"cannot be written \(no\)"):
        write_folder(tmp_path / "run", "two")
    assert (tmp_path / "run" / "a.txt").read_text() == "one"
    assert entries(tmp_path) == ["run"]


def _refuse():
    raise PermissionError(13, "no")


def test_a_partial_of_a_living_writer_is_left_alone(tmp_path):
    with new_folder(tmp_path / "run") as slow, new_file(tmp_path / "a.txt") as file:
        (slow / "a.txt").write_text("slow")
        file.write_text("slow")
        write_folder(tmp_path / "run", "fast", owned=["a.txt"])
        write_file(tmp_path / "a.txt", "fast")
        assert slow.exists()
        assert file.exists()
        (slow / "inner").mkdir()
    assert (tmp_path / "run" / "a.txt").read_text() == (tmp_path / "a.txt").read_text() == "slow"
    assert entries(tmp_path) == ["a.txt", "run"]


def test_a_folder_that_another_writer_puts_there_between_the_renames_leaves_no_former_one(tmp_path, monkeypatch):
    write_folder(tmp_path / "run", "one")
    monkeypatch.setattr(files, "_exchange", lambda first, second: False)
    rename, faster = Path.rename, []

    def rename_and_be_overtaken(self, to):
        renamed = rename(self, to)
        if ".former-" in to.name and not faster:
            faster.append("two")
            (tmp_path / "run").mkdir()
            (tmp_path / "run" / "a.txt").write_text("two")
            (tmp_path / "run" / "inner").mkdir()
        return renamed

    monkeypatch.setattr(Path, "rename", rename_and_be_overtaken)
    write_folder(tmp_path / "run", "three")
    assert faster
    assert (tmp_path / "run" / "a.txt").read_text() == "three"
    assert entries(tmp_path) == ["run"]


@pytest.mark.usefixtures("_way")
def test_writers_at_a_time_leave_one_whole_folder(tmp_path):
    faults = []

    def write(content):
        try:
            for _ in range(20):
                write_folder(tmp_path / "run", content)
        except FileError as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert entries(tmp_path) == ["run"]
    assert (tmp_path / "run" / "a.txt").read_text() == (tmp_path / "run" / "inner" / "b.txt").read_text()
