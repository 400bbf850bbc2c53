"""Settings of all tests: which are slow, and the cache of the user; the run of a small city that many tests read."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
SLOW = {
    "behaviour", "benchmarks", "certificate/cell_bound", "certificate/checker", "certificate/covers",
    "certificate/floor", "certificate/omitted", "certificate/site_bound", "cli/cli", "cli/compare", "cli/input",
    "config/decisions", "config/overlay", "docs/notebooks", "docs/tutorial", "evaluate/evaluate",
    "examples/county", "examples/examples", "examples/region_towns", "examples/tianjin", "explain/infeasible",
    "front_door", "inputs/assemble", "inputs/assemble_features", "inputs/datums_suspicions", "inputs/osm_cli",
    "inputs/population_raster", "interrupts", "locate/branch", "locate/capacitated", "locate/classic",
    "locate/covering", "locate/exchange", "locate/locate", "locate/prices", "locate/published", "machine_code",
    "model/brute_force", "model/budgets", "model/horizon", "model/nearest", "model/parts", "model/properties",
    "model/use_and_room", "passes", "prepare/expansions", "prepare/uncertainty", "pricing/prices",
    "pricing/sites", "relog/instance", "relog/relog", "render/basemap", "render/cells_drawn",
    "render/compare_browser", "render/flow_figures", "render/map", "render/map_interaction", "render/page",
    "render/page_words", "render/publication", "render/report", "repair", "results/binding",
    "results/collection", "results/products", "runs/forged", "runs/kept", "runs/run", "scenarios/sweep",
    "scored", "sensitivity", "solve/ascent", "solve/both", "solve/choosing", "solve/city", "solve/goals",
    "solve/goals_stages", "solve/later_first", "solve/near", "solve/parts_city", "solve/placing",
    "solve/restrict", "solve/start", "solve/volume", "solve/work", "starter/book", "synthetic/synthetic",
    "tours/tours", "versus",
}  # fmt: skip
"""Modules, as folder/name, with a test that takes more than a few seconds: a browser, a command, a whole plan."""


def pytest_collection_modifyitems(items):
    """Mark the tests of slow modules, which `make check` leaves out; single tests carry the marker themselves."""
    slow = {HERE / name for name in SLOW}
    if gone := [name for name in SLOW if not (HERE / name).with_name(f"test_{Path(name).name}.py").exists()]:
        raise pytest.UsageError(f"tests/conftest.py: SLOW names modules that do not exist: {', '.join(sorted(gone))}")
    for item in items:
        if item.path.with_name(item.path.stem.removeprefix("test_")) in slow:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_user(tmp_path_factory):
    """Travel that no run folder keeps goes to a temporary cache, not to that of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def run():
    """The run of the small made-up city; tests change copies of it only."""
    from tests.outputs_city import make_run  # here: tests of single modules need none of these libraries

    return make_run()


@pytest.fixture(scope="module")
def folder(run, tmp_path_factory):
    """The run folder of `run`, also where a module has a run of its own; tests change copies of it only."""
    from siting.runs.folder import write_run

    folder = tmp_path_factory.mktemp("runs") / "small"
    write_run(folder, run)
    return folder
