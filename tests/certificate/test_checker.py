"""The checker that knows nothing of the program agrees with `siting verify`, and refuses what was tampered with."""

from __future__ import annotations

import ast
import dataclasses
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from siting.certificate import (
    certified_bound,
    certify,
    decomposition,
    floor_bound,
    lagrangian_bound,
    site_bound,
    with_proven,
)
from siting.certificate.covers import least_units
from siting.certificate.floor import floor_multipliers
from siting.certificate.omitted import carried_over, sound_multipliers
from siting.instance import Instance
from siting.model import build_whole
from siting.model.target_rows import objective_scale
from siting.plan import Solution
from siting.runs.arrays import load_arrays, save_arrays
from siting.runs.modelfile import model_arrays, save_model
from siting.solve.clock import Record
from siting.solve.covers import find_covers
from siting.solve.floor import find_floor
from siting.solve.leaves import grow_leaves
from siting.solve.relaxation import relax
from siting.solve.solve import solve
from tests.certificate.test_omitted import narrowed, widened
from tests.multipliers import assert_below, no_items, optimum, some_multipliers
from tests.parts import PARTS, with_parts
from tests.tiny import hand_instance, tiny_instance

TOOL = Path(__file__).parents[2] / "tools" / "check_certificate.py"
MIXTURES = (
    ("rebuilding", "capacity by the tonne", "disposal", "reserve"),
    ("processing base", "capacity by the tonne", "disposal", "everyone served"),
    ("dismantling", "booked pick-up", "spacing", "light material"),
    ("rebuilding", "capacity by the tonne", "disposal", "years"),
)


@pytest.fixture(scope="module")
def checker():
    spec = importlib.util.spec_from_file_location("check_certificate", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_short_and_imports_numpy_and_the_standard_library_alone():
    text = TOOL.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    names = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([one.name for one in node.names] if isinstance(node, ast.Import) else [node.module])
    }
    assert names == {"json", "sys", "pathlib", "numpy"}


@pytest.mark.parametrize("names", [(), *((name,) for name in PARTS), *MIXTURES], ids=" + ".join)
def test_it_computes_the_same_bounds_from_any_multipliers(checker, names):
    for seed in range(2):
        instance = with_parts(tiny_instance(seed), seed, *names)
        whole, model = build_whole(instance), checker.Model(model_arrays(instance))
        for y in some_multipliers(whole, seed):
            assert model.lagrangian(model.cost, y) == pytest.approx(lagrangian_bound(whole.model, y), rel=1e-9)
            ours, theirs = site_bound(whole, y), checker.site_bound(model, y)
            if names and names[-1] in ("cases", "worst case"):  # it decides what cases share once, which proves more
                assert theirs >= ours - 1e-9 * abs(ours)
            else:
                assert theirs == pytest.approx(ours, rel=1e-9)


def proven_by(checker, instance, solution, folder):
    save_model(folder, instance)
    save_arrays(folder / "plan.npz", solution)
    model = checker.Model(dict(np.load(folder / "model.npz")))
    *proof, _ = checker.certificate_of(folder / "plan.npz", model)
    return checker.proven_bound(model, *proof) * float(model.scale)


@pytest.mark.parametrize("names", [(), ("rebuilding",), ("processing base",), ("cases",), *MIXTURES], ids=" + ".join)
def test_it_agrees_on_whole_certificates(checker, names, tmp_path):
    instance = with_parts(tiny_instance(2), 2, *names)
    solution = solve(instance, engine="exact", time_limit_s=20, gap=0.0)
    proven = proven_by(checker, instance, solution, tmp_path)
    ours = certified_bound(build_whole(instance), solution.certificate) * objective_scale(instance)
    assert proven >= ours - 1e-9 * abs(ours)
    assert proven <= solution.cost_cny + 1e-6 * abs(solution.cost_cny)
    if "cases" not in names:
        assert proven == pytest.approx(ours, rel=1e-9)


@pytest.mark.parametrize("names", [(), *((name,) for name in PARTS), *MIXTURES], ids=" + ".join)
def test_it_computes_the_same_floor_from_any_multipliers(checker, names):
    instance = with_parts(tiny_instance(2), 2, *names)
    whole, model = build_whole(instance), checker.Model(model_arrays(instance))
    for multipliers in (find_floor(whole), *some_multipliers(whole, 2)):
        y = floor_multipliers(whole.model, multipliers)
        assert checker.floor_of(model, y) == pytest.approx(floor_bound(whole, multipliers), rel=1e-9)


def test_it_refuses_a_floor_of_costs_that_no_plan_has(checker):
    model = checker.Model(model_arrays(hand_instance()))
    model.forced_cost = model.cost + 1
    with pytest.raises(ValueError, match="costs above those of the model"):
        checker.floor_of(model, np.zeros(model.m))


