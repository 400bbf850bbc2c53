"""Machine code that is kept: a change of any compiled function, or of a constant that one uses, is noticed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from siting.machine_code import PACKAGE, cache_folders, compiled, fingerprint, first_writable, sources
from siting.solve.city import ruin

KERNEL = "from siting.locate.constants import FAR\n\n\n@compiled\ndef f():\n    {}\n"


@pytest.fixture
def package(tmp_path):
    root = tmp_path / "siting"
    for folder in ("locate", "solve/city"):
        (root / folder).mkdir(parents=True)
    (root / "locate/kernel.py").write_text(KERNEL.format("return FAR"))
    (root / "locate/constants.py").write_text("FAR = 1.0\n")
    (root / "locate/plain.py").write_text("def g():\n    return 1\n")
    return root


@pytest.mark.parametrize(
    ("name", "text", "is_noticed"),
    [
        ("locate/kernel.py", KERNEL.format("return 2 * FAR"), True),
        ("locate/constants.py", "FAR = 2.0\n", True),
        ("solve/city/another.py", KERNEL.format("return 0"), True),
        ("locate/inner/deep.py", KERNEL.format("return 0"), True),
        ("locate/plain.py", "def g():\n    return 2\n", False),
    ],
)
def test_what_compiled_functions_rest_on_is_noticed(package, name, text, is_noticed):
    before = fingerprint(package)

    (package / name).parent.mkdir(exist_ok=True)
    (package / name).write_text(text)

    assert (fingerprint(package) != before) is is_noticed


def test_the_engines_own_kernels_are_among_the_sources():
    names = {path.relative_to(PACKAGE).as_posix() for path in sources(PACKAGE)}

    assert {"solve/city/ruin.py", "solve/city/sitecosts.py", "locate/capacitated/network_simplex.py"} <= names
    every = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if "\n@compiled\n" in path.read_text()
    }
    assert every <= names


def test_a_compiled_function_does_what_it_says():
    @compiled
    def twice(x):
        return 2 * x

    assert twice(np.arange(3.0)).tolist() == [0.0, 2.0, 4.0]


def test_kernels_are_kept_by_the_key_and_another_package_keeps_its_place(tmp_path):
    """Kernels of ours are loaded before and after."""
    path = tmp_path / "other.py"
    path.write_text("import numba\n\n\n@numba.njit(cache=True)\ndef one():\n    return 1\n")
    spec = importlib.util.spec_from_file_location("other", path)
    other = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(other)
    assert other.one() == 1
    assert Path(other.one._cache.cache_path) == tmp_path / "__pycache__"
    assert list((tmp_path / "__pycache__").glob("other.one-*.nbi"))
    assert not numba.config.CACHE_DIR or "siting" not in numba.config.CACHE_DIR
    kept = [Path(one._cache.cache_path) for one in vars(ruin).values() if hasattr(one, "_cache")]
    assert kept
    assert {path.parent.name.removeprefix("siting-") for path in kept} == {f"machine-code-{fingerprint(PACKAGE)}"}


def test_a_package_that_cannot_be_written_keeps_its_code_in_the_users_cache(package, tmp_path, monkeypatch):
    (package / "__pycache__").write_text("a file where a folder is needed")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")

    assert first_writable(cache_folders(package)) == tmp_path / f"cache/siting/machine-code-{fingerprint(package)}"


def test_without_any_folder_to_write_nothing_is_kept(package, tmp_path, monkeypatch):
    (package / "__pycache__").write_text("a file where a folder is needed")
    (tmp_path / "home").write_text("no folder either")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")

    assert first_writable(cache_folders(package)) is None


PROGRAM = """
from siting.machine_code import compiled, PACKAGE
import siting.machine_code as code
code.cache_folders = lambda package: iter(map(code.Path, {folders}))
@compiled
def thrice(x):
    return 3 * x
print(thrice(2))
"""


@pytest.mark.parametrize("can_write", [True, False])
def test_two_processes_compile_at_a_time_with_a_folder_or_without(tmp_path, can_write):
    (tmp_path / "file").write_text("")
    folder = tmp_path / ("kept" if can_write else "file/kept")
    script = tmp_path / "program.py"
    script.write_text(PROGRAM.format(folders=[str(folder)]))
    command = [sys.executable, str(script)]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ))
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120) for process in both]
    assert [(out.strip(), err) for out, err in told] == [(b"6", b"")] * 2
    assert bool(list(tmp_path.glob("kept/**/*.nbi"))) is can_write
