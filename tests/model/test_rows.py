from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import highspy
import numpy as np
import pytest

from siting.errors import FileError
from siting.model import build, build_model, build_whole, whole
from siting.model.pulp_model import export_model, to_pulp
from siting.model.target_rows import ROWS
from siting.verify.reach import REACHED
from siting.vocabulary import MEASURES, Measure
from tests.lp_files import GOLDEN, dearest_case, families_of, golden_models, read_rows, two_by_three, two_years
from tests.tiny import tiny_instance

DOCS = Path(__file__).parents[2] / "docs" / "model.md"


def families_in(text):
    """Row names of an algebra: the last word before the quantifier of each line that has one."""
    return re.findall(r"(\w+)\s+∀", text)


ALGEBRA = build.__doc__ + whole.__doc__


def test_every_measure_has_a_record_a_row_and_a_verification():
    assert set(Measure) == set(MEASURES) == set(ROWS) == set(REACHED)


def test_the_rows_of_the_docstrings_are_those_of_the_models():
    single, staged = families_of(build_model(two_by_three())[0]), families_of(build_whole(two_years()).model)
    assert set(families_in(build.__doc__)) == set(single)
    assert set(families_in(ALGEBRA)) == {*single, *staged, *families_of(build_whole(dearest_case()).model)}


def test_the_rows_of_the_docs_are_those_of_the_docstrings():
    assert families_in(DOCS.read_text()) == families_in(ALGEBRA)


def test_what_was_open_the_year_before_is_not_invested_in_again():
    model = build_whole(two_years()).model
    row = model.matrix[model.rows_of("within_investment")].toarray()[0]
    names = model.column_families.labels()
    entries = {names[n]: value for n, value in enumerate(row) if value}
    opened = {"open_0": -0.7, "open_1": -0.7, "open_2": -1.0, "open_6": 0.7, "open_7": 0.7, "open_8": 1.0}
    assert entries == opened | {"expand_0": -9.0, "expand_1": -12.0, "expand_2": 9.0, "expand_3": 12.0}


@pytest.mark.parametrize("name", sorted(set(families_in(ALGEBRA))))
def test_each_row_family_is_written_as_in_its_golden_file(name, tmp_path):
    export_model(golden_models()[name], tmp_path / "rows.lp")
    assert read_rows(tmp_path / "rows.lp") == read_rows(GOLDEN / f"{name}.lp")


def test_there_is_a_golden_file_for_each_row_family_and_no_other():
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(families_in(ALGEBRA))


def test_the_reader_of_lp_files_reads_signs_numbers_and_sides(tmp_path):
    (tmp_path / "a.lp").write_text("Subject To\na_0: - x_0 + 2.5 y_1\n - 1e-05 z_2 <= -3\nb_1: x_0 = 1\nBounds\nEnd\n")
    rows = read_rows(tmp_path / "a.lp")
    assert rows == {
        "a_0": ({"x_0": -1.0, "y_1": 2.5, "z_2": -1e-05}, "<=", -3.0),
        "b_1": ({"x_0": 1.0}, "=", 1.0),
    }


@pytest.mark.parametrize("seed", range(4))
def test_the_pulp_problem_has_the_coefficients_of_the_arrays(seed):
    model, _ = build_model(tiny_instance(seed))
    problem, variables = to_pulp(model)
    number = {variable.name: n for n, variable in enumerate(variables)}
    constraints = problem.constraints
    rows = list(constraints() if callable(constraints) else constraints.values())  # PuLP 4, PuLP 3.3
    dense = np.zeros((len(rows), model.n_columns))
    for row, constraint in enumerate(rows):
        for variable, value in constraint.items():
            dense[row, number[variable.name]] = value
    assert [row.name for row in rows] == model.row_families.labels()
    assert [variable.name for variable in variables] == model.column_families.labels()
    assert np.array_equal(dense, model.matrix.toarray())
    assert [v.upBound for v in variables] == model.column_upper.tolist()
    assert [v.cat == "Integer" for v in variables] == model.is_integer.tolist()
    cost = {variable.name: value for variable, value in problem.objective.items()}
    assert [cost.get(variable.name, 0.0) for variable in variables] == model.cost.tolist()


@pytest.mark.parametrize("suffix", [".lp", ".mps"])
@pytest.mark.parametrize("seed", [0, 2, 5])
def test_an_exported_model_read_by_another_program_has_the_same_optimum(suffix, seed, tmp_path):
    model, _ = build_model(tiny_instance(seed))
    export_model(model, tmp_path / f"model{suffix}")
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(tmp_path / f"model{suffix}"))
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    assert highs.getInfo().objective_function_value == pytest.approx(optimal_cost(model), rel=1e-6)


def test_a_model_that_costs_nothing_is_solved_in_its_own_columns():
    """PuLP adds a column to an empty objective; the values of ours must not move."""
    from siting.solve.clock import Record
    from siting.solve.exact import solve_exact

    model, _ = build_model(tiny_instance(0))
    free = dataclasses.replace(model, cost=np.zeros(model.n_columns))
    record = Record(30.0)
    solve_exact(free, record, solver="highs", gap=0.0, threads=1, seed=1)
    reached = free.matrix @ record.best_values
    assert (reached >= free.row_lower - 1e-6).all()
    assert (reached <= free.row_upper + 1e-6).all()


def optimal_cost(model):
    from siting.solve.highs import Program, run_highs

    parts = (model.cost, model.column_lower, model.column_upper, model.matrix, model.row_lower, model.row_upper)
    return run_highs(Program(*parts, model.is_integer), time_limit_s=60, options={"mip_rel_gap": 0.0}).cost


def test_an_unknown_format_says_which_are_known(tmp_path):
    model, _ = build_model(two_by_three())
    with pytest.raises(FileError, match=r"end the name in \.lp or \.mps"):
        export_model(model, tmp_path / "model.txt")


def test_an_export_that_fails_leaves_nothing_behind(tmp_path):
    (tmp_path / "model.lp").mkdir()
    model, _ = build_model(two_by_three())
    with pytest.raises(FileError, match="choose another folder"):
        export_model(model, tmp_path / "model.lp")
    assert [path.name for path in tmp_path.iterdir()] == ["model.lp"]