@pytest.fixture(scope="module")
def with_covers_and_leaves():
    """An instance with a certificate that has covers, and leaves that prove more than the root."""
    from siting.synthetic import synthetic_instance

    instance = synthetic_instance(60, n_materials=2)
    whole, record = build_whole(instance), Record(1e6)
    record.covers = find_covers(whole, record, most=100.0)
    tight = with_proven(whole, record.covers)
    root = relax(tight.model, time_limit_s=100.0)
    grow_leaves(tight.model, root, record, most=100.0)
    return instance, whole, certify(instance, whole, root.multipliers, record.covers, record.leaves)


def test_leaves_prove_more_and_the_checker_agrees(checker, with_covers_and_leaves, tmp_path):
    instance, whole, certificate = with_covers_and_leaves
    assert len(certificate.covers) >= 2
    assert len(certificate.leaves) >= 2
    root = dataclasses.replace(certificate, leaves=())
    assert certified_bound(whole, certificate) > certified_bound(whole, root)
    solution = dataclasses.replace(solve(hand_instance(), time_limit_s=20), certificate=certificate)
    proven = proven_by(checker, instance, solution, tmp_path)
    assert proven == pytest.approx(certified_bound(whole, certificate) * objective_scale(instance), rel=1e-9)
    for number in range(len(certificate.leaves)):
        fewer = (*certificate.leaves[:number], *certificate.leaves[number + 1 :])
        save_arrays(
            tmp_path / "plan.npz",
            dataclasses.replace(solution, certificate=dataclasses.replace(certificate, leaves=fewer)),
        )
        with pytest.raises(ValueError, match="plans left out"):
            proven_by(
                checker,
                instance,
                dataclasses.replace(solution, certificate=dataclasses.replace(certificate, leaves=fewer)),
                tmp_path,
            )


def test_it_proves_as_many_units_and_refuses_forged_covers(checker, with_covers_and_leaves):
    instance, whole, certificate = with_covers_and_leaves
    model = checker.Model(model_arrays(instance))
    for cover in certificate.covers:
        fields = {field.name: getattr(cover, field.name) for field in dataclasses.fields(cover)}
        assert checker.least_units(model, fields) == least_units(whole.model, cover)
        for fault, changes in {
            "rounds a capacity down": {"unit_kt": cover.unit_kt / 2},
            "adds up other rows": {"capacity_row": np.ones_like(cover.capacity_row)},
            "sizes or prices below 0": {"price": -1.0 - cover.price},
            "not open or closed": {"units": cover.units - 1},
        }.items():
            with pytest.raises(ValueError, match=fault):
                checker.least_units(model, fields | changes)


@pytest.fixture
def run_folder(tmp_path):
    from tests.commands import siting as run
    from tests.small_city import write_small_city

    assert run("run", write_small_city(tmp_path)).exit_code == 0
    return tmp_path / "runs" / "small"


