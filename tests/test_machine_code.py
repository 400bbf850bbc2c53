"""Machine code that is kept: a change of any compiled function, or of a constant that one uses, is noticed."""

import numpy as np
import pytest

from siting.machine_code import FOLDERS, PACKAGE, compiled, fingerprint, sources

KERNEL = "from siting.locate.constants import FAR\n\n\n@compiled\ndef f():\n    {}\n"


@pytest.fixture
def package(tmp_path):
    root = tmp_path / "siting"
    for folder in FOLDERS:
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
        ("locate/plain.py", "def g():\n    return 2\n", False),
    ],
)
def test_what_compiled_functions_rest_on_is_noticed(package, name, text, is_noticed):
    before = fingerprint(package)

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
