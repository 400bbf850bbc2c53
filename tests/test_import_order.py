from __future__ import annotations

import ast
from pathlib import Path

import pytest

import siting

ROOT = Path(siting.__file__).parent
LAYERS = [
    {"errors", "interrupts", "machine_code", "language"},
    {"files", "vocabulary", "encoding"},
    {"config", "instance"},
    {"plan", "geography", "standards"},
    {"model", "travel", "tours", "synthetic"},
    {"inputs", "certificate"},
    {"verify", "solve"},
    {"allocation"},
    {"behaviour", "chains"},
    {"evaluate", "explain", "results", "prepare"},
    {"audit", "passes", "baseline", "pricing"},
    {"render"},
    {"runs", "page"},
    {"journal", "doctor", "review", "starter", "trial", "answer", "changed", "overview"},
    {"prices", "sites", "binding", "scored", "alternatives", "versus", "breakeven", "straight"},
    {"sensitivity", "solve_run"},
    {"result"},
    {"problem", "comparison", "locate", "relog"},
    {"examples", "scenarios", "repair"},
    {"region"},
    {"cli"},
    {"__main__"},
]
TYPES_ONLY = {("result", "problem")}
"""A result names the problem that it solves, whose `solve` returns the result: the type only, not the module."""
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
MATHEMATICS = {
    "instance",
    "plan",
    "model",
    "certificate",
    "solve",
    "verify",
    "allocation",
    "behaviour",
    "chains",
    "evaluate",
    "explain",
    "pricing",
    "synthetic",
}
GEOGRAPHY = {"inputs", "travel", "results", "render", "runs", "prepare", "geography"}
PREPARE_MAY_USE = {
    "errors",
    "config",
    "inputs",
    "travel",
    "tours",
    "instance",
    "geography",
    "standards",
    "vocabulary",
    "language",
}


def imports():
    """(module of siting, what it imports in full) for every import of the package."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}: relative import"
                yield name, node.module


def inner():
    for name, imported in imports():
        parts = imported.split(".")
        if parts[0] == "siting" and len(parts) > 1 and parts[1] != name and name != "__init__":
            yield name, parts[1]


def test_every_module_has_its_layer():
    assert {name for name, _ in imports()} - {"__init__"} <= set(RANK)


def test_modules_import_only_what_is_below_them_and_no_siblings():
    assert [(name, used) for name, used in inner() if RANK[used] >= RANK[name]] == [*TYPES_ONLY]


@pytest.mark.parametrize(
    ("world", "foreign"),
    [
        (MATHEMATICS, {"geopandas", "folium", "osmnx", "shapely", "pyproj"}),
        (GEOGRAPHY, {"pulp", "highspy"}),
        (MATHEMATICS, {"siting.geography", "siting.inputs", "siting.travel", "siting.results", "siting.render"}),
    ],
)
def test_the_two_worlds_do_not_meet(world, foreign):
    assert [
        (name, used)
        for name, used in imports()
        if name in world and any(used == other or used.startswith(other + ".") for other in foreign)
    ] == []


def test_verification_knows_neither_the_model_nor_a_solver():
    assert {used for name, used in inner() if name == "verify"} == {"errors", "instance", "plan", "vocabulary"}


def test_config_inputs_and_travel_meet_the_instance_in_prepare_only():
    assert {used for name, used in inner() if name == "prepare"} <= PREPARE_MAY_USE


def test_pages_format_results_and_read_no_config():
    for path in sorted((ROOT / "render" / "html").rglob("*.py")):
        tree = ast.parse(path.read_text())
        used = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        read = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "config"]
        assert not read, f"{path}: reads the config in lines {read}"
        assert not [one for one in used if one.startswith(("siting.config", "siting.verify", "siting.prepare"))], path