def checked(folder):
    done = subprocess.run([sys.executable, TOOL, folder], capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_command_accepts_a_run_and_refuses_it_without_its_proof(run_folder):
    code, told = checked(run_folder)
    assert code == 0, told
    assert "The claim holds." in told or "word of the solver" in told
    solution = load_arrays(run_folder / "plan.npz", Solution)
    weak = dataclasses.replace(
        solution.certificate,
        multipliers=0 * solution.certificate.multipliers,
        covers=(),
        cover_price=np.empty(0),
        leaves=(),
    )
    for certificate, fault in ((weak, "does not hold"), (None, "certificate is missing")):
        save_arrays(run_folder / "plan.npz", dataclasses.replace(solution, certificate=certificate))
        code, told = checked(run_folder)
        assert code == 1
        assert fault in told
    no_floor = dataclasses.replace(solution.certificate, floor_multipliers=0 * solution.certificate.floor_multipliers)
    save_arrays(run_folder / "plan.npz", dataclasses.replace(solution, certificate=no_floor))
    assert "does not hold" in checked(run_folder)[1]
    save_arrays(run_folder / "plan.npz", solution)
    claims = json.loads((run_folder / "plan.json").read_text(encoding="utf-8"))
    claims["proven_bound_cny"] = claims["cost_cny"] + 1000
    (run_folder / "plan.json").write_text(json.dumps(claims), encoding="utf-8")
    assert checked(run_folder)[0] == 1
    (run_folder / "model.npz").unlink()
    assert "proves nothing" in checked(run_folder)[1]
    assert load_arrays(run_folder / "instance.npz", Instance).n_stages == 1


def without_cells(taker):
    """Let cells send what they like, so that they bind no haul."""
    return np.empty(0, dtype=int), np.empty(0), np.empty(0), np.zeros(taker.model.n, dtype=bool)


def stated(checker, instance):
    """The checker's model of an instance, with the links that it omits, and a function that lays out multipliers."""
    names = ("tail", "head", "distance_m", "link_class", "rate")
    omitted = [[getattr(instance.omitted(kind), name) for name in names] for kind in ("direct", "haul")]
    model = checker.Model(model_arrays(instance), omitted)
    return model, lambda y: y[model.solved_row] * (model.solved_row >= 0)


EVERY_PART = [(), *((name,) for name in PARTS), *MIXTURES]
SHARED_BY_CASES = ("cases", "worst case")


def left_out(names):
    """An instance that omits links, its model, and the model with columns for all."""
    instance = narrowed(with_parts(tiny_instance(2), 2, *names), 2)
    return instance, build_whole(instance), build_whole(widened(instance))


@pytest.mark.parametrize("names", EVERY_PART, ids=" + ".join)
def test_it_prices_links_that_the_model_omits(checker, names, monkeypatch):
    monkeypatch.setattr(decomposition, "cell_items", no_items)
    monkeypatch.setattr(checker.Takers, "from_cells", without_cells)
    instance, narrow, wide = left_out(names)
    model, laid_out = stated(checker, instance)
    for multipliers in some_multipliers(narrow, 2):
        y = sound_multipliers(narrow, multipliers)
        ours, theirs = site_bound(wide, carried_over(narrow, wide, y)), checker.site_bound(model, laid_out(y))
        proves_more = theirs > ours and bool({*names} & {*SHARED_BY_CASES})
        assert theirs == pytest.approx(ours, rel=1e-6) or proves_more


@pytest.mark.parametrize("names", EVERY_PART, ids=" + ".join)
def test_with_what_cells_can_send_no_plan_with_an_omitted_link_costs_less(checker, names):
    instance, narrow, wide = left_out(names)
    model, laid_out = stated(checker, instance)
    least, n_less = optimum(wide), 0
    for multipliers in some_multipliers(narrow, 2):
        y = sound_multipliers(narrow, multipliers)
        theirs, known = checker.site_bound(model, laid_out(y)), site_bound(narrow, y)
        if least is not None:
            assert_below(theirs, least)
        n_less += theirs < known - 1e-6
    assert n_less


@pytest.mark.parametrize("names", EVERY_PART, ids=" + ".join)
def test_the_floor_holds_for_plans_with_omitted_links(checker, names):
    instance, narrow, _ = left_out(names)
    model, laid_out = stated(checker, instance)
    for multipliers in (find_floor(narrow), *some_multipliers(narrow, 2)):
        y = laid_out(floor_multipliers(narrow.model, multipliers))
        assert checker.floor_of(model, y) == pytest.approx(floor_bound(narrow, multipliers), rel=1e-6)


def test_covers_and_leaves_hold_for_plans_with_omitted_links(checker, tmp_path):
    from siting.synthetic import synthetic_instance

    instance = narrowed(synthetic_instance(60, n_materials=2), 1, share=0.3)
    whole, record = build_whole(instance), Record(1e6)
    record.covers = find_covers(whole, record, most=100.0)
    tight = with_proven(whole, record.covers)
    root = relax(tight.model, time_limit_s=100.0)
    grow_leaves(tight.model, root, record, most=100.0)
    certificate = certify(instance, whole, root.multipliers, record.covers, record.leaves)
    assert certificate.covers
    model, _ = stated(checker, instance)
    save_arrays(
        tmp_path / "plan.npz",
        dataclasses.replace(solve(hand_instance(), time_limit_s=20), certificate=certificate),
    )
    y, prices, covers, leaves, _ = checker.certificate_of(tmp_path / "plan.npz", model)
    for told, cover in zip(covers, certificate.covers, strict=True):
        assert checker.least_units(model, told) == least_units(whole.model, cover, whole)
    proven, ours = checker.proven_bound(model, y, prices, covers, leaves), certified_bound(whole, certificate)
    assert ours * 0.99 <= proven <= ours * (1 + 1e-9)  # what cells can send does not bind omitted links here
    for links in model.omitted:
        links[2] = 0 * links[2]
    assert checker.proven_bound(model, y, prices, covers, leaves) < proven


def test_it_refuses_multipliers_that_rest_on_what_the_model_knows_of_shortfalls(checker):
    instance, narrow, _ = left_out(("margins",))
    model, laid_out = stated(checker, instance)
    soft = narrow.model.matrix.tocsc()[:, narrow.model.columns_of("shortfall")].tocoo()
    assert len(soft.row)
    y = np.zeros(narrow.model.n_rows)
    y[soft.row] = 1e6 * np.sign(soft.data)
    with pytest.raises(ValueError, match="omitted links could exceed"):
        checker.site_bound(model, laid_out(y))
    assert np.isfinite(checker.site_bound(model, laid_out(sound_multipliers(narrow, y))))
