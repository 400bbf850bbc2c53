"""The notebooks of docs run from top to bottom, as they are stored: without outputs."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))
BY_NAME = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def code_cells(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def run_cell(source, names):
    """Run a cell as a kernel does: the value of a last expression is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is None:
        return None
    value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
    show = getattr(value, "_repr_html_", None)
    return show() if show else repr(value)


def test_there_are_five():
    assert len(NOTEBOOKS) == 5


@BY_NAME
def test_it_is_stored_without_outputs(path):
    assert [cell for cell in code_cells(path) if cell["outputs"] or cell["execution_count"]] == []


@BY_NAME
def test_it_runs(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    shown = [run_cell("".join(cell["source"]), names) for cell in code_cells(path)]
    assert any(shown)
    assert list(tmp_path.iterdir()) == [], "a notebook writes nothing beside itself"
    plan = names.get("plan", names.get("base"))
    assert plan.bound_cny <= plan.cost_cny
    assert plan.verify().faults == ()
